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

/// Quantizes a matrix that lies as `floatPanels(type)` says, and returns its
/// `type.getBytes()` bytes as kernels take them. Panels are shared among
/// threads; the bytes do not depend on how.
std::vector<uint8_t> quantizePanels(PackedType type, bool search,
                                    llvm::ArrayRef<float> elements);

/// The same of a matrix that is whole numbers already: `numbers`, signed where
/// the type has no least values, lie as `floatPanels(type)` says, `scales` and
/// `minima` (empty without least values) as that does for a matrix of groups by
/// outputs.
std::vector<uint8_t> packNumbers(PackedType type, llvm::ArrayRef<float> numbers,
                                 llvm::ArrayRef<float> scales,
                                 llvm::ArrayRef<float> minima);
/// The panels in which its scales lie.
PackedType groupPanels(PackedType type);

/// How far a matrix is from what its numbers stand for: sums of squares of the
/// weights, of the distances, and of those that the nearest numbers without a
/// search for scales would have; and the largest distance.
struct QuantizationError {
  double weights = 0, distances = 0, ofNearest = 0;
  float largest = 0;

  QuantizationError &operator+=(const QuantizationError &other);
  /// The root of the mean square, over that of the weights; 0 of no weights.
  static double relative(double distances, double weights);
};

/// Of a matrix that lies as `floatPanels(type)` says.
QuantizationError measurePanels(PackedType type,
                                llvm::ArrayRef<float> elements);

} // namespace sinter

#endif // SINTER_CODEGEN_QUANTIZEDWEIGHTS_H
