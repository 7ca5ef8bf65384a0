//===- StoredNumbers.h - Weights that are whole numbers already -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_STOREDNUMBERS_H
#define SINTER_PASSES_STOREDNUMBERS_H

#include "ir/Sinter.h"
#include <optional>

namespace sinter {

/// What a matrix [K, M] that is made of weights is in the checkpoint.
struct StoredAs {
  /// A type that holds the numbers of all of them, or what they can be rounded
  /// to; null if one of them is stored as plain numbers.
  QuantizedType type;
  /// Whether nothing is lost: numbers fit the type, groups of inputs are whole,
  /// and elements were only moved.
  bool isExact = false;
  /// Whether some of them are stored as a narrower type.
  bool isMixed = false;
};

/// Nothing where no weight is stored as whole numbers.
std::optional<StoredAs> findStored(mlir::Value matrix);

/// Which of several matrices may stand side by side in one contraction without
/// taking more room than apart, but for an eighth: lists of their numbers. One
/// of plain numbers would make all of a list plain.
llvm::SmallVector<llvm::SmallVector<size_t>>
groupByType(llvm::ArrayRef<mlir::Value> matrices);

} // namespace sinter

#endif // SINTER_PASSES_STOREDNUMBERS_H
