//===- JsonNumbers.cpp - Numbers within bounds, as grammars -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/grammar/JsonNumbers.h"

#include <algorithm>
#include <string>

using namespace sinter::runtime::grammar;

namespace {

constexpr int64_t mostDigits = 16;

/// Largest number of so many digits.
int64_t allNines(size_t digits) { return std::stoll(std::string(digits, '9')); }

Expression digit(char from, char to) {
  return Expression::characters(
      {{static_cast<char32_t>(from), static_cast<char32_t>(to)}});
}

Expression digits(size_t count) {
  const auto times = static_cast<int64_t>(count);
  return Expression::repeat(digit('0', '9'), times, times);
}

/// Numbers from `low` to `high`, of the same number of digits: the first digit
/// is that of `low`, of `high`, or between them.
Expression ofSameLength(const std::string &low, const std::string &high) {
  const size_t rest = low.size() - 1;
  if (low.empty())
    return Expression();
  if (low.front() == high.front())
    return Expression::sequence({digit(low.front(), low.front()),
                                 ofSameLength(low.substr(1), high.substr(1))});
  std::vector<Expression> parts;
  char from = low.front(), to = high.front();
  if (low.find_first_not_of('0', 1) != low.npos) {
    parts.push_back(Expression::sequence(
        {digit(from, from),
         ofSameLength(low.substr(1), std::string(rest, '9'))}));
    ++from;
  }
  const bool isFull = high.find_first_not_of('9', 1) == high.npos;
  if (!isFull)
    --to;
  if (from <= to)
    parts.push_back(Expression::sequence({digit(from, to), digits(rest)}));
  if (!isFull)
    parts.push_back(Expression::sequence(
        {digit(high.front(), high.front()),
         ofSameLength(std::string(rest, '0'), high.substr(1))}));
  return Expression::choice(std::move(parts));
}

/// Whole numbers from `low`, which is 0 or more, to `high`.
void addMagnitudes(int64_t low, int64_t high, std::vector<Expression> &parts) {
  while (low <= high) {
    const std::string first = std::to_string(low);
    const int64_t last = std::min(high, allNines(first.size()));
    parts.push_back(ofSameLength(first, std::to_string(last)));
    low = last + 1;
  }
}

/// What `add` gives for the numbers that are 0 or more, and behind a minus for
/// the others, whose magnitudes begin with `leastBelow`.
template <typename Add>
Expression ofBothSigns(const NumberBounds &bounds, int64_t leastBelow,
                       Add add) {
  const int64_t most = bounds.most.value_or(allNines(mostDigits)),
                least = bounds.least.value_or(-allNines(mostDigits));
  std::vector<Expression> parts, below;
  add(std::max<int64_t>(least, 0), most, parts);
  if (least < 0)
    add(std::max(-most, leastBelow), -least, below);
  if (!below.empty())
    parts.push_back(Expression::sequence(
        {Expression::text("-"), Expression::choice(std::move(below))}));
  return Expression::choice(std::move(parts));
}

} // namespace

Expression
sinter::runtime::grammar::integersWithin(const NumberBounds &bounds) {
  return ofBothSigns(bounds, 1, addMagnitudes);
}

Expression sinter::runtime::grammar::numbersWithin(const NumberBounds &bounds) {
  auto fraction = [](char to) {
    return Expression::repeat(
        Expression::sequence(
            {Expression::text("."),
             Expression::repeat(digit('0', to), 1, mostDigits)}),
        0, 1);
  };
  return ofBothSigns(
      bounds, 0, [&](int64_t low, int64_t high, std::vector<Expression> &all) {
        if (low > high)
          return;
        // The last one has nothing behind its point but zeros.
        std::vector<Expression> parts;
        addMagnitudes(low, high - 1, parts);
        if (!parts.empty())
          all.push_back(Expression::sequence(
              {Expression::choice(std::move(parts)), fraction('9')}));
        parts.clear();
        addMagnitudes(high, high, parts);
        all.push_back(Expression::sequence(
            {Expression::choice(std::move(parts)), fraction('0')}));
      });
}
