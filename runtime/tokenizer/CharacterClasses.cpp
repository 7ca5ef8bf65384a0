//===- CharacterClasses.cpp - Kinds of characters -------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/CharacterClasses.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include <utf8proc.h>

namespace sinter::runtime {

namespace {

struct Range {
  uint32_t first, last;
};

/// Characters first to last have their lower-case form `distance` further on.
struct LowercaseRange {
  uint32_t first, last;
  int32_t distance;
};

#include "runtime/tokenizer/CharacterTables.inc"

template <size_t Count> bool isIn(const Range (&ranges)[Count], char32_t code) {
  const Range *range = std::lower_bound(
      std::begin(ranges), std::end(ranges), code,
      [](const Range &range, char32_t code) { return range.last < code; });
  return range != std::end(ranges) && range->first <= code;
}

} // namespace

bool isWhitespace(char32_t code) {
  if (code < 0x80)
    return code == ' ' || (code >= 0x09 && code <= 0x0d);
  return code == 0x85 || code == 0xa0 || code == 0x1680 ||
         (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
         code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000;
}

bool isControl(char32_t code) {
  if (code < 0x80)
    return (code < 0x20 && code != '\t' && code != '\n' && code != '\r') ||
           code == 0x7f;
  return isIn(controls, code);
}

bool isNonspacingMark(char32_t code) {
  return code >= 0x300 && isIn(nonspacingMarks, code);
}

bool isCombiningMark(char32_t code) {
  return code >= 0x300 && isIn(combiningMarks, code);
}

bool isPunctuation(char32_t code) { return isIn(punctuation, code); }

bool isNumeric(char32_t code) {
  if (code < 0x80)
    return code >= '0' && code <= '9';
  return isIn(numerics, code);
}

bool isWord(char32_t code) {
  if (code < 0x80)
    return (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') ||
           code == '_' || (code >= 'a' && code <= 'z');
  return isIn(words, code);
}

bool isChinese(char32_t code) {
  return (code >= 0x4e00 && code <= 0x9fff) ||
         (code >= 0x3400 && code <= 0x4dbf) ||
         (code >= 0x20000 && code <= 0x2a6df) ||
         (code >= 0x2a700 && code <= 0x2b73f) ||
         (code >= 0x2b740 && code <= 0x2b81f) ||
         (code >= 0x2b920 && code <= 0x2ceaf) ||
         (code >= 0xf900 && code <= 0xfaff) ||
         (code >= 0x2f800 && code <= 0x2fa1f);
}

bool isLeftComposed(char32_t code) {
  return code >= 0x300 && isIn(leftComposed, code);
}

bool isLeftInPlace(char32_t code) {
  return code >= 0x300 && isIn(leftInPlace, code);
}

char32_t simpleLowercase(char32_t code) {
  if (code < 0x80)
    return code >= 'A' && code <= 'Z' ? code + 32 : code;
  for (const LowercaseRange &range : lowercaseRanges)
    if (code >= range.first && code <= range.last)
      return static_cast<char32_t>(static_cast<int32_t>(code) + range.distance);
  return static_cast<char32_t>(
      utf8proc_tolower(static_cast<utf8proc_int32_t>(code)));
}

} // namespace sinter::runtime
