//===- PackWeights.cpp - Multiply by weights in panels ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/Entry.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"

namespace sinter {
#define GEN_PASS_DEF_PACKWEIGHTSPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

namespace {

/// `matmul(x, w)` -> `linear(x, pack(w))`.
struct PackRightSide : OpRewritePattern<MatmulOp> {
  PackRightSide(MLIRContext *context, PanelsAttr layout)
      : OpRewritePattern(context), layout(layout) {}

  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    NamedTensorType weight = op.getRhs().getType();
    if (dependsOnWeightsOnly(op.getLhs()))
      return rewriter.notifyMatchFailure(
          op, "both sides depend on weights only: the product is a weight");
    if (weight.getRank() != 2 || !weight.hasStaticShape())
      return rewriter.notifyMatchFailure(
          op, "the right side is not a matrix of a size known when compiling");
    if (!op.getType().getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "its elements are not f32");
    if (!dependsOnWeightsOnly(op.getRhs()))
      return rewriter.notifyMatchFailure(
          op, "the right side depends on more than weights");
    auto packed = PackedType::get(getContext(), weight.getDim(0).getSize(),
                                  weight.getDim(1).getSize(),
                                  weight.getElementType(), layout);
    Value panels = PackOp::create(rewriter, op.getLoc(), packed, op.getRhs());
    // A batch of one sequence is no axis: rows are rows.
    SmallVector<Dimension> rows = op.getLhs().getType().getShape();
    Dimension inputs = rows.pop_back_val();
    size_t rank = rows.size();
    llvm::erase_if(rows, [](Dimension size) { return size.isOne(); });
    bool hasUnitAxes = rows.size() == 1 && rank > 1;
    rows.push_back(inputs);
    if (!hasUnitAxes) {
      rewriter.replaceOpWithNewOp<LinearOp>(op, op.getLhs(), panels);
      return success();
    }
    Value matrix =
        ReshapeOp::create(rewriter, op.getLoc(),
                          op.getLhs().getType().withShape(rows), op.getLhs());
    Value product = LinearOp::create(rewriter, op.getLoc(), matrix, panels);
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), product);
    return success();
  }

  PanelsAttr layout;
};

/// `matmul(w, x)` -> `transpose(matmul(transpose(x), transpose(w)))`.
struct WeightToTheRight : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getLhs().getType().getRank() != 2 ||
        op.getRhs().getType().getRank() != 2)
      return rewriter.notifyMatchFailure(op, "a side is not a matrix");
    if (!dependsOnWeightsOnly(op.getLhs()) || dependsOnWeightsOnly(op.getRhs()))
      return rewriter.notifyMatchFailure(
          op, "the left side is not the only one that depends on weights only");
    auto transposed = [&](Value value) -> Value {
      return TransposeOp::create(rewriter, op.getLoc(), value,
                                 ArrayRef<int64_t>{1, 0});
    };
    Value product =
        MatmulOp::create(rewriter, op.getLoc(), transposed(op.getRhs()),
                         transposed(op.getLhs()));
    rewriter.replaceOp(op, transposed(product));
    return success();
  }
};

struct PackWeights : sinter::impl::PackWeightsPassBase<PackWeights> {
  using PackWeightsPassBase::PackWeightsPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<PackRightSide>(&getContext(),
                                PanelsAttr::get(&getContext(), columns, depth));
    patterns.add<WeightToTheRight>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    getOperation().walk([&](LinearOp op) { ++packed; });
    getOperation().walk([&](MatmulOp op) {
      if (!dependsOnWeightsOnly(op.getResult()))
        remarkMissed(op, "pack-weights", "panels")
            << "neither side is a matrix of weights";
    });
  }
};

} // namespace
