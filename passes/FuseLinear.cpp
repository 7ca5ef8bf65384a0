//===- FuseLinear.cpp - Row work into contractions --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/TileSegments.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/IR/IRMapping.h"
#include "passes/BlockGraph.h"
#include "passes/FusionCut.h"
#include "passes/KernelSchedule.h"
#include "passes/Outline.h"
#include "passes/Passes.h"
#include "passes/Recompute.h"
#include "passes/Remarks.h"
#include "passes/RowWork.h"

namespace sinter {
#define GEN_PASS_DEF_FUSELINEARPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

/// Why the epilogue could not be computed on the tile in whatever order columns
/// stood there. Empty if it could: interleave-parts brings them into it.
static StringRef whyNotInterleaved(LinearGroupOp group) {
  StringRef reason = group.whyNotOnTile();
  SmallVector<TileSegment> segments;
  if (!reason.empty() && givesRanges(group) &&
      findTileSegments(group, segments).empty())
    reason = whyNotInPanels(
        segments,
        layoutForSegments(segments,
                          group.getLinear().getWeight().getType().getLayout()));
  auto result = dyn_cast<NamedTensorType>(group.getResult(0).getType());
  int64_t outputs = group.getLinear().getWeight().getType().getOutputs();
  // Several results are no parts of one.
  if (reason.empty() || segments.size() > 1 || !result ||
      result.getRank() != 2 || !result.getDim(1).isStatic())
    return reason;
  int64_t size = result.getDim(1).getSize();
  return size < outputs ? group.whyNotOnTile(outputs / size) : reason;
}

namespace {

/// What goes into one group with a contraction.
struct Members {
  SmallVector<Operation *> prologue, epilogue, writes;

  SmallVector<Operation *> all(LinearOp linear) const {
    SmallVector<Operation *> ops = prologue;
    ops.push_back(linear);
    llvm::append_range(ops, epilogue);
    llvm::append_range(ops, writes);
    return ops;
  }
};

struct FuseLinear : sinter::impl::FuseLinearPassBase<FuseLinear> {
  using FuseLinearPassBase::FuseLinearPassBase;

  void runOnOperation() override {
    if (getOperation().isDeclaration())
      return;
    // Layers first: they make rowless values of outside again.
    SmallVector<Block *> blocks;
    getOperation().walk(
        [&](RepeatOp repeat) { blocks.push_back(repeat.getBody()); });
    blocks.push_back(&getOperation().getBody().front());
    for (Block *block : blocks)
      fuseIn(*block);
  }

  void fuseIn(Block &block) {
    SmallVector<LinearOp> linears;
    for (auto linear : block.getOps<LinearOp>())
      if (StringRef reason = whyAlone(linear); reason.empty())
        linears.push_back(linear);
      else
        remarkMissed(linear, "fuse-linear", "group")
            << "nothing runs together with this contraction: " << reason;
    if (linears.empty())
      return;
    opsRecomputed += recomputeForEachKernel(block);
    KernelSchedule schedule(block);
    llvm::MapVector<Operation *, Members> groups;
    llvm::DenseSet<Operation *> taken;
    for (LinearOp linear : linears) {
      Members &members = groups[linear];
      members.prologue = choosePrologue(block, linear, schedule);
      taken.insert(members.prologue.begin(), members.prologue.end());
    }
    chooseEpilogues(block, schedule, taken, groups);
    sinkIntoEpilogues(block, schedule, taken, groups);
    BlockGraph graph(block);
    for (auto &[op, members] : groups) {
      auto linear = cast<LinearOp>(op);
      if (!graph.isConvex(members.all(linear))) {
        remarkMissed(linear, "fuse-linear", "group")
            << "nothing runs together with this contraction: something else "
               "would have to run in the middle";
        members = {};
      }
    }
    for (auto &[op, members] : groups)
      makeGroup(cast<LinearOp>(op), members);
    // What only groups used is in them now.
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isRowless(&op) && isOpTriviallyDead(&op))
        op.erase();
    sortTopologically(&block);
  }

  //===--------------------------------------------------------------------===//
  // What goes where
  //===--------------------------------------------------------------------===//

