//===- MatrixAttention.h - Attention of many rows on tensor cores -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_MATRIXATTENTION_H
#define SINTER_CODEGEN_CUDA_MATRIXATTENTION_H

#include "codegen/cuda/CudaBuilder.h"
#include "ir/Sinter.h"

namespace sinter {

/// How a block computes attention of consecutive tokens with one head.
struct MatrixAttention {
  /// Tokens of a block, sixteen a warp, and positions of the past at a time.
  static constexpr int64_t rows = 64, warps = rows / 16,
                           threads = warps * CudaBuilder::warpThreads,
                           positions = 64;

  /// Caches of bf16 with heads of whole matrices, whose rows begin at multiples
  /// of 16 bytes.
  static bool fits(AttentionOp op);
};

/// Emits
///
///     void NAME(ptr query, ptr keys, ptr values, ptr sequence, ptr extent,
///               ptr result, ptr input..., i64 tokens, i64 past,
///               i64 key_positions, i64 value_positions)
///
/// with the arguments of `emitRowAttention` (RowAttention.h). Queries are
/// rounded to bf16, and so are the exponentials that values are weighted by;
/// scores and sums are f32 (Dao 2023, FlashAttention-2). While a block of
/// positions is worked on, `cp.async` brings the next. Grid: tokens in 64s,
/// heads. Tokens of one sequence should stand side by side: a block goes over
/// the past of each run of them.
///
/// A key or value that is not a number reaches all rows of its block that share
/// the sequence, also those that do not see it.
CudaKernel emitMatrixAttention(CudaBuilder &b, llvm::StringRef name,
                               AttentionOp op);

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_MATRIXATTENTION_H
