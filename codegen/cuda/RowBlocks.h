//===- RowBlocks.h - Rows as tensor cores take them -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_ROWBLOCKS_H
#define SINTER_CODEGEN_CUDA_ROWBLOCKS_H

#include "codegen/cuda/CudaBuilder.h"

namespace sinter {

/// What a contraction multiplies with tensor cores: rows of bf16, in blocks of
/// 64 rows, cut into runs of 8 inputs:
///
///     element (n, k) -> [n / 64][k / 8][n % 64][k % 8]
///
/// So do weights lie in panels of depth 8. Eight rows of a run are a matrix of
/// 8x8, 128 bytes without a gap, as `ldmatrix` and `wgmma` read it without
/// conflicts of banks, and any step along k is one stretch of memory, which
/// plain bulk copies carry. Inputs are padded to whole steps with zeros, rows
/// to whole blocks with anything.
struct RowBlocks {
  static constexpr int64_t rows = 64, run = 8, step = 64;

  explicit RowBlocks(int64_t inputs) : inputs(inputs) {}

  int64_t inputs;
  int64_t paddedInputs() const { return llvm::alignTo(inputs, step); }
  int64_t runBytes() const { return rows * run * 2; }
  int64_t blockBytes() const { return rows * paddedInputs() * 2; }
  int64_t bytes(int64_t count) const {
    return llvm::divideCeil(count, rows) * blockBytes();
  }
};

/// Emits
///
///     void NAME(ptr x, ptr blocks, i64 rows)
///
/// which rounds `rows` rows of `inputs` f32 or bf16 to blocks of them. A grid
/// of as many blocks as blocks of rows, and `gridOfInputs` along y.
CudaKernel emitRowBlocks(CudaBuilder &b, llvm::StringRef name, int64_t inputs,
                         mlir::Type element);

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_ROWBLOCKS_H
