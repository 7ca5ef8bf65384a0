//===- Accesses.cpp - What kernels read and write ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Accesses.h"

using namespace mlir;
using namespace sinter;

CacheLayer sinter::getCacheLayer(Value history) {
  Operation *owner = history.getDefiningOp();
  if (auto append = dyn_cast_or_null<CacheAppendOp>(owner))
    return {append.getCacheAttr(), append.getLayer()};
  if (auto kept = dyn_cast_or_null<CacheHistoryOp>(owner))
    return {kept.getCacheAttr(), kept.getLayer()};
  if (auto group = dyn_cast_or_null<LinearGroupOp>(owner)) {
    Operation *yield = group.getBody()->getTerminator();
    CacheLayer within = getCacheLayer(
        yield->getOperand(cast<OpResult>(history).getResultNumber()));
    // The layer's number is an input of the group.
    if (auto argument = dyn_cast_or_null<BlockArgument>(within.layer))
      within.layer = group.getInputs()[argument.getArgNumber()];
    return within;
  }
  return {};
}

void Accesses::addReads(Operation *kernel, Sharing sharing, bool behind,
                        SmallVectorImpl<Access> &accesses) const {
  for (OpOperand &operand : kernel->getOpOperands()) {
    if (isa<HistoryType>(operand.get().getType())) {
      CacheLayer of = getCacheLayer(operand.get());
      if (!behind)
        accesses.push_back({Access::ofCache, of.cache, of.layer,
                            /*isWrite=*/false, /*share=*/{}});
      continue;
    }
    int64_t buffer = buffers.find(operand.get());
    std::optional<Share> share = getReadShare(operand, sharing, behind);
    if (buffer >= 0 && share)
      accesses.push_back(
          {buffer, Attribute(), Value(), /*isWrite=*/false, *share});
  }
}

void Accesses::addWrites(Operation *kernel, Sharing sharing,
                         SmallVectorImpl<Access> &accesses) const {
  Share share = getWriteShare(kernel, sharing);
  if (auto append = dyn_cast<CacheAppendOp>(kernel))
    accesses.push_back({Access::ofCache, append.getCacheAttr(),
                        append.getLayer(), /*isWrite=*/true, share});
  for (Value value : kernel->getResults()) {
    if (isa<HistoryType>(value.getType()) && isa<LinearGroupOp>(kernel)) {
      CacheLayer of = getCacheLayer(value);
      accesses.push_back(
          {Access::ofCache, of.cache, of.layer, /*isWrite=*/true, share});
    } else if (int64_t buffer = buffers.find(value); buffer >= 0) {
      accesses.push_back(
          {buffer, Attribute(), Value(), /*isWrite=*/true, share});
    }
  }
}

SmallVector<Access> Accesses::before(Operation *kernel, Sharing sharing) const {
  SmallVector<Access> accesses;
  addReads(kernel, sharing, /*behind=*/false, accesses);
  auto group = dyn_cast<LinearGroupOp>(kernel);
  if (group && group.hasRowEpilogue() &&
      (sharing == Sharing::byPanels || group.getRows().isSymbol(rowsDimension)))
    accesses.push_back({Access::ofExchange, Attribute(), Value(),
                        /*isWrite=*/true, /*share=*/{}});
  if (!waitsWithin(kernel, sharing)) {
    addReads(kernel, sharing, /*behind=*/true, accesses);
    addWrites(kernel, sharing, accesses);
  }
  return accesses;
}

SmallVector<Access> Accesses::behind(Operation *kernel, Sharing sharing) const {
  SmallVector<Access> accesses;
  if (!waitsWithin(kernel, sharing))
    return accesses;
  accesses.push_back({Access::ofExchange, Attribute(), Value(),
                      /*isWrite=*/false, /*share=*/{}});
  addReads(kernel, sharing, /*behind=*/true, accesses);
  addWrites(kernel, sharing, accesses);
  return accesses;
}

SmallVector<Access> Accesses::ofCondition(RepeatOp repeat) const {
  int64_t buffer = repeat.getChosen() ? buffers.find(repeat.getChosen()) : -1;
  if (buffer < 0)
    return {};
  return {{buffer, Attribute(), Value(), /*isWrite=*/false, /*share=*/{}}};
}
