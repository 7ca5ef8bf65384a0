//===- Tensors.cpp - Operations on tensors, with all shapes checked -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Importer.h"
#include "ir/Shape.h"

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

static SmallVector<Dimension> shapeOf(mlir::Value tensor) {
  return SmallVector<Dimension>(
      cast<NamedTensorType>(tensor.getType()).getShape());
}

static std::string reason(llvm::Error error) {
  return llvm::toString(std::move(error));
}

Importer::Result Importer::reshape(mlir::Value tensor, ArrayRef<Extent> shape) {
  FailureOr<SmallVector<Dimension>> dims = dimensions(shape);
  if (failed(dims))
    return failure();
  if (*dims == shapeOf(tensor))
    return tensor;
  if (llvm::Error error = checkReshape(shapeOf(tensor), *dims))
    return fail(reason(std::move(error)));
  auto type = cast<NamedTensorType>(tensor.getType()).withShape(*dims);
  return ReshapeOp::create(builder, location, type, tensor).getResult();
}

Importer::Result Importer::broadcastTo(mlir::Value tensor,
                                       ArrayRef<Extent> shape) {
  FailureOr<SmallVector<Dimension>> dims = dimensions(shape);
  if (failed(dims))
    return failure();
  if (*dims == shapeOf(tensor))
    return tensor;
  if (llvm::Error error = sinter::checkBroadcast(shapeOf(tensor), *dims))
    return fail(reason(std::move(error)));
  auto type = cast<NamedTensorType>(tensor.getType()).withShape(*dims);
  return BroadcastOp::create(builder, location, type, tensor).getResult();
}

Importer::Result Importer::transpose(mlir::Value tensor,
                                     ArrayRef<int64_t> permutation) {
  bool isIdentity = true;
  for (auto [i, axis] : llvm::enumerate(permutation))
    isIdentity &= axis == int64_t(i);
  if (isIdentity)
    return tensor;
  return TransposeOp::create(builder, location, tensor, permutation)
      .getResult();
}

Importer::Result Importer::reduce(ReduceKind kind, mlir::Value tensor,
                                  int64_t axis) {
  return ReduceOp::create(builder, location, kind, tensor, axis).getResult();
}

Importer::Result Importer::slice(mlir::Value tensor, int64_t axis,
                                 int64_t start, int64_t size, int64_t step) {
  ShapeOr shape = sliceShape(shapeOf(tensor), axis, start, size, step);
  if (!shape)
    return fail(reason(shape.takeError()));
  return SliceOp::create(builder, location, tensor, axis, start, size, step)
      .getResult();
}

Importer::Result Importer::concat(ArrayRef<mlir::Value> tensors, int64_t axis) {
  SmallVector<SmallVector<Dimension>> shapes;
  for (mlir::Value tensor : tensors) {
    shapes.push_back(shapeOf(tensor));
    if (cast<NamedTensorType>(tensor.getType()).getElementType() !=
        cast<NamedTensorType>(tensors.front().getType()).getElementType())
      return fail("its inputs have different kinds of elements");
  }
  if (tensors.size() == 1)
    return tensors.front();
  ShapeOr shape = concatShape(shapes, axis);
  if (!shape)
    return fail(reason(shape.takeError()));
  return ConcatOp::create(builder, location, tensors, axis).getResult();
}

Importer::Result Importer::matmul(mlir::Value lhs, mlir::Value rhs) {
  ShapeOr shape = matmulShape(shapeOf(lhs), shapeOf(rhs));
  if (!shape)
    return fail(reason(shape.takeError()));
  if (wrap(lhs).kind != Kind::Float || wrap(rhs).kind != Kind::Float)
    return fail("a product of matrices of integers is not supported");
  return MatmulOp::create(builder, location, lhs, rhs).getResult();
}

