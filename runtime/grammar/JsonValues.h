//===- JsonValues.h - Grammars of JSON's values -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_GRAMMAR_JSONVALUES_H
#define SINTER_RUNTIME_GRAMMAR_JSONVALUES_H

#include "runtime/grammar/Grammar.h"

#include <map>
#include <string>

namespace sinter::runtime::grammar {

/// A grammar, and the rules of JSON's values, which are made when they are
/// first asked for.
class JsonValues {
protected:
  static Expression word(std::string_view text) {
    return Expression::text(text);
  }
  static Expression optional(Expression part) {
    return Expression::repeat(std::move(part), 0, 1);
  }

  /// A rule that is made once.
  template <typename Make>
  Expression shared(const std::string &name, Make make) {
    auto found = named.find(name);
    if (found == named.end()) {
      const size_t number = grammar.rules.size();
      grammar.rules.push_back({name, {}, 0});
      found = named.emplace(name, number).first;
      Expression expression = make();
      grammar.rules[number].expression = std::move(expression);
    }
    return Expression::reference(found->second);
  }

  /// Nothing, a space, or a new line with some white space.
  Expression space();
  Expression comma();
  /// A character of a string, or an escape.
  Expression character();
  /// Of `least` to `most` characters; -1: any number.
  Expression string(int64_t least = 0, int64_t most = -1);
  Expression integer();
  Expression number();
  /// Whole numbers that `divisor`, 1 or more, divides; with a sign or without.
  Expression multiplesOf(int64_t divisor, bool isSigned);
  /// Any JSON value.
  Expression anything();
  /// An object with any names.
  Expression mapOf(Expression value);
  /// Of `least` to `most` items; -1: any number.
  Expression listOf(Expression item, int64_t least, int64_t most);

  Grammar grammar;

private:
  Expression list(Expression item, Expression rest);

  std::map<std::string, size_t> named;
};

} // namespace sinter::runtime::grammar

#endif // SINTER_RUNTIME_GRAMMAR_JSONVALUES_H
