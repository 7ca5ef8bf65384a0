//===- PrintCost.cpp - What a program costs, as text ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter-opt/PrintCost.h"
#include "mlir/Pass/Pass.h"
#include "passes/Cost.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace sinter;

namespace {

struct PrintCost : PassWrapper<PrintCost, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PrintCost)

  PrintCost() = default;
  PrintCost(const PrintCost &other) : PassWrapper(other) {}

  StringRef getArgument() const final { return "print-cost"; }
  StringRef getDescription() const final {
    return "Print the bytes and operations of every op.";
  }

  void runOnOperation() override {
    CostModel model({tokens, past, rows, source});
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      print(0, "@" + function.getName(), model.of(function.getBody().front()));
      printIn(1, function.getBody().front(), model);
    }
    markAllAnalysesPreserved();
  }

  void printIn(unsigned depth, Block &block, CostModel &model) {
    for (Operation &op : block) {
      Cost cost = model.of(&op);
      if (cost == Cost())
        continue;
      print(depth, op.getName().getStringRef(), cost);
      if (auto repeat = dyn_cast<RepeatOp>(op))
        printIn(depth + 1, *repeat.getBody(), model);
    }
  }

  static void print(unsigned depth, const Twine &name, const Cost &cost) {
    llvm::outs().indent(2 * depth)
        << name
        << llvm::formatv(
               ": weights {0}, read {1}, written {2}, operations {3}\n",
               cost.weights, cost.read, cost.written, cost.operations);
  }

  Option<int64_t> tokens{*this, "tokens", llvm::cl::desc("Tokens of the call"),
                         llvm::cl::init(1)};
  Option<int64_t> past{*this, "past", llvm::cl::desc("Tokens before them"),
                       llvm::cl::init(0)};
  Option<int64_t> rows{*this, "rows", llvm::cl::desc("Rows asked for"),
                       llvm::cl::init(1)};
  Option<int64_t> source{*this, "source",
                         llvm::cl::desc("Positions of the source"),
                         llvm::cl::init(0)};
};

} // namespace

void sinter::registerPrintCostPass() { PassRegistration<PrintCost>(); }
