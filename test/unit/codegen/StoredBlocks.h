//===- StoredBlocks.h - Random weights in blocks -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_STOREDBLOCKS_H
#define SINTER_TEST_STOREDBLOCKS_H

#include "ir/Quantization.h"

namespace sinter::test {

/// A weight of whole numbers, as a checkpoint has them.
struct StoredBlocks {
  /// Of random numbers and scales; with `largest`, all of the largest
  /// magnitude.
  explicit StoredBlocks(PackedType type, bool largest = false);

  /// What they stand for, [inputs, outputs].
  std::vector<float> elements() const;
  /// In panels.
  std::vector<uint8_t> packed() const;

  PackedType type;
  QuantizedMatrix matrix;
};

} // namespace sinter::test

#endif // SINTER_TEST_STOREDBLOCKS_H
