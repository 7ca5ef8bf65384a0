//===- Json.cpp - Values from JSON and to JSON -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Value.h"
#include "runtime/tokenizer/Utf8.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

using namespace sinter::runtime::chat;
using sinter::runtime::appendCharacter;
using sinter::runtime::decodeCharacter;

namespace {

constexpr int maximumDepth = 200;

class Writer {
public:
  explicit Writer(const JsonStyle &style) : style(style) {}

  void write(const Value &value, int depth) {
    if (depth > maximumDepth)
      throw TemplateError("values lie too deep in each other for JSON");
    if (value.isNone())
      out += "null";
    else if (value.isBool())
      out += value.integer() ? "true" : "false";
    else if (value.isReal() && std::isnan(value.real()))
      out += "NaN";
    else if (value.isReal() && std::isinf(value.real()))
      out += value.real() < 0 ? "-Infinity" : "Infinity";
    else if (value.isNumber())
      out += value.representation();
    else if (value.isString())
      string(value.string());
    else if (value.isList())
      list(value.list(), depth);
    else if (value.isDict())
      dict(value.dict(), depth);
    else
      throw TemplateError(value.kind() + " cannot be written as JSON");
  }

  std::string out;

private:
  void line(int depth) {
    if (style.indent >= 0)
      out += "\n" + std::string(size_t(style.indent) * size_t(depth), ' ');
  }
  void list(const List &list, int depth) {
    out += '[';
    for (size_t i = 0; i < list.size(); ++i) {
      out += i ? style.item : "";
      line(depth + 1);
      write(list[i], depth + 1);
    }
    if (!list.empty())
      line(depth);
    out += ']';
  }
  void dict(const Dict &dict, int depth) {
    auto entries = dict.entries;
    if (style.sorted)
      std::stable_sort(
          entries.begin(), entries.end(),
          [](const auto &a, const auto &b) { return a.first.less(b.first); });
    out += '{';
    for (size_t i = 0; i < entries.size(); ++i) {
      out += i ? style.item : "";
      line(depth + 1);
      const Value &key = entries[i].first;
      string(key.isString() ? key.string()
             : key.isNone() ? "null"
             : key.isBool() ? (key.truth() ? "true" : "false")
                            : key.text());
      out += style.key;
      write(entries[i].second, depth + 1);
    }
    if (!entries.empty())
      line(depth);
    out += '}';
  }
  void escape(char32_t code) {
    char buffer[8];
    std::snprintf(buffer, sizeof buffer, "\\u%04x", unsigned(code));
    out += buffer;
  }
  void string(std::string_view text) {
    out += '"';
    for (size_t at = 0; at < text.size();) {
      auto [code, bytes] = decodeCharacter(text, at);
      static constexpr std::string_view special = "\"\\\b\f\n\r\t";
      size_t found = code < 128 ? special.find(char(code)) : special.npos;
      if (found != special.npos) {
        out += '\\';
        out += "\"\\bfnrt"[found];
      } else if (code < 0x20 ||
                 (style.escaped && code < 0x10000 && code > 126)) {
        escape(code);
      } else if (style.escaped && code >= 0x10000) {
        escape(0xd800 + ((code - 0x10000) >> 10));
        escape(0xdc00 + ((code - 0x10000) & 0x3ff));
      } else {
        out += text.substr(at, bytes);
      }
      at += bytes;
    }
    out += '"';
  }

  const JsonStyle &style;
};

class Reader {
public:
  explicit Reader(std::string_view text) : text(text) {}

