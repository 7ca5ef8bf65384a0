//===- Grammar.cpp - What a text may be, as rules -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/grammar/Grammar.h"
#include "runtime/tokenizer/Utf8.h"

#include <algorithm>

using namespace sinter::runtime;
using namespace sinter::runtime::grammar;

Expression Expression::text(std::string_view text) {
  Expression result;
  for (size_t at = 0; at < text.size();) {
    auto [code, bytes] = decodeCharacter(text, at);
    result.parts.push_back(characters({{code, code}}));
    at += bytes;
  }
  return result;
}

std::vector<Range> grammar::complement(std::vector<Range> ranges) {
  std::sort(ranges.begin(), ranges.end());
  std::vector<Range> result;
  char32_t next = 0;
  for (auto [first, last] : ranges) {
    if (first > next)
      result.emplace_back(next, first - 1);
    next = std::max(next, char32_t(last + 1));
  }
  if (next <= 0x10ffff)
    result.emplace_back(next, 0x10ffff);
  return result;
}

std::string grammar::explain(std::string_view text, const GrammarError &error,
                             std::string_view name) {
  std::string prefix(name);
  if (error.place == GrammarError::unknown)
    return prefix + ": error: " + error.text;
  const size_t place = std::min(error.place, text.size());
  const size_t begin = place == 0 ? 0 : text.rfind('\n', place - 1) + 1;
  const size_t end = std::min(text.find('\n', place), text.size());
  const auto line =
      std::count(text.begin(), text.begin() + static_cast<long>(place), '\n') +
      1;
  std::string clean;
  appendWellFormed(clean, text.substr(begin, place - begin));
  const size_t column = countCharacters(clean);
  appendWellFormed(clean, text.substr(place, end - place));
  return prefix + ":" + std::to_string(line) + ":" +
         std::to_string(column + 1) + ": error: " + error.text + "\n" + clean +
         "\n" + std::string(column, ' ') + "^";
}
