//===- RowKernel.h - Row work as kernels for GPUs -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_ROWKERNEL_H
#define SINTER_CODEGEN_CUDA_ROWKERNEL_H

#include "codegen/cuda/CudaBuilder.h"
#include "ir/Sinter.h"

namespace sinter {

/// Row work: `ops` make `outputs` of `inputs`. An output is a tensor with an
/// axis N or R, or what a `sinter.cache_append` gives.
struct CudaRowWork {
  llvm::SmallVector<mlir::Value> inputs;
  llvm::SmallVector<mlir::Operation *> ops;
  llvm::SmallVector<mlir::Value> outputs;
  /// Whether an output takes the place of an input.
  bool isInPlace = false;
  /// Whether the one output is written in blocks of bf16 (RowBlocks.h), as a
  /// contraction wants it.
  bool givesBlocks = false;
};

/// Emits
///
///     void NAME(ptr buffer..., i64 N, i64 R, i64 P, i64 SP)
///
/// where buffers are those of the inputs, then of the outputs: dense and
/// row-major, or a layer of a cache. Grid: a block for each row of the outputs.
///
/// An element is computed by the thread that writes it, from the operands'
/// elements in its place; what reduces a row is computed first, by all threads
/// of the block together. Fails, at the op, where there is no kernel.
mlir::FailureOr<CudaKernel> emitRowKernel(CudaBuilder &b, llvm::StringRef name,
                                          const CudaRowWork &work);

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_ROWKERNEL_H
