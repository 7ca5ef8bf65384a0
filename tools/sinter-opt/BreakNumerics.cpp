//===- BreakNumerics.cpp - A pass that is wrong on purpose ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter-opt/BreakNumerics.h"
#include "ir/Sinter.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"
#include <cmath>

using namespace mlir;
using namespace sinter;

/// Makes the last sum a difference.
static void breakSign(func::FuncOp function) {
  AddOp last;
  function.walk([&](AddOp op) { last = op; });
  if (!last)
    return;
  IRRewriter rewriter(last);
  rewriter.replaceOpWithNewOp<SubOp>(last, last.getType(), last.getLhs(),
                                     last.getRhs());
}

/// Makes every scalar of `from` one of `to`.
static void breakConstant(func::FuncOp function, double from, double to) {
  function.walk([&](ConstantOp op) {
    if (op.getType().getRank() != 0 ||
        std::fabs(op.getValue().convertToDouble() - from) > 1e-9 * from)
      return;
    OpBuilder builder(op);
    op.replaceAllUsesWith(
        ConstantOp::create(builder, op.getLoc(), to, op.getType()).getResult());
  });
}

/// Reduces square tensors along the axis before the right one.
static void breakAxis(func::FuncOp function) {
  function.walk([&](ReduceOp op) {
    NamedTensorType type = op.getOperand().getType();
    uint64_t axis = op.getAxis();
    if (axis == 0 || op.getExtent() ||
        type.getShape()[axis] != type.getShape()[axis - 1])
      return;
    OpBuilder builder(op);
    builder.setInsertionPointAfter(op);
    Value other = ReduceOp::create(builder, op.getLoc(), op.getKind(),
                                   op.getOperand(), axis - 1);
    auto order = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
    std::swap(order[axis], order[axis - 1]);
    op.replaceAllUsesWith(
        TransposeOp::create(builder, op.getLoc(), other, order).getResult());
  });
}

namespace {

struct BreakNumericsPass
    : PassWrapper<BreakNumericsPass, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(BreakNumericsPass)

  BreakNumericsPass() = default;
  BreakNumericsPass(const BreakNumericsPass &other) : PassWrapper(other) {}

  StringRef getArgument() const override { return "test-break-numerics"; }
  StringRef getDescription() const override {
    return "Wrong on purpose: change a sign, a constant or an axis";
  }

  void runOnOperation() override {
    if (kind == "sign")
      breakSign(getOperation());
    else if (kind == "axis")
      breakAxis(getOperation());
    else
      breakConstant(getOperation(), from, to);
  }

  Option<std::string> kind{
      *this, "kind", llvm::cl::desc("What to break: sign, axis or constant"),
      llvm::cl::init("sign")};
  Option<double> from{*this, "from", llvm::cl::desc("The right constant"),
                      llvm::cl::init(0)};
  Option<double> to{*this, "to", llvm::cl::desc("The wrong constant"),
                    llvm::cl::init(0)};
};

} // namespace

void sinter::registerBreakNumericsPass() {
  PassRegistration<BreakNumericsPass>();
}
