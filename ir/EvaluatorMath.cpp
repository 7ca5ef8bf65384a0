//===- EvaluatorMath.cpp - Math-level operations -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Elements.h"
#include "ir/Evaluation.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace sinter;

static constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

Indices sinter::stridesOf(ArrayRef<int64_t> shape) {
  Indices strides(shape.size(), 1);
  for (size_t axis = shape.size(); axis-- > 1;)
    strides[axis - 1] = strides[axis] * shape[axis];
  return strides;
}

void sinter::forEachIndex(ArrayRef<int64_t> shape,
                          llvm::function_ref<void(ArrayRef<int64_t>)> visit) {
  if (llvm::is_contained(shape, 0))
    return;
  Indices index(shape.size(), 0);
  while (true) {
    visit(index);
    size_t axis = shape.size();
    while (axis > 0 && ++index[axis - 1] == shape[axis - 1])
      index[--axis] = 0;
    if (axis == 0)
      return;
  }
}

/// Where the element at `index` stands.
static int64_t offsetOf(ArrayRef<int64_t> shape, ArrayRef<int64_t> index) {
  int64_t offset = 0;
  for (auto [size, position] : llvm::zip(shape, index))
    offset = offset * size + position;
  return offset;
}

int64_t sinter::broadcastOffset(ArrayRef<int64_t> shape,
                                ArrayRef<int64_t> index) {
  int64_t offset = 0;
  index = index.take_back(shape.size());
  for (auto [size, position] : llvm::zip(shape, index))
    offset = offset * size + (size == 1 ? 0 : position);
  return offset;
}

//===----------------------------------------------------------------------===//
// Sources of values
//===----------------------------------------------------------------------===//

LogicalResult Evaluation::evaluate(ConstantOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  // A constant is a number that its type can hold: f32 as in the binary.
  double value = roundToElementType(op.getValue().convertToDouble(),
                                    op.getType().getElementType());
  llvm::fill(result->elements, value);
  setResult(op, std::move(*result));
  return success();
}

LogicalResult Evaluation::evaluate(IotaOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  for (size_t index = 0; index < result->elements.size(); ++index)
    result->elements[index] = index;
  setResult(op, std::move(*result));
  return success();
}

LogicalResult Evaluation::evaluate(LayerNumberOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  FailureOr<int64_t> number =
      getLayerNumber(op, op.getLayer(), std::numeric_limits<int64_t>::max());
  if (failed(result) || failed(number))
    return failure();
  result->elements[0] = *number;
  setResult(op, std::move(*result));
  return success();
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

/// `op.apply`, except that a result which depends on an undefined operand is
/// undefined too.
static double applyDefined(ElementwiseOpInterface op, ArrayRef<double> x) {
  auto is = [](double value) {
    return [value](double element) { return element == value; };
  };
  if (isa<SelectOp>(op))
    return std::isnan(x[0]) ? undefined : op.apply(x);
  if (isa<AndOp>(op) && llvm::any_of(x, is(0)))
    return 0;
  if (isa<OrOp>(op) && llvm::any_of(x, is(1)))
    return 1;
  if (llvm::any_of(x, [](double element) { return std::isnan(element); }))
    return undefined;
  return op.apply(x);
}

LogicalResult Evaluation::evaluateElementwise(ElementwiseOpInterface op) {
  Value value = op->getResult(0);
  FailureOr<TensorValue> result =
      allocate(op, cast<NamedTensorType>(value.getType()));
  if (failed(result))
    return failure();
  SmallVector<const TensorValue *> operands;
  for (Value operand : op->getOperands())
    operands.push_back(&get(operand));
  SmallVector<double> elements(operands.size());
  size_t next = 0;
  forEachIndex(result->shape, [&](ArrayRef<int64_t> index) {
    for (auto [element, operand] : llvm::zip(elements, operands))
      element = operand->elements[broadcastOffset(operand->shape, index)];
    result->elements[next++] = applyDefined(op, elements);
  });
  setResult(value, std::move(*result));
  return success();
}

//===----------------------------------------------------------------------===//
// Contractions and reductions
//===----------------------------------------------------------------------===//

LogicalResult Evaluation::evaluate(MatmulOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  const TensorValue &lhs = get(op.getLhs()), &rhs = get(op.getRhs());
  int64_t rows = lhs.shape.end()[-2], inner = lhs.shape.back(),
          columns = rhs.shape.back();
  ArrayRef<int64_t> batch = ArrayRef(result->shape).drop_back(2);
  int64_t number = 0;
  forEachIndex(batch, [&](ArrayRef<int64_t> index) {
    const double *l =
        lhs.elements.data() +
        broadcastOffset(ArrayRef(lhs.shape).drop_back(2), index) * rows * inner;
    const double *r = rhs.elements.data() +
                      broadcastOffset(ArrayRef(rhs.shape).drop_back(2), index) *
                          inner * columns;
    double *out = result->elements.data() + number++ * rows * columns;
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t k = 0; k < inner; ++k)
        for (int64_t column = 0; column < columns; ++column)
          out[row * columns + column] +=
              l[row * inner + k] * r[k * columns + column];
  });
  setResult(op, std::move(*result));
  return success();
}

/// Sum, maximum or mean of what `element` gives for 0 .. count-1.
static double reduced(ReduceKind kind, int64_t count,
                      llvm::function_ref<double(int64_t)> element) {
  double sum = 0, largest = -std::numeric_limits<double>::infinity();
  for (int64_t index = 0; index < count; ++index) {
    double x = element(index);
    sum += x;
    largest = std::isnan(x) || x > largest ? x : largest;
    if (std::isnan(x))
      return undefined;
  }
  switch (kind) {
  case ReduceKind::sum:
    return sum;
  case ReduceKind::max:
    return largest;
  case ReduceKind::mean:
    return sum / count;
  }
  llvm_unreachable("all kinds are handled");
}

