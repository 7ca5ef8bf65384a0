//===- InsertCopies.cpp - A kernel for every carried value ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Entry.h"
#include "passes/InPlace.h"
#include "passes/Partition.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"

namespace sinter {
#define GEN_PASS_DEF_INSERTCOPIESPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

namespace {

struct InsertCopies : sinter::impl::InsertCopiesPassBase<InsertCopies> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isDeclaration())
      return;
    SmallVector<RepeatOp> repeats;
    function.walk([&](RepeatOp repeat) { repeats.push_back(repeat); });
    for (RepeatOp repeat : repeats)
      if (failed(copyCarried(repeat)) || failed(copyInits(repeat)))
        return signalPassFailure();
    Operation *terminator = function.getBody().front().getTerminator();
    for (OpOperand &operand : terminator->getOpOperands()) {
      Operation *kernel = operand.get().getDefiningOp();
      if (kernel && isa<KernelOpInterface>(kernel) &&
          !isHandedOnBy(operand.get(), terminator, operand))
        continue;
      if (failed(copy(operand, terminator,
                      "what the entry returns is not a kernel's own result")))
        return signalPassFailure();
    }
  }

  /// Whether a loop carries the value on, or the entry returns it once more.
  static bool isHandedOnBy(Value value, Operation *terminator,
                           OpOperand &self) {
    return llvm::any_of(value.getUses(), [&](OpOperand &use) {
      return &use != &self && (isa<RepeatOp, YieldOp>(use.getOwner()) ||
                               use.getOwner() == terminator);
    });
  }

  /// Every value that the body hands on is made by a kernel of the body that
  /// comes after all who read the value that it takes the place of.
  LogicalResult copyCarried(RepeatOp repeat) {
    Block *body = repeat.getBody();
    auto yield = cast<YieldOp>(body->getTerminator());
    for (OpOperand &operand : yield->getOpOperands()) {
      Operation *kernel = operand.get().getDefiningOp();
      bool isOwn = kernel && kernel->getBlock() == body &&
                   (isa<KernelOpInterface>(kernel) || isa<RepeatOp>(kernel)) &&
                   llvm::count(yield.getValues(), operand.get()) == 1;
      if (!isOwn && failed(copy(operand, yield,
                                "what a layer hands on is not a result of a "
                                "kernel of its own")))
        return failure();
    }
    // Behind all of these copies, what is read is in buffers that nobody takes
    // the place of.
    for (auto [index, argument] : llvm::enumerate(repeat.getCarried())) {
      OpOperand &operand = yield->getOpOperand(index);
      Operation *kernel = operand.get().getDefiningOp();
      StringRef reason = "the value that a layer was given is still read when "
                         "the one that it hands on is made";
      bool isLate = llvm::all_of(argument.getUses(), [&](OpOperand &use) {
        Operation *ancestor = body->findAncestorOpInBlock(*use.getOwner());
        if (ancestor == kernel)
          return use.getOwner() == kernel && canWriteInPlace(use, reason);
        return ancestor->isBeforeInBlock(kernel);
      });
      // A loop within writes its result from the start.
      if ((!isLate || isa<RepeatOp>(kernel)) &&
          failed(copy(operand, yield, reason)))
        return failure();
    }
    return success();
  }

  /// Layers write over what they are given first.
  LogicalResult copyInits(RepeatOp repeat) {
    for (OpOperand &operand : repeat.getInitsMutable()) {
      Operation *kernel = operand.get().getDefiningOp();
      bool isOwn = kernel && kernel->getBlock() == repeat->getBlock() &&
                   (isa<KernelOpInterface>(kernel) || isa<RepeatOp>(kernel));
      for (OpOperand &use : operand.get().getUses()) {
        if (&use == &operand)
          continue;
        Operation *ancestor =
            repeat->getBlock()->findAncestorOpInBlock(*use.getOwner());
        isOwn &=
            ancestor && ancestor != repeat && ancestor->isBeforeInBlock(repeat);
      }
      if (!isOwn && failed(copy(operand, repeat,
                                "what the layers start from is read otherwise "
                                "too, or is not a kernel's result")))
        return failure();
    }
    return success();
  }

  LogicalResult copy(OpOperand &operand, Operation *before, StringRef reason) {
    Value value = operand.get();
    auto type = dyn_cast<NamedTensorType>(value.getType());
    if (!type || (type.findSymbol(tokensDimension) < 0 &&
                  type.findSymbol(rowsDimension) < 0))
      return before->emitOpError() << "hands on " << value.getType()
                                   << ", which has no row: this is not built";
    OpBuilder builder(before);
    auto group = RowGroupOp::create(builder, value.getLoc(), TypeRange(type),
                                    value, /*placement=*/nullptr);
    Block *body = builder.createBlock(&group.getBodyRegion());
    YieldOp::create(builder, value.getLoc(),
                    ValueRange(body->addArgument(type, value.getLoc())));
    operand.set(group.getResult(0));
    ++copies;
    remarkMissed(group, "insert-copies", "in-place") << "copied: " << reason;
    return success();
  }
};

} // namespace
