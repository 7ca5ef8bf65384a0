//===- Quantization.h - Numbers of few bits and their scales -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `sinter.quantize` and contractions with quantized weights mean, to the
// bit: the evaluator, the compiler that stores weights and the kernels agree on
// this. All arithmetic is in f32, in an order that no machine changes.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_IR_QUANTIZATION_H
#define SINTER_IR_QUANTIZATION_H

#include "ir/Sinter.h"
#include <vector>

namespace sinter {

/// A matrix [K, M] as numbers and what groups of inputs share.
struct QuantizedMatrix {
  /// [K, M]
  std::vector<uint8_t> numbers;
  /// [groups, M], as their type holds them; `minima` only if the type has any.
  /// Of a type with blocks [blocks, M].
  std::vector<float> scales, minima;
  /// Of a type with blocks, [groups, M]: what scales and least values are
  /// multiplied with.
  std::vector<int8_t> factors, leastFactors;
};

/// Quantizes `elements`, [inputs, outputs]. Each column's groups are by
/// themselves: a column comes out the same in whatever matrix it stands. A
/// group that holds a NaN or an infinity gets a NaN for its scale.
/// `importance` is what the search multiplies squared distances of each input
/// by; nothing: 1. What is not above 0 counts as 0. The type has no blocks:
/// those come from checkpoints as they are.
QuantizedMatrix quantizeMatrix(QuantizedType type, bool search,
                               llvm::ArrayRef<float> elements, int64_t inputs,
                               int64_t outputs,
                               llvm::ArrayRef<float> importance = {});

/// What number `row, column` stands for.
float dequantize(QuantizedType type, const QuantizedMatrix &matrix,
                 int64_t inputs, int64_t outputs, int64_t row, int64_t column);

/// The bits of a scale, as its type of 16 bits holds it.
uint16_t scaleBits(mlir::Type type, float scale);

/// What a row of activations becomes for a weight whose groups have `group`
/// inputs: its largest magnitude is 127. A group of smaller elements has a
/// finer scale, the row's halved some times: so many that its largest magnitude
/// is still at most 127, up to `mostHalvings`. x is the nearest whole number to
/// x * (127 / largest) * 2^halvings, ties to even. Scales of one row that
/// differ by powers of two cost a kernel no product: they are added to
/// exponents.
struct QuantizedRow {
  std::vector<int8_t> numbers;
  /// largest * (1 / 127); 0 where all is 0 or next to it, NaN where an element
  /// is not finite.
  float scale = 0;
  /// One for each group.
  std::vector<int> halvings;

  /// Of a group.
  float scaleOf(int64_t group) const;
};
QuantizedRow quantizeRow(llvm::ArrayRef<float> row, int64_t group);

/// A row whose largest magnitude is below this counts as zeros: 127 over it,
/// doubled `mostHalvings` times, would be no number.
inline constexpr float smallestMagnitude = 0x1p-90f;

/// What is smaller by 2^20 than a row's largest element does not reach the
/// sums.
inline constexpr int mostHalvings = 20;

} // namespace sinter

#endif // SINTER_IR_QUANTIZATION_H
