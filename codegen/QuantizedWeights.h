//===- QuantizedWeights.h - Panels of numbers and scales -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_QUANTIZEDWEIGHTS_H
#define SINTER_CODEGEN_QUANTIZEDWEIGHTS_H

#include "ir/Sinter.h"
#include <vector>

namespace sinter {

/// The same panels of f32, input by input: what is quantized.
PackedType floatPanels(PackedType type);

/// Quantizes a panel whose elements lie as in those of `floatPanels(type)`, and
/// writes its `type.getPanelBytes()` bytes as kernels take them. `importance`
/// is that of `quantizeMatrix`.
void quantizePanel(PackedType type, bool search, llvm::ArrayRef<float> elements,
                   llvm::ArrayRef<float> importance, uint8_t *bytes);

/// A panel that is whole numbers already. What a type has none of is empty.
struct StoredPanel {
  /// As `floatPanels(type)` says; signed where the type has no least values.
  std::vector<float> numbers;
  /// As `blockPanels(type)` says.
  std::vector<float> scales, minima;
  /// As `groupPanels(type)` says.
  std::vector<float> factors, leastFactors;
};

/// Writes its `type.getPanelBytes()` bytes as `quantizePanel` does.
void packNumbers(PackedType type, const StoredPanel &panel, uint8_t *bytes);
/// The panels in which scales of 16 bits lie, and those of factors.
PackedType blockPanels(PackedType type);
PackedType groupPanels(PackedType type);

/// How far a matrix is from what its numbers stand for: sums of squares of the
/// weights, of the distances, and of those that the nearest numbers without a
/// search for scales would have, as inputs count; and the largest distance.
struct QuantizationError {
  double weights = 0, distances = 0, ofNearest = 0;
  float largest = 0;

  QuantizationError &operator+=(const QuantizationError &other);
  /// The root of the mean square, over that of the weights; 0 of no weights.
  static double relative(double distances, double weights);
};

/// Of a panel whose elements lie as in those of `floatPanels(type)`.
QuantizationError measurePanel(PackedType type, llvm::ArrayRef<float> elements,
                               llvm::ArrayRef<float> importance);

} // namespace sinter

#endif // SINTER_CODEGEN_QUANTIZEDWEIGHTS_H
