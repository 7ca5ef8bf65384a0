//===- CudaStep.h - A step that launches kernels of a GPU -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_CUDASTEP_H
#define SINTER_CODEGEN_CUDA_CUDASTEP_H

#include "codegen/cuda/CudaLibrary.h"
#include "codegen/kernels/KernelLibrary.h"

namespace sinter {

/// Gives an entry the scratch memory that its kernels need beyond what
/// plan-buffers gave it: `sinter.thread_bytes` grows.
void reserveCudaScratch(mlir::func::FuncOp entry);

/// Emits the step of an entry as codegen/HostProgram.h's `emitStep` does, for
/// one thread that launches the kernels of `library`. `host` declares what the
/// step calls.
mlir::LogicalResult emitCudaStep(mlir::func::FuncOp entry,
                                 mlir::ModuleOp module, KernelLibrary &host,
                                 CudaLibrary &library);

/// What a step launches, for one architecture: `kernels` is the module of the
/// library that the steps of all entries were emitted with. PTX, and machine
/// code beside it where `ptxas` is found.
llvm::Expected<DeviceProgram> compileCudaProgram(mlir::ModuleOp kernels,
                                                 const CudaLibrary &library);

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_CUDASTEP_H
