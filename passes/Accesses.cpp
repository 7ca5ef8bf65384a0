//===- Accesses.cpp - What kernels read and write ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Accesses.h"

using namespace mlir;
using namespace sinter;

SmallVector<Access> Accesses::of(Operation *kernel) const {
  SmallVector<Access> result;
  for (OpOperand &operand : kernel->getOpOperands()) {
    if (isa<HistoryType>(operand.get().getType())) {
      Operation *owner = operand.get().getDefiningOp();
      Attribute cache;
      Value layer;
      if (auto append = dyn_cast<CacheAppendOp>(owner)) {
        cache = append.getCacheAttr();
        layer = append.getLayer();
      } else if (auto history = dyn_cast<CacheHistoryOp>(owner)) {
        cache = history.getCacheAttr();
        layer = history.getLayer();
      }
      result.push_back({-1, cache, layer, /*isWrite=*/false, /*share=*/{}});
      continue;
    }
    int64_t buffer = buffers.find(operand.get());
    if (buffer >= 0)
      result.push_back({buffer, Attribute(), Value(), /*isWrite=*/false,
                        getReadShare(operand)});
  }
  if (auto append = dyn_cast<CacheAppendOp>(kernel))
    result.push_back({-1, append.getCacheAttr(), append.getLayer(),
                      /*isWrite=*/true, getWriteShare(kernel)});
  for (Value value : kernel->getResults())
    if (int64_t buffer = buffers.find(value); buffer >= 0)
      result.push_back({buffer, Attribute(), Value(), /*isWrite=*/true,
                        getWriteShare(kernel)});
  return result;
}
