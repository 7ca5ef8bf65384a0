//===- LoadedKernels.h - Kernels that run in this process -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_LOADEDKERNELS_H
#define SINTER_CODEGEN_LOADEDKERNELS_H

#include "codegen/kernels/KernelBuilder.h"
#include "passes/TargetDescription.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace llvm {
class LLVMContext;
class Module;
namespace orc {
class LLJIT;
} // namespace orc
} // namespace llvm

namespace sinter {

/// Kernels compiled as a program's are, to an object, and loaded: to be tested
/// and timed by themselves.
class LoadedKernels {
public:
  /// `emit` writes functions, all of which can be called. The target must be
  /// one that this machine can run.
  static llvm::Expected<std::unique_ptr<LoadedKernels>>
  create(const TargetDescription &target,
         llvm::function_ref<void(KernelBuilder &)> emit);
  /// The two halves of `create`: the functions optimized for the target, and a
  /// module made for this machine, loaded.
  static llvm::Expected<std::unique_ptr<llvm::Module>>
  generate(const TargetDescription &target,
           llvm::function_ref<void(KernelBuilder &)> emit,
           llvm::LLVMContext &context);
  static llvm::Expected<std::unique_ptr<LoadedKernels>>
  load(llvm::Module &module, const TargetDescription &target);
  ~LoadedKernels();

  /// A function by its name.
  llvm::Expected<void *> lookup(llvm::StringRef name);

private:
  explicit LoadedKernels(std::unique_ptr<llvm::orc::LLJIT> jit);
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

} // namespace sinter

#endif // SINTER_CODEGEN_LOADEDKERNELS_H
