//===- ElementOrigin.cpp - Whether two elements of a row are one ----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/ElementOrigin.h"

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

/// The value and column that an element only repeats.
static std::pair<Value, int64_t> originOf(Value value, int64_t column) {
  while (Operation *op = value.getDefiningOp()) {
    int64_t last = typeOf(value).getRank() - 1;
    if (auto slice = dyn_cast<SliceOp>(op)) {
      if (int64_t(slice.getAxis()) == last)
        column = slice.getStart() + column * slice.getStride();
      value = slice.getOperand();
      if (int64_t(slice.getAxis()) != last)
        return {op->getResult(0), column};
    } else if (auto concat = dyn_cast<ConcatOp>(op)) {
      if (int64_t(concat.getAxis()) != last)
        return {value, column};
      for (Value input : concat.getInputs()) {
        int64_t size = typeOf(input).getShape().back().getSize();
        value = input;
        if (column < size)
          break;
        column -= size;
      }
    } else {
      break;
    }
  }
  return {value, column};
}

bool sinter::haveOneOrigin(Value value, int64_t column, int64_t other) {
  auto [left, leftColumn] = originOf(value, column);
  auto [right, rightColumn] = originOf(value, other);
  if (left == right && leftColumn == rightColumn)
    return true;
  Operation *op = left.getDefiningOp();
  if (left != right || !op)
    return false;
  // Rows of a table: columns of it.
  if (auto gather = dyn_cast<GatherOp>(op))
    return typeOf(gather.getTable()).getRank() > 1 &&
           haveOneOrigin(gather.getTable(), leftColumn, rightColumn);
  if (isa<BroadcastOp>(op) &&
      typeOf(op->getOperand(0)).getShape().back().isOne())
    return true;
  if (isa<ReshapeOp, BroadcastOp>(op)) {
    // Rows stay rows, or a column becomes a row of its own.
    NamedTensorType from = typeOf(op->getOperand(0));
    if (from.getRank() == 0 || !from.getShape().back().isStatic())
      return false;
    int64_t width = from.getShape().back().getSize(),
            size = typeOf(left).getShape().back().getSize();
    return size % width == 0 && leftColumn / width == rightColumn / width &&
           haveOneOrigin(op->getOperand(0), leftColumn % width,
                         rightColumn % width);
  }
  if (isa<ConstantOp>(op))
    return true;
  if (!isa<ElementwiseOpInterface>(op))
    return false;
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    return typeOf(operand).getRank() == 0 ||
           typeOf(operand).getShape().back().isOne() ||
           haveOneOrigin(operand, leftColumn, rightColumn);
  });
}
