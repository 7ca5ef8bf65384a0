//===- RowWork.cpp - Ops that work row by row -------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/RowWork.h"

using namespace mlir;
using namespace sinter;

bool sinter::hasRows(Value value) {
  auto type = dyn_cast<NamedTensorType>(value.getType());
  return type && (type.findSymbol(tokensDimension) >= 0 ||
                  type.findSymbol(rowsDimension) >= 0);
}

bool sinter::isRowMath(Operation *op) {
  return isa<ElementwiseOpInterface, CompositeOpInterface, ReduceOp,
             TransposeOp, ReshapeOp, BroadcastOp, SliceOp, ConcatOp, GatherOp,
             IotaOp, ConstantOp>(op);
}

bool sinter::isRowOp(Operation *op) {
  return isRowMath(op) && hasRows(op->getResult(0)) && !isa<ConstantOp>(op);
}

bool sinter::isRowless(Operation *op) { return isRowMath(op) && !isRowOp(op); }

bool sinter::readsOtherRows(Operation *op, Value operand) {
  auto gather = dyn_cast<GatherOp>(op);
  return gather && gather.getTable() == operand && hasRows(operand);
}
