//===- SinterOpt.cpp - Runs passes on IR in a file ----------------*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Sinter.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"
#include "passes/VerifyNumerics.h"
#include "tools/sinter-opt/BreakNumerics.h"
#include "tools/sinter-opt/Evaluate.h"
#include "tools/sinter-opt/PrintCost.h"
#include "tools/sinter-opt/UnrollLayers.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;

static llvm::cl::opt<bool> verifyNumerics(
    "verify-numerics",
    llvm::cl::desc("Run the program with the reference evaluator before and "
                   "after each pass, on random inputs and weights, and name "
                   "the first pass and operation that change a value"));
static llvm::cl::opt<uint64_t>
    numericsSeed("numerics-seed",
                 llvm::cl::desc("Seed of --verify-numerics: 1"),
                 llvm::cl::init(1));
static llvm::cl::opt<double> numericsTolerance(
    "numerics-tolerance",
    llvm::cl::desc("How far --verify-numerics lets a value move, relative to "
                   "its size: 1e-6"),
    llvm::cl::init(1e-6));

int main(int argumentCount, char **arguments) {
  llvm::InitLLVM initialize(argumentCount, arguments);
  DialectRegistry registry;
  registry.insert<sinter::SinterDialect, func::FuncDialect>();
  registerCanonicalizerPass();
  registerCSEPass();
  registerLoopInvariantCodeMotionPass();
  registerSymbolDCEPass();
  sinter::registerPasses();
  sinter::registerEvaluatePass();
  sinter::registerBreakNumericsPass();
  sinter::registerPrintCostPass();
  sinter::registerUnrollLayersPass();

  auto [inputName, outputName] = registerAndParseCLIOptions(
      argumentCount, arguments, "Sinter's pass driver", registry);
  MlirOptMainConfig fromFlags = MlirOptMainConfig::createFromCLOptions();
  MlirOptMainConfig config = fromFlags;
  config.setPassPipelineSetupFn([&](PassManager &manager) {
    if (verifyNumerics)
      sinter::enableVerifyNumerics(manager, {numericsSeed, numericsTolerance});
    return fromFlags.setupPassPipeline(manager);
  });
  if (config.shouldShowDialects() || config.shouldListPasses()) {
    // MlirOptMain's other form prints them from the flags it has read.
    if (config.shouldListPasses())
      printRegisteredPasses();
    for (StringRef name : registry.getDialectNames())
      if (config.shouldShowDialects())
        llvm::outs() << name << '\n';
    return EXIT_SUCCESS;
  }

  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> input = openInputFile(inputName, &error);
  if (!input) {
    llvm::errs() << "sinter-opt: " << error << '\n';
    return EXIT_FAILURE;
  }
  std::unique_ptr<llvm::ToolOutputFile> output =
      openOutputFile(outputName, &error);
  if (!output) {
    llvm::errs() << "sinter-opt: " << error << '\n';
    return EXIT_FAILURE;
  }
  if (failed(MlirOptMain(output->os(), std::move(input), registry, config)))
    return EXIT_FAILURE;
  output->keep();
  return EXIT_SUCCESS;
}
