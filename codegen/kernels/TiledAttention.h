//===- TiledAttention.h - Attention in one pass over the past -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_TILEDATTENTION_H
#define SINTER_CODEGEN_KERNELS_TILEDATTENTION_H

#include "codegen/kernels/KernelBuilder.h"
#include "ir/Sinter.h"
#include "passes/TargetDescription.h"

namespace sinter {

/// Emits
///
///     void NAME(ptr query, ptr keys, ptr values, ptr sequence, ptr extent,
///               ptr result, ptr partials, ptr input..., i64 tokens, i64 past,
///               i64 key_positions, i64 value_positions, i64 thread,
///               i64 threads)
///
/// for `op`, one pointer for each of its inputs. `tokens` and `past` are the
/// sizes of the axes N and P, `..._positions` the room of the caches for one
/// sequence.
///
/// Work is cut into tiles: consecutive tokens of one sequence, with all query
/// heads that share a head of the keys and one of the values, so that these are
/// read once for all of them. Tiles go to threads in equal numbers; where there
/// are fewer than threads, the heads of a tile are dealt out one by one. A tile
/// walks over its past in blocks of keys, with a running maximum and sum for
/// each row, which begin anew with each part (AttentionParts).
///
/// Where `op` is `rounded`, both products are of pairs of bf16, with the
/// machine's instruction if it has one (PairProducts).
///
/// In calls of few tokens over a long past (`isInParts`), threads share parts
/// as well. Then it writes no result: all threads have to wait, and the kernel
/// of emitAttentionMerge puts together what stands in `partials`.
///
/// A row's numbers do not depend on the others of its tile, nor on the number
/// of threads: parts and blocks begin at multiples of their sizes, sums are
/// taken in the order of positions, and what a row does not see counts as
/// exactly zero.
mlir::func::FuncOp emitTiledAttention(KernelBuilder &builder,
                                      llvm::StringRef name,
                                      const TargetDescription &target,
                                      AttentionOp op);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_TILEDATTENTION_H
