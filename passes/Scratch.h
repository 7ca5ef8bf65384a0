//===- Scratch.h - Memory within a kernel -----------------------*- C++ -*-===//
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
/// vectors. At `exponents` stands an i32 for each group, what the exponent of
/// its sums in f32 grows by for sums of all groups to have one scale: the one
/// that stands, an f32, at `scale`. Where there is but one group it is the
/// row's. At `offsets` stands what each group adds for the numbers that stand
/// for 0 in the weight: an i32, -zero * (sum of the row's numbers); of a weight
/// with least values an f32, the sum of the group's rounded elements over
/// `scale`.
struct QuantizedRowLayout {
  int64_t exponents = 0, offsets = 0, scale = 0, bytes = 0;
  /// Halvings of a group that `scale` is counted from.
  int64_t halvings = 0;

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

/// Attention sums up its past in parts, which begin at multiples of
/// `positions`, and puts them together in their order: so a row's bits do not
/// depend on who computes which. In a call of few tokens threads share the
/// parts of a long past, and hand what they made of each row to one another:
///
///     partials[part][token][head] = sums, total, maximum
struct AttentionParts {
  static constexpr int64_t positions = 256;
  /// More tokens are work enough for all threads.
  static constexpr int64_t mostTokens = 8;
  /// The widest vector of f32 that a target has.
  static constexpr int64_t mostLanes = 16;

  explicit AttentionParts(AttentionOp op);
  /// f32 of a row: sums of its values, a total for each lane, a maximum.
  int64_t recordElements() const { return maximum() + mostLanes; }
  int64_t total() const { return llvm::alignTo(valueWidth, mostLanes); }
  int64_t maximum() const { return total() + mostLanes; }
  /// Bytes of all partials of a call of at most so many tokens, over a past of
  /// so many positions; 0 where no past has two parts.
  int64_t bytes(int64_t tokens, int64_t past) const;

private:
  int64_t heads, valueWidth;
};

/// Where in the arena the partials of an attention stand, and how many bytes
/// they take. plan-buffers gives the start of those of all attentions of an
/// entry, which stand behind one another in the order of the text.
struct PartialsPlace {
  int64_t offset = -1; ///< Negative: plan-buffers has given none.
  int64_t bytes = 0;
};
PartialsPlace findPartials(AttentionOp op);

} // namespace sinter

#endif // SINTER_PASSES_SCRATCH_H
