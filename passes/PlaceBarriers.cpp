//===- PlaceBarriers.cpp - Wait where data crosses threads ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Remarks.h"
#include "passes/Accesses.h"
#include "passes/Passes.h"

namespace sinter {
#define GEN_PASS_DEF_PLACEBARRIERSPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

namespace {

/// What threads may have done since the last barrier that all passed.
struct Pending {
  SetVector<Access> accesses;

  bool join(const Pending &other) {
    size_t before = accesses.size();
    accesses.insert(other.accesses.begin(), other.accesses.end());
    return accesses.size() != before;
  }
};

struct PlaceBarriers : sinter::impl::PlaceBarriersPassBase<PlaceBarriers> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isDeclaration())
      return;
    Accesses accesses(function);
    Pending pending;
    placeIn(function.getBody().front(), accesses, pending);
    int64_t count = 0;
    function.walk([&](BarrierOp) { ++count; });
    barriers += count;
    remark::analysis(
        function.getLoc(),
        remark::RemarkOpts::name("barriers").category("place-barriers"))
        << std::to_string(count) << " barriers";
  }

  void placeIn(Block &block, const Accesses &accesses, Pending &pending) {
    for (Operation &op : block) {
      if (isa<BarrierOp>(op)) {
        pending.accesses.clear();
      } else if (auto repeat = dyn_cast<RepeatOp>(op)) {
        // What a layer leaves behind meets the next one: again until nothing
        // new comes round. Barriers placed in one round stand in the next.
        Pending entry = pending;
        do {
          pending = entry;
          placeIn(*repeat.getBody(), accesses, pending);
        } while (entry.join(ofNextLayer(pending, repeat)));
      } else if (isKernel(&op)) {
        place(op, accesses, pending);
      }
    }
  }

  /// A cache's next layer is other memory than this one's.
  static Pending ofNextLayer(const Pending &pending, RepeatOp repeat) {
    Pending result;
    for (const Access &access : pending.accesses)
      if (access.layer != Value(repeat.getLayer()))
        result.accesses.insert(access);
    return result;
  }

  void place(Operation &kernel, const Accesses &accesses, Pending &pending) {
    SmallVector<Access> own = accesses.of(&kernel);
    for (const Access &access : own) {
      const auto *conflict =
          llvm::find_if(pending.accesses, [&](const Access &earlier) {
            return earlier.conflicts(access);
          });
      if (conflict == pending.accesses.end())
        continue;
      OpBuilder builder(&kernel);
      BarrierOp::create(builder, kernel.getLoc());
      remark::analysis(
          kernel.getLoc(),
          remark::RemarkOpts::name("barrier").category("place-barriers"))
          << kernel.getName().getStringRef()
          << (access.isWrite ? " writes over what other threads may still use"
                             : " reads what other threads write");
      pending.accesses.clear();
      break;
    }
    pending.accesses.insert(own.begin(), own.end());
  }
};

} // namespace