LogicalResult Evaluation::evaluate(ReduceOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  const TensorValue &operand = get(op.getOperand());
  int64_t axis = op.getAxis(), size = operand.shape[axis];
  int64_t stride = stridesOf(operand.shape)[axis];
  int64_t rowAxis = op.getExtent()
                        ? op.getOperand().getType().findSymbol(tokensDimension)
                        : -1;
  size_t next = 0;
  bool wellFormed = true;
  forEachIndex(result->shape, [&](ArrayRef<int64_t> index) {
    int64_t count = size;
    if (op.getExtent() && wellFormed) {
      FailureOr<int64_t> extent =
          getExtent(op, op.getExtent(), index[rowAxis], size);
      wellFormed = succeeded(extent);
      count = wellFormed ? *extent : 0;
    }
    int64_t first = offsetOf(operand.shape, index);
    result->elements[next++] =
        reduced(op.getKind(), count, [&](int64_t position) {
          return operand.elements[first + position * stride];
        });
  });
  if (!wellFormed)
    return failure();
  setResult(op, std::move(*result));
  return success();
}

LogicalResult Evaluation::evaluate(ArgmaxOp op) {
  const TensorValue &operand = get(op.getOperand());
  TensorValue index, largest;
  index.shape.assign(operand.shape.begin(), operand.shape.end() - 1);
  largest.shape = index.shape;
  size_t size = operand.shape.back();
  if (size == 0)
    return op.emitOpError("looks for the largest of no elements");
  for (size_t row = 0; row < operand.elements.size(); row += size) {
    auto begin = operand.elements.begin() + row;
    auto isLess = [](double left, double right) {
      return !std::isnan(left) && (std::isnan(right) || left < right);
    };
    auto found = std::max_element(begin, begin + size, isLess);
    index.elements.push_back(found - begin);
    largest.elements.push_back(*found);
  }
  setResult(op.getIndex(), std::move(index));
  setResult(op.getLargest(), std::move(largest));
  return success();
}

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

LogicalResult Evaluation::evaluate(TransposeOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  const TensorValue &operand = get(op.getOperand());
  Indices source(operand.shape.size());
  size_t next = 0;
  forEachIndex(result->shape, [&](ArrayRef<int64_t> index) {
    for (auto [axis, from] : llvm::enumerate(op.getPermutation()))
      source[from] = index[axis];
    result->elements[next++] =
        operand.elements[offsetOf(operand.shape, source)];
  });
  setResult(op, std::move(*result));
  return success();
}

LogicalResult Evaluation::evaluate(ReshapeOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  result->elements = get(op.getOperand()).elements;
  setResult(op, std::move(*result));
  return success();
}

LogicalResult Evaluation::evaluate(BroadcastOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  const TensorValue &operand = get(op.getOperand());
  size_t next = 0;
  forEachIndex(result->shape, [&](ArrayRef<int64_t> index) {
    result->elements[next++] =
        operand.elements[broadcastOffset(operand.shape, index)];
  });
  setResult(op, std::move(*result));
  return success();
}

LogicalResult Evaluation::evaluate(SliceOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  const TensorValue &operand = get(op.getOperand());
  size_t next = 0;
  forEachIndex(result->shape, [&](ArrayRef<int64_t> index) {
    Indices source(index);
    source[op.getAxis()] = op.getStart() + index[op.getAxis()] * op.getStride();
    result->elements[next++] =
        operand.elements[offsetOf(operand.shape, source)];
  });
  setResult(op, std::move(*result));
  return success();
}

LogicalResult Evaluation::evaluate(ConcatOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  int64_t axis = op.getAxis();
  size_t next = 0;
  forEachIndex(result->shape, [&](ArrayRef<int64_t> index) {
    Indices source(index);
    size_t input = 0;
    while (source[axis] >= get(op.getInputs()[input]).shape[axis])
      source[axis] -= get(op.getInputs()[input++]).shape[axis];
    const TensorValue &from = get(op.getInputs()[input]);
    result->elements[next++] = from.elements[offsetOf(from.shape, source)];
  });
  setResult(op, std::move(*result));
  return success();
}

LogicalResult Evaluation::evaluate(TakeOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  const TensorValue &rows = get(op.getRows()), &index = get(op.getIndex());
  int64_t width = rows.shape[2], columns = index.shape[1];
  if (width == 0 && !result->elements.empty())
    return op.emitOpError("takes elements of rows without any");
  for (size_t at = 0; at < result->elements.size(); ++at) {
    int64_t row = at / columns;
    double number =
        index.elements[row % rows.shape[1] * columns + at % columns];
    result->elements[at] =
        std::isnan(number)
            ? undefined
            : rows.elements[row * width +
                            int64_t(std::clamp<double>(number, 0, width - 1))];
  }
  setResult(op, std::move(*result));
  return success();
}

LogicalResult Evaluation::evaluate(GatherOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  const TensorValue &table = get(op.getTable()), &index = get(op.getIndex());
  int64_t rows = table.shape.front();
  if (rows == 0 && !index.elements.empty())
    return op.emitOpError("gathers rows from a table without any");
  size_t width = rows == 0 ? 0 : table.elements.size() / rows;
  double *to = result->elements.data();
  for (double number : index.elements) {
    if (std::isnan(number)) {
      std::fill_n(to, width, undefined);
    } else {
      // A number outside the table reads its nearest row.
      int64_t row = std::clamp<double>(number, 0, rows - 1);
      std::copy_n(table.elements.data() + row * width, width, to);
    }
    to += width;
  }
  setResult(op, std::move(*result));
  return success();
}
