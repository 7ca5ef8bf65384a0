//===- Attention.h - Attention over caches -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_ATTENTION_H
#define SINTER_CODEGEN_KERNELS_ATTENTION_H

#include "codegen/kernels/KernelBuilder.h"
#include "ir/Sinter.h"
#include "passes/TargetDescription.h"

namespace sinter {

/// What attention kernels are made for: `queryHeads` heads of queries over the
/// heads of a cache, in f32.
struct AttentionShape {
  int64_t queryHeads;
  HistoryType history;

  int64_t group() const { return queryHeads / history.getHeads(); }
  /// Elements of one position of the cache.
  int64_t rowElements() const {
    return history.getHeads() * history.getWidth();
  }
};

/// Emits
///
///     void NAME(ptr query, ptr keys, ptr sequence, ptr extent, ptr scores,
///               i64 tokens, i64 past, i64 positions, i64 begin, i64 end)
///
/// for tokens n in [begin, end): scores[h, n, p] = query[h, n, :] .
/// keys[sequence[n]][p][h / group, :] for p < extent[n]. `tokens` and `past`
/// are the sizes of the axes N and P, `positions` the cache's room for one
/// sequence, `keys` one layer of it.
mlir::func::FuncOp emitAttentionScores(KernelBuilder &builder,
                                       llvm::StringRef name,
                                       const TargetDescription &target,
                                       const AttentionShape &shape);

/// Emits, with the same arguments but (ptr probability, ptr values, ptr
/// sequence, ptr extent, ptr result, ...): result[h, n, e] = sum over
/// p < extent[n] of probability[h, n, p] * values[sequence[n]][p][h / group,
/// e].
mlir::func::FuncOp emitAttentionValues(KernelBuilder &builder,
                                       llvm::StringRef name,
                                       const TargetDescription &target,
                                       const AttentionShape &shape);

/// Emits, with the arguments of scores, (ptr rows, ptr rows or keys, ...), and
/// behind them (ptr table, ptr index), where the table is [heads, buckets,
/// width] and the index [tokens, past] of i32: scores[h, n, p] = row .
/// table[h, index[n, p], :] for p < extent[n]; the row is rows[h, n, :], or
/// `ofKeys` keys[sequence[n]][p][h, :].
mlir::func::FuncOp emitAttentionRelative(KernelBuilder &builder,
                                         llvm::StringRef name,
                                         const TargetDescription &target,
                                         const AttentionShape &shape,
                                         int64_t buckets, bool ofKeys);

/// Emits
///
///     void NAME(ptr rows, ptr sequence, ptr position, ptr cache,
///               i64 positions, i64 begin, i64 end)
///
/// which copies rows n in [begin, end), of `rowBytes`, to
/// cache[sequence[n]][position[n]]; `cache` is one layer.
mlir::func::FuncOp emitCacheAppend(KernelBuilder &builder, llvm::StringRef name,
                                   int64_t rowBytes);

/// The same for rows of f32 and a cache of i8: each head of a row becomes whole
/// numbers to 127, rounded to the nearest, and a scale. A head with a NaN or an
/// infinity is NaN.
mlir::func::FuncOp emitQuantizedAppend(KernelBuilder &builder,
                                       llvm::StringRef name,
                                       const TargetDescription &target,
                                       HistoryType history);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_ATTENTION_H
