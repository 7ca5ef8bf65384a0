//===- FloatRows.h - Contractions in f32 -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_FLOATROWS_H
#define SINTER_CODEGEN_CUDA_FLOATROWS_H

#include "codegen/cuda/TileOutput.h"

namespace sinter {

/// How a block computes some columns of eight rows.
struct FloatRows {
  static constexpr int64_t rows = 8, warps = 8,
                           threads = warps * CudaBuilder::warpThreads;

  /// Columns of each part that a block computes: a lane has one.
  static int64_t columns(PackedType weight) {
    int64_t columns = CudaBuilder::warpThreads / weight.getLayout().getParts();
    while (weight.getPartColumns() % columns != 0)
      --columns;
    return columns;
  }
  /// Blocks along x.
  static int64_t columnBlocks(PackedType weight) {
    return weight.getPanelCount() * weight.getPartColumns() / columns(weight);
  }
  static bool fits(PackedType weight) {
    return (weight.getElementType().isF32() ||
            weight.getElementType().isBF16()) &&
           weight.getLayout().getParts() <= CudaBuilder::warpThreads;
  }
};

/// Emits
///
///     void NAME(ptr x, ptr w, ptr y, i64 rows, ptr extra...)
///
/// which computes what `emitLinear` does (codegen/kernels/Linear.h) of dense
/// rows of f32 or bf16 and weights of either, in f32: products of tensor cores
/// would be of fewer bits. Warps share the inputs, lanes are columns. Grid:
/// `columnBlocks` along x, rows in eights along y.
CudaKernel emitFloatRows(CudaBuilder &b, llvm::StringRef name,
                         PackedType weight, mlir::Type inputType,
                         const LinearForm &form);

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_FLOATROWS_H
