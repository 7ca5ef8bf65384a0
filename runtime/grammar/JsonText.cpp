//===- JsonText.cpp - Texts as JSON strings write them -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/grammar/JsonText.h"

#include "runtime/chat/Value.h"

#include <algorithm>

using namespace sinter::runtime;
using namespace sinter::runtime::grammar;

static Expression escaped(char character) {
  const std::string quoted = toJson(chat::Value(std::string(1, character)), {});
  return Expression::text(
      std::string_view(quoted).substr(1, quoted.size() - 2));
}

Expression sinter::runtime::grammar::escapedInJson(Expression expression,
                                                   const std::string &path) {
  for (Expression &part : expression.parts)
    part = escapedInJson(std::move(part), path);
  if (expression.kind != Expression::Characters)
    return expression;
  std::vector<Expression> choices;
  std::vector<Range> plain;
  for (auto [first, last] : expression.ranges) {
    for (char32_t c : {U'"', U'\\', U'\b', U'\f', U'\n', U'\r', U'\t'})
      if (c >= first && c <= last)
        choices.push_back(escaped(static_cast<char>(c)));
    // All but control characters, the quote and the backslash.
    for (auto [from, to] : complement({{0, 0x1f}, {'"', '"'}, {'\\', '\\'}}))
      if (std::max(first, from) <= std::min(last, to))
        plain.emplace_back(std::max(first, from), std::min(last, to));
  }
  if (!plain.empty())
    choices.push_back(Expression::characters(std::move(plain)));
  if (choices.empty())
    throw GrammarError(path + ": it has characters that JSON cannot write");
  return Expression::choice(std::move(choices));
}
