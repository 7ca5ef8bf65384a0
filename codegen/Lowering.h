//===- Lowering.h - Kernels and steps as LLVM IR -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_LOWERING_H
#define SINTER_CODEGEN_LOWERING_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace sinter {

/// Loads the dialects that kernels are written in.
void loadKernelDialects(mlir::MLIRContext &context);

/// Lowers func, scf, arith and vector to the LLVM dialect, in place, and that
/// to an LLVM module, not optimized.
llvm::Expected<std::unique_ptr<llvm::Module>>
lowerToLLVM(mlir::ModuleOp module, llvm::LLVMContext &context);

} // namespace sinter

#endif // SINTER_CODEGEN_LOWERING_H