Importer::Result Importer::gather(mlir::Value table, mlir::Value index) {
  ShapeOr shape = gatherShape(shapeOf(table), shapeOf(index));
  if (!shape)
    return fail(reason(shape.takeError()));
  if (wrap(index).kind != Kind::Integer)
    return fail("its indices are no integers");
  // A table of positions bounds how long a sequence can be.
  mlir::Value counted = index;
  int64_t offset = 0;
  while (Operation *op = counted.getDefiningOp()) {
    if (isa<ReshapeOp, BroadcastOp>(op)) {
      counted = op->getOperand(0);
    } else if (auto add = dyn_cast<AddOp>(op)) {
      auto constant = add.getRhs().getDefiningOp<ConstantOp>();
      if (!constant)
        break;
      offset += int64_t(constant.getValue().convertToDouble());
      counted = add.getLhs();
    } else {
      break;
    }
  }
  Dimension rows = shapeOf(table).front();
  if (auto positions = counted.getDefiningOp<IotaOp>();
      positions && rows.isStatic() && rows.getSize() > offset)
    if (!positions.getType().hasStaticShape())
      context = std::min(context.value_or(INT64_MAX), rows.getSize() - offset);
  return GatherOp::create(builder, location, table, index).getResult();
}

LogicalResult Importer::checkBroadcast(mlir::Value lhs, mlir::Value rhs) {
  if (wrap(lhs).kind != wrap(rhs).kind)
    return fail("its inputs have different kinds of elements");
  ShapeOr shape = broadcastShapes(shapeOf(lhs), shapeOf(rhs));
  if (!shape)
    return fail(reason(shape.takeError()));
  return success();
}

Importer::Result Importer::select(mlir::Value condition, mlir::Value onTrue,
                                  mlir::Value onFalse) {
  if (failed(checkBroadcast(onTrue, onFalse)))
    return failure();
  if (wrap(condition).kind != Kind::Truth)
    return fail("its condition is no truth value");
  ShapeOr both = broadcastShapes(shapeOf(onTrue), shapeOf(onFalse));
  ShapeOr all = broadcastShapes(shapeOf(condition), *both);
  if (!all)
    return fail(reason(all.takeError()));
  return SelectOp::create(builder, location, condition, onTrue, onFalse)
      .getResult();
}

Importer::Result Importer::compare(ComparePredicate predicate, mlir::Value lhs,
                                   mlir::Value rhs) {
  if (failed(checkBroadcast(lhs, rhs)))
    return failure();
  return CompareOp::create(builder, location, predicate, lhs, rhs).getResult();
}

mlir::Value Importer::convert(mlir::Value tensor, Kind kind) {
  auto type = cast<NamedTensorType>(tensor.getType())
                  .withElementType(elementType(kind));
  if (type == tensor.getType())
    return tensor;
  return ConvertOp::create(builder, location, type, tensor).getResult();
}

mlir::Value Importer::triangle(const Extent &queries, const Extent &keys,
                               int64_t offset) {
  mlir::Value query = iota(queries), key = iota(keys);
  if (offset != 0)
    query = AddOp::create(builder, location, query,
                          constant(double(offset), Kind::Integer));
  query = *reshape(query, {queries, Extent(1)});
  return CompareOp::create(builder, location, ComparePredicate::ge, query, key);
}

//===----------------------------------------------------------------------===//
// Two values
//===----------------------------------------------------------------------===//

