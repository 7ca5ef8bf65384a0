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

/// The rows of results are fewer than tokens, so that their groups may be
/// shared by panels in a call whose other groups are shared by rows.
static bool mayShareByPanels(LinearGroupOp group, Sharing sharing) {
  return sharing == Sharing::byPanels ||
         group.getRows().isSymbol(rowsDimension);
}

bool sinter::waitsWithin(Operation *kernel, Sharing sharing) {
  auto group = dyn_cast<LinearGroupOp>(kernel);
  return group && sharing == Sharing::byPanels && group.hasEpilogue();
}

Share sinter::getWriteShare(Operation *kernel, Sharing sharing) {
  if (isa<LinearOp, AttentionOp>(kernel))
    return {};
  if (auto append = dyn_cast<CacheAppendOp>(kernel))
    return rowsOf(append.getRows());
  if (auto group = dyn_cast<LinearGroupOp>(kernel)) {
    if (!group.hasEpilogue() && mayShareByPanels(group, sharing))
      return {};
    return rowsOf(group.getLinear().getResult());
  }
  return rowsOf(kernel->getResult(0));
}

/// Whether a row of the group's work on `argument` may be any row: a gather
/// picks any row of its table. Tables that are made within the group may be
/// made of any of its inputs.
static bool isGatheredFrom(Block *body, Value argument) {
  return llvm::any_of(body->getOps<GatherOp>(), [&](GatherOp gather) {
    return !rowsOf(gather.getTable()).rows.empty() &&
           (gather.getTable() == argument || gather.getTable().getDefiningOp());
  });
}

std::optional<Share> sinter::getReadShare(OpOperand &operand, Sharing sharing,
                                          bool behind) {
  Operation *kernel = operand.getOwner();
  Share share = rowsOf(operand.get());
  unsigned number = operand.getOperandNumber();
  if (auto group = dyn_cast<LinearGroupOp>(kernel)) {
    if (behind ? !group.isReadBehind(number) : !group.isReadBefore(number))
      return std::nullopt;
    if (!behind && mayShareByPanels(group, sharing))
      return Share();
    bool ownRows =
        !share.crosses(rowsOf(group.getLinear().getResult())) &&
        !isGatheredFrom(group.getBody(), group.getBody()->getArgument(number));
    return ownRows ? share : Share();
  }
  if (behind)
    return std::nullopt;
  if (!isKernel(kernel) || isa<LinearOp, AttentionOp>(kernel) ||
      share.crosses(getWriteShare(kernel, sharing)))
    return Share();
  auto group = dyn_cast<RowGroupOp>(kernel);
  if (group &&
      isGatheredFrom(group.getBody(), group.getBody()->getArgument(number)))
    return Share();
  return share;
}
