//===- Parameters.cpp - Weights as the binary holds them -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/Parameters.h"
#include "codegen/StridedView.h"
#include "ir/Elements.h"
#include "ir/Evaluator.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/TypeSwitch.h"
#include <bit>

using namespace sinter;

static llvm::Error error(const llvm::Twine &message) {
  return llvm::createStringError(std::errc::invalid_argument, "%s",
                                 message.str().c_str());
}

static llvm::SmallVector<int64_t> staticShape(NamedTensorType type) {
  llvm::SmallVector<int64_t> shape;
  for (Dimension dim : type.getShape())
    shape.push_back(dim.getSize());
  return shape;
}

/// The value as a view of the checkpoint, or of one part of what its elements
/// are made of there; nothing where it is more than elements moved about.
static std::optional<StridedView>
viewOf(mlir::Value value, int64_t layer, const WeightSource &weights,
       StoredPart part = StoredPart::Element) {
  mlir::Operation *op = value.getDefiningOp();
  if (!op)
    return std::nullopt;
  auto type = mlir::dyn_cast<NamedTensorType>(value.getType());
  if (!type || !type.getElementType().isF32())
    return std::nullopt;

  if (auto weight = mlir::dyn_cast<WeightOp>(op)) {
    llvm::Expected<std::string> name = weight.getNameAt(layer);
    if (!name) {
      llvm::consumeError(name.takeError());
      return std::nullopt;
    }
    std::optional<StoredTensor> tensor = weights.find(*name);
    if (!tensor || tensor->type == StoredType::Other ||
        !llvm::equal(tensor->shape, staticShape(type)))
      return std::nullopt;
    bool hasParts = tensor->numbers && tensor->numbers->isExact;
    if (part != StoredPart::Element && !hasParts)
      return std::nullopt;
    tensor->part = part;
    return StridedView::ofTensor(std::move(*tensor));
  }

  llvm::SmallVector<StridedView> operands;
  if (!mlir::isa<TransposeOp, SliceOp, BroadcastOp, ReshapeOp, ConcatOp>(op))
    return std::nullopt;
  for (mlir::Value operand : op->getOperands()) {
    std::optional<StridedView> view = viewOf(operand, layer, weights, part);
    if (!view)
      return std::nullopt;
    operands.push_back(std::move(*view));
  }
  return llvm::TypeSwitch<mlir::Operation *, StridedView>(op)
      .Case([&](TransposeOp transpose) {
        return operands[0].transpose(transpose.getPermutation());
      })
      .Case([&](SliceOp slice) {
        return operands[0].slice(slice.getAxis(), slice.getStart(),
                                 slice.getSize(), slice.getStride());
      })
      .Case(
          [&](BroadcastOp) { return operands[0].broadcast(staticShape(type)); })
      .Case([&](ReshapeOp) { return operands[0].reshape(staticShape(type)); })
      .Case([&](ConcatOp concat) {
        return StridedView::concat(operands, concat.getAxis());
      });
}

static void appendFloats(llvm::ArrayRef<float> elements,
                         std::vector<uint8_t> &bytes) {
  static_assert(std::endian::native == std::endian::little,
                "weights are written little-endian");
  const auto *from = reinterpret_cast<const uint8_t *>(elements.data());
  bytes.insert(bytes.end(), from, from + elements.size() * sizeof(float));
}

