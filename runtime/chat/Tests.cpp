//===- Tests.cpp - Jinja's tests -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Functions.h"
#include "runtime/chat/Methods.h"

#include <map>

using namespace sinter::runtime::chat;

namespace {

using Test = bool (*)(const Value &value, const Arguments &arguments);

const Value &other(const Arguments &arguments) {
  return arguments.get(0, "other", "this test");
}

bool isIn(const Value &value, const Arguments &arguments) {
  const Value &whole = arguments.get(0, "seq", "in");
  if (whole.isString() && value.isString())
    return whole.string().find(value.string()) != std::string::npos;
  if (whole.isDict())
    return whole.dict().find(value) != nullptr;
  for (const Value &element : whole.elements())
    if (element.equals(value))
      return true;
  return false;
}

bool equals(const Value &v, const Arguments &a) { return v.equals(other(a)); }
bool less(const Value &v, const Arguments &a) { return v.less(other(a)); }
bool atMost(const Value &v, const Arguments &a) {
  return v.less(other(a)) || v.equals(other(a));
}
bool differs(const Value &v, const Arguments &a) { return !equals(v, a); }
bool more(const Value &v, const Arguments &a) { return other(a).less(v); }
bool atLeast(const Value &v, const Arguments &a) {
  return other(a).less(v) || v.equals(other(a));
}

/// Python's remainder, which has the sign of the divisor.
int64_t remainder(const Value &value, int64_t divisor) {
  int64_t number = wholeNumber(value, "what is divided");
  if (divisor == 0)
    throw TemplateError("division by 0");
  return divisor == -1 ? 0 : ((number % divisor) + divisor) % divisor;
}

const std::map<std::string_view, Test> tests = {
    {"==", equals},
    {"eq", equals},
    {"equalto", equals},
    {"!=", differs},
    {"ne", differs},
    {"<", less},
    {"lt", less},
    {"lessthan", less},
    {"<=", atMost},
    {"le", atMost},
    {">", more},
    {"gt", more},
    {"greaterthan", more},
    {">=", atLeast},
    {"ge", atLeast},
    {"in", isIn},
    {"boolean", [](const Value &v, const Arguments &) { return v.isBool(); }},
    {"callable",
     [](const Value &v, const Arguments &) { return v.isFunction(); }},
    {"defined",
     [](const Value &v, const Arguments &) { return !v.isUndefined(); }},
    {"undefined",
     [](const Value &v, const Arguments &) { return v.isUndefined(); }},
    {"divisibleby",
     [](const Value &v, const Arguments &a) {
       return remainder(
                  v, wholeNumber(a.get(0, "num", "divisibleby"), "num")) == 0;
     }},
    {"even",
     [](const Value &v, const Arguments &) { return remainder(v, 2) == 0; }},
    {"odd",
     [](const Value &v, const Arguments &) { return remainder(v, 2) == 1; }},
    {"false", [](const Value &v,
                 const Arguments &) { return v.isBool() && !v.truth(); }},
    {"true",
     [](const Value &v, const Arguments &) { return v.isBool() && v.truth(); }},
    {"filter",
     [](const Value &v, const Arguments &) { return hasFilter(v.text()); }},
    {"test",
     [](const Value &v, const Arguments &) { return hasTest(v.text()); }},
    {"float", [](const Value &v, const Arguments &) { return v.isReal(); }},
    {"integer",
     [](const Value &v, const Arguments &) { return v.isInteger(); }},
    {"iterable",
     [](const Value &v, const Arguments &) {
       return v.isString() || v.isList() || v.isDict() || v.isUndefined();
     }},
    {"sequence",
     [](const Value &v, const Arguments &) {
       return v.isString() || v.isList() || v.isDict() || v.isUndefined();
     }},
    {"lower",
     [](const Value &v, const Arguments &) {
       return callMethod(v.text(), "islower", {}).truth();
     }},
    {"upper",
     [](const Value &v, const Arguments &) {
       return callMethod(v.text(), "isupper", {}).truth();
     }},
    {"mapping", [](const Value &v, const Arguments &) { return v.isDict(); }},
    {"none", [](const Value &v, const Arguments &) { return v.isNone(); }},
    {"number", [](const Value &v, const Arguments &) { return v.isNumber(); }},
    {"sameas",
     [](const Value &v, const Arguments &a) {
       return v.equals(other(a)) && v.kind() == other(a).kind();
     }},
    {"string", [](const Value &v, const Arguments &) { return v.isString(); }},
};

} // namespace

bool sinter::runtime::chat::hasTest(std::string_view name) {
  return tests.contains(name);
}

bool sinter::runtime::chat::applyTest(std::string_view name, const Value &value,
                                      const Arguments &arguments) {
  return tests.at(name)(value, arguments);
}
