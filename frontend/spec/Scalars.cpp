//===- Scalars.cpp - Arithmetic of what is known when compiling -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Elaborator.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace llvm;

namespace sinter::spec {

bool Elaborator::equal(const Value &left, const Value &right) {
  if (left.isNumber() && right.isNumber())
    return left.is(Value::Int) && right.is(Value::Int)
               ? left.integer == right.integer
               : left.asReal() == right.asReal();
  if (left.kind != right.kind)
    return false;
  switch (left.kind) {
  case Value::None:
    return true;
  case Value::Bool:
    return left.integer == right.integer;
  case Value::String:
  case Value::Dim:
    return left.string == right.string;
  case Value::List:
    return left.list->size() == right.list->size() &&
           all_of(zip_equal(*left.list, *right.list), [](const auto &pair) {
             return equal(std::get<0>(pair), std::get<1>(pair));
           });
  default:
    return false;
  }
}

Value Elaborator::isIn(const BinaryExpr &expr, const Value &item,
                       const Value &list) {
  if (list.is(Value::None))
    return Value::makeBool(false, expr.range);
  if (!list.is(Value::List))
    return fail(expr.opRange, "'in' asks a list, not " + describe(list),
                {originNote(list)});
  return Value::makeBool(
      any_of(*list.list, [&](const Value &each) { return equal(item, each); }),
      expr.range);
}

Value Elaborator::scalarBinary(const BinaryExpr &expr, const Value &left,
                               const Value &right) {
  if (expr.op == "in")
    return isIn(expr, left, right);
  if (is_contained({"==", "!=", "<", "<=", ">", ">="}, expr.op))
    return scalarCompare(expr, left, right);
  return scalarArithmetic(expr, left, right);
}

Value Elaborator::scalarCompare(const BinaryExpr &expr, const Value &left,
                                const Value &right) {
  if (expr.op == "==" || expr.op == "!=")
    return Value::makeBool(equal(left, right) == (expr.op == "=="), expr.range);
  if (!left.isNumber() || !right.isNumber())
    return fail(expr.opRange,
                "'" + expr.op + "' compares numbers, not " + describe(left) +
                    " and " + describe(right),
                {originNote(left), originNote(right)});
  bool integers = left.is(Value::Int) && right.is(Value::Int);
  double a = left.asReal(), b = right.asReal();
  bool less = integers ? left.integer < right.integer : a < b;
  bool same = integers ? left.integer == right.integer : a == b;
  bool holds = expr.op == "<"    ? less
               : expr.op == "<=" ? less || same
               : expr.op == ">"  ? !less && !same
                                 : !less;
  return Value::makeBool(holds, expr.range);
}

/// Integers stay integers: a division that leaves a remainder is a mistake, as
/// that of a width by a number of heads.
Value Elaborator::scalarArithmetic(const BinaryExpr &expr, const Value &left,
                                   const Value &right) {
  StringRef op = expr.op;
  if (op == "+" && left.is(Value::List) && right.is(Value::List)) {
    std::vector<Value> items = *left.list;
    constexpr size_t maximumItems = 1 << 16;
    if (items.size() + right.list->size() > maximumItems)
      return fail(expr.opRange, "this list has more than 65536 items");
    if (!spend(items.size() + right.list->size(), expr.opRange))
      return Value();
    items.insert(items.end(), right.list->begin(), right.list->end());
    return Value::makeList(std::move(items), expr.range);
  }
  if (!left.isNumber() || !right.isNumber()) {
    bool dimension = left.is(Value::Dim) || right.is(Value::Dim);
    return fail(expr.opRange,
                "'" + op + "' cannot join " + describe(left) + " and " +
                    describe(right) +
                    (dimension ? ": there is no arithmetic on what is known "
                                 "only when the model "
                                 "runs"
                               : ""),
                {originNote(left), originNote(right)});
  }
  bool integers = left.is(Value::Int) && right.is(Value::Int);
  if (op == "@")
    return fail(expr.opRange, "'@' multiplies matrices, not numbers");
  bool byZero = right.asReal() == 0 && (op == "/" || op == "//" || op == "%");
  if (byZero)
    return fail(expr.opRange, "division by zero", {originNote(right)});

  if (op == "^") {
    if (!integers || right.integer < 0)
      return Value::makeReal(std::pow(left.asReal(), right.asReal()),
                             expr.range);
    // These would go round as often as the exponent says; every other base soon
    // overflows.
    if (left.integer >= -1 && left.integer <= 1) {
      bool even = right.integer % 2 == 0;
      int64_t value = right.integer == 0           ? 1
                      : left.integer == -1 && even ? 1
                                                   : left.integer;
      return Value::makeInt(value, expr.range);
    }
    int64_t result = 1;
    for (int64_t i = 0; i < right.integer; ++i)
      if (__builtin_mul_overflow(result, left.integer, &result))
        return Value::makeReal(std::pow(left.asReal(), right.asReal()),
                               expr.range);
    return Value::makeInt(result, expr.range);
  }
  if (integers) {
    int64_t a = left.integer, b = right.integer, result = 0;
    bool overflow = false;
    if (op == "+")
      overflow = __builtin_add_overflow(a, b, &result);
    else if (op == "-")
      overflow = __builtin_sub_overflow(a, b, &result);
    else if (op == "*")
      overflow = __builtin_mul_overflow(a, b, &result);
    else if (a == INT64_MIN && b == -1)
      overflow = true;
    else if (op == "/" && a % b != 0)
      return fail(expr.opRange,
                  Twine(a) + " is not divisible by " + Twine(b) +
                      "; '//' rounds down, and a real number such as " +
                      Twine(b) + ".0 divides as real numbers do",
                  {originNote(left, Twine(a) + " comes from here"),
                   originNote(right, Twine(b) + " comes from here")});
    else if (op == "%")
      result = a % b + (a % b != 0 && (a < 0) != (b < 0) ? b : 0);
    else
      result = a / b - (a % b != 0 && (a < 0) != (b < 0));
    if (overflow)
      return fail(expr.opRange, "this integer does not fit into 64 bits",
                  {originNote(left), originNote(right)});
    return Value::makeInt(result, expr.range);
  }
  double a = left.asReal(), b = right.asReal();
  double result = op == "+"    ? a + b
                  : op == "-"  ? a - b
                  : op == "*"  ? a * b
                  : op == "/"  ? a / b
                  : op == "//" ? std::floor(a / b)
                               : a - b * std::floor(a / b);
  return Value::makeReal(result, expr.range);
}

} // namespace sinter::spec
