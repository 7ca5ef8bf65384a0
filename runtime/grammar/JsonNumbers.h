//===- JsonNumbers.h - Numbers within bounds, as grammars -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_GRAMMAR_JSONNUMBERS_H
#define SINTER_RUNTIME_GRAMMAR_JSONNUMBERS_H

#include "runtime/grammar/Grammar.h"

#include <cstdint>
#include <optional>

namespace sinter::runtime::grammar {

/// What a number may be: from `least` to `most`, both allowed; without a bound,
/// up to 16 digits.
struct NumberBounds {
  std::optional<int64_t> least, most;

  bool areEmpty() const { return least && most && *least > *most; }
};

/// Bounds hold at most so many digits.
inline constexpr int64_t largestBound = 1'000'000'000'000'000;

/// The whole numbers within bounds as JSON writes them, without a leading zero
/// or "-0". Not for bounds that are empty.
Expression integersWithin(const NumberBounds &bounds);

/// The numbers within bounds, whole or with a fraction of up to 16 digits; no
/// exponents.
Expression numbersWithin(const NumberBounds &bounds);

} // namespace sinter::runtime::grammar

#endif // SINTER_RUNTIME_GRAMMAR_JSONNUMBERS_H
