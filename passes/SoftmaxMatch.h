//===- SoftmaxMatch.h - Softmax in all its forms ----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_SOFTMAXMATCH_H
#define SINTER_PASSES_SOFTMAXMATCH_H

#include "ir/Sinter.h"

namespace sinter {

/// Softmax along the last axis over each row's extent, as papers and exporters
/// write it:
///
///     exp(x - max(x)) / sum(exp(x - max(x)))      and without the maximum
///     exp(..) * (1 / sum(..)), exp(..) * sum(..) ^ -1
///     any of these times or over what is one number a row
///
/// Division by the sum may also come after the product with values, to which it
/// is the same.
struct SoftmaxMatch {
  /// What is one number a row and multiplies the probabilities.
  struct Factor {
    mlir::Value value;
    bool isDivisor;
  };

  /// What goes into softmax.
  mlir::Value logits;
  mlir::Value exponentials;
  llvm::SmallVector<Factor> factors;
  /// The division by the sum has not been found: it has to come later.
  bool isUnnormalized = true;
  /// Everything between the logits and the probabilities.
  llvm::SmallVector<mlir::Operation *> ops;

  /// Walks back from `probability`. Where it is no softmax over `extent`,
  /// `reason` says why.
  static std::optional<SoftmaxMatch>
  match(mlir::Value probability, mlir::Value extent, std::string &reason);
  /// Whether `total` is, or for `isReciprocal` is one over, the sum of the
  /// exponentials over `extent`; adds how it is made to `ops`.
  bool isTotal(mlir::Value total, mlir::Value extent, bool isReciprocal);
};

/// Whether a value has one element in each row of scores: it does not vary
/// along the last axis.
bool isOnePerRow(mlir::Value value);

/// The number that all elements of `value` are, if it is a constant.
std::optional<double> getSplat(mlir::Value value);

} // namespace sinter

#endif // SINTER_PASSES_SOFTMAXMATCH_H
