//===- RowAttention.h - Attention of few rows over a long past -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_ROWATTENTION_H
#define SINTER_CODEGEN_CUDA_ROWATTENTION_H

#include "codegen/cuda/CudaBuilder.h"
#include "ir/Sinter.h"

namespace sinter {

/// How a block computes attention of one row: of some heads that share keys and
/// values, which it reads once, one stretch of the past after the other.
struct RowAttention {
  /// Positions of a stretch, one a thread.
  static constexpr int64_t positions = 256, threads = positions;
  /// Heads of a block: no more, or their sums would not fit registers.
  static constexpr int64_t mostHeads = 8;

  static int64_t heads(AttentionOp op);
  /// Blocks along y: all heads of a row.
  static int64_t headBlocks(AttentionOp op) {
    return op.getHeads() / heads(op);
  }
};

/// Emits
///
///     void NAME(ptr query, ptr keys, ptr values, ptr sequence, ptr extent,
///               ptr result, ptr partials, ptr input..., i64 tokens, i64 past,
///               i64 key_positions, i64 value_positions, i64 parts)
///
/// with the arguments of the CPU's kernel (codegen/kernels/TiledAttention.h),
/// in f32 whatever caches hold. Grid: tokens, `headBlocks`, `parts`. With one
/// part a block goes over all of its row's past. With as many as the past has
/// stretches, each leaves what it found among the partials (passes/Scratch.h)
/// for the kernel below.
CudaKernel emitRowAttention(CudaBuilder &b, llvm::StringRef name,
                            AttentionOp op);

/// Emits
///
///     void NAME(ptr partials, ptr extent, ptr result, i64 tokens)
///
/// which puts parts together in the order of the past. Grid: tokens, heads.
CudaKernel emitRowAttentionMerge(CudaBuilder &b, llvm::StringRef name,
                                 AttentionOp op);

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_ROWATTENTION_H
