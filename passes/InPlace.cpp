//===- InPlace.cpp - Results over what they are made of ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/InPlace.h"
#include "passes/Partition.h"

using namespace mlir;
using namespace sinter;

/// Whether what is made of `value` by `ops` needs, for an element of a result,
/// no other element of it than the one in the same place; sums of rows, which
/// are taken before a row's result is written, aside.
static bool isReadInPlace(Value value, ArrayRef<Operation *> ops) {
  SmallVector<Value> pending{value};
  llvm::SmallPtrSet<Operation *, 16> visited;
  while (!pending.empty()) {
    Value next = pending.pop_back_val();
    for (Operation *user : next.getUsers()) {
      if (!llvm::is_contained(ops, user) || isa<ReduceOp>(user) ||
          !visited.insert(user).second)
        continue;
      // A normalization is sums of rows and arithmetic on elements.
      if (!isa<ElementwiseOpInterface, LayerNormOp, RMSNormOp>(user) ||
          cast<NamedTensorType>(user->getResult(0).getType()).getShape() !=
              cast<NamedTensorType>(next.getType()).getShape())
        return false;
      pending.push_back(user->getResult(0));
    }
  }
  return true;
}

bool sinter::canWriteInPlace(OpOperand &operand, StringRef &reason) {
  Operation *kernel = operand.getOwner();
  if (!isa<RowGroupOp, LinearGroupOp>(kernel)) {
    reason = "its kernel is not a group";
    return false;
  }
  if (kernel->getNumResults() != 1 ||
      kernel->getResult(0).getType() != operand.get().getType()) {
    reason = "its kernel has other results too";
    return false;
  }
  auto isOwn = [&](bool behind) {
    std::optional<Share> share = getReadShare(operand, Sharing::byRows, behind);
    return !share || !share->rows.empty();
  };
  reason = "the kernel that makes it reads other elements of the old value "
           "behind those that it has written";
  if (!isOwn(/*behind=*/false) || !isOwn(/*behind=*/true))
    return false;
  Region &region = kernel->getRegion(0);
  SmallVector<Operation *> ops;
  if (auto group = dyn_cast<LinearGroupOp>(kernel)) {
    ops = group.getEpilogue();
    if (ops.empty())
      return false; // panels of the result are written while others are read
  } else {
    for (Operation &op : region.front().without_terminator())
      ops.push_back(&op);
  }
  return isReadInPlace(region.getArgument(operand.getOperandNumber()), ops);
}
