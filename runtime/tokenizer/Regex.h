//===- Regex.h - Regular expressions on UTF-8 -------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TOKENIZER_REGEX_H
#define SINTER_RUNTIME_TOKENIZER_REGEX_H

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::runtime {

/// Bytes [begin, end) of a text.
struct Span {
  size_t begin, end;
};

class Regex {
public:
  /// `pattern` in PCRE2's syntax; "^" and "$" match at lines. Null, and a
  /// message, if it is not a regular expression.
  static std::unique_ptr<Regex> compile(std::string_view pattern,
                                        std::string &error);
  ~Regex();
  Regex(const Regex &) = delete;
  Regex &operator=(const Regex &) = delete;

  /// Appends all matches in well-formed `text`, from left to right. Of empty
  /// ones, those that do not touch the match before them. False, and a
  /// message, where a search takes more steps than PCRE2 allows.
  bool findAll(std::string_view text, std::vector<Span> &matches,
               std::string &error) const;

private:
  explicit Regex(void *code) : code(code) {}
  void *code;
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_TOKENIZER_REGEX_H