  /// Ops that every thread which needs their rows for the contraction computes
  /// for itself, in the order of the block.
  SmallVector<Operation *> choosePrologue(Block &block, LinearOp linear,
                                          const KernelSchedule &schedule) {
    FusionGap gap;
    gap.wanted = linear.getInput();
    int64_t consumer = schedule.numberOf(linear);
    bool isWanted = false;
    for (Operation &op : block)
      if (isRowOp(&op) && schedule.latest(&op) == consumer) {
        gap.ops.push_back(&op);
        isWanted |= op.getResult(0) == gap.wanted;
      }
    if (!isWanted)
      return {};
    Operation *shared = nullptr;
    for (Operation *op : gap.ops) {
      bool isShared = llvm::any_of(op->getUsers(), [&](Operation *user) {
        user = block.findAncestorOpInBlock(*user);
        return user != linear &&
               !(isRowOp(user) && schedule.latest(user) == consumer);
      });
      bool isGathered = llvm::any_of(op->getUsers(), [&](Operation *user) {
        return readsOtherRows(user, op->getResult(0));
      });
      if (isShared || isGathered ||
          rowsOf(op->getResult(0)) != rowsOf(gap.wanted))
        gap.kept.insert(op);
      if (isShared && op->getResult(0) == gap.wanted)
        shared = op;
    }
    for (Operation *op : gap.ops) {
      LinearOp home = schedule.homeOf(op);
      if (!home)
        gap.homeless.insert(op);
      else if (!isOnTile(op, home) && !mustHaveRows(block, home, gap, schedule))
        gap.needsRows[op] = home.getResult();
    }
    int64_t bytes = 0;
    llvm::DenseSet<Operation *> late = chooseConsumersWork(gap, bytes);
    SmallVector<Operation *> prologue;
    for (Operation *op : gap.ops)
      if (late.contains(op))
        prologue.push_back(op);
    if (prologue.empty())
      remarkMissed(linear, "fuse-linear", "prologue")
          << (shared ? "the contraction reads its input from memory: something "
                       "later reads it too"
                     : "the contraction reads its input from memory: making it "
                       "here would move more bytes");
    return prologue;
  }

  /// Whether an op behind a contraction can be computed while its sums are in
  /// registers.
  static bool isOnTile(Operation *op, LinearOp home) {
    return isa<ElementwiseOpInterface>(op) &&
           cast<NamedTensorType>(op->getResult(0).getType()).getShape() ==
               home.getType().getShape();
  }

  /// Whether the epilogue of `home` needs rows of its sums whatever the gap's
  /// consumer computes: for a write into a cache, or for an op that is not the
  /// consumer's to compute.
  static bool mustHaveRows(Block &block, LinearOp home, const FusionGap &gap,
                           const KernelSchedule &schedule) {
    return llvm::any_of(block, [&](Operation &op) {
      if (schedule.homeOf(&op) != home || &op == home)
        return false;
      bool isConsumers =
          llvm::is_contained(gap.ops, &op) && !gap.kept.contains(&op);
      return isa<CacheAppendOp>(op) ||
             (isRowOp(&op) && !isConsumers && !isOnTile(&op, home));
    });
  }

  /// Row work that waits for a contraction and for nothing behind it runs with
  /// it; so do writes of such rows into caches.
  void chooseEpilogues(Block &block, const KernelSchedule &schedule,
                       const llvm::DenseSet<Operation *> &taken,
                       llvm::MapVector<Operation *, Members> &groups) {
    llvm::DenseSet<Operation *> left;
    for (Operation &op : block) {
      auto append = dyn_cast<CacheAppendOp>(op);
      if (!append && (!isRowOp(&op) || taken.contains(&op)))
        continue;
      LinearOp linear = schedule.homeOf(&op);
      if (!linear)
        continue;
      Value rows = append ? Value(append.getRows()) : Value(op.getResult(0));
      bool fits = rowsOf(rows) == rowsOf(linear.getResult()) &&
                  llvm::none_of(op.getOperands(), [&](Value operand) {
                    return left.contains(operand.getDefiningOp());
                  });
      if (append)
        // The scales of a cache of i8 take whole heads of rows.
        fits &= isa<BlockArgument>(append.getSequence()) &&
                isa<BlockArgument>(append.getPosition()) &&
                !append.getType().isQuantized();
      if (!fits) {
        left.insert(&op);
        continue;
      }
      (append ? groups[linear].writes : groups[linear].epilogue).push_back(&op);
    }
  }

