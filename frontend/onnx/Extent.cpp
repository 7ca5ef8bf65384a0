//===- Extent.cpp - Sizes that depend on how long a sequence is -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Extent.h"
#include "llvm/ADT/ArrayRef.h"

using namespace sinter::onnx;

/// What does not fit stays at the limits of an i64, which no shape reaches.
static int64_t addSaturated(int64_t lhs, int64_t rhs) {
  int64_t result;
  if (__builtin_add_overflow(lhs, rhs, &result))
    return lhs < 0 ? INT64_MIN : INT64_MAX;
  return result;
}

static int64_t timesSaturated(int64_t lhs, int64_t rhs) {
  int64_t result;
  if (__builtin_mul_overflow(lhs, rhs, &result))
    return (lhs < 0) == (rhs < 0) ? INT64_MAX : INT64_MIN;
  return result;
}

Extent Extent::combine(const Extent &other, int64_t factor) const {
  Extent result = *this;
  result.constant =
      addSaturated(constant, timesSaturated(other.constant, factor));
  for (const auto &[name, multiple] : other.multiples) {
    int64_t &sum = result.multiples[name];
    sum = addSaturated(sum, timesSaturated(multiple, factor));
    if (sum == 0)
      result.multiples.erase(name);
  }
  return result;
}

std::optional<Extent> Extent::scaled(int64_t factor) const {
  if (factor == 0)
    return Extent(0);
  Extent result = *this;
  if (__builtin_mul_overflow(constant, factor, &result.constant))
    return std::nullopt;
  for (auto &[name, multiple] : result.multiples)
    if (__builtin_mul_overflow(multiple, factor, &multiple))
      return std::nullopt;
  return result;
}

std::optional<Extent> Extent::times(const Extent &other) const {
  if (other.isStatic())
    return scaled(other.constant);
  if (isStatic())
    return other.scaled(constant);
  return std::nullopt;
}

std::optional<Extent> Extent::dividedBy(const Extent &other) const {
  if (other == Extent(0))
    return std::nullopt;
  if (*this == other)
    return Extent(1);
  if (other == Extent(-1))
    return scaled(-1);
  if (isStatic() && other.isStatic())
    return Extent(constant / other.constant);
  if (!other.isStatic()) {
    // 12 T / T.
    if (constant != 0 || other.constant != 0 || multiples.size() != 1 ||
        other.multiples.size() != 1 ||
        multiples.begin()->first != other.multiples.begin()->first ||
        multiples.begin()->second % other.multiples.begin()->second != 0)
      return std::nullopt;
    return Extent(multiples.begin()->second / other.multiples.begin()->second);
  }
  Extent result = *this;
  if (constant % other.constant != 0)
    return std::nullopt;
  result.constant /= other.constant;
  for (auto &[name, multiple] : result.multiples) {
    if (multiple % other.constant != 0)
      return std::nullopt;
    multiple /= other.constant;
  }
  return result;
}

std::string Extent::toString() const {
  std::string text;
  for (const auto &[name, multiple] : multiples) {
    if (!text.empty())
      text += " + ";
    text += (multiple == 1 ? "" : std::to_string(multiple) + " ") + name;
  }
  if (text.empty())
    return std::to_string(constant);
  return constant == 0 ? text : text + " + " + std::to_string(constant);
}

std::string sinter::onnx::toString(llvm::ArrayRef<Extent> shape) {
  std::string text = "[";
  for (const Extent &extent : shape)
    text += (text.size() > 1 ? ", " : "") + extent.toString();
  return text + "]";
}
