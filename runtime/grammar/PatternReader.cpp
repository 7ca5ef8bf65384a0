//===- PatternReader.cpp - What GBNF and regular expressions share -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/grammar/PatternReader.h"
#include "runtime/tokenizer/Utf8.h"

#include <charconv>

using namespace sinter::runtime;
using namespace sinter::runtime::grammar;

/// More repetitions than an answer has characters.
static constexpr int64_t maximumCount = 100'000;

char32_t PatternReader::character() {
  auto [code, bytes] = decodeCharacter(text, at);
  at += bytes;
  return code;
}

char32_t PatternReader::hexadecimal(int digits) {
  uint32_t code = 0;
  const std::string_view word = text.substr(at, static_cast<size_t>(digits));
  auto [end, error] =
      std::from_chars(word.data(), word.data() + word.size(), code, 16);
  if (word.size() < static_cast<size_t>(digits) || error != std::errc() ||
      end != word.data() + word.size() || code > 0x10ffff ||
      (code >= 0xd800 && code < 0xe000))
    fail("the " + std::to_string(digits) +
         " hexadecimal digits of a character were expected");
  at += static_cast<size_t>(digits);
  return code;
}

char32_t PatternReader::escape() {
  if (ends())
    fail("an escape was expected behind the backslash");
  const size_t begin = at;
  const char32_t c = character();
  switch (c) {
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case 't':
    return '\t';
  case 'f':
    return '\f';
  case 'v':
    return '\v';
  case '0':
    return 0;
  case 'x':
    return hexadecimal(2);
  case 'u':
    return hexadecimal(4);
  case 'U':
    return hexadecimal(8);
  default:
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        (c >= '0' && c <= '9'))
      fail("there is no such escape", begin);
    return c;
  }
}

std::vector<Range> PatternReader::escapedClass() const {
  std::vector<Range> ranges;
  switch (ends() ? ' ' : text[at] | 0x20) {
  case 'd':
    ranges = {{'0', '9'}};
    break;
  case 'w':
    ranges = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
    break;
  case 's':
    ranges = {{'\t', '\r'}, {' ', ' '}};
    break;
  default:
    return {};
  }
  return text[at] & 0x20 ? ranges : complement(ranges);
}

Expression PatternReader::characterClass(size_t begin) {
  const bool negated = take('^');
  std::vector<Range> ranges;
  for (bool isFirst = true; isFirst || !is(']'); isFirst = false) {
    if (ends())
      fail("this class has no ']'", begin);
    if (isFirst && is(']'))
      fail("this class is empty", begin);
    const size_t place = at;
    const bool isEscape = take('\\');
    if (std::vector<Range> known = escapedClass(); isEscape && !known.empty()) {
      ++at;
      ranges.insert(ranges.end(), known.begin(), known.end());
      continue;
    }
    const char32_t first = isEscape ? escape() : character();
    char32_t last = first;
    if (is('-') && at + 1 < text.size() && text[at + 1] != ']') {
      ++at;
      last = take('\\') ? escape() : character();
    }
    if (last < first)
      fail("this range ends before it begins", place);
    ranges.emplace_back(first, last);
  }
  ++at;
  return Expression::characters(negated ? complement(ranges) : ranges);
}

int64_t PatternReader::count() {
  int64_t value = 0;
  auto [end, error] =
      std::from_chars(text.data() + at, text.data() + text.size(), value);
  if (error != std::errc() || value > maximumCount)
    fail("a number up to 100,000 was expected");
  at = static_cast<size_t>(end - text.data());
  return value;
}

Expression PatternReader::readChoice() {
  Depth guard(*this);
  std::vector<Expression> parts;
  do
    parts.push_back(readSequence());
  while (take('|'));
  return parts.size() == 1 ? std::move(parts[0])
                           : Expression::choice(std::move(parts));
}

bool PatternReader::repetition(Expression &part) {
  int64_t least = 0, most = -1;
  if (take('*')) {
  } else if (take('+')) {
    least = 1;
  } else if (take('?')) {
    most = 1;
  } else if (is('{')) {
    const size_t begin = at++;
    least = is(',') ? 0 : count();
    most = least;
    if (take(','))
      most = is('}') ? -1 : count();
    if (!take('}'))
      fail("'}' was expected");
    if (most >= 0 && most < least)
      fail("this repetition has a maximum below its minimum", begin);
  } else {
    return false;
  }
  part = Expression::repeat(std::move(part), least, most);
  return true;
}
