//===- LoadedKernels.cpp - Kernels that run in this process -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/LoadedKernels.h"
#include "codegen/Codegen.h"
#include "codegen/Lowering.h"
#include "codegen/Object.h"
#include "codegen/Target.h"
#include "ir/Sinter.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

using namespace sinter;

LoadedKernels::LoadedKernels(std::unique_ptr<llvm::orc::LLJIT> jit)
    : jit(std::move(jit)) {}
LoadedKernels::~LoadedKernels() = default;

llvm::Expected<std::unique_ptr<LoadedKernels>>
LoadedKernels::create(const TargetDescription &target,
                      llvm::function_ref<void(KernelBuilder &)> emit) {
  llvm::LLVMContext context;
  llvm::Expected<std::unique_ptr<llvm::Module>> module =
      generate(target, emit, context);
  if (!module)
    return module.takeError();
  return load(**module, target);
}

llvm::Expected<std::unique_ptr<llvm::Module>>
LoadedKernels::generate(const TargetDescription &target,
                        llvm::function_ref<void(KernelBuilder &)> emit,
                        llvm::LLVMContext &context) {
  auto machine = createTargetMachine(target);
  if (!machine)
    return machine.takeError();
  mlir::MLIRContext mlirContext(mlir::MLIRContext::Threading::DISABLED);
  mlirContext.loadDialect<SinterDialect>();
  loadKernelDialects(mlirContext);
  mlir::OwningOpRef<mlir::ModuleOp> kernels =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&mlirContext));
  KernelBuilder builder(*kernels);
  emit(builder);
  for (auto function : kernels->getOps<mlir::func::FuncOp>())
    function.setPublic();

  llvm::Expected<std::unique_ptr<llvm::Module>> module =
      lowerToLLVM(*kernels, context);
  if (!module)
    return module.takeError();
  (*module)->setTargetTriple((*machine)->getTargetTriple());
  (*module)->setDataLayout((*machine)->createDataLayout());
  optimizeFor(target, **machine, **module);
  return module;
}

llvm::Expected<std::unique_ptr<LoadedKernels>>
LoadedKernels::load(llvm::Module &module, const TargetDescription &target) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  if (llvm::Error problem = emitObject(module, target, stream))
    return problem;
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  if (llvm::Error problem =
          (*jit)->addObjectFile(std::make_unique<llvm::SmallVectorMemoryBuffer>(
              std::move(bytes), "kernel")))
    return problem;
  return std::unique_ptr<LoadedKernels>(new LoadedKernels(std::move(*jit)));
}

llvm::Expected<void *> LoadedKernels::lookup(llvm::StringRef name) {
  auto address = jit->lookup(name);
  if (!address)
    return address.takeError();
  return address->toPtr<void *>();
}