/// The nearest bf16, ties to even, as its bits; a NaN stays one.
static uint16_t toBrainFloat(float element) {
  uint32_t bits = std::bit_cast<uint32_t>(element);
  if ((bits & 0x7fffffff) > 0x7f800000)
    return uint16_t(bits >> 16) | 0x40;
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/// As f32 or as bf16.
static void appendFloats(llvm::ArrayRef<float> elements, mlir::Type type,
                         std::vector<uint8_t> &bytes) {
  if (type.isF32())
    return appendFloats(elements, bytes);
  size_t at = bytes.size();
  bytes.resize(at + 2 * elements.size());
  for (float element : elements) {
    uint16_t bits = toBrainFloat(element);
    bytes[at++] = uint8_t(bits);
    bytes[at++] = uint8_t(bits >> 8);
  }
}

/// A value before it is quantized, or rounded to bf16, which `appendFloats`
/// does too.
static mlir::Value beforeRounding(mlir::Value value) {
  if (auto quantize = value.getDefiningOp<QuantizeOp>())
    return quantize.getOperand();
  if (auto convert = value.getDefiningOp<ConvertOp>())
    if (convert.getType().getElementType().isBF16() &&
        convert.getOperand().getType().getElementType().isF32())
      return convert.getOperand();
  return value;
}

/// Takes off what multiplies all of a matrix, or each of its rows as a whole;
/// the factor next to the matrix comes first.
static mlir::Value takeOffFactors(mlir::Value value,
                                  llvm::SmallVector<mlir::Value> &factors) {
  while (auto product = value.getDefiningOp<MulOp>()) {
    auto type = mlir::cast<NamedTensorType>(value.getType());
    auto isFactor = [&](mlir::Value factor) {
      NamedTensorType of = mlir::cast<NamedTensorType>(factor.getType());
      return factor.getDefiningOp<ConstantOp>() ||
             (of.getRank() == 2 && of.getDim(0) == type.getDim(0) &&
              of.getDim(1).isOne());
    };
    mlir::Value matrix = product.getLhs(), factor = product.getRhs();
    if (!isFactor(factor))
      std::swap(matrix, factor);
    if (matrix.getType() != type || !isFactor(factor))
      break;
    factors.insert(factors.begin(), factor);
    value = matrix;
  }
  return value;
}

/// Another value of a parameter's region, computed by the evaluator.
static mlir::FailureOr<TensorValue>
evaluateWithin(ParameterOp parameter, mlir::Value value, int64_t layer,
               const WeightSource &weights) {
  mlir::IRMapping mapping;
  mlir::OwningOpRef<ParameterOp> copy =
      mlir::cast<ParameterOp>(parameter->clone(mapping));
  copy->setType(value.getType());
  mlir::Operation *terminator = copy->getBody()->getTerminator();
  terminator->setOperand(0, mapping.lookup(value));
  for (mlir::Operation &op :
       llvm::make_early_inc_range(llvm::reverse(*copy->getBody())))
    if (mlir::isOpTriviallyDead(&op))
      op.erase();
  return Evaluator(weights).evaluateParameter(*copy, layer);
}

/// A factor's elements: one, or one for each row.
static mlir::FailureOr<std::vector<double>>
elementsOfFactor(ParameterOp parameter, mlir::Value factor, int64_t layer,
                 const WeightSource &weights) {
  if (auto constant = factor.getDefiningOp<ConstantOp>())
    return std::vector<double>{
        roundToElementType(constant.getValue().convertToDouble(),
                           constant.getType().getElementType())};
  mlir::FailureOr<TensorValue> value =
      evaluateWithin(parameter, factor, layer, weights);
  if (mlir::failed(value))
    return mlir::failure();
  return std::move(value->elements);
}

/// Multiplies a matrix in panels; `factors` have one element or one a row.
static void scalePanels(PackedType type,
                        llvm::ArrayRef<std::vector<double>> factors,
                        llvm::MutableArrayRef<float> elements) {
  int64_t columns = type.getLayout().getColumns(),
          depth = type.getLayout().getDepth(), inputs = type.getInputs();
  int64_t steps = llvm::divideCeil(inputs, depth);
  for (auto [index, element] : llvm::enumerate(elements)) {
    int64_t row = int64_t(index) / (columns * depth) % steps * depth +
                  int64_t(index) % depth;
    if (row >= inputs) // padding
      continue;
    double product = element;
    for (const std::vector<double> &factor : factors)
      product *= factor[factor.size() == 1 ? 0 : row];
    element = product;
  }
}

/// Elements in panels, before they are rounded, of a weight that is a view of
/// the checkpoint, or that times factors; nothing if it is more.
static std::optional<std::vector<float>>
packView(ParameterOp parameter, PackOp pack, PackedType packed, int64_t layer,
         const WeightSource &weights) {
  llvm::SmallVector<mlir::Value> factors;
  mlir::Value matrix =
      takeOffFactors(beforeRounding(pack.getOperand()), factors);
  std::optional<StridedView> view = viewOf(matrix, layer, weights);
  if (!view)
    return std::nullopt;
  llvm::SmallVector<std::vector<double>> numbers;
  for (mlir::Value factor : factors) {
    mlir::FailureOr<std::vector<double>> elements =
        elementsOfFactor(parameter, factor, layer, weights);
    if (mlir::failed(elements))
      return std::nullopt; // the whole will fail too, and say why
    numbers.push_back(std::move(*elements));
  }
  std::vector<float> elements(packed.getNumElements());
  view->pack(packed, elements);
  if (!numbers.empty())
    scalePanels(packed, numbers, elements);
  return elements;
}

namespace {

/// Collects what goes wrong while a parameter is computed, which is a
/// diagnostic at an op, as one error.
class ParameterErrors {
public:
  explicit ParameterErrors(ParameterOp parameter)
      : parameter(parameter),
        handler(parameter.getContext(), [this](mlir::Diagnostic &diagnostic) {
          if (message.empty())
            message = diagnostic.str();
          return mlir::success();
        }) {}

  llvm::Error take() {
    return error("parameter '" + parameter.getSymName() + "': " + message);
  }

private:
  ParameterOp parameter;
  std::string message;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace

/// The same of any weight, computed by the evaluator.
static mlir::FailureOr<std::vector<float>>
packEvaluated(ParameterOp parameter, PackOp pack, PackedType packed,
              int64_t layer, const WeightSource &weights) {
  mlir::FailureOr<TensorValue> matrix = evaluateWithin(
      parameter, beforeRounding(pack.getOperand()), layer, weights);
  if (mlir::failed(matrix))
    return mlir::failure();
  std::vector<float> elements(packed.getNumElements());
  for (int64_t input = 0; input < packed.getInputs(); ++input)
    for (int64_t output = 0; output < packed.getOutputs(); ++output)
      elements[packed.getElementOffset(input, output)] =
          float(matrix->elements[input * packed.getOutputs() + output]);
  return elements;
}

/// What is yielded by the parameter's region.
static mlir::Value valueOf(ParameterOp parameter) {
  return mlir::cast<YieldOp>(parameter.getBody()->back()).getOperand(0);
}

/// The elements of a quantized parameter before that, in `floatPanels`.
static llvm::Expected<std::vector<float>>
elementsToQuantize(ParameterOp parameter, PackOp pack, int64_t layer,
                   const WeightSource &weights) {
  ParameterErrors errors(parameter);
  PackedType panels = floatPanels(pack.getType());
  if (auto elements = packView(parameter, pack, panels, layer, weights))
    return std::move(*elements);
  mlir::FailureOr<std::vector<float>> evaluated =
      packEvaluated(parameter, pack, panels, layer, weights);
  if (mlir::failed(evaluated))
    return errors.take();
  return std::move(*evaluated);
}

llvm::Expected<QuantizationError>
sinter::measureQuantization(ParameterOp parameter, int64_t layer,
                            const WeightSource &weights) {
  auto pack = valueOf(parameter).getDefiningOp<PackOp>();
  llvm::Expected<std::vector<float>> elements =
      elementsToQuantize(parameter, pack, layer, weights);
  if (!elements)
    return elements.takeError();
  return measurePanels(pack.getType(), *elements);
}

/// The bytes of a quantized parameter whose numbers stand in the checkpoint.
static llvm::Expected<std::vector<uint8_t>>
packStored(ParameterOp parameter, PackOp pack, int64_t layer,
           const WeightSource &weights) {
  PackedType packed = pack.getType();
  auto read = [&](StoredPart part,
                  PackedType panels) -> std::optional<std::vector<float>> {
    std::optional<StridedView> view =
        viewOf(beforeRounding(pack.getOperand()), layer, weights, part);
    if (!view)
      return std::nullopt;
    // Of each group, the first input says it.
    int64_t groups = panels.getInputs();
    if (groups != packed.getInputs())
      view = view->slice(0, 0, groups, packed.getQuantized().getGroup());
    std::vector<float> elements(panels.getNumElements());
    view->pack(panels, elements);
    return elements;
  };
  auto numbers = read(StoredPart::Number, floatPanels(packed)),
       scales = read(StoredPart::Scale, groupPanels(packed)),
       minima = read(StoredPart::Least, groupPanels(packed));
  if (!numbers || !scales || !minima)
    return error("parameter '" + parameter.getSymName() +
                 "': the checkpoint does not store its numbers");
  return packNumbers(packed, *numbers, *scales, *minima);
}

llvm::Expected<std::vector<uint8_t>>
sinter::computeParameter(ParameterOp parameter, int64_t layer,
                         const WeightSource &weights) {
  std::vector<uint8_t> bytes;
  mlir::Value value = valueOf(parameter);
  auto packed = mlir::dyn_cast<PackedType>(value.getType());
  auto pack = value.getDefiningOp<PackOp>();
  if (pack && packed.getQuantized()) {
    auto quantize = pack.getOperand().getDefiningOp<QuantizeOp>();
    if (quantize.getStored())
      return packStored(parameter, pack, layer, weights);
    llvm::Expected<std::vector<float>> elements =
        elementsToQuantize(parameter, pack, layer, weights);
    if (!elements)
      return elements.takeError();
    return quantizePanels(packed, quantize.getSearch(), *elements);
  }
  ParameterErrors errors(parameter);
  if (pack) {
    if (auto elements = packView(parameter, pack, packed, layer, weights)) {
      appendFloats(*elements, packed.getElementType(), bytes);
      return bytes;
    }
  } else if (std::optional<StridedView> view =
                 viewOf(beforeRounding(value), layer, weights)) {
    std::vector<float> elements(view->getNumElements());
    view->read(elements);
    appendFloats(elements,
                 mlir::cast<NamedTensorType>(value.getType()).getElementType(),
                 bytes);
    return bytes;
  }

  Evaluator evaluator(weights);
  mlir::FailureOr<TensorValue> result =
      evaluator.evaluateParameter(parameter, layer);
  if (mlir::failed(result))
    return errors.take();
  mlir::Type elementType =
      packed ? packed.getElementType()
             : mlir::cast<NamedTensorType>(value.getType()).getElementType();
  appendElements(result->elements, elementType, bytes);
  return bytes;
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
      llvm::Expected<std::vector<uint8_t>> bytes =
          computeParameter(parameter, layer, weights);
      if (!bytes)
        return bytes.takeError();
      uint64_t offset = *parameter.getOffset() + layer * *parameter.getStride();
      if (offset < at || (layer + 1 < int64_t(parameter.getLayers()) &&
                          bytes->size() > *parameter.getStride()))
        return error("parameter '" + parameter.getSymName() +
                     "' stands where another one does");
      fillTo(offset);
      stream.write(reinterpret_cast<const char *>(bytes->data()),
                   bytes->size());
      at += bytes->size();
      progress(at, total.getInt());
    }
  }
  if (at > uint64_t(total.getInt()))
    return error("the weights have " + llvm::Twine(at) + " bytes, but " +
                 llvm::Twine(total.getInt()) + " were planned");
  fillTo(total.getInt());
  return llvm::Error::success();
}
