//===- GroupRows.cpp - Row work into kernels --------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/IR/IRMapping.h"
#include "passes/BlockGraph.h"
#include "passes/Entry.h"
#include "passes/Outline.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/RowWork.h"
#include "llvm/ADT/EquivalenceClasses.h"

namespace sinter {
#define GEN_PASS_DEF_GROUPROWSPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

/// The level of all that read the rows of an op which itself reads none that
/// its block makes; nothing if they are of several.
static std::optional<int64_t>
levelOfReaders(Operation *op, const DenseMap<Operation *, int64_t> &levels) {
  auto isMadeHere = [&](Value operand) {
    Operation *producer = operand.getDefiningOp();
    return producer && producer->getBlock() == op->getBlock() &&
           !isRowless(producer) && !isa<ParameterLoadOp>(producer);
  };
  if (llvm::any_of(op->getOperands(), isMadeHere))
    return std::nullopt;
  std::optional<int64_t> level;
  for (OpOperand &use : op->getUses()) {
    Operation *reader = use.getOwner();
    if (reader->getBlock() != op->getBlock() || !isRowOp(reader) ||
        readsOtherRows(reader, use.get()))
      return std::nullopt;
    int64_t own = levels.lookup(reader);
    if (level && *level != own)
      return std::nullopt;
    level = own;
  }
  return level;
}

/// Which row ops run together. An op's level is the number of kernels and of
/// gathers across rows that must be over before it on the longest way from the
/// inputs; ops of one level that feed one another make a group. As anything
/// between two ops of a group would raise the level of the second, groups are
/// convex. An op that waits for nothing of its block's rows runs where all that
/// read its result do, if that is one level: positions are gathered beside the
/// rows of tokens that a kernel gives.
static SmallVector<SmallVector<Operation *>>
decideGroups(const BlockGraph &graph) {
  DenseMap<Operation *, int64_t> levels;
  llvm::EquivalenceClasses<Operation *> joined;
  SmallVector<Operation *> rowOps;
  const BlockGraph::Graph &edges = graph.getGraph();
  // Vertices are numbered in topological order.
  for (auto [vertex, end] = boost::vertices(edges); vertex != end; ++vertex) {
    Operation *op = graph.getOp(*vertex);
    int64_t level = 0;
    for (auto [edge, last] = boost::in_edges(*vertex, edges); edge != last;
         ++edge) {
      Operation *producer = graph.getOp(boost::source(*edge, edges));
      if (isRowless(producer) || isa<ParameterLoadOp>(producer))
        continue;
      bool together =
          isRowOp(producer) &&
          (!isRowOp(op) || !readsOtherRows(op, producer->getResult(0)));
      level = std::max(level, levels[producer] + (together ? 0 : 1));
    }
    levels[op] = level;
    if (isRowOp(op))
      rowOps.push_back(op);
  }
  for (Operation *op : rowOps)
    if (std::optional<int64_t> later = levelOfReaders(op, levels))
      levels[op] = *later;
  for (Operation *op : rowOps) {
    joined.insert(op);
    for (Value operand : op->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      if (producer && producer->getBlock() == op->getBlock() &&
          isRowOp(producer) && levels[producer] == levels[op] &&
          !readsOtherRows(op, operand))
        joined.unionSets(producer, op);
    }
  }
  SmallVector<SmallVector<Operation *>> groups;
  DenseMap<Operation *, unsigned> numbers;
  for (Operation *op : rowOps) {
    auto [entry, isNew] =
        numbers.try_emplace(joined.getLeaderValue(op), groups.size());
    if (isNew)
      groups.emplace_back();
    groups[entry->second].push_back(op);
  }
  return groups;
}

namespace {

struct GroupRows : sinter::impl::GroupRowsPassBase<GroupRows> {
  void runOnOperation() override {
    if (getOperation().isDeclaration())
      return;
    // Layers first: they make rowless values of outside again.
    SmallVector<Block *> blocks;
    getOperation().walk(
        [&](RepeatOp repeat) { blocks.push_back(repeat.getBody()); });
    blocks.push_back(&getOperation().getBody().front());
    for (Block *block : blocks)
      if (failed(groupBlock(*block)))
        return signalPassFailure();
  }

  LogicalResult groupBlock(Block &block) {
    for (Operation &op : block)
      if (failed(check(op)))
        return failure();
    BlockGraph graph(block);
    for (ArrayRef<Operation *> ops : decideGroups(graph)) {
      if (!graph.isConvex(ops))
        return ops.front()->emitOpError(
            "is in a group of row work that something else runs amid");
      if (failed(makeGroup(ops)))
        return failure();
    }
    // What only groups used is in them now.
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isOpTriviallyDead(&op))
        op.erase();
    for (Operation &op : block)
      if (isRowMath(&op))
        return op.emitOpError()
               << "makes " << op.getResult(0).getType()
               << ", which has no row, for something else than row work: this "
                  "is not built";
    // A group stands where its last op stood: its users come after it.
    sortTopologically(&block);
    return success();
  }

  LogicalResult check(Operation &op) {
    if (auto matmul = dyn_cast<MatmulOp>(op))
      return matmul.emitOpError(
          "is neither a product with weights nor attention: this is not built");
    if (isa<WeightOp, PackOp, CacheLoadOp, CacheStoreOp>(op))
      return op.emitOpError("is left over: run hoist-weights and "
                            "derive-kv-cache before");
    if (isRowless(&op) && llvm::any_of(op.getOperands(), hasRows))
      return op.emitOpError() << "makes " << op.getResult(0).getType()
                              << " of all rows together: this is not built";
    return success();
  }

  LogicalResult makeGroup(ArrayRef<Operation *> ops) {
    Outline outline(ops);
    bool overTokens = false, overRows = false;
    for (Value result : outline.results) {
      auto type = cast<NamedTensorType>(result.getType());
      overTokens |= type.findSymbol(tokensDimension) >= 0;
      overRows |= type.findSymbol(rowsDimension) >= 0;
    }
    if (overTokens && overRows)
      return ops.front()->emitOpError(
          "mixes rows of all tokens with rows asked for: this is not built");

    OpBuilder builder(ops.back());
    auto group =
        RowGroupOp::create(builder, builder.getFusedLoc(outline.locations),
                           TypeRange(ValueRange(outline.results)),
                           outline.inputs.getArrayRef(), /*placement=*/nullptr);
    outline.moveInto(group);
    for (Operation *op : llvm::reverse(ops))
      op->erase();
    ++groupsMade;
    opsGrouped += ops.size();
    remarkAnalysis(group, "group-rows", "group")
        << std::to_string(ops.size()) << " operations in one kernel, "
        << std::to_string(outline.inputs.size()) << " inputs, "
        << std::to_string(outline.results.size()) << " results";
    return success();
  }
};

} // namespace
