//===- Extent.h - Sizes that depend on how long a sequence is -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_ONNX_EXTENT_H
#define SINTER_FRONTEND_ONNX_EXTENT_H

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace sinter::onnx {

/// An integer of a graph's shape arithmetic: a constant plus multiples of the
/// lengths that are known when the model runs only, such as `T` or `2 T + 1`.
class Extent {
public:
  Extent(int64_t constant = 0) : constant(constant) {}
  static Extent symbol(const std::string &name) {
    Extent result;
    result.multiples[name] = 1;
    return result;
  }

  bool isStatic() const { return multiples.empty(); }
  int64_t getStatic() const { return constant; }
  /// The name, where this is a length and nothing else.
  std::optional<std::string> getSymbol() const {
    if (constant != 0 || multiples.size() != 1 ||
        multiples.begin()->second != 1)
      return std::nullopt;
    return multiples.begin()->first;
  }

  Extent operator+(const Extent &other) const { return combine(other, 1); }
  Extent operator-(const Extent &other) const { return combine(other, -1); }
  /// Nothing where the product is none of this form, or too large.
  std::optional<Extent> times(const Extent &other) const;
  /// Nothing where it does not divide without a remainder. Of constants:
  /// rounded towards zero, as ONNX divides.
  std::optional<Extent> dividedBy(const Extent &other) const;

  bool operator==(const Extent &other) const {
    return constant == other.constant && multiples == other.multiples;
  }
  bool operator!=(const Extent &other) const { return !(*this == other); }
  std::string toString() const;

private:
  Extent combine(const Extent &other, int64_t factor) const;
  std::optional<Extent> scaled(int64_t factor) const;

  int64_t constant;
  std::map<std::string, int64_t> multiples; // none of them 0
};

using Extents = llvm::SmallVector<Extent, 4>;

std::string toString(llvm::ArrayRef<Extent> shape);

} // namespace sinter::onnx

#endif // SINTER_FRONTEND_ONNX_EXTENT_H
