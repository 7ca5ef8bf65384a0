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

using namespace mlir;
using namespace sinter;

namespace {

struct BreakNumericsPass
    : PassWrapper<BreakNumericsPass, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(BreakNumericsPass)

  StringRef getArgument() const override { return "test-break-numerics"; }
  StringRef getDescription() const override {
    return "Wrong on purpose: make the last sinter.add a sinter.sub";
  }

  void runOnOperation() override {
    AddOp last;
    getOperation().walk([&](AddOp op) { last = op; });
    if (!last)
      return;
    IRRewriter rewriter(last);
    rewriter.replaceOpWithNewOp<SubOp>(last, last.getType(), last.getLhs(),
                                       last.getRhs());
  }
};

} // namespace

void sinter::registerBreakNumericsPass() {
  PassRegistration<BreakNumericsPass>();
}
