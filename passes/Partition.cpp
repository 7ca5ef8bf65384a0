//===- Partition.cpp - How threads share a kernel ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Partition.h"

using namespace mlir;
using namespace sinter;

static Share rowsOf(Value value) {
  auto type = dyn_cast<NamedTensorType>(value.getType());
  for (StringRef name : {StringRef(tokensDimension), StringRef(rowsDimension)})
    if (type && type.findSymbol(name) >= 0)
      return {name};
  return {};
}

bool sinter::isKernel(Operation *op) {
  return isa<KernelOpInterface, CacheAppendOp>(op);
}

Share sinter::getWriteShare(Operation *kernel) {
  if (isa<LinearOp, AttentionOp>(kernel))
    return {};
  if (auto append = dyn_cast<CacheAppendOp>(kernel))
    return rowsOf(append.getRows());
  return rowsOf(kernel->getResult(0));
}

Share sinter::getReadShare(OpOperand &operand) {
  Operation *kernel = operand.getOwner();
  Share share = rowsOf(operand.get());
  if (!isKernel(kernel) || isa<LinearOp, AttentionOp>(kernel) ||
      share.crosses(getWriteShare(kernel)))
    return {};
  auto group = dyn_cast<RowGroupOp>(kernel);
  if (!group)
    return share;
  // A gather picks any row of its table. Tables that are made within the group
  // may be made of any of its inputs.
  Value argument = group.getBody()->getArgument(operand.getOperandNumber());
  for (auto gather : group.getBody()->getOps<GatherOp>())
    if (!rowsOf(gather.getTable()).rows.empty() &&
        (gather.getTable() == argument || gather.getTable().getDefiningOp()))
      return {};
  return share;
}
