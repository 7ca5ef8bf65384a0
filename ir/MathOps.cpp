//===- MathOps.cpp - Math-level operations -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Shape.h"
#include "ir/Sinter.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/Support/Error.h"
#include <cmath>

using namespace mlir;
using namespace sinter;

#include "ir/SinterInterfaces.cpp.inc"

/// "name" or ["name", "name"], without a type behind it.
static ParseResult parseWeightNames(OpAsmParser &parser, Attribute &names) {
  return parser.parseAttribute(names, parser.getBuilder().getNoneType());
}

static void printWeightNames(OpAsmPrinter &printer, WeightOp, Attribute names) {
  printer.printAttributeWithoutType(names);
}

#define GET_OP_CLASSES
#include "ir/SinterOps.cpp.inc"

void SinterDialect::registerOperations() {
  addOperations<
#define GET_OP_LIST
#include "ir/SinterOps.cpp.inc"
      >();
}

static SmallVector<Dimension> shapeOf(Value value) {
  return cast<NamedTensorType>(value.getType()).getShape();
}

/// The type of a result whose shape was inferred, or the reason at the op.
static LogicalResult inferred(std::optional<Location> location, StringRef name,
                              ShapeOr shape, Type elementType,
                              SmallVectorImpl<Type> &results) {
  if (!shape)
    return emitOptionalError(location, "'", name, "' op ",
                             llvm::toString(shape.takeError()));
  results.push_back(NamedTensorType::get(*shape, elementType));
  return success();
}

static Type elementTypeOf(Value value) {
  return cast<NamedTensorType>(value.getType()).getElementType();
}

//===----------------------------------------------------------------------===//
// Sources of values
//===----------------------------------------------------------------------===//

/// How many layers the number `layer` counts: those of the region whose
/// argument it is; 0 if that cannot be told.
static int64_t layersOf(Value layer) {
  auto argument = dyn_cast_or_null<BlockArgument>(layer);
  Operation *owner = argument ? argument.getOwner()->getParentOp() : nullptr;
  if (auto repeat = dyn_cast_or_null<RepeatOp>(owner))
    return repeat.getTotalCount();
  if (auto parameter = dyn_cast_or_null<ParameterOp>(owner))
    return parameter.getLayers();
  return 0;
}

int64_t WeightOp::getLayerCount() {
  auto pattern = dyn_cast<StringAttr>(getName());
  if (pattern && !pattern.getValue().contains('{'))
    return 1;
  return std::max<int64_t>(1, layersOf(getLayer()));
}

llvm::Expected<std::string> WeightOp::getNameAt(int64_t layer) {
  if (auto pattern = dyn_cast<StringAttr>(getName()))
    return instantiateWeightName(pattern, layer);
  auto list = cast<ArrayAttr>(getName());
  if (layer < 0 || layer >= int64_t(list.size()))
    return llvm::createStringError("no name is listed for layer %lld",
                                   (long long)layer);
  return cast<StringAttr>(list[layer]).str();
}

std::string WeightOp::getLabel() {
  if (auto pattern = dyn_cast<StringAttr>(getName()))
    return pattern.str();
  auto list = cast<ArrayAttr>(getName());
  StringRef first = cast<StringAttr>(list[0]), front = first, back = first;
  size_t shortest = first.size();
  for (StringAttr name : list.getAsRange<StringAttr>()) {
    StringRef text = name;
    shortest = std::min(shortest, text.size());
    while (!text.starts_with(front))
      front = front.drop_back();
    while (!text.ends_with(back))
      back = back.drop_front();
  }
  if (front == first) // all are one
    return first.str();
  // What stands in front and behind may overlap: "a1.1" and "a1".
  back = back.take_back(shortest - front.size());
  return (front + "*" + back).str();
}

LogicalResult WeightOp::verify() {
  auto list = dyn_cast<ArrayAttr>(getName());
  if (list && !getLayer())
    return emitOpError("lists names by layer, but no layer is given");
  if (list && (list.empty() ||
               llvm::is_contained(list, StringAttr::get(getContext(), ""))))
    return emitOpError("lists layers without a name");
  if (int64_t layers = layersOf(getLayer());
      list && layers && int64_t(list.size()) != layers)
    return emitOpError() << "lists " << list.size() << " names for " << layers
                         << " layers";
  if (auto pattern = dyn_cast<StringAttr>(getName())) {
    if (pattern.empty())
      return emitOpError("needs the name of a tensor of the checkpoint");
    llvm::Expected<std::string> name = getNameAt(0);
    if (!name)
      return emitOpError() << llvm::toString(name.takeError());
    if (pattern.getValue().contains('{') && !getLayer())
      return emitOpError()
             << "'" << pattern.getValue()
             << "' names a weight of each layer, but no layer is given";
  }
  if (!getType().hasStaticShape())
    return emitOpError() << "a weight's shape is known when compiling; "
                         << toString(getType().getShape()) << " is not";
  return success();
}

