//===- Regex.cpp - Regular expressions as grammars -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/grammar/PatternReader.h"

using namespace sinter::runtime::grammar;

namespace {

class RegexReader : PatternReader {
public:
  explicit RegexReader(std::string_view text) : PatternReader(text) {}

  Expression read() {
    take('^'); // it matches the whole text in any case
    Expression result = readChoice();
    if (!ends())
      fail("this ')' closes nothing");
    return result;
  }

private:
  Expression readSequence() override {
    std::vector<Expression> parts;
    while (!ends() && !is('|') && !is(')')) {
      if (is('$') && at + 1 == text.size()) {
        ++at;
        break;
      }
      Expression part = readPart();
      if (repetition(part)) {
        // The shortest match first is the same set of texts.
        take('?');
        if (is('*') || is('+'))
          fail("nothing to repeat stands before this");
      }
      parts.push_back(std::move(part));
    }
    return Expression::sequence(std::move(parts));
  }

  Expression readPart() {
    const size_t begin = at;
    if (take('(')) {
      if (take('?') && !take(':'))
        fail("groups that look around or have a name are not supported", begin);
      Expression group = readChoice();
      if (!take(')'))
        fail("this group has no ')'", begin);
      return group;
    }
    if (take('['))
      return characterClass(begin);
    if (take('.'))
      return Expression::characters(complement({{'\n', '\n'}}));
    if (is('*') || is('+') || is('?') || is('{'))
      fail("nothing to repeat stands before this");
    if (is('^') || is('$'))
      fail("an anchor within the expression is not supported");
    if (!take('\\')) {
      const char32_t c = character();
      return Expression::characters({{c, c}});
    }
    if (std::vector<Range> ranges = escapedClass(); !ranges.empty()) {
      ++at;
      return Expression::characters(std::move(ranges));
    }
    const char32_t c = escape();
    return Expression::characters({{c, c}});
  }
};

} // namespace

Expression sinter::runtime::grammar::parseRegex(std::string_view text) {
  return RegexReader(text).read();
}
