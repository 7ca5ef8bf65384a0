//===- PatternReader.h - What GBNF and regular expressions share -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_GRAMMAR_PATTERNREADER_H
#define SINTER_RUNTIME_GRAMMAR_PATTERNREADER_H

#include "runtime/grammar/Grammar.h"

namespace sinter::runtime::grammar {

/// A place in a text, and the pieces that patterns are written with.
class PatternReader {
protected:
  ~PatternReader() = default;
  explicit PatternReader(std::string_view text) : text(text) {}

  [[noreturn]] void fail(const std::string &message, size_t place) const {
    throw GrammarError(message, place);
  }
  [[noreturn]] void fail(const std::string &message) const {
    fail(message, at);
  }
  bool ends() const { return at >= text.size(); }
  bool is(char c) const { return !ends() && text[at] == c; }
  bool take(char c) {
    const bool takes = is(c);
    at += takes;
    return takes;
  }
  /// The next character, whatever it is.
  char32_t character();
  /// Behind a backslash: the character that an escape stands for.
  char32_t escape();
  /// `digits` hexadecimal digits.
  char32_t hexadecimal(int digits);
  /// What an escape like \\d stands for; empty: it is none.
  std::vector<Range> escapedClass() const;
  /// Behind `[`: ranges up to `]`, maybe all but those.
  Expression characterClass(size_t begin);
  /// `* + ? {m,n}` behind `part`, once or not at all. True: there was one.
  bool repetition(Expression &part);

  /// Sequences with `|` between them.
  Expression readChoice();
  /// What stands between them, as the language at hand writes it.
  virtual Expression readSequence() = 0;

  /// Groups in each other.
  struct Depth {
    explicit Depth(PatternReader &reader) : reader(reader) {
      if (++reader.depth > 100)
        reader.fail("groups lie too deep in each other");
    }
    ~Depth() { --reader.depth; }
    PatternReader &reader;
  };

  std::string_view text;
  size_t at = 0;
  int depth = 0;

private:
  int64_t count();
};

} // namespace sinter::runtime::grammar

#endif // SINTER_RUNTIME_GRAMMAR_PATTERNREADER_H
