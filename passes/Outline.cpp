//===- Outline.cpp - Operations of a block into a region -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Outline.h"
#include "mlir/IR/IRMapping.h"
#include "passes/RowWork.h"

using namespace mlir;
using namespace sinter;

Outline::Outline(ArrayRef<Operation *> ops) {
  llvm::DenseSet<Operation *> members(ops.begin(), ops.end()), visited;
  auto visit = [&](auto &self, Operation *op) -> void {
    if (!visited.insert(op).second)
      return;
    for (Value operand : op->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      if (producer && (members.contains(producer) || isRowless(producer)))
        self(self, producer);
      else
        inputs.insert(operand);
    }
    inside.push_back(op);
  };
  for (Operation *op : ops)
    visit(visit, op);
  for (Operation *op : ops) {
    locations.push_back(op->getLoc());
    bool isUsed = llvm::any_of(op->getUsers(), [&](Operation *user) {
      return !members.contains(user);
    });
    if (isUsed || isa<CacheAppendOp>(op))
      results.push_back(op->getResult(0));
  }
}

void Outline::moveInto(Operation *kernel) const {
  OpBuilder builder(kernel->getContext());
  Block *body = builder.createBlock(&kernel->getRegion(0));
  IRMapping mapping;
  for (Value input : inputs)
    mapping.map(input, body->addArgument(input.getType(), input.getLoc()));
  for (Operation *op : inside)
    builder.clone(*op, mapping);
  SmallVector<Value> yielded;
  for (Value result : results)
    yielded.push_back(mapping.lookup(result));
  YieldOp::create(builder, kernel->getLoc(), yielded);
  for (auto [from, to] :
       llvm::zip(SmallVector<Value>(results), kernel->getResults()))
    from.replaceAllUsesWith(to);
}
