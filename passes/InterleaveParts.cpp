//===- InterleaveParts.cpp - What is joined stands in one panel -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/TileSegments.h"
#include "mlir/IR/SymbolTable.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"

namespace sinter {
#define GEN_PASS_DEF_INTERLEAVEPARTSPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

/// How many equal parts of its contraction's outputs a group joins; 1 where it
/// does not.
static int64_t partsOf(LinearGroupOp group) {
  auto result = dyn_cast<NamedTensorType>(group.getResult(0).getType());
  int64_t outputs = group.getLinear().getWeight().getType().getOutputs();
  if (group.getOnTile() || !group.hasEpilogue() || !result ||
      result.getRank() != 2 || !result.getDim(1).isStatic())
    return 1;
  int64_t size = result.getDim(1).getSize();
  return outputs % size == 0 ? outputs / size : 1;
}

/// The layout in which the group's epilogue could be computed on the tile,
/// where it cannot be in the one that the weight has; null if there is none.
static PanelsAttr layoutFor(LinearGroupOp group) {
  PanelsAttr layout = group.getLinear().getWeight().getType().getLayout();
  if (group.getOnTile() || !group.hasEpilogue())
    return {};
  SmallVector<TileSegment> segments;
  if (givesRanges(group) && findTileSegments(group, segments).empty()) {
    PanelsAttr turned = layoutForSegments(segments, layout);
    if (whyNotInPanels(segments, turned).empty())
      return turned;
  }
  int64_t parts = partsOf(group);
  if (parts == 1 || !group.whyNotOnTile(parts).empty())
    return {};
  if (layout.getColumns() % parts != 0) {
    remarkMissed(group.getLinear(), "interleave-parts", "parts")
        << "sums go through memory on their way to what needs them: "
           "a panel's columns cannot be shared among so many parts";
    return {};
  }
  return PanelsAttr::get(layout.getContext(), layout.getColumns(),
                         layout.getDepth(), parts, /*span=*/0);
}

namespace {

/// A weight that is stored, and who loads it.
struct Stored {
  ParameterOp parameter;
  PackOp pack;
  ParameterLoadOp load;
};

struct InterleaveParts
    : sinter::impl::InterleavePartsPassBase<InterleaveParts> {
  void runOnOperation() override {
    SmallVector<LinearGroupOp> groups;
    getOperation().walk([&](LinearGroupOp group) { groups.push_back(group); });
    for (LinearGroupOp group : groups) {
      PanelsAttr interleaved = layoutFor(group);
      if (!interleaved)
        continue;
      Stored stored;
      StringRef reason = findStored(group, stored);
      PackedType type = group.getLinear().getWeight().getType();
      if (!reason.empty()) {
        remarkMissed(group.getLinear(), "interleave-parts", "parts")
            << "sums go through memory on their way to what needs them: "
            << reason;
        continue;
      }
      retype(group, stored,
             PackedType::get(&getContext(), type.getInputs(), type.getOutputs(),
                             type.getElementType(), interleaved));
      report(group, interleaved);
    }
  }

  /// Finds where the group's weight is stored, or says why it cannot be laid
  /// out for this group alone.
  StringRef findStored(LinearGroupOp group, Stored &stored) {
    auto argument = cast<BlockArgument>(group.getLinear().getWeight());
    stored.load = group.getInputs()[argument.getArgNumber()]
                      .getDefiningOp<ParameterLoadOp>();
    if (!stored.load)
      return "its weight is not one that is stored";
    FlatSymbolRefAttr name = stored.load.getParameterAttr();
    stored.parameter =
        SymbolTable::lookupNearestSymbolFrom<ParameterOp>(group, name);
    auto yield = cast<YieldOp>(stored.parameter.getBody()->getTerminator());
    stored.pack = yield.getOperand(0).getDefiningOp<PackOp>();
    if (!stored.pack)
      return "its weight is stored as something else than panels of a matrix";
    std::optional<SymbolTable::UseRange> uses =
        SymbolTable::getSymbolUses(name.getAttr(), getOperation());
    if (!uses || std::distance(uses->begin(), uses->end()) != 1 ||
        !stored.load->hasOneUse() || !argument.hasOneUse() ||
        !stored.pack->hasOneUse())
      return "something else needs its weight as it lies";
    return {};
  }

  static void retype(LinearGroupOp group, Stored &stored, PackedType type) {
    stored.parameter.setType(type);
    stored.pack.getResult().setType(type);
    stored.load.getResult().setType(type);
    group.getLinear().getWeight().setType(type);
    group.setOnTile(true);
  }

  /// Saves writing the sums and reading them back.
  void report(LinearGroupOp group, PanelsAttr layout) {
    ++interleaved;
    NamedTensorType type = group.getLinear().getType();
    int64_t bytes = 2 * 4 * type.getDim(1).getSize();
    auto remark = remarkPassed(group.getLinear(), "interleave-parts", "parts");
    if (layout.getSpan() == 0)
      remark << std::to_string(layout.getParts())
             << " parts of the contraction stand side by side in its panels: "
                "what joins them does so while sums are in registers";
    else
      remark << "halves of heads stand side by side in panels: positions turn "
                "them, and caches get them, while sums are in registers";
    remark << bytesSaved(bytes, Per::row);
  }
};

} // namespace
