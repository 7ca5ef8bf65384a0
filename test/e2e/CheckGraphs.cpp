//===- CheckGraphs.cpp - What imported graphs compute -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//     check-graphs <folder> goldens.safetensors
//
// Imports each ONNX graph of the folder that has goldens, evaluates it, and
// compares with what ONNX Runtime gave; then once more after the passes that
// find normalizations, activations and the like. Prints each graph's largest
// difference; fails where one is above 1e-4. Graphs that cannot be imported are
// named as such. tools/fixtures/onnx_graphs.py makes the goldens, and says what
// the keys are.
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/Safetensors.h"
#include "frontend/onnx/Onnx.h"
#include "ir/Evaluator.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <set>

using namespace sinter;

static constexpr double tolerance = 1e-4;

[[noreturn]] static void fail(const llvm::Twine &message) {
  llvm::errs() << "error: " << message << '\n';
  exit(1);
}

static StoredTensor get(const WeightSource &goldens, const std::string &key) {
  std::optional<StoredTensor> found = goldens.find(key);
  if (!found)
    fail("no golden '" + key + "'");
  return *found;
}

static llvm::SmallVector<int64_t> getIntegers(const WeightSource &goldens,
                                              const std::string &key) {
  StoredTensor stored = get(goldens, key);
  if (stored.typeName != "I64")
    fail("'" + key + "' is " + stored.typeName);
  llvm::SmallVector<int64_t> result;
  for (int64_t i = 0; i < stored.getNumElements(); ++i)
    result.push_back(
        llvm::support::endian::read64le(stored.bytes.data() + 8 * i));
  return result;
}

/// Element `index` of an input: the rule of onnx_graphs.py. SplitMix64 (Steele
/// et al. 2014) from the name's FNV-1a hash on.
static double makeElement(llvm::StringRef name, int64_t index, int64_t limit) {
  uint64_t z = 0xcbf29ce484222325;
  for (char c : name)
    z = (z ^ uint8_t(c)) * 0x100000001b3;
  z += uint64_t(index + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  z = (z ^ (z >> 31)) >> 40;
  return limit != 0 ? double(z % limit) : double(z) / (1 << 23) - 1;
}

static TensorValue makeInput(const WeightSource &goldens,
                             const std::string &graph, llvm::StringRef name) {
  llvm::SmallVector<int64_t> described =
      getIntegers(goldens, graph + "|input|" + name.str());
  TensorValue value;
  value.shape.assign(described.begin() + 1, described.end());
  int64_t count = 1;
  for (int64_t size : value.shape)
    count *= size;
  for (int64_t i = 0; i < count; ++i)
    value.elements.push_back(makeElement(name, i, described.front()));
  return value;
}

/// The largest difference, infinity where not even shapes agree.
static double compare(const WeightSource &goldens, const std::string &graph,
                      llvm::ArrayRef<TensorValue> results) {
  double worst = 0;
  for (auto [number, result] : llvm::enumerate(results)) {
    std::string suffix = std::to_string(number);
    if (getIntegers(goldens, graph + "|shape|" + suffix) != result.shape)
      return HUGE_VAL;
    StoredTensor stored = get(goldens, graph + "|output|" + suffix);
    std::vector<float> expected(stored.getNumElements());
    stored.read(0, expected);
    size_t count = result.elements.size();
    for (auto [i, golden] : llvm::enumerate(expected)) {
      double found = result.elements[i * count / expected.size()];
      double distance = found == double(golden) ? 0 : std::fabs(found - golden);
      // NaN is no less than anything.
      if (!(distance <= worst))
        worst = std::isnan(distance) ? HUGE_VAL : distance;
    }
  }
  return worst;
}

namespace {
/// What is said while importing and evaluating.
struct Outcome {
  double direct = HUGE_VAL, raised = HUGE_VAL;
  std::string message;
};
} // namespace

static double evaluate(mlir::ModuleOp module, const OnnxFile &file,
                       const WeightSource &goldens, const std::string &graph) {
  mlir::func::FuncOp function = *module.getOps<mlir::func::FuncOp>().begin();
  std::vector<TensorValue> arguments;
  for (mlir::BlockArgument argument : function.getArguments())
    arguments.push_back(makeInput(
        goldens, graph,
        llvm::cast<mlir::NameLoc>(argument.getLoc()).getName().getValue()));
  mlir::FailureOr<std::vector<TensorValue>> results =
      Evaluator(file).call(function, arguments);
  return failed(results) ? HUGE_VAL : compare(goldens, graph, *results);
}

static Outcome check(const std::string &folder, const WeightSource &goldens,
                     const std::string &graph) {
  llvm::Expected<std::unique_ptr<OnnxFile>> file =
      OnnxFile::open(folder + "/" + graph);
  if (!file)
    fail(llvm::toString(file.takeError()));
  mlir::MLIRContext context;
  Outcome outcome;
  llvm::raw_string_ostream messages(outcome.message);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      importOnnxGraph(context, **file, messages);
  if (!module)
    return outcome;
  outcome.direct = evaluate(*module, **file, goldens, graph);
  mlir::PassManager manager(&context);
  manager.addPass(mlir::createCanonicalizerPass());
  manager.addPass(mlir::createCSEPass());
  auto &nested = manager.nest<mlir::func::FuncOp>();
  nested.addPass(createRollLayersPass());
  nested.addPass(createRaiseNormalizationPass());
  nested.addPass(createRaiseActivationPass());
  nested.addPass(createRaiseRotaryPass());
  nested.addPass(createRaiseSoftmaxPass());
  nested.addPass(createFoldScalesPass());
  if (succeeded(manager.run(*module)))
    outcome.raised = evaluate(*module, **file, goldens, graph);
  return outcome;
}

int main(int argumentCount, char **arguments) {
  if (argumentCount != 3)
    fail("usage: check-graphs <folder> goldens.safetensors");
  llvm::Expected<std::unique_ptr<WeightSource>> goldens =
      openSafetensors(arguments[2]);
  if (!goldens)
    fail(llvm::toString(goldens.takeError()));
  std::set<std::string> graphs;
  for (const std::string &key : (*goldens)->names())
    graphs.insert(key.substr(0, key.find('|')));

  int checked = 0, wrong = 0;
  for (const std::string &graph : graphs) {
    Outcome outcome = check(arguments[1], **goldens, graph);
    if (!outcome.message.empty()) {
      llvm::outs() << graph << ": not imported\n";
      continue;
    }
    ++checked;
    bool isRight = outcome.direct <= tolerance && outcome.raised <= tolerance;
    wrong += !isRight;
    llvm::outs() << llvm::formatv("{0}: {1}{2:e1}, after passes {3:e1}\n",
                                  graph, isRight ? "" : "WRONG ",
                                  outcome.direct, outcome.raised);
  }
  llvm::outs() << checked << " graphs evaluated, " << wrong << " wrong\n";
  return wrong == 0 ? 0 : 1;
}
