//===- Parameters.cpp - Weights as the binary holds them -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/Parameters.h"
#include "codegen/ParameterErrors.h"
#include "codegen/WeightMatrix.h"
#include "ir/Elements.h"
#include "ir/Evaluator.h"
#include "llvm/Support/Parallel.h"
#include <bit>
#include <cstring>

using namespace sinter;

/// Bytes of a parameter that are in memory at a time, and as many elements
/// while they are made: enough for all threads, and little beside a program.
static constexpr int64_t sliceBytes = int64_t(16) << 20;

static llvm::Error error(const llvm::Twine &message) {
  return llvm::createStringError(std::errc::invalid_argument, "%s",
                                 message.str().c_str());
}

/// The nearest bf16, ties to even, as its bits; a NaN stays one.
static uint16_t toBrainFloat(float element) {
  uint32_t bits = std::bit_cast<uint32_t>(element);
  if ((bits & 0x7fffffff) > 0x7f800000)
    return uint16_t(bits >> 16) | 0x40;
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/// As f32 or as bf16.
static void writeFloats(llvm::ArrayRef<float> elements, mlir::Type type,
                        uint8_t *to) {
  static_assert(std::endian::native == std::endian::little,
                "weights are written little-endian");
  if (type.isF32()) {
    std::memcpy(to, elements.data(), elements.size() * sizeof(float));
    return;
  }
  for (auto [index, element] : llvm::enumerate(elements)) {
    uint16_t bits = toBrainFloat(element);
    std::memcpy(to + 2 * index, &bits, 2);
  }
}

/// What is yielded by the parameter's region.
static mlir::Value valueOf(ParameterOp parameter) {
  return mlir::cast<YieldOp>(parameter.getBody()->back()).getOperand(0);
}

/// The type of a panel before it is quantized or rounded.
static PackedType typeRead(PackedType type) {
  return type.getQuantized() ? floatPanels(type) : type;
}

/// How much each input of a quantized weight counts; nothing: all the same.
static std::vector<float> importanceOf(PackOp pack, int64_t layer,
                                       const WeightSource &weights) {
  std::vector<float> importance;
  auto quantize = pack.getOperand().getDefiningOp<QuantizeOp>();
  if (!quantize || !quantize.getImportance())
    return importance;
  if (std::optional<StridedView> view =
          viewOf(quantize.getImportance(), layer, weights)) {
    importance.resize(view->getNumElements());
    view->read(importance);
  }
  return importance;
}

llvm::Expected<QuantizationError>
sinter::measureQuantization(ParameterOp parameter, int64_t layer,
                            const WeightSource &weights) {
  auto pack = valueOf(parameter).getDefiningOp<PackOp>();
  llvm::Expected<WeightMatrix> matrix =
      WeightMatrix::of(parameter, pack, layer, weights);
  if (!matrix)
    return matrix.takeError();
  PackedType type = pack.getType(), panels = typeRead(type);
  std::vector<float> importance = importanceOf(pack, layer, weights);
  std::vector<QuantizationError> errors(type.getPanelCount());
  llvm::parallelFor(0, errors.size(), [&](size_t panel) {
    std::vector<float> elements(panels.getPanelElements());
    matrix->readPanel(panels, int64_t(panel), elements);
    errors[panel] = measurePanel(type, elements, importance);
  });
  QuantizationError sum;
  for (const QuantizationError &error : errors)
    sum += error;
  return sum;
}

using Sink = llvm::function_ref<void(llvm::ArrayRef<uint8_t> bytes)>;

/// Panels of `type`, some at a time, which threads share: `write` gives the
/// bytes of one.
static void
writePanels(PackedType type, Sink sink,
            llvm::function_ref<void(int64_t panel, uint8_t *to)> write) {
  int64_t ofPanel = type.getPanelBytes(), count = type.getPanelCount();
  int64_t atOnce = std::clamp<int64_t>(sliceBytes / ofPanel, 1, count);
  std::vector<uint8_t> bytes(atOnce * ofPanel);
  for (int64_t first = 0; first < count; first += atOnce) {
    int64_t last = std::min(first + atOnce, count);
    llvm::parallelFor(first, last, [&](size_t panel) {
      write(int64_t(panel), bytes.data() + (int64_t(panel) - first) * ofPanel);
    });
    sink(llvm::ArrayRef(bytes).take_front((last - first) * ofPanel));
  }
}

/// A matrix in panels.
static llvm::Error writeMatrix(ParameterOp parameter, PackOp pack,
                               int64_t layer, const WeightSource &weights,
                               Sink sink) {
  llvm::Expected<WeightMatrix> matrix =
      WeightMatrix::of(parameter, pack, layer, weights);
  if (!matrix)
    return matrix.takeError();
  PackedType type = pack.getType(), panels = typeRead(type);
  auto quantize = pack.getOperand().getDefiningOp<QuantizeOp>();
  std::vector<float> importance = importanceOf(pack, layer, weights);
  writePanels(type, sink, [&](int64_t panel, uint8_t *to) {
    std::vector<float> elements(panels.getPanelElements());
    matrix->readPanel(panels, panel, elements);
    if (type.getQuantized())
      quantizePanel(type, quantize.getSearch(), elements, importance, to);
    else
      writeFloats(elements, type.getElementType(), to);
  });
  return llvm::Error::success();
}

/// A quantized matrix whose numbers stand in the checkpoint.
static llvm::Error writeStored(ParameterOp parameter, PackOp pack,
                               int64_t layer, const WeightSource &weights,
                               Sink sink) {
  struct Part {
    PackedType panels;
    std::vector<float> StoredPanel::*into;
    std::optional<WeightMatrix> matrix;
  };
  PackedType type = pack.getType();
  QuantizedType element = type.getQuantized();
  std::vector<Part> parts;
  auto add = [&](StoredPart part, PackedType panels,
                 std::vector<float> StoredPanel::*into) {
    parts.push_back(
        {panels, into, WeightMatrix::ofStored(pack, layer, weights, part)});
  };
  add(StoredPart::Number, floatPanels(type), &StoredPanel::numbers);
  add(StoredPart::Scale, blockPanels(type), &StoredPanel::scales);
  if (element.getMinimum())
    add(StoredPart::Least, blockPanels(type), &StoredPanel::minima);
  if (element.getBlock())
    add(StoredPart::ScaleFactor, groupPanels(type), &StoredPanel::factors);
  if (element.getBlock() && element.getMinimum())
    add(StoredPart::LeastFactor, groupPanels(type), &StoredPanel::leastFactors);
  for (const Part &part : parts)
    if (!part.matrix)
      return error("parameter '" + parameter.getSymName() +
                   "': the checkpoint does not store its numbers");
  writePanels(type, sink, [&](int64_t panel, uint8_t *to) {
    StoredPanel read;
    for (const Part &part : parts) {
      std::vector<float> &elements = read.*part.into;
      elements.resize(part.panels.getPanelElements());
      part.matrix->readPanel(part.panels, panel, elements);
    }
    packNumbers(type, read, to);
  });
  return llvm::Error::success();
}

/// Rows of a tensor, some at a time.
static void writeRows(const StridedView &view, mlir::Type type, Sink sink) {
  int64_t rows = view.getShape().empty() ? 1 : view.getShape()[0];
  int64_t ofRow = view.getNumElements() / rows;
  int64_t atOnce =
      std::clamp<int64_t>(sliceBytes / int64_t(sizeof(float)) / ofRow, 1, rows);
  std::vector<float> elements(atOnce * ofRow);
  std::vector<uint8_t> bytes(elements.size() * type.getIntOrFloatBitWidth() /
                             8);
  for (int64_t first = 0; first < rows; first += atOnce) {
    int64_t count = std::min(atOnce, rows - first);
    auto read = llvm::MutableArrayRef(elements).take_front(count * ofRow);
    (view.getShape().empty() ? view : view.slice(0, first, count, 1))
        .read(read);
    writeFloats(read, type, bytes.data());
    sink(llvm::ArrayRef(bytes).take_front(read.size() *
                                          type.getIntOrFloatBitWidth() / 8));
  }
}

/// One layer of one parameter, piece by piece.
static llvm::Error writeParameter(ParameterOp parameter, int64_t layer,
                                  const WeightSource &weights, Sink sink) {
  mlir::Value value = valueOf(parameter);
  if (auto pack = value.getDefiningOp<PackOp>()) {
    auto quantize = pack.getOperand().getDefiningOp<QuantizeOp>();
    if (quantize && quantize.getStored())
      return writeStored(parameter, pack, layer, weights, sink);
    return writeMatrix(parameter, pack, layer, weights, sink);
  }
  auto packed = mlir::dyn_cast<PackedType>(value.getType());
  mlir::Type type =
      packed ? packed.getElementType()
             : mlir::cast<NamedTensorType>(value.getType()).getElementType();
  if (!packed)
    if (std::optional<StridedView> view =
            viewOf(beforeRounding(value), layer, weights)) {
      writeRows(*view, type, sink);
      return llvm::Error::success();
    }
  ParameterErrors errors(parameter);
  mlir::FailureOr<TensorValue> result =
      Evaluator(weights).evaluateParameter(parameter, layer);
  if (mlir::failed(result))
    return errors.take();
  std::vector<uint8_t> bytes;
  appendElements(result->elements, type, bytes);
  sink(bytes);
  return llvm::Error::success();
}

llvm::Error sinter::writeParameters(
    mlir::ModuleOp module, const WeightSource &weights,
    llvm::raw_ostream &stream,
    llvm::function_ref<void(uint64_t done, uint64_t total)> progress) {
  auto total = module->getAttrOfType<mlir::IntegerAttr>("sinter.weights_bytes");
  llvm::SmallVector<ParameterOp> parameters(module.getOps<ParameterOp>());
  if (!total || llvm::any_of(parameters, [](ParameterOp op) {
        return !op.getOffset() || !op.getStride();
      }))
    return error("the weights have no places yet: plan-weights has not run");
  llvm::sort(parameters, [](ParameterOp left, ParameterOp right) {
    return *left.getOffset() < *right.getOffset();
  });

  uint64_t at = 0;
  auto fillTo = [&](uint64_t offset) {
    stream.write_zeros(offset - at);
    at = offset;
  };
  for (ParameterOp parameter : parameters) {
    for (int64_t layer = 0; layer < int64_t(parameter.getLayers()); ++layer) {
      uint64_t offset = *parameter.getOffset() + layer * *parameter.getStride();
      if (offset < at)
        return error("parameter '" + parameter.getSymName() +
                     "' stands where another one does");
      fillTo(offset);
      if (llvm::Error problem = writeParameter(
              parameter, layer, weights, [&](llvm::ArrayRef<uint8_t> bytes) {
                stream.write(reinterpret_cast<const char *>(bytes.data()),
                             bytes.size());
                at += bytes.size();
                progress(at, total.getInt());
              }))
        return problem;
    }
  }
  if (at > uint64_t(total.getInt()))
    return error("the weights have " + llvm::Twine(at) + " bytes, but " +
                 llvm::Twine(total.getInt()) + " were planned");
  fillTo(total.getInt());
  return llvm::Error::success();
}
