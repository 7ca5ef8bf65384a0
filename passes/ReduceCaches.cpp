//===- ReduceCaches.cpp - Keys and values in bf16 ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Names.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"

namespace sinter {
#define GEN_PASS_DEF_REDUCECACHESPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

namespace {

/// All that names one cache.
struct CacheUses {
  SmallVector<CacheAppendOp> appends;
  SmallVector<Value> histories;
  /// The first op that cannot take bf16.
  Operation *obstacle = nullptr;
};

struct ReduceCaches : sinter::impl::ReduceCachesPassBase<ReduceCaches> {
  using ReduceCachesPassBase::ReduceCachesPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    llvm::DenseMap<Attribute, CacheUses> uses;
    module.walk([&](Operation *op) {
      auto symbol = op->getAttrOfType<FlatSymbolRefAttr>("cache");
      if (!symbol)
        return;
      CacheUses &of = uses[symbol.getAttr()];
      if (auto append = dyn_cast<CacheAppendOp>(op)) {
        of.appends.push_back(append);
        of.histories.push_back(append.getResult());
      } else if (auto history = dyn_cast<CacheHistoryOp>(op)) {
        of.histories.push_back(history.getResult());
      } else if (!of.obstacle) {
        of.obstacle = op;
      }
    });
    for (CacheOp cache : module.getOps<CacheOp>())
      reduce(cache, uses[cache.getSymNameAttr()]);
  }

private:
  /// `append(x)` -> `append(convert(x))`, and histories of bf16.
  void reduce(CacheOp cache, CacheUses &uses) {
    auto type = cast<HistoryType>(cache.getType());
    if (!type.getElementType().isF32())
      return;
    for (Value history : uses.histories)
      for (Operation *user : history.getUsers())
        if (!isa<AttentionOp>(user) && !uses.obstacle)
          uses.obstacle = user;
    if (uses.obstacle) {
      remarkMissed(cache, "reduce-caches", "user")
          << "cache @" << cache.getSymName()
          << " stays in f32: " << uses.obstacle->getName().getStringRef()
          << " uses it, and only sinter.attention reads bf16";
      return;
    }
    OpBuilder builder(&getContext());
    Type brain = builder.getBF16Type();
    auto narrow = HistoryType::get(&getContext(), type.getHeads(),
                                   type.getWidth(), brain);
    for (CacheAppendOp append : uses.appends) {
      builder.setInsertionPoint(append);
      NamedTensorType rows = append.getRows().getType();
      append.getRowsMutable().assign(
          ConvertOp::create(builder, append.getLoc(),
                            rows.withElementType(brain), append.getRows()));
    }
    for (Value history : uses.histories)
      history.setType(narrow);
    cache.setTypeAttr(TypeAttr::get(narrow));
    ++reduced;
    int64_t bytes =
        2 * type.getHeads() * type.getWidth() * int64_t(cache.getLayers());
    bytesSaved += bytes;
    remarkPassed(cache, "reduce-caches", "bf16")
        << "cache @" << cache.getSymName() << " in bf16: saves "
        << std::to_string(bytes) << " bytes of each position";
  }
};

} // namespace
