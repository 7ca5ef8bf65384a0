//===- Object.cpp - LLVM's optimizer and back end -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/Object.h"
#include "codegen/Codegen.h"
#include "codegen/Target.h"
#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/Analysis/LoopAnalysisManager.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PassManager.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Target/TargetMachine.h"

using namespace sinter;

/// What the back end is to assume of every function, whichever part of the
/// compiler it came from.
static void setTarget(llvm::Module &module, const TargetDescription &target) {
  std::string width = std::to_string(target.vectorBits);
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", target.processor);
    function.addFnAttr("target-features", target.features);
    // Some machines are tuned to prefer half of their width; kernels say what
    // they want.
    function.addFnAttr("prefer-vector-width", width);
    function.addFnAttr("min-legal-vector-width", width);
    function.addFnAttr(llvm::Attribute::NoUnwind);
  }
}

void sinter::optimizeFor(const TargetDescription &target,
                         llvm::TargetMachine &machine, llvm::Module &module) {
  setTarget(module, target);
  llvm::PipelineTuningOptions tuning;
  // Kernels are written in vectors already; a second opinion costs compile time
  // and makes tails of tails.
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
      .run(module, modules);
}

static llvm::Error emitFile(llvm::Module &module,
                            const TargetDescription &target,
                            llvm::raw_pwrite_stream &stream,
                            llvm::CodeGenFileType type) {
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createTargetMachine(target);
  if (!machine)
    return machine.takeError();
  llvm::legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, stream, nullptr, type))
    return llvm::createStringError("LLVM cannot write code for '%s'",
                                   target.triple.c_str());
  passes.run(module);
  return llvm::Error::success();
}

llvm::Error sinter::emitObject(llvm::Module &module,
                               const TargetDescription &target,
                               llvm::raw_pwrite_stream &stream) {
  return emitFile(module, target, stream, llvm::CodeGenFileType::ObjectFile);
}

llvm::Error sinter::emitAssembly(llvm::Module &module,
                                 const TargetDescription &target,
                                 llvm::raw_pwrite_stream &stream) {
  return emitFile(module, target, stream, llvm::CodeGenFileType::AssemblyFile);
}

llvm::Error sinter::emitLLVM(const llvm::Module &module,
                             llvm::raw_ostream &stream) {
  module.print(stream, nullptr);
  return llvm::Error::success();
}