  /// Row work without a home that only one epilogue needs joins it.
  void sinkIntoEpilogues(Block &block, const KernelSchedule &schedule,
                         const llvm::DenseSet<Operation *> &taken,
                         llvm::MapVector<Operation *, Members> &groups) {
    DenseMap<Operation *, Operation *> groupOf;
    for (auto &[linear, members] : groups)
      for (Operation *op : members.epilogue)
        groupOf[op] = linear;
    for (Operation &op : llvm::reverse(block)) {
      if (!isRowOp(&op) || taken.contains(&op) || schedule.homeOf(&op))
        continue;
      Operation *linear = nullptr;
      bool isNeededByOne = llvm::all_of(op.getUses(), [&](OpOperand &use) {
        Operation *of = groupOf.lookup(use.getOwner());
        if (!linear)
          linear = of;
        return of && of == linear && !readsOtherRows(use.getOwner(), use.get());
      });
      if (!linear || !isNeededByOne ||
          rowsOf(op.getResult(0)) != rowsOf(linear->getResult(0)))
        continue;
      groupOf[&op] = linear;
      SmallVector<Operation *> &epilogue = groups[linear].epilogue;
      epilogue.insert(epilogue.begin(), &op);
    }
  }

  //===--------------------------------------------------------------------===//
  // Groups
  //===--------------------------------------------------------------------===//

  void makeGroup(LinearOp linear, const Members &members) {
    SmallVector<Operation *> ops = members.all(linear);
    Outline outline(ops);
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfter(ops.back());
    auto group = LinearGroupOp::create(
        builder, builder.getFusedLoc(outline.locations),
        TypeRange(ValueRange(outline.results)), outline.inputs.getArrayRef(),
        /*on_tile=*/false, /*placement=*/nullptr);
    outline.moveInto(group);
    report(group);
    for (Operation *op : llvm::reverse(ops))
      op->erase();
    if (group.hasEpilogue() && onTile) {
      group.setOnTile(group.whyNotOnTile().empty());
      if (StringRef reason = whyNotInterleaved(group); !reason.empty())
        remarkMissed(group.getLinear(), "fuse-linear", "tile")
            << "sums go through memory: " << reason;
    }
    ++groupsMade;
    opsFused += ops.size() - 1;
  }

  /// What runs together, and the bytes of a row that it neither writes nor
  /// reads back: the contraction's input and result, and rows on their way to a
  /// cache.
  void report(LinearGroupOp group) {
    auto isWork = [](Operation *op) {
      return !isa<ReshapeOp, ConstantOp, CacheAppendOp>(op);
    };
    int64_t before = llvm::count_if(group.getPrologue(), isWork);
    int64_t behind = llvm::count_if(group.getEpilogue(), isWork);
    auto writes = group.getBody()->getOps<CacheAppendOp>();
    if (before + behind == 0 && writes.empty())
      return;
    ValueRange yielded = group.getBody()->getTerminator()->getOperands();
    int64_t bytes = 0;
    auto save = [&](Value value) {
      if (!llvm::is_contained(yielded, value))
        bytes += 2 * bytesOfRow(cast<NamedTensorType>(value.getType()));
    };
    if (group.hasPrologue())
      save(group.getContractionInput());
    if (group.hasEpilogue())
      save(group.getLinear().getResult());
    for (CacheAppendOp write : writes)
      save(write.getRows());
    remarkPassed(group.getLinear(), "fuse-linear", "group")
        << "one kernel: " << std::to_string(before)
        << " operations before the contraction, " << std::to_string(behind)
        << " and "
        << std::to_string(std::distance(writes.begin(), writes.end()))
        << " writes into caches behind it: saves " << std::to_string(bytes)
        << " bytes a row" << bytesSaved(bytes, Per::row);
  }
};

} // namespace
