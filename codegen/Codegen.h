//===- Codegen.h - From the kernel level to machine code -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CODEGEN_H
#define SINTER_CODEGEN_CODEGEN_H

#include "mlir/IR/BuiltinOps.h"
#include "passes/TargetDescription.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <memory>
#include <string>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace sinter {

/// What the module's IR does not say of the binary.
struct CodegenOptions {
  /// CPUs to generate code for, the one that needs most first; all of one
  /// architecture. The runtime takes the first that it can run.
  std::vector<TargetDescription> targets;
  /// XXH3 of the weights, as the weights' writer returned it.
  uint64_t weightsHash = 0;
  /// Parameters of the model, for --info.
  uint64_t parameters = 0;
  /// Blobs in the form of runtime/tokenizer/Format.h; empty: none.
  std::string tokenizer, sourceTokenizer;
  /// JSON in the form of runtime/ChatTemplate.h; empty: none.
  std::string chatTemplate;
};

/// The whole program: kernels, the entries `forward` and `encode`, row groups
/// and the constant `sinter_compiled_model`; optimized for the target. `module`
/// stands after the pass pipeline and is not changed. The same module and
/// options give the same bytes.
llvm::Expected<std::unique_ptr<llvm::Module>>
generate(mlir::ModuleOp module, const CodegenOptions &options,
         llvm::LLVMContext &context);

/// A relocatable object, position-independent.
llvm::Error emitObject(llvm::Module &module, const TargetDescription &target,
                       llvm::raw_pwrite_stream &stream);
/// Assembly text.
llvm::Error emitAssembly(llvm::Module &module, const TargetDescription &target,
                         llvm::raw_pwrite_stream &stream);
/// LLVM IR text.
llvm::Error emitLLVM(const llvm::Module &module, llvm::raw_ostream &stream);

} // namespace sinter

#endif // SINTER_CODEGEN_CODEGEN_H