std::optional<onnx::Value> Importer::fold(const Value &lhs, const Value &rhs,
                                          Kind result, Fold function) {
  if (!lhs.isKnown() || !rhs.isKnown() || lhs.kind != rhs.kind)
    return std::nullopt;
  FailureOr<Extents> shape = broadcastShape(lhs.shape, rhs.shape);
  if (failed(shape))
    return std::nullopt;
  if (lhs.form == Value::Uniform && rhs.form == Value::Uniform) {
    std::optional<Number> number =
        function(lhs.numbers.front(), rhs.numbers.front(), lhs.kind);
    return number ? std::optional(uniform(result, *shape, *number))
                  : std::nullopt;
  }
  Value both = uniform(result, *shape, {});
  std::optional<int64_t> count = both.getNumElements();
  std::optional<Value> left = list(lhs), right = list(rhs);
  if (!count || *count > mostListed || !left || !right)
    return std::nullopt;
  // The element of an operand that broadcasts: axes of size 1 do not count.
  auto index = [&](const Value &value, int64_t flat) {
    int64_t position = 0, stride = 1;
    for (int64_t i = 0; i < int64_t(shape->size()); ++i) {
      int64_t size = (*shape)[shape->size() - 1 - i].getStatic();
      int64_t at = flat % size;
      flat /= size;
      if (i >= value.getRank())
        continue;
      int64_t own = value.shape[value.getRank() - 1 - i].getStatic();
      position += own == 1 ? 0 : at * stride;
      stride *= own;
    }
    return position;
  };
  std::vector<Number> numbers;
  for (int64_t i = 0; i < *count; ++i) {
    std::optional<Number> number =
        function(left->numbers[index(*left, i)],
                 right->numbers[index(*right, i)], lhs.kind);
    if (!number)
      return std::nullopt;
    numbers.push_back(*number);
  }
  return listed(result, *shape, std::move(numbers));
}

std::optional<onnx::Value>
Importer::addCounting(const Value &lhs, const Value &rhs, int64_t sign) {
  auto isLinear = [](const Value &value) {
    return value.kind == Kind::Integer &&
           (value.form == Value::Uniform || value.form == Value::Counting ||
            (value.form == Value::Listed && value.numbers.size() == 1));
  };
  if (!isLinear(lhs) || !isLinear(rhs))
    return std::nullopt;
  FailureOr<Extents> shape = broadcastShape(lhs.shape, rhs.shape);
  if (failed(shape))
    return std::nullopt;
  // Axes count from the last one, as shapes are aligned there.
  int64_t axis = -1, step = 0;
  for (auto [value, factor] :
       {std::pair<const Value &, int64_t>(lhs, 1), {rhs, sign}}) {
    if (value.form != Value::Counting)
      continue;
    int64_t fromEnd = value.getRank() - value.axis;
    if (axis >= 0 && axis != fromEnd)
      return std::nullopt;
    axis = fromEnd;
    step += factor * value.step;
  }
  Extent right = rhs.numbers.front().integer;
  Extent start = sign > 0 ? lhs.numbers.front().integer + right
                          : lhs.numbers.front().integer - right;
  return counting(*shape, axis < 0 ? 0 : int64_t(shape->size()) - axis, start,
                  step);
}

onnx::Value Importer::stretched(const Value &value,
                                ArrayRef<Extent> other) const {
  Value result = value;
  bool isOne = value.isOneNumber();
  if (!fixedLength || (value.form != Value::Stored && !isOne))
    return result;
  if (isOne)
    result = uniform(value.kind, value.shape, value.numbers.front());
  size_t shared = std::min(other.size(), value.shape.size());
  for (size_t i = 1; i <= shared; ++i) {
    Extent &own = result.shape[value.shape.size() - i];
    if (isFixedLength(own) && other[other.size() - i] == *fixedLengthIs)
      own = *fixedLengthIs;
  }
  return result;
}

FailureOr<onnx::Value> Importer::combine(const Value &left, const Value &right,
                                         Kind result, Fold function,
                                         EmitBinary emit) {
  Value lhs = stretched(left, right.shape), rhs = stretched(right, left.shape);
  if (lhs.isKnown() && rhs.isKnown()) {
    // Said once, not for the folder and for the operation.
    if (failed(broadcastShape(lhs.shape, rhs.shape)))
      return failure();
    if (std::optional<Value> known = fold(lhs, rhs, result, function))
      return *known;
  }
  FailureOr<Extents> shape = broadcastShape(lhs.shape, rhs.shape);
  Result x = operand(lhs), y = operand(rhs);
  if (failed(shape) || failed(x) || failed(y))
    return failure();
  Result combined = emit(*x, *y);
  if (failed(combined))
    return failure();
  Result whole = broadcastTo(*combined, *shape);
  return failed(whole) ? FailureOr<Value>(failure()) : wrap(*whole);
}