void ConstantOp::build(OpBuilder &builder, OperationState &state, double value,
                       Type type) {
  build(builder, state, type, builder.getF64FloatAttr(value));
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValueAttr(); }

LogicalResult IotaOp::verify() {
  if (getType().getRank() != 1 || !getType().getElementType().isInteger(32))
    return emitOpError() << "counts along one axis in i32, it cannot make "
                         << getType();
  return success();
}

LogicalResult LayerNumberOp::verify() {
  if (getType().getRank() != 0 || !getType().getElementType().isInteger(32))
    return emitOpError() << "gives a scalar, tensor<[], i32>, not "
                         << getType();
  return success();
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

double CompareOp::apply(ArrayRef<double> x) {
  switch (getPredicate()) {
  case ComparePredicate::eq:
    return x[0] == x[1];
  case ComparePredicate::ne:
    return x[0] != x[1];
  case ComparePredicate::lt:
    return x[0] < x[1];
  case ComparePredicate::le:
    return x[0] <= x[1];
  case ComparePredicate::gt:
    return x[0] > x[1];
  case ComparePredicate::ge:
    return x[0] >= x[1];
  }
  llvm_unreachable("all predicates are handled");
}

LogicalResult CompareOp::inferReturnTypes(MLIRContext *context,
                                          std::optional<Location> location,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &results) {
  if (failed(detail::inferBroadcast(location, getOperationName(),
                                    adaptor.getOperands(), results)))
    return failure();
  results[0] = cast<NamedTensorType>(results[0])
                   .withElementType(IntegerType::get(context, 1));
  return success();
}

double SelectOp::apply(ArrayRef<double> x) { return x[0] != 0 ? x[1] : x[2]; }

LogicalResult SelectOp::inferReturnTypes(MLIRContext *context,
                                         std::optional<Location> location,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  if (!elementTypeOf(adaptor.getCondition()).isInteger(1))
    return emitOptionalError(location,
                             "'sinter.select' op the condition's elements are ",
                             elementTypeOf(adaptor.getCondition()), ", not i1");
  if (failed(detail::inferBroadcast(location, getOperationName(),
                                    {adaptor.getOnTrue(), adaptor.getOnFalse()},
                                    results)))
    return failure();
  auto values = cast<NamedTensorType>(results.pop_back_val());
  return inferred(
      location, getOperationName(),
      broadcastShapes(shapeOf(adaptor.getCondition()), values.getShape()),
      values.getElementType(), results);
}

OpFoldResult CompareOp::fold(FoldAdaptor adaptor) {
  return detail::foldElementwise(getOperation(), adaptor.getOperands());
}

OpFoldResult SelectOp::fold(FoldAdaptor adaptor) {
  if (OpFoldResult constant =
          detail::foldElementwise(getOperation(), adaptor.getOperands()))
    return constant;
  auto condition = dyn_cast_or_null<FloatAttr>(adaptor.getCondition());
  if (!condition)
    return {};
  Value chosen = condition.getValue().isZero() ? getOnFalse() : getOnTrue();
  return chosen.getType() == getType() ? OpFoldResult(chosen) : OpFoldResult();
}

double ConvertOp::apply(ArrayRef<double> x) {
  Type type = getType().getElementType();
  if (type.isInteger(1))
    return x[0] != 0;
  return type.isInteger(32) ? std::trunc(x[0]) : x[0];
}

LogicalResult ConvertOp::verify() {
  if (getType().getShape() != getOperand().getType().getShape())
    return emitOpError() << "changes elements, not the shape: "
                         << getOperand().getType() << " to " << getType();
  return success();
}

OpFoldResult ConvertOp::fold(FoldAdaptor adaptor) {
  if (getType() == getOperand().getType())
    return getOperand();
  return detail::foldElementwise(getOperation(), adaptor.getOperands());
}

//===----------------------------------------------------------------------===//
// Contractions and reductions
//===----------------------------------------------------------------------===//

LogicalResult MatmulOp::inferReturnTypes(MLIRContext *context,
                                         std::optional<Location> location,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  Type type = elementTypeOf(adaptor.getLhs());
  if (type != elementTypeOf(adaptor.getRhs()) || !isa<FloatType>(type))
    return emitOptionalError(
        location,
        "'sinter.matmul' op multiplies elements of one float type, not ", type,
        " and ", elementTypeOf(adaptor.getRhs()));
  return inferred(
      location, getOperationName(),
      matmulShape(shapeOf(adaptor.getLhs()), shapeOf(adaptor.getRhs())), type,
      results);
}

void ReduceOp::build(OpBuilder &builder, OperationState &state, ReduceKind kind,
                     Value operand, int64_t axis) {
  build(builder, state, kind, operand, axis, /*extent=*/Value());
}

LogicalResult ReduceOp::inferReturnTypes(MLIRContext *context,
                                         std::optional<Location> location,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  return inferred(location, getOperationName(),
                  reduceShape(shapeOf(adaptor.getOperand()), adaptor.getAxis()),
                  elementTypeOf(adaptor.getOperand()), results);
}

LogicalResult ReduceOp::verify() {
  if (!getExtent())
    return success();
  NamedTensorType type = getOperand().getType();
  if (getExtent().getType() !=
      NamedTensorType::get({Dimension::get(getContext(), tokensDimension)},
                           IntegerType::get(getContext(), 32)))
    return emitOpError() << "an extent is one i32 a row, tensor<[N], i32>, not "
                         << getExtent().getType();
  if (type.findSymbol(tokensDimension) < 0)
    return emitOpError() << "has an extent for each row, but " << type
                         << " has no axis N";
  if (type.findSymbol(tokensDimension) == int64_t(getAxis()))
    return emitOpError("reduces the axis of the rows themselves, of which each "
                       "has an extent");
  return success();
}

void ArgmaxOp::build(OpBuilder &builder, OperationState &state, Value operand) {
  auto type = cast<NamedTensorType>(operand.getType());
  SmallVector<Dimension> rows = type.getShape();
  rows.pop_back();
  build(builder, state, NamedTensorType::get(rows, builder.getI32Type()),
        NamedTensorType::get(rows, type.getElementType()), operand);
}

LogicalResult ArgmaxOp::verify() {
  NamedTensorType type = getOperand().getType();
  if (type.getRank() == 0)
    return emitOpError("a scalar has no axis to look along");
  SmallVector<Dimension> rows = type.getShape();
  rows.pop_back();
  auto index = NamedTensorType::get(rows, IntegerType::get(getContext(), 32));
  auto largest = NamedTensorType::get(rows, type.getElementType());
  if (getIndex().getType() != index || getLargest().getType() != largest)
    return emitOpError() << "finds " << index << " and " << largest << " in "
                         << type << ", not " << getIndex().getType() << " and "
                         << getLargest().getType();
  return success();
}

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *context,
                                            std::optional<Location> location,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &results) {
  return inferred(
      location, getOperationName(),
      transposeShape(shapeOf(adaptor.getOperand()), adaptor.getPermutation()),
      elementTypeOf(adaptor.getOperand()), results);
}

