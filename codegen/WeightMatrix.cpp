//===- WeightMatrix.cpp - A weight on its way into panels -------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/WeightMatrix.h"
#include "codegen/ParameterErrors.h"
#include "ir/Elements.h"
#include "ir/Evaluator.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace sinter;

static llvm::SmallVector<int64_t> staticShape(NamedTensorType type) {
  llvm::SmallVector<int64_t> shape;
  for (Dimension dim : type.getShape())
    shape.push_back(dim.getSize());
  return shape;
}

namespace {

/// Numbers without least values as numbers with them: counted from 0 on, and
/// least values are what 0 then stands for.
class WithLeast : public StoredBlocks {
public:
  WithLeast(std::shared_ptr<const StoredBlocks> blocks, int64_t zero)
      : blocks(std::move(blocks)), zero(float(zero)) {}

  void read(StoredPart part, int64_t begin,
            llvm::MutableArrayRef<float> result) const override {
    switch (part) {
    case StoredPart::Number:
      blocks->read(part, begin, result);
      for (float &number : result)
        number += zero;
      return;
    case StoredPart::Least:
      blocks->read(StoredPart::Scale, begin, result);
      for (float &least : result)
        least *= -zero;
      return;
    case StoredPart::LeastFactor:
      return blocks->read(StoredPart::ScaleFactor, begin, result);
    case StoredPart::Element:
    case StoredPart::Scale:
    case StoredPart::ScaleFactor:
      return blocks->read(part, begin, result);
    }
  }

private:
  std::shared_ptr<const StoredBlocks> blocks;
  float zero;
};

} // namespace

std::optional<StridedView> sinter::viewOf(mlir::Value value, int64_t layer,
                                          const WeightSource &weights,
                                          PartToRead part) {
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
    if (part.part != StoredPart::Element && !hasParts)
      return std::nullopt;
    tensor->part = part.part;
    if (part.withLeast && !tensor->numbers->hasLeast)
      tensor->blocks =
          std::make_shared<WithLeast>(tensor->blocks, tensor->numbers->zero());
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

mlir::Value sinter::beforeRounding(mlir::Value value) {
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

bool WeightMatrix::addPieces(mlir::Value matrix, int64_t first, int64_t layer,
                             const WeightSource &weights, PartToRead part) {
  // Side by side in the program, apart in the file.
  if (auto concat = matrix.getDefiningOp<ConcatOp>();
      concat && concat.getAxis() == 1) {
    for (mlir::Value input : concat.getInputs()) {
      if (!addPieces(input, first, layer, weights, part))
        return false;
      first += mlir::cast<NamedTensorType>(input.getType()).getDim(1).getSize();
    }
    return true;
  }
  std::optional<StridedView> view = viewOf(matrix, layer, weights, part);
  if (view)
    pieces.push_back({first, std::move(*view)});
  return view.has_value();
}

llvm::Expected<WeightMatrix> WeightMatrix::of(ParameterOp parameter,
                                              PackOp pack, int64_t layer,
                                              const WeightSource &weights) {
  ParameterErrors errors(parameter);
  WeightMatrix result;
  llvm::SmallVector<mlir::Value> factors;
  mlir::Value matrix = beforeRounding(pack.getOperand());
  if (result.addPieces(takeOffFactors(matrix, factors), 0, layer, weights)) {
    for (mlir::Value factor : factors) {
      mlir::FailureOr<std::vector<double>> elements =
          elementsOfFactor(parameter, factor, layer, weights);
      if (mlir::failed(elements))
        return errors.take();
      result.factors.push_back(std::move(*elements));
    }
    return result;
  }
  mlir::FailureOr<TensorValue> value =
      evaluateWithin(parameter, matrix, layer, weights);
  if (mlir::failed(value))
    return errors.take();
  result.pieces.assign(
      {{0, StridedView::ofBuffer(std::vector<float>(value->elements.begin(),
                                                    value->elements.end()),
                                 value->shape)}});
  return result;
}

std::optional<WeightMatrix> WeightMatrix::ofStored(PackOp pack, int64_t layer,
                                                   const WeightSource &weights,
                                                   StoredPart part) {
  WeightMatrix result;
  PackedType type = pack.getType();
  QuantizedType element = type.getQuantized();
  if (!result.addPieces(beforeRounding(pack.getOperand()), 0, layer, weights,
                        {part, element.getMinimum()}))
    return std::nullopt;
  if (part == StoredPart::Number)
    return result;
  // Of each block or group, the first input says it.
  bool isOfBlock = part == StoredPart::Scale || part == StoredPart::Least;
  int64_t inputs = type.getInputs();
  int64_t count =
      isOfBlock ? element.getBlockCount(inputs) : element.getGroupCount(inputs);
  int64_t size = isOfBlock ? element.getBlockOf(inputs) : element.getGroup();
  for (Piece &piece : result.pieces)
    piece.view = piece.view.slice(0, 0, count, size);
  return result;
}

void WeightMatrix::readPanel(PackedType type, int64_t panel,
                             llvm::MutableArrayRef<float> result) const {
  std::fill(result.begin(), result.end(), 0.0f);
  int64_t share = type.getPartColumns(), panels = type.getPanelsOfSpan();
  int64_t inPart = panel % panels * share;
  int64_t width = std::min(share, type.getPart() - inPart);
  for (int64_t part = 0; part < type.getLayout().getParts(); ++part) {
    int64_t output =
        panel / panels * type.getSpan() + part * type.getPart() + inPart;
    for (const Piece &piece : pieces) {
      int64_t begin = std::max(output, piece.first),
              end = std::min(output + width,
                             piece.first + piece.view.getShape()[1]);
      if (begin < end)
        piece.view.readColumns(begin - piece.first, end - begin,
                               type.getLayout(), part * share + begin - output,
                               result);
    }
  }
  if (!factors.empty())
    scale(type, result);
}

void WeightMatrix::scale(PackedType type,
                         llvm::MutableArrayRef<float> panel) const {
  int64_t columns = type.getLayout().getColumns(),
          depth = type.getLayout().getDepth();
  for (auto [index, element] : llvm::enumerate(panel)) {
    int64_t row =
        int64_t(index) / (columns * depth) * depth + int64_t(index) % depth;
    if (row >= type.getInputs()) // padding
      continue;
    double product = element;
    for (const std::vector<double> &factor : factors)
      product *= factor[factor.size() == 1 ? 0 : row];
    element = float(product);
  }
}
