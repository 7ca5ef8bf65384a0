//===- ReducePrecision.cpp - Contractions of smaller numbers ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Entry.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/WeightPrecision.h"

namespace sinter {
#define GEN_PASS_DEF_REDUCEPRECISIONPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

namespace {

struct ReducePrecision
    : sinter::impl::ReducePrecisionPassBase<ReducePrecision> {
  using ReducePrecisionPassBase::ReducePrecisionPassBase;

  LogicalResult initialize(MLIRContext *context) override {
    return checkKeep(context, getArgument(), keep);
  }

  void runOnOperation() override {
    SmallVector<LinearOp> linears;
    SmallVector<GatherOp> gathers;
    getOperation().walk([&](Operation *op) {
      if (auto linear = dyn_cast<LinearOp>(op))
        linears.push_back(linear);
      else if (auto gather = dyn_cast<GatherOp>(op))
        gathers.push_back(gather);
    });
    if (contractions)
      for (LinearOp linear : linears)
        reduce(linear);
    for (GatherOp gather : gathers)
      reduce(gather);
    if (attention && roundInputs)
      getOperation().walk([&](AttentionOp op) { reduce(op); });
  }

private:
  void say(Operation *op, StringRef what, int64_t elements) {
    int64_t bytes = 2 * elements * layersOf(op);
    bytesSaved += bytes;
    remarkPassed(op, "reduce-precision", "bf16")
        << what << " in bf16: saves " << std::to_string(bytes)
        << " bytes of weights";
  }

  /// `linear(x, pack(w))` -> `linear(convert(x), pack(convert(w)))`.
  void reduce(LinearOp linear) {
    auto pack = linear.getWeight().getDefiningOp<PackOp>();
    PackedType type = linear.getWeight().getType();
    if (!pack || !type.getElementType().isF32())
      return;
    if (isKept(pack.getOperand(), keep)) {
      remarkMissed(linear, "reduce-precision", "kept")
          << "the contraction stays in f32: `keep` names its weight";
      return;
    }
    OpBuilder builder(pack);
    auto packed = PackedType::get(
        &getContext(), type.getInputs(), type.getOutputs(),
        builder.getBF16Type(),
        PanelsAttr::get(&getContext(), type.getLayout().getColumns(), depth));
    Value panels = PackOp::create(builder, pack.getLoc(), packed,
                                  roundToBrainFloat(pack.getOperand()));
    linear.getWeightMutable().assign(panels);
    if (roundInputs)
      linear.getInputMutable().assign(roundToBrainFloat(linear.getInput()));
    if (pack->use_empty())
      pack->erase();
    ++reduced;
    say(linear,
        roundInputs ? "weights and inputs of the contraction"
                    : "weights of the contraction",
        type.getInputs() * type.getOutputs());
  }

  /// `attention` -> `attention rounded`.
  void reduce(AttentionOp op) {
    for (HistoryType history :
         {op.getKeys().getType(), op.getValues().getType()})
      if (history.isQuantized())
        return;
    op.setRounded(true);
    ++reduced;
    remarkPassed(op, "reduce-precision", "bf16")
        << "products with keys and values in bf16";
  }

  /// `gather(w)` -> `convert(gather(convert(w)))`: rows of a table.
  void reduce(GatherOp gather) {
    NamedTensorType table = gather.getTable().getType();
    if (!table.getElementType().isF32() || table.getRank() != 2 ||
        !table.hasStaticShape() || !dependsOnWeightsOnly(gather.getTable()) ||
        dependsOnWeightsOnly(gather.getResult()))
      return;
    if (isKept(gather.getTable(), keep)) {
      remarkMissed(gather, "reduce-precision", "kept")
          << "the table stays in f32: `keep` names its weight";
      return;
    }
    OpBuilder builder(gather);
    auto rows = GatherOp::create(
        builder, gather.getLoc(),
        gather.getType().withElementType(builder.getBF16Type()),
        roundToBrainFloat(gather.getTable()), gather.getIndex());
    auto wide = ConvertOp::create(builder, gather.getLoc(), gather.getType(),
                                  rows.getResult());
    gather.replaceAllUsesWith(wide.getResult());
    gather->erase();
    ++reduced;
    say(wide, "the table that rows are taken from", table.getNumElements());
  }
};

} // namespace
