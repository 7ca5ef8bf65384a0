//===- Scratch.h - Memory within a linear group -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_SCRATCH_H
#define SINTER_PASSES_SCRATCH_H

#include "ir/Sinter.h"

namespace sinter {

/// A row that is multiplied by a quantized weight, rounded to whole numbers of
/// a byte; in bytes. First come the numbers, padded with zeros to whole
/// vectors. At `scales` stand the scales of its groups, an f32 each, and at
/// `offsets` what each group adds for the numbers that stand for 0 in the
/// weight: an i32, -zero * (sum of the row's numbers); of a weight with least
/// values an f32, the sum of the group's rounded elements.
struct QuantizedRowLayout {
  int64_t scales = 0, offsets = 0, bytes = 0;

  explicit QuantizedRowLayout(PackedType weight);
};

/// What a linear group needs beside its results, for `rows` rows at once. In
/// bytes, each part rounded up to 64.
///
/// A thread's own memory holds the contraction's input, behind it the sums of
/// its rows where it computes all of their columns, behind these what it found
/// of each row's largest element, and last the input's rows as a quantized
/// weight is multiplied by them. The exchange, which threads share, holds the
/// sums of which each computes some columns.
struct GroupScratch {
  int64_t input = 0, sums = 0, findings = 0, quantized = 0;

  GroupScratch(LinearGroupOp group, int64_t rows);
  int64_t ofThread() const { return input + sums + findings + quantized; }
  int64_t exchange() const { return sums; }
};

/// Bytes of so many rows as the weight of `linear` takes them; 0 where that
/// takes them as they are.
int64_t quantizedRowBytes(LinearOp linear, int64_t rows);

} // namespace sinter

#endif // SINTER_PASSES_SCRATCH_H
