//===- Value.cpp - What a chat template computes with -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Value.h"
#include "runtime/chat/Text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

using namespace sinter::runtime::chat;

/// Values in values; nothing that people write is as deep.
static constexpr int maximumDepth = 200;

const Value *Arguments::find(size_t index, std::string_view name) const {
  if (index < positional.size())
    return &positional[index];
  for (const auto &[given, value] : named)
    if (given == name)
      return &value;
  return nullptr;
}

const Value &Arguments::get(size_t index, std::string_view name,
                            std::string_view function) const {
  if (const Value *value = find(index, name))
    return *value;
  throw TemplateError(std::string(function) + " needs '" + std::string(name) +
                      "'");
}

Value *Dict::find(const Value &key) {
  for (auto &[name, value] : entries)
    if (name.equals(key))
      return &value;
  return nullptr;
}

void Dict::set(const Value &key, Value value) {
  if (Value *found = find(key))
    *found = std::move(value);
  else
    entries.emplace_back(key, std::move(value));
}

bool Value::truth() const {
  if (isUndefined() || isNone())
    return false;
  if (isNumber())
    return real() != 0;
  if (isString())
    return !string().empty();
  if (isList())
    return !list().empty();
  if (isDict())
    return !dict().entries.empty();
  return true;
}

static bool equal(const Value &a, const Value &b, int depth) {
  if (depth > maximumDepth)
    throw TemplateError("values lie too deep in each other to compare them");
  if (a.isNumber() && b.isNumber())
    return a.isReal() || b.isReal() ? a.real() == b.real()
                                    : a.integer() == b.integer();
  if (a.isString() && b.isString())
    return a.string() == b.string();
  if (a.isUndefined() && b.isUndefined())
    return true;
  if (a.isNone() && b.isNone())
    return true;
  if (a.isList() && b.isList() && a.isTuple() == b.isTuple())
    return std::equal(
        a.list().begin(), a.list().end(), b.list().begin(), b.list().end(),
        [&](const Value &x, const Value &y) { return equal(x, y, depth + 1); });
  if (a.isDict() && b.isDict()) {
    if (a.dict().entries.size() != b.dict().entries.size())
      return false;
    for (const auto &[key, value] : a.dict().entries) {
      const Value *other = b.dict().find(key);
      if (!other || !equal(value, *other, depth + 1))
        return false;
    }
    return true;
  }
  return false;
}

bool Value::equals(const Value &other) const { return equal(*this, other, 0); }

bool Value::less(const Value &other) const {
  if (isNumber() && other.isNumber())
    return isReal() || other.isReal() ? real() < other.real()
                                      : integer() < other.integer();
  if (isString() && other.isString())
    return string() < other.string();
  if (isList() && other.isList())
    return std::lexicographical_compare(
        list().begin(), list().end(), other.list().begin(), other.list().end(),
        [](const Value &a, const Value &b) { return a.less(b); });
  throw TemplateError(kind() + " and " + other.kind() + " have no order");
}

std::string Value::kind() const {
  if (isUndefined())
    return undefinedName().empty()
               ? "what is undefined"
               : "'" + undefinedName() + "', which is undefined,";
  if (isNone())
    return "none";
  if (isBool())
    return "a truth value";
  if (isInteger())
    return "an integer";
  if (isReal())
    return "a number";
  if (isString())
    return "a string";
  if (isTuple())
    return "a tuple";
  if (isList())
    return "a list";
  if (isDict())
    return "a mapping";
  return isNamespace() ? "a namespace" : "a function";
}

/// The shortest digits that give the number again, as Python writes them.
static std::string realText(double value) {
  if (std::isnan(value))
    return "nan";
  if (std::isinf(value))
    return value < 0 ? "-inf" : "inf";
  double size = std::fabs(value);
  char buffer[400];
  bool isPlain = value == 0 || (size >= 1e-4 && size < 1e16);
  auto end = std::to_chars(buffer, buffer + sizeof buffer, value,
                           isPlain ? std::chars_format::fixed
                                   : std::chars_format::scientific)
                 .ptr;
  std::string text(buffer, end);
  if (isPlain && text.find('.') == std::string::npos)
    text += ".0";
  return text;
}

std::string Value::text() const {
  return isString() ? string() : isUndefined() ? "" : representation();
}

/// A string between the quotes that Python would take.
static std::string quoted(const std::string &text) {
  const char quote = text.find('\'') != std::string::npos &&
                             text.find('"') == std::string::npos
                         ? '"'
                         : '\'';
  std::string out(1, quote);
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == quote || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      const char *digits = "0123456789abcdef";
      out += "\\x";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  return out + quote;
}

static void represent(const Value &value, std::string &out, int depth) {
  if (depth > maximumDepth)
    throw TemplateError("values lie too deep in each other to write them");
  if (value.isUndefined())
    out += "Undefined";
  else if (value.isNone())
    out += "None";
  else if (value.isBool())
    out += value.integer() ? "True" : "False";
  else if (value.isInteger())
    out += std::to_string(value.integer());
  else if (value.isReal())
    out += realText(value.real());
  else if (value.isString())
    out += quoted(value.string());
  else if (value.isList()) {
    out += value.isTuple() ? '(' : '[';
    const List &list = value.list();
    for (size_t i = 0; i < list.size(); ++i) {
      out += i ? ", " : "";
      represent(list[i], out, depth + 1);
    }
    out += value.isTuple() && list.size() == 1 ? ",)"
           : value.isTuple()                   ? ")"
                                               : "]";
  } else if (value.isDict()) {
    out += '{';
    const char *separator = "";
    for (const auto &[key, element] : value.dict().entries) {
      out += separator;
      represent(key, out, depth + 1);
      out += ": ";
      represent(element, out, depth + 1);
      separator = ", ";
    }
    out += '}';
  } else {
    out += value.isNamespace() ? "<Namespace>" : "<function>";
  }
}

std::string Value::representation() const {
  std::string out;
  represent(*this, out, 0);
  return out;
}

List Value::elements() const {
  if (isList())
    return list();
  if (isUndefined())
    return {};
  List result;
  if (isDict())
    for (const auto &[key, value] : dict().entries)
      result.push_back(key);
  else if (isString())
    for (std::string_view character : charactersOf(string()))
      result.push_back(character);
  else
    throw TemplateError(kind() + " has no elements");
  return result;
}

int64_t Value::length() const {
  if (isList())
    return int64_t(list().size());
  if (isDict())
    return int64_t(dict().entries.size());
  if (isString())
    return int64_t(countCharacters(string()));
  if (isUndefined())
    return 0;
  throw TemplateError(kind() + " has no length");
}