  Value whole() {
    Value result = value(0);
    skip();
    if (at < text.size())
      fail("the end was expected");
    return result;
  }

private:
  [[noreturn]] void fail(const std::string &message) const {
    throw TemplateError("byte " + std::to_string(at) +
                        " of the JSON: " + message);
  }
  void skip() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n' ||
                                text[at] == '\r' || text[at] == '\t'))
      ++at;
  }
  bool take(char c) {
    skip();
    if (at >= text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  bool word(std::string_view name) {
    if (text.substr(at, name.size()) != name)
      return false;
    at += name.size();
    return true;
  }

  Value value(int depth) {
    if (depth > maximumDepth)
      fail("values lie too deep in each other");
    skip();
    if (at >= text.size())
      fail("a value was expected");
    switch (text[at]) {
    case '{':
      return object(depth);
    case '[':
      return list(depth);
    case '"':
      return string();
    }
    if (word("true"))
      return true;
    if (word("false"))
      return false;
    if (word("null"))
      return Value::none();
    return number();
  }

  Value list(int depth) {
    ++at;
    List list;
    if (take(']'))
      return list;
    do
      list.push_back(value(depth + 1));
    while (take(','));
    if (!take(']'))
      fail("',' or ']' was expected");
    return list;
  }

  Value object(int depth) {
    ++at;
    Dict dict;
    if (take('}'))
      return dict;
    do {
      skip();
      if (at >= text.size() || text[at] != '"')
        fail("a name in quotes was expected");
      Value key = string();
      if (!take(':'))
        fail("':' was expected");
      dict.set(key, value(depth + 1));
    } while (take(','));
    if (!take('}'))
      fail("',' or '}' was expected");
    return dict;
  }

  char32_t hexadecimal() {
    unsigned code = 0;
    if (text.size() - at < 4 ||
        std::from_chars(text.data() + at, text.data() + at + 4, code, 16).ptr !=
            text.data() + at + 4)
      fail("four hexadecimal digits were expected");
    at += 4;
    return code;
  }

  std::string string() {
    ++at;
    std::string out;
    while (true) {
      if (at >= text.size())
        fail("the string does not end");
      char c = text[at];
      if (static_cast<unsigned char>(c) < 0x20)
        fail("a control character in a string");
      if (c == '"') {
        ++at;
        return out;
      }
      if (c != '\\') {
        auto [code, bytes] = decodeCharacter(text, at);
        appendCharacter(out, code);
        at += bytes;
        continue;
      }
      static constexpr std::string_view names = "\"\\/bfnrt",
                                        meant = "\"\\/\b\f\n\r\t";
      if (++at >= text.size())
        fail("the string does not end");
      size_t found = names.find(text[at++]);
      if (found != names.npos) {
        out += meant[found];
        continue;
      }
      if (text[at - 1] != 'u')
        fail("an unknown escape");
      char32_t code = hexadecimal();
      if (code >= 0xd800 && code < 0xdc00 && word("\\u")) {
        char32_t low = hexadecimal();
        if (low < 0xdc00 || low > 0xdfff)
          fail("half a character");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      } else if (code >= 0xd800 && code < 0xe000) {
        fail("half a character");
      }
      appendCharacter(out, code);
    }
  }

  Value number() {
    size_t end =
        std::min(text.find_first_not_of("+-.0123456789eE", at), text.size());
    std::string_view digits = text.substr(at, end - at);
    const char *last = digits.data() + digits.size();
    int64_t whole = 0;
    double real = 0;
    auto first = digits.empty() ? '\0' : digits[digits[0] == '-'];
    if (first < '0' || first > '9')
      fail("a value was expected");
    Value result;
    if (auto [stop, code] = std::from_chars(digits.data(), last, whole);
        stop == last && code == std::errc())
      result = whole;
    else if (auto [stop, code] = std::from_chars(digits.data(), last, real);
             stop == last && code == std::errc())
      result = real;
    else
      fail("a number was expected");
    at = end;
    return result;
  }

  std::string_view text;
  size_t at = 0;
};

} // namespace

std::string sinter::runtime::chat::toJson(const Value &value,
                                          const JsonStyle &style) {
  Writer writer(style);
  writer.write(value, 0);
  return std::move(writer.out);
}

Value sinter::runtime::chat::parseJson(std::string_view text) {
  return Reader(text).whole();
}
