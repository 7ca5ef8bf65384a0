//===- FindFunctions.cpp - What passes find in graphs -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//     find-functions <folder>
//
// For each ONNX graph below the folder, in the order of their paths: how many
// functions of each kind the passes find in it, layers of loops counted, and
// why others are left in parts.
//
//     models/two.onnx
//       finds attention 2, layer_norm 4
//       misses raise-activation: this expression is not ...
//
// A graph that is a part of a model is taken through the passes of a model that
// find functions, every one checked with --verify-numerics; others as a
// function of tensors through those that look at a value and what it is made
// of.
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Onnx.h"
#include "ir/Sinter.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"
#include "passes/Pipeline.h"
#include "passes/VerifyNumerics.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <map>
#include <set>

using namespace sinter;

namespace {

/// What passes say that they could not do.
class Missed : public mlir::remark::detail::MLIRRemarkStreamerBase {
public:
  explicit Missed(std::set<std::string> &messages) : messages(messages) {}
  void streamOptimizationRemark(
      const mlir::remark::detail::Remark &remark) override {
    static const std::set<llvm::StringRef> passes = {
        "fuse-attention", "raise-activation", "raise-normalization",
        "raise-rotary", "raise-softmax"};
    if (remark.getRemarkType() != llvm::remarks::Type::Missed ||
        !passes.count(remark.getCategoryName()))
      return;
    std::string message;
    for (const auto &part : remark.getArgs())
      if (part.key == "Remark")
        message += part.val;
    messages.insert(remark.getCategoryName().str() + ": " + message);
  }

private:
  std::set<std::string> &messages;
};

/// Of one graph.
struct Findings {
  std::map<std::string, int64_t> counts;
  std::set<std::string> missed;
  /// Why it could not be looked at; "" where it could.
  std::string message;
};

using Import = mlir::OwningOpRef<mlir::ModuleOp> (*)(mlir::MLIRContext &,
                                                     const OnnxFile &,
                                                     llvm::raw_ostream &);

} // namespace

static int64_t timesRepeated(mlir::Operation *op) {
  int64_t times = 1;
  while ((op = op->getParentOp()))
    if (auto repeat = llvm::dyn_cast<RepeatOp>(op))
      times *= repeat.getCount();
  return times;
}

static Findings look(const OnnxFile &file, Import import,
                     llvm::function_ref<void(mlir::PassManager &)> addPasses) {
  Findings findings;
  mlir::MLIRContext context;
  llvm::raw_string_ostream messages(findings.message);
  mlir::ScopedDiagnosticHandler handler(
      &context, [&](mlir::Diagnostic &diagnostic) {
        if (findings.message.empty())
          messages << "error: " << diagnostic.str() << '\n';
        return mlir::success();
      });
  mlir::OwningOpRef<mlir::ModuleOp> module = import(context, file, messages);
  if (!module)
    return findings;
  mlir::remark::RemarkCategories categories;
  categories.missed = ".*";
  if (mlir::failed(mlir::remark::enableOptimizationRemarks(
          context, std::make_unique<Missed>(findings.missed),
          std::make_unique<mlir::remark::RemarkEmittingPolicyAll>(),
          categories)))
    findings.message = "error: remarks cannot be collected\n";
  mlir::PassManager manager(&context);
  addPasses(manager);
  if (failed(manager.run(*module)))
    return findings;
  module->walk([&](mlir::Operation *op) {
    if (llvm::isa<AttentionOp, AttentionScoresOp, CompositeOpInterface>(op))
      findings.counts[op->getName().stripDialect().str()] += timesRepeated(op);
  });
  return findings;
}

static Findings lookAtModel(const OnnxFile &file) {
  return look(file, importOnnxFragment, [](mlir::PassManager &manager) {
    buildMathPipeline(manager);
    enableVerifyNumerics(manager);
  });
}

static Findings lookAtFunction(const OnnxFile &file) {
  return look(file, importOnnxGraph, [](mlir::PassManager &manager) {
    manager.addPass(mlir::createCanonicalizerPass());
    manager.addPass(mlir::createCSEPass());
    auto &nested = manager.nest<mlir::func::FuncOp>();
    nested.addPass(createRollLayersPass());
    nested.addPass(createRaiseNormalizationPass());
    nested.addPass(createRaiseActivationPass());
    nested.addPass(createRaiseRotaryPass());
    nested.addPass(createRaiseSoftmaxPass());
  });
}

/// "error: path: what is wrong" without what everybody sees.
static std::string shortened(llvm::StringRef message, llvm::StringRef path) {
  message.consume_front("error: ");
  if (message.consume_front(path))
    message.consume_front(": ");
  return message.rtrim().str();
}

static void report(const std::string &folder, const std::string &graph) {
  std::string path = folder + "/" + graph;
  llvm::outs() << graph << '\n';
  llvm::Expected<std::unique_ptr<OnnxFile>> file = OnnxFile::open(path);
  if (!file) {
    llvm::outs() << "  is not read: "
                 << shortened(llvm::toString(file.takeError()), path) << '\n';
    return;
  }
  Findings findings = lookAtModel(**file);
  std::string refused = findings.message;
  if (!refused.empty())
    findings = lookAtFunction(**file);
  if (!findings.message.empty()) {
    llvm::outs() << "  is not imported: " << shortened(findings.message, path)
                 << '\n';
    return;
  }
  // Scores and their softmax are the attention of a model, of which there are
  // none in a function of tensors.
  if (!refused.empty() && findings.counts.count("softmax"))
    llvm::outs() << "  is no part of a model: " << shortened(refused, path)
                 << '\n';
  llvm::outs() << "  finds";
  for (auto [number, found] : llvm::enumerate(findings.counts))
    llvm::outs() << (number == 0 ? " " : ", ") << found.first << ' '
                 << found.second;
  llvm::outs() << (findings.counts.empty() ? " nothing\n" : "\n");
  for (const std::string &message : findings.missed)
    llvm::outs() << "  misses " << message << '\n';
}

int main(int argumentCount, char **arguments) {
  if (argumentCount != 2) {
    llvm::errs() << "usage: find-functions <folder>\n";
    return 1;
  }
  std::string folder = arguments[1];
  std::set<std::string> graphs;
  std::error_code code;
  for (llvm::sys::fs::recursive_directory_iterator entry(folder, code), end;
       entry != end && !code; entry.increment(code))
    if (llvm::sys::path::extension(entry->path()) == ".onnx")
      graphs.insert(entry->path().substr(folder.size() + 1));
  if (code) {
    llvm::errs() << "error: " << folder << ": " << code.message() << '\n';
    return 1;
  }
  for (const std::string &graph : graphs)
    report(folder, graph);
  return 0;
}
