//===- JsonValues.cpp - Grammars of JSON's values -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/grammar/JsonValues.h"

#include <functional>

#include <algorithm>

using namespace sinter::runtime::grammar;

Expression JsonValues::space() {
  return shared("space", [&] {
    Expression blank = Expression::characters({{' ', ' '}, {'\t', '\t'}});
    return Expression::choice(
        {Expression(), word(" "),
         Expression::sequence(
             {word("\n"), Expression::repeat(std::move(blank), 0, 20)})});
  });
}

Expression JsonValues::character() {
  return shared("character", [&] {
    Expression digit =
        Expression::characters({{'0', '9'}, {'a', 'f'}, {'A', 'F'}});
    Expression plain = Expression::characters(
        complement({{0, 0x1f}, {'"', '"'}, {'\\', '\\'}, {0x7f, 0x7f}}));
    Expression named = Expression::characters({{'"', '"'},
                                               {'\\', '\\'},
                                               {'/', '/'},
                                               {'b', 'b'},
                                               {'f', 'f'},
                                               {'n', 'n'},
                                               {'r', 'r'},
                                               {'t', 't'}});
    // No halves of characters: \\uD800 to \\uDFFF come in pairs only.
    Expression low = Expression::characters({{'0', '9'},
                                             {'a', 'c'},
                                             {'A', 'C'},
                                             {'e', 'f'},
                                             {'E', 'F'}}),
               first = Expression::sequence(
                   {std::move(low), Expression::repeat(digit, 3, 3)}),
               second = Expression::sequence(
                   {Expression::characters({{'d', 'd'}, {'D', 'D'}}),
                    Expression::characters({{'0', '7'}}),
                    Expression::repeat(digit, 2, 2)});
    return Expression::choice(
        {std::move(plain), Expression::sequence({word("\\"), std::move(named)}),
         Expression::sequence(
             {word("\\u"),
              Expression::choice({std::move(first), std::move(second)})})});
  });
}

Expression JsonValues::string(int64_t least, int64_t most) {
  return Expression::sequence(
      {word("\""), Expression::repeat(character(), least, most), word("\"")});
}

Expression JsonValues::integer() {
  return shared("integer", [&] {
    Expression digit = Expression::characters({{'0', '9'}});
    Expression from1 =
        Expression::sequence({Expression::characters({{'1', '9'}}),
                              Expression::repeat(std::move(digit), 0, 15)});
    return Expression::sequence(
        {optional(word("-")),
         Expression::choice({word("0"), std::move(from1)})});
  });
}

Expression JsonValues::number() {
  return shared("number", [&] {
    Expression digits =
        Expression::repeat(Expression::characters({{'0', '9'}}), 1, 16);
    Expression exponent = Expression::sequence(
        {Expression::characters({{'e', 'e'}, {'E', 'E'}}),
         optional(Expression::characters({{'+', '+'}, {'-', '-'}})),
         Expression::repeat(Expression::characters({{'0', '9'}}), 1, 2)});
    return Expression::sequence(
        {integer(), optional(Expression::sequence({word("."), digits})),
         optional(std::move(exponent))});
  });
}

Expression JsonValues::multiplesOf(int64_t divisor, bool isSigned) {
  // What was written leaves `remainder`; another digit makes that of ten times
  // as much.
  const std::string name = "multiple" + std::to_string(divisor) + "-";
  std::function<Expression(int64_t)> behind = [&](int64_t remainder) {
    return shared(name + std::to_string(remainder), [&, remainder] {
      std::vector<Expression> parts;
      for (char32_t digit = '0'; digit <= '9'; ++digit)
        parts.push_back(Expression::sequence(
            {Expression::characters({{digit, digit}}),
             behind((10 * remainder + int64_t(digit - '0')) % divisor)}));
      if (remainder == 0)
        parts.push_back(Expression());
      return Expression::choice(std::move(parts));
    });
  };
  std::vector<Expression> parts;
  for (char32_t digit = '1'; digit <= '9'; ++digit)
    parts.push_back(
        Expression::sequence({Expression::characters({{digit, digit}}),
                              behind(int64_t(digit - '0') % divisor)}));
  Expression from1 = Expression::choice(std::move(parts));
  if (isSigned)
    from1 = Expression::sequence({optional(word("-")), std::move(from1)});
  return Expression::choice({word("0"), std::move(from1)});
}

Expression JsonValues::list(Expression item, Expression rest) {
  return Expression::sequence({word("["), space(), std::move(item),
                               std::move(rest), space(), word("]")});
}

Expression JsonValues::comma() {
  return Expression::sequence({word(","), space()});
}

Expression JsonValues::anything() {
  return shared("value", [&] {
    Expression value = Expression::reference(named.at("value"));
    return Expression::choice({string(), number(), word("true"), word("false"),
                               word("null"), mapOf(value),
                               listOf(value, 0, -1)});
  });
}

Expression JsonValues::mapOf(Expression value) {
  Expression member =
      Expression::sequence({string(), word(":"), space(), std::move(value)});
  Expression more =
      Expression::repeat(Expression::sequence({comma(), member}), 0, -1);
  return Expression::sequence(
      {word("{"), space(),
       optional(Expression::sequence({std::move(member), std::move(more)})),
       space(), word("}")});
}

Expression JsonValues::listOf(Expression item, int64_t least, int64_t most) {
  if (most == 0)
    return Expression::sequence({word("["), space(), word("]")});
  Expression more = Expression::repeat(Expression::sequence({comma(), item}),
                                       std::max<int64_t>(least - 1, 0),
                                       most < 0 ? -1 : most - 1);
  Expression filled = list(std::move(item), std::move(more));
  if (least > 0)
    return filled;
  return Expression::choice(
      {Expression::sequence({word("["), space(), word("]")}),
       std::move(filled)});
}
