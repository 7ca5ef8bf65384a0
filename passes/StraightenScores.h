//===- StraightenScores.h - Scores with a column for each row ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_STRAIGHTENSCORES_H
#define SINTER_PASSES_STRAIGHTENSCORES_H

#include "ir/Sinter.h"

namespace sinter {

/// Attention may be written with its product swapped, `k @ q^T`, and softmax
/// along columns:
///
///     %t = transpose %scores [0, 2, 1]       // [H, P, N]
///     %e = exp %t
///     %s = reduce sum %e axis 1 extent %n
///     %p = div %e, %s
///     %w = transpose %p [0, 2, 1]            // [H, N, P]
///     attention_values %w, ...
///
/// Computes `%w` without the transposes: what stands between them, and what
/// goes into it, is written again with its last two axes the other way round.
/// Returns whether it did so for the probabilities of `values`.
bool straightenScores(AttentionValuesOp values);

} // namespace sinter

#endif // SINTER_PASSES_STRAIGHTENSCORES_H