LogicalResult TransposeOp::verify() { return success(); }

OpFoldResult TransposeOp::fold(FoldAdaptor adaptor) {
  if (adaptor.getOperand()) // a splat
    return adaptor.getOperand();
  if (llvm::is_sorted(getPermutation()))
    return getOperand();
  auto inner = getOperand().getDefiningOp<TransposeOp>();
  if (!inner)
    return {};
  SmallVector<int64_t> composed;
  for (int64_t axis : getPermutation())
    composed.push_back(inner.getPermutation()[axis]);
  setPermutation(composed);
  getOperandMutable().assign(inner.getOperand());
  return getResult();
}

LogicalResult ReshapeOp::verify() {
  if (getType().getElementType() != getOperand().getType().getElementType())
    return emitOpError() << "changes the shape, not the elements: "
                         << getOperand().getType() << " to " << getType();
  if (llvm::Error problem =
          checkReshape(getOperand().getType().getShape(), getType().getShape()))
    return emitOpError() << llvm::toString(std::move(problem));
  return success();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (adaptor.getOperand())
    return adaptor.getOperand();
  if (getType() == getOperand().getType())
    return getOperand();
  if (auto inner = getOperand().getDefiningOp<ReshapeOp>()) {
    getOperandMutable().assign(inner.getOperand());
    return getResult();
  }
  return {};
}

LogicalResult BroadcastOp::verify() {
  if (getType().getElementType() != getOperand().getType().getElementType())
    return emitOpError() << "changes the shape, not the elements: "
                         << getOperand().getType() << " to " << getType();
  if (llvm::Error problem = checkBroadcast(getOperand().getType().getShape(),
                                           getType().getShape()))
    return emitOpError() << llvm::toString(std::move(problem));
  return success();
}

OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  if (adaptor.getOperand())
    return adaptor.getOperand();
  return getType() == getOperand().getType() ? OpFoldResult(getOperand())
                                             : OpFoldResult();
}

