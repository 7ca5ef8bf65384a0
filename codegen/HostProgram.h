//===- HostProgram.h - The walk through the whole program -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_HOSTPROGRAM_H
#define SINTER_CODEGEN_HOSTPROGRAM_H

#include "codegen/RowGroups.h"
#include "codegen/kernels/KernelLibrary.h"
#include <string>

namespace sinter {

/// The index in `sinter_step_context.input` of what `name`, an argument's
/// `sinter.input`, stands for; none where it stands for nothing a step takes.
std::optional<int64_t> inputIndex(llvm::StringRef name);

/// The name of the function that `emitStep` writes for an entry.
std::string stepName(mlir::func::FuncOp entry);

/// What a function is called in the code for one of several CPUs.
std::string variantName(llvm::StringRef function, unsigned variant);

/// Emits, at the end of `module`, the step of an entry of the kernel level:
///
///     void step_ENTRY(const sinter_step_context *context, i64 thread)
///
/// Every thread calls it and walks all of it: kernels on its own share of rows
/// or panels, `sinter_barrier_wait` where the IR has a barrier. Layers are a
/// loop. `rowGroups` names the functions of row work.
mlir::LogicalResult emitStep(mlir::func::FuncOp entry, mlir::ModuleOp module,
                             KernelLibrary &kernels,
                             const RowGroups &rowGroups);

} // namespace sinter

#endif // SINTER_CODEGEN_HOSTPROGRAM_H
