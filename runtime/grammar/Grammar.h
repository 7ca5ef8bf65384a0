//===- Grammar.h - What a text may be, as rules -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_GRAMMAR_GRAMMAR_H
#define SINTER_RUNTIME_GRAMMAR_GRAMMAR_H

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sinter::runtime::grammar {

/// What is wrong with a grammar, and where in its text; `unknown`: nowhere.
class GrammarError : public std::exception {
public:
  static constexpr size_t unknown = ~size_t(0);
  explicit GrammarError(std::string message, size_t place = unknown)
      : text(std::move(message)), place(place) {}
  const char *what() const noexcept override { return text.c_str(); }

  std::string text;
  size_t place;
};

/// "NAME:2:5: error: ..." with the line and a caret.
std::string explain(std::string_view text, const GrammarError &error,
                    std::string_view name);

using Range = std::pair<char32_t, char32_t>; ///< both are part of it

/// A part of a rule.
struct Expression {
  enum Kind {
    Characters, ///< one character of `ranges`
    Sequence,   ///< parts, one behind the other; none: the empty text
    Choice,     ///< one of parts
    Repeat,     ///< parts[0], `least` to `most` times
    Rule        ///< rule number `rule`
  } kind = Sequence;
  std::vector<Range> ranges = {};
  std::vector<Expression> parts = {};
  int64_t least = 0, most = 0; ///< most -1: any number of times
  size_t rule = 0;

  static Expression characters(std::vector<Range> ranges) {
    Expression expression;
    expression.kind = Characters;
    expression.ranges = std::move(ranges);
    return expression;
  }
  static Expression text(std::string_view text);
  static Expression sequence(std::vector<Expression> parts) {
    Expression expression;
    expression.parts = std::move(parts);
    return expression;
  }
  static Expression choice(std::vector<Expression> parts) {
    Expression expression = sequence(std::move(parts));
    expression.kind = Choice;
    return expression;
  }
  static Expression repeat(Expression part, int64_t least, int64_t most) {
    Expression expression = sequence({std::move(part)});
    expression.kind = Repeat;
    expression.least = least;
    expression.most = most;
    return expression;
  }
  static Expression reference(size_t rule) {
    Expression expression;
    expression.kind = Rule;
    expression.rule = rule;
    return expression;
  }
};

struct Rule {
  std::string name;
  Expression expression;
  size_t place = GrammarError::unknown; ///< where it is written
};

struct Grammar {
  std::vector<Rule> rules;
  size_t root = 0;
};

/// All characters but those of `ranges`.
std::vector<Range> complement(std::vector<Range> ranges);

/// GBNF, as llama.cpp reads it: `root ::= "yes" | "no"`. Throws GrammarError.
Grammar parseGbnf(std::string_view text);

/// A regular expression that the whole text has to match: characters, classes,
/// groups, `|`, `* + ? {m,n}`, and `\\d \\w \\s` of ASCII. What looks around or
/// back is refused. Throws GrammarError.
Expression parseRegex(std::string_view text);

/// The JSON values that a schema allows: `type`, `properties`, `required`,
/// `additionalProperties`, `items`, `prefixItems`, `minItems`, `maxItems`,
/// `enum`, `const`, `anyOf`, `oneOf`, `allOf`, `minLength`, `maxLength`,
/// `pattern`, `format` (date, time, date-time, uuid, ipv4), `minimum` and
/// `maximum` (whole numbers; of integers `exclusiveMinimum` and
/// `exclusiveMaximum`, too), `multipleOf` (whole numbers), `$ref` within the
/// schema, `$defs`. Properties come in their order. Where
/// `additionalProperties` says nothing, there are none beside those that the
/// schema names. A word that would be ignored is refused. Throws GrammarError.
Grammar parseJsonSchema(std::string_view text);

} // namespace sinter::runtime::grammar

#endif // SINTER_RUNTIME_GRAMMAR_GRAMMAR_H
