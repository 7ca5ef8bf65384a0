//===- Recompute.cpp - Row work once for each of its kernels ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Recompute.h"
#include "passes/FusionCut.h"
#include "passes/KernelSchedule.h"
#include "passes/Remarks.h"
#include "passes/RowWork.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace sinter;

namespace {

/// A part of a kernel that needs a value: a contraction's prologue or epilogue.
/// Without a contraction: something that reads it from memory.
struct Consumer {
  Operation *linear = nullptr;
  bool inEpilogue = false;

  bool operator==(const Consumer &) const = default;
};

class Recomputation {
public:
  explicit Recomputation(Block &block) : block(block), schedule(block) {}

  int64_t run() {
    findHomeless();
    int64_t copied = 0;
    for (auto &[leader, ops] : collectComponents())
      if (isWorthwhile(ops))
        copied += copy(ops);
    return copied;
  }

private:
  bool isHomeless(Operation *op) const { return consumers.count(op); }

  /// Ops without a home, users before operands, and who needs them.
  void findHomeless() {
    for (Operation &op : llvm::reverse(block)) {
      if (!isRowOp(&op) || schedule.homeOf(&op))
        continue;
      SmallVector<Consumer> own;
      for (OpOperand &use : op.getResult(0).getUses())
        for (Consumer consumer : consumersAt(use))
          if (!llvm::is_contained(own, consumer))
            own.push_back(consumer);
      consumers[&op] = own;
    }
  }

  SmallVector<Consumer> consumersAt(OpOperand &use) const {
    Operation *user = use.getOwner();
    if (user->getBlock() != &block || readsOtherRows(user, use.get()))
      return {Consumer()};
    if (auto linear = dyn_cast<LinearOp>(user))
      return {whyAlone(linear).empty() ? Consumer{linear, false} : Consumer()};
    if (!isRowOp(user))
      return {Consumer()};
    if (isHomeless(user)) // copies too, which the schedule does not know
      return consumers.lookup(user);
    LinearOp home = schedule.homeOf(user);
    return {rowsOf(use.get()) == rowsOf(home.getResult()) ? Consumer{home, true}
                                                          : Consumer()};
  }

  /// Ops without a home that feed one another, operands before users.
  llvm::MapVector<Operation *, SmallVector<Operation *>> collectComponents() {
    llvm::EquivalenceClasses<Operation *> joined;
    for (auto &[op, own] : consumers) {
      joined.insert(op);
      for (Operation *user : op->getUsers())
        if (isHomeless(user))
          joined.unionSets(op, user);
    }
    llvm::MapVector<Operation *, SmallVector<Operation *>> components;
    for (Operation &op : block)
      if (isHomeless(&op))
        components[joined.getLeaderValue(&op)].push_back(&op);
    return components;
  }

  static int64_t bytesOf(Value value) {
    return bytesOfRow(cast<NamedTensorType>(value.getType()));
  }

  /// Compares the bytes of a row: as a kernel of its own, the ops read their
  /// inputs once and write what others need for each to read; as a part of each
  /// kernel that needs them, they read their inputs every time.
  bool isWorthwhile(ArrayRef<Operation *> ops) const {
    SmallVector<Consumer> all;
    int64_t alone = 0, again = 0;
    for (Operation *op : ops) {
      for (Consumer consumer : consumers.lookup(op)) {
        if (!consumer.linear)
          return false;
        if (!llvm::is_contained(all, consumer))
          all.push_back(consumer);
      }
      bool isRead = llvm::any_of(
          op->getUsers(), [&](Operation *user) { return !isHomeless(user); });
      if (isRead)
        alone += bytesOf(op->getResult(0)) * (1 + consumers.lookup(op).size());
    }
    for (Consumer consumer : all)
      again += bytesRead(ops, [&](Operation *op) {
        return llvm::is_contained(consumers.lookup(op), consumer);
      });
    alone += bytesRead(ops, [](Operation *) { return true; });
    return all.size() > 1 && again <= alone;
  }

  /// Bytes of what those of the ops that `counts` names read from memory.
  int64_t bytesRead(ArrayRef<Operation *> ops,
                    llvm::function_ref<bool(Operation *)> counts) const {
    llvm::SmallDenseSet<Value> seen;
    int64_t bytes = 0;
    for (Operation *op : ops)
      for (Value operand : op->getOperands())
        if (counts(op) && hasRows(operand) &&
            !isHomeless(operand.getDefiningOp()) && seen.insert(operand).second)
          bytes += bytesOf(operand);
    return bytes;
  }

  /// From users to operands, so that an op sees the copies of its users.
  int64_t copy(ArrayRef<Operation *> ops) {
    int64_t copied = 0;
    for (Operation *op : llvm::reverse(ops)) {
      SmallVector<Consumer> own = consumers.lookup(op);
      for (Consumer consumer : ArrayRef(own).drop_front()) {
        OpBuilder builder(op);
        Operation *copy = builder.clone(*op);
        op->getResult(0).replaceUsesWithIf(
            copy->getResult(0), [&](OpOperand &use) {
              return llvm::is_contained(consumersAt(use), consumer);
            });
        consumers[copy] = {consumer};
        ++copied;
      }
      consumers[op] = {own.front()};
      if (own.size() > 1)
        remarkPassed(op, "fuse-linear", "recompute")
            << "computed again in each of " << std::to_string(own.size())
            << " kernels that need it";
    }
    return copied;
  }

  Block &block;
  KernelSchedule schedule;
  llvm::MapVector<Operation *, SmallVector<Consumer>> consumers;
};

} // namespace

int64_t sinter::recomputeForEachKernel(Block &block) {
  return Recomputation(block).run();
}
