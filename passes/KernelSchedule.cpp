//===- KernelSchedule.cpp - Between which kernels ops can run ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/KernelSchedule.h"
#include "passes/RowWork.h"

using namespace mlir;
using namespace sinter;

StringRef sinter::whyAlone(LinearOp linear) {
  NamedTensorType type = linear.getInput().getType();
  if (type.getRank() != 2)
    return "its input is not a matrix of rows";
  if (!type.getDim(0).isSymbol(tokensDimension) &&
      !type.getDim(0).isSymbol(rowsDimension))
    return "its rows are neither tokens nor rows asked for";
  return {};
}

StringRef sinter::rowsOf(Value value) {
  auto type = cast<NamedTensorType>(value.getType());
  return type.findSymbol(rowsDimension) >= 0 ? rowsDimension : tokensDimension;
}

KernelSchedule::KernelSchedule(Block &block) {
  int64_t number = 0;
  for (Operation &op : block) {
    numbers[&op] = number;
    if (auto linear = dyn_cast<LinearOp>(op);
        linear && whyAlone(linear).empty())
      homes[number] = linear;
    ++number;
    findEarliest(&op);
  }
  for (Operation &op : llvm::reverse(block))
    findLatest(&op);
}

void KernelSchedule::findEarliest(Operation *op) {
  int64_t number = -1;
  bool waits = !isRowOp(op) && !isa<CacheAppendOp>(op);
  for (Value operand : op->getOperands()) {
    waits |= readsOtherRows(op, operand);
    Operation *producer = operand.getDefiningOp();
    if (producer && numbers.count(producer) && !isRowless(producer) &&
        !isa<ParameterLoadOp>(producer))
      number = std::max(number, earliestOf.lookup(producer));
  }
  earliestOf[op] = waits && !isRowless(op) ? numbers[op] : number;
}

void KernelSchedule::findLatest(Operation *op) {
  int64_t number = std::numeric_limits<int64_t>::max();
  for (Operation *user : op->getUsers()) {
    user = op->getBlock()->findAncestorOpInBlock(*user);
    number = std::min(number, isRowOp(user) ? latestOf.lookup(user)
                                            : numbers.lookup(user));
  }
  latestOf[op] = number;
}
