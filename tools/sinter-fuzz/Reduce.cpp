//===- Reduce.cpp - A failing program, made small ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter-fuzz/Reduce.h"
#include "ir/Sinter.h"
#include "mlir/IR/Iterators.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace sinter;

/// The values of a program in an order that copies keep.
static SmallVector<Operation *> operationsOf(ModuleOp module) {
  SmallVector<Operation *> operations;
  module.walk<WalkOrder::PostOrder>([&](Operation *op) {
    if (op->getNumResults() > 0)
      operations.push_back(op);
  });
  return operations;
}

static void eraseUnused(ModuleOp module) {
  module.walk<WalkOrder::PostOrder, ReverseIterator>([](Operation *op) {
    if (isOpTriviallyDead(op))
      op->erase();
  });
}

/// What may stand for a result: the `choice`-th way, or null if there are no
/// more. Simple things first.
static Value replacementOf(Operation *op, unsigned choice, bool &isDone) {
  auto type = dyn_cast<NamedTensorType>(op->getResult(0).getType());
  isDone = !type;
  if (isDone)
    return {};
  OpBuilder builder(op);
  if (choice == 0)
    return isa<ConstantOp>(op)
               ? Value()
               : ConstantOp::create(builder, op->getLoc(),
                                    type.getElementType().isF32() ? 0.5 : 1,
                                    type);
  if (isa<WeightOp, ConstantOp>(op)) {
    isDone = true;
    return {};
  }
  unsigned operand = choice - 1;
  if (operand < op->getNumOperands()) {
    Value value = op->getOperand(operand);
    return value.getType() == type ? value : Value();
  }
  isDone = operand > op->getNumOperands();
  if (isDone || !type.hasStaticShape() || !type.getElementType().isF32())
    return {};
  return WeightOp::create(builder, op->getLoc(), type,
                          builder.getStringAttr("w"), Value(), StoredAttr());
}

OwningOpRef<ModuleOp>
sinter::reduceProgram(ModuleOp module,
                      llvm::function_ref<bool(ModuleOp)> isInteresting) {
  OwningOpRef<ModuleOp> best = module.clone();
  auto attempt = [&](llvm::function_ref<bool(Operation *)> change,
                     size_t number) {
    OwningOpRef<ModuleOp> trial = best->clone();
    SmallVector<Operation *> operations = operationsOf(*trial);
    if (number >= operations.size() || !change(operations[number]))
      return false;
    eraseUnused(*trial);
    if (failed(verify(*trial)) || !isInteresting(*trial))
      return false;
    best = std::move(trial);
    return true;
  };
  bool changed = true;
  while (changed) {
    changed = false;
    // From the end: most of the program may go at once.
    for (size_t number = operationsOf(*best).size(); number-- > 0;) {
      for (unsigned choice = 0; choice < 8; ++choice) {
        bool isDone = false;
        changed |= attempt(
            [&](Operation *op) {
              Value value = replacementOf(op, choice, isDone);
              if (!value || value == op->getResult(0))
                return false;
              op->getResult(0).replaceAllUsesWith(value);
              return true;
            },
            number);
        if (isDone)
          break;
      }
      changed |= attempt(
          [](Operation *op) {
            auto repeat = dyn_cast<RepeatOp>(op);
            if (!repeat || repeat.getCount() == 1)
              return false;
            repeat.setCount(repeat.getCount() - 1);
            return true;
          },
          number);
    }
  }
  return best;
}
