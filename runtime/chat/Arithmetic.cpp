//===- Arithmetic.cpp - Numbers and texts of a chat template -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Evaluator.h"
#include "runtime/chat/Functions.h"

#include <cmath>

using namespace sinter::runtime::chat;

/// What `*` makes of a string or list at most.
static constexpr int64_t longestRepetition = 1'000'000;

static Value repeated(const Value &value, int64_t count) {
  if (count > 0 && value.length() > longestRepetition / count)
    throw TemplateError("'*' makes " + value.kind() + " too long");
  if (value.isString()) {
    std::string text;
    for (int64_t i = 0; i < count; ++i)
      text += value.string();
    return text;
  }
  List list;
  for (int64_t i = 0; i < count; ++i)
    list.insert(list.end(), value.list().begin(), value.list().end());
  return value.isTuple() ? Value::tuple(std::move(list)) : Value(list);
}

static Value together(const Value &left, const Value &right) {
  List list = left.list();
  list.insert(list.end(), right.list().begin(), right.list().end());
  return left.isTuple() ? Value::tuple(std::move(list)) : Value(list);
}

static Value power(const Value &left, const Value &right) {
  if (!left.isReal() && !right.isReal() && right.integer() >= 0) {
    int64_t result = 1, base = left.integer();
    bool fits = true;
    for (int64_t i = 0; i < right.integer() && fits; ++i) {
      fits = !__builtin_mul_overflow(result, base, &result);
      if (result == 0 || result == 1 || (result == -1 && i > 1))
        return result == -1 && right.integer() % 2 == 0 ? Value(1)
                                                        : Value(result);
    }
    if (fits)
      return result;
  }
  return std::pow(left.real(), right.real());
}

Value sinter::runtime::chat::arithmetic(const std::string &name,
                                        const Value &left, const Value &right) {
  if (name == "~")
    return left.text() + right.text();
  if (name == "+" && left.isString() && right.isString())
    return left.string() + right.string();
  if (name == "+" && left.isList() && right.isList() &&
      left.isTuple() == right.isTuple())
    return together(left, right);
  bool isWhole = !left.isReal() && !right.isReal();
  if (name == "*" && (left.isString() || left.isList()) && right.isNumber() &&
      !right.isReal())
    return repeated(left, right.integer());
  if (name == "*" && (right.isString() || right.isList()) && left.isNumber() &&
      !left.isReal())
    return repeated(right, left.integer());
  if (name == "%" && left.isString())
    return formatted(left.string(),
                     right.isTuple() ? right.list() : List{right});
  if (!left.isNumber() || !right.isNumber())
    throw TemplateError("'" + name + "' does not work on " + left.kind() +
                        " and " + right.kind());
  if (name == "**")
    return power(left, right);
  bool divides = name == "/" || name == "//" || name == "%";
  if (divides && right.real() == 0)
    throw TemplateError("division by 0");
  if (name == "/")
    return left.real() / right.real();
  if (!isWhole) {
    double a = left.real(), b = right.real();
    if (name == "//")
      return std::floor(a / b);
    if (name == "%")
      return a - b * std::floor(a / b);
    return name == "+" ? a + b : name == "-" ? a - b : a * b;
  }
  int64_t a = left.integer(), b = right.integer(), result = 0;
  bool overflows = false;
  if (name == "+")
    overflows = __builtin_add_overflow(a, b, &result);
  else if (name == "-")
    overflows = __builtin_sub_overflow(a, b, &result);
  else if (name == "*")
    overflows = __builtin_mul_overflow(a, b, &result);
  else if (b == -1)
    overflows = name == "//" && __builtin_sub_overflow(int64_t(0), a, &result);
  else if (name == "//")
    result = a / b - (a % b != 0 && (a < 0) != (b < 0));
  else
    result = a % b + (a % b != 0 && (a < 0) != (b < 0) ? b : 0);
  if (overflows)
    throw TemplateError("a number of more than 64 bits");
  return result;
}
