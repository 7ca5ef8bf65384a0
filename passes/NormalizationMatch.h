//===- NormalizationMatch.h - LayerNorm and RMSNorm, however written -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_NORMALIZATIONMATCH_H
#define SINTER_PASSES_NORMALIZATIONMATCH_H

#include "passes/RowExpression.h"

namespace sinter {

/// An expression that is `input` normalized, times `gain`, plus `bias`.
struct NormalizationMatch {
  RowExpression expression;
  mlir::Value input, gain, bias; // the last two may be null
  bool isCentred = false;
  bool isOutsideRoot = false;
  double epsilon = 0;

  /// Grows the expression, of its last op alone, until it is a normalization
  /// and as far back as it is one. If it never is although it has looked like
  /// one, `reason` says why.
  static std::optional<NormalizationMatch> find(RowExpression &expression,
                                                std::string &reason);
};

} // namespace sinter

#endif // SINTER_PASSES_NORMALIZATIONMATCH_H