namespace {

/// `add(broadcast(x), y)` -> `add(x, y)`, where y is as large as the result:
/// operands are repeated as they are read.
struct ReadWithoutBroadcast : OpRewritePattern<BroadcastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BroadcastOp op,
                                PatternRewriter &rewriter) const override {
    bool changed = false;
    for (OpOperand &use : llvm::make_early_inc_range(op->getUses())) {
      Operation *user = use.getOwner();
      if (user->getNumResults() != 1 ||
          !isa<AddOp, SubOp, MulOp, DivOp, PowOp, MaxOp, MinOp, AndOp, OrOp>(
              user))
        continue;
      Value other = user->getOperand(1 - use.getOperandNumber());
      if (other == op.getResult() ||
          other.getType() != user->getResult(0).getType())
        continue;
      rewriter.modifyOpInPlace(user, [&] { use.set(op.getOperand()); });
      changed = true;
    }
    if (!changed)
      return rewriter.notifyMatchFailure(
          op, "no operation on elements of this size reads it");
    return success();
  }
};

} // namespace

void BroadcastOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<ReadWithoutBroadcast>(context);
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *context,
                                        std::optional<Location> location,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &results) {
  return inferred(location, getOperationName(),
                  sliceShape(shapeOf(adaptor.getOperand()), adaptor.getAxis(),
                             adaptor.getStart(), adaptor.getSize(),
                             adaptor.getStride()),
                  elementTypeOf(adaptor.getOperand()), results);
}

LogicalResult SliceOp::verify() { return success(); }

OpFoldResult SliceOp::fold(FoldAdaptor adaptor) {
  if (adaptor.getOperand())
    return adaptor.getOperand();
  if (getType() == getOperand().getType())
    return getOperand();
  if (auto inner = getOperand().getDefiningOp<SliceOp>();
      inner && inner.getAxis() == getAxis()) {
    setStart(inner.getStart() + getStart() * inner.getStride());
    setStride(getStride() * inner.getStride());
    getOperandMutable().assign(inner.getOperand());
    return getResult();
  }
  // What lies in one piece of a concatenation is cut from that piece.
  if (auto concat = getOperand().getDefiningOp<ConcatOp>();
      concat && concat.getAxis() == getAxis()) {
    int64_t begin = 0, last = getStart() + (getSize() - 1) * getStride();
    for (Value piece : concat.getInputs()) {
      auto type = cast<NamedTensorType>(piece.getType());
      int64_t end = begin + type.getDim(getAxis()).getSize();
      if (int64_t(getStart()) >= begin && last < end) {
        setStart(getStart() - begin);
        getOperandMutable().assign(piece);
        return getType() == piece.getType() ? OpFoldResult(piece)
                                            : OpFoldResult(getResult());
      }
      begin = end;
    }
  }
  return {};
}

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *context,
                                         std::optional<Location> location,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  SmallVector<SmallVector<Dimension>> shapes;
  for (Value input : adaptor.getInputs()) {
    shapes.push_back(shapeOf(input));
    if (elementTypeOf(input) != elementTypeOf(adaptor.getInputs().front()))
      return emitOptionalError(location, "'sinter.concat' op elements of ",
                               elementTypeOf(input), " behind ",
                               elementTypeOf(adaptor.getInputs().front()));
  }
  if (shapes.empty())
    return emitOptionalError(location,
                             "'sinter.concat' op has nothing to concatenate");
  return inferred(location, getOperationName(),
                  concatShape(shapes, adaptor.getAxis()),
                  elementTypeOf(adaptor.getInputs().front()), results);
}

LogicalResult TakeOp::inferReturnTypes(MLIRContext *context,
                                       std::optional<Location> location,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &results) {
  if (!elementTypeOf(adaptor.getIndex()).isInteger(32))
    return emitOptionalError(
        location, "'sinter.take' op elements are numbered in i32, not ",
        elementTypeOf(adaptor.getIndex()));
  return inferred(
      location, getOperationName(),
      takeShape(shapeOf(adaptor.getRows()), shapeOf(adaptor.getIndex())),
      elementTypeOf(adaptor.getRows()), results);
}

LogicalResult GatherOp::inferReturnTypes(MLIRContext *context,
                                         std::optional<Location> location,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  if (!elementTypeOf(adaptor.getIndex()).isInteger(32))
    return emitOptionalError(
        location, "'sinter.gather' op rows are numbered in i32, not ",
        elementTypeOf(adaptor.getIndex()));
  return inferred(
      location, getOperationName(),
      gatherShape(shapeOf(adaptor.getTable()), shapeOf(adaptor.getIndex())),
      elementTypeOf(adaptor.getTable()), results);
}
