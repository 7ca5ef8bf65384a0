//===- PlaceBarriers.cpp - Wait where data crosses threads ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Accesses.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"

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

  /// Whether one of `later` must wait; `writes` then says if it is a write.
  bool conflicts(ArrayRef<Access> later, bool &writes) const {
    for (const Access &access : later)
      for (const Access &earlier : accesses)
        if (earlier.conflicts(access)) {
          writes = access.isWrite;
          return true;
        }
    return false;
  }
};

constexpr Sharing sharings[] = {Sharing::byPanels, Sharing::byRows};

/// For each way to share.
struct State {
  Pending pending[std::size(sharings)];

  Pending &of(Sharing sharing) { return pending[int(sharing)]; }
  bool join(const State &other) {
    bool changed = false;
    for (auto [own, others] : llvm::zip(pending, other.pending))
      changed |= own.join(others);
    return changed;
  }
};

struct PlaceBarriers : sinter::impl::PlaceBarriersPassBase<PlaceBarriers> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isDeclaration())
      return;
    Accesses accesses(function);
    State state;
    placeIn(function.getBody().front(), accesses, state);
    report(function);
  }

  void placeIn(Block &block, const Accesses &accesses, State &state) {
    for (Operation &op : block) {
      if (auto barrier = dyn_cast<BarrierOp>(op)) {
        state.of(Sharing::byPanels).accesses.clear();
        if (!barrier.getWhenPanels())
          state.of(Sharing::byRows).accesses.clear();
      } else if (auto repeat = dyn_cast<RepeatOp>(op)) {
        // What a layer leaves behind meets the next one: again until nothing
        // new comes round. Barriers placed in one round stand in the next.
        SmallVector<Access> condition = accesses.ofCondition(repeat);
        placeBefore(op, condition, state);
        note(condition, state);
        State entry = state;
        do {
          state = entry;
          placeIn(*repeat.getBody(), accesses, state);
          note(condition, state);
        } while (entry.join(ofNextLayer(state, repeat)));
        // All numbers may be left out, with the barriers of the body.
        if (repeat.getChosen())
          state.join(entry);
      } else if (isKernel(&op)) {
        place(op, accesses, state);
      }
    }
  }

  /// A cache's next layer is other memory than this one's.
  static State ofNextLayer(const State &state, RepeatOp repeat) {
    State result;
    for (auto [from, to] : llvm::zip(state.pending, result.pending))
      for (const Access &access : from.accesses)
        if (access.layer != Value(repeat.getLayer()))
          to.accesses.insert(access);
    return result;
  }

  void place(Operation &kernel, const Accesses &accesses, State &state) {
    bool writes = false;
    bool rows =
        state.of(Sharing::byRows)
            .conflicts(accesses.before(&kernel, Sharing::byRows), writes);
    bool panels =
        state.of(Sharing::byPanels)
            .conflicts(accesses.before(&kernel, Sharing::byPanels), writes);
    if (rows || panels)
      addBarrier(kernel, /*whenPanels=*/!rows, writes, state);
    for (Sharing sharing : sharings) {
      SetVector<Access> &pending = state.of(sharing).accesses;
      auto add = [&](ArrayRef<Access> more) {
        pending.insert(more.begin(), more.end());
      };
      add(accesses.before(&kernel, sharing));
      if (waitsWithin(&kernel, sharing)) {
        pending.clear();
        add(accesses.behind(&kernel, sharing));
      }
    }
  }

  /// A barrier before a loop whose condition reads what threads have written.
  void placeBefore(Operation &loop, ArrayRef<Access> condition, State &state) {
    bool writes = false;
    bool rows = state.of(Sharing::byRows).conflicts(condition, writes);
    bool panels = state.of(Sharing::byPanels).conflicts(condition, writes);
    if (rows || panels)
      addBarrier(loop, /*whenPanels=*/!rows, writes, state);
  }

  static void note(ArrayRef<Access> more, State &state) {
    for (Sharing sharing : sharings)
      state.of(sharing).accesses.insert(more.begin(), more.end());
  }

  void addBarrier(Operation &kernel, bool whenPanels, bool writes,
                  State &state) {
    // A barrier of an earlier round, for calls shared by panels, is one for all
    // calls now.
    auto barrier = dyn_cast_or_null<BarrierOp>(kernel.getPrevNode());
    OpBuilder builder(&kernel);
    if (barrier)
      barrier.setWhenPanels(false);
    else
      BarrierOp::create(builder, kernel.getLoc(), whenPanels);
    state.of(Sharing::byPanels).accesses.clear();
    if (!whenPanels)
      state.of(Sharing::byRows).accesses.clear();
    remarkAnalysis(&kernel, "place-barriers", "barrier")
        << kernel.getName().getStringRef()
        << (writes ? " writes over what other threads may still use"
                   : " reads what other threads write")
        << (whenPanels ? ", in calls that are shared by panels" : "");
  }

  /// How often threads wait in a call, and how often in each layer.
  void report(func::FuncOp function) {
    int64_t count = 0;
    auto describe = [](Operation *root) {
      int64_t byRows = 0, byPanels = 0;
      root->walk([&](Operation *op) {
        auto barrier = dyn_cast<BarrierOp>(op);
        byRows += barrier && !barrier.getWhenPanels();
        byPanels += barrier || waitsWithin(op, Sharing::byPanels);
      });
      return std::pair(byRows, byPanels);
    };
    function.walk([&](BarrierOp) { ++count; });
    barriers += count;
    auto report = [&](Operation *root, StringRef where) {
      auto [byRows, byPanels] = describe(root);
      auto remark = remarkAnalysis(root, "place-barriers", "barriers");
      remark << std::to_string(byRows) << " barriers" << where;
      if (byPanels != byRows)
        remark << ", " << std::to_string(byPanels)
               << " in calls that are shared by panels";
    };
    report(function, "");
    function.walk([&](RepeatOp repeat) { report(repeat, " in each layer"); });
  }
};

} // namespace
