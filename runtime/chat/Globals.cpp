//===- Globals.cpp - Functions, attributes and elements in templates -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Functions.h"
#include "runtime/chat/Methods.h"
#include "runtime/chat/Text.h"

#include <cstdio>
#include <ctime>
#include <map>

using namespace sinter::runtime::chat;

int64_t sinter::runtime::chat::wholeNumber(const Value &value,
                                           std::string_view what) {
  if (!value.isInteger() && !value.isBool())
    throw TemplateError(std::string(what) + " is " + value.kind() +
                        "; a whole number was expected");
  return value.integer();
}

/// As many as Jinja's sandbox allows.
static constexpr int64_t longestRange = 100'000;

static Value makeRange(const Arguments &arguments) {
  int64_t begin = 0, end = 0, step = 1;
  if (arguments.positional.size() == 1) {
    end = wholeNumber(arguments.positional[0], "the end of a range");
  } else {
    begin = wholeNumber(arguments.get(0, "start", "range"), "a range's start");
    end = wholeNumber(arguments.get(1, "stop", "range"), "a range's end");
    if (const Value *given = arguments.find(2, "step"))
      step = wholeNumber(*given, "a range's step");
  }
  if (step == 0)
    throw TemplateError("the step of a range is 0");
  List list;
  for (int64_t i = begin; step > 0 ? i < end : i > end;) {
    if (int64_t(list.size()) == longestRange)
      throw TemplateError("a range of more than 100,000 numbers");
    list.push_back(i);
    if (__builtin_add_overflow(i, step, &i))
      break;
  }
  return list;
}

static Dict dictOf(const Arguments &arguments) {
  Dict dict;
  for (const Value &given : arguments.positional) {
    if (!given.isDict())
      throw TemplateError("a mapping was expected, not " + given.kind());
    for (const auto &[key, value] : given.dict().entries)
      dict.set(key, value);
  }
  for (const auto &[name, value] : arguments.named)
    dict.set(name, value);
  return dict;
}

static Value timeNow(const Arguments &arguments) {
  const Value &format = arguments.get(0, "format", "strftime_now");
  if (!format.isString())
    throw TemplateError("strftime_now needs a format, not " + format.kind());
  std::time_t now = std::time(nullptr);
  std::tm local = {};
  localtime_r(&now, &local);
  char buffer[1000];
  return std::string(buffer, std::strftime(buffer, sizeof buffer,
                                           format.string().c_str(), &local));
}

const Value *sinter::runtime::chat::findGlobal(std::string_view name) {
  static const std::map<std::string_view, Value> globals = {
      {"range", Value(Function(makeRange))},
      {"dict",
       Value(Function([](const Arguments &a) { return Value(dictOf(a)); }))},
      {"namespace", Value(Function([](const Arguments &a) {
         return Value::makeNamespace(dictOf(a));
       }))},
      {"raise_exception", Value(Function([](const Arguments &a) -> Value {
         throw TemplateError(a.get(0, "message", "raise_exception").text());
       }))},
      {"strftime_now", Value(Function(timeNow))}};
  auto found = globals.find(name);
  return found == globals.end() ? nullptr : &found->second;
}

Value sinter::runtime::chat::attributeOf(const Value &object,
                                         const std::string &name) {
  if (object.isUndefined())
    throw TemplateError(object.undefinedName().empty()
                            ? "there is nothing to take '" + name + "' of"
                            : "'" + object.undefinedName() +
                                  "' is undefined, so it has no '" + name +
                                  "'");
  if (!object.isNamespace() && hasMethod(object, name))
    return Function([object, name](const Arguments &arguments) {
      return callMethod(object, name, arguments);
    });
  if (object.isDict() || object.isNamespace())
    if (const Value *value = object.dict().find(name))
      return *value;
  return Value::undefined(name);
}

Value sinter::runtime::chat::elementOf(const Value &object, const Value &key) {
  if (object.isUndefined())
    return attributeOf(object, key.text()); // throws
  if (object.isDict() || object.isNamespace()) {
    if (const Value *value = object.dict().find(key))
      return *value;
  } else if ((object.isList() || object.isString()) &&
             (key.isInteger() || key.isBool())) {
    int64_t index = key.integer(), length = object.length();
    index += index < 0 ? length : 0;
    if (index < 0 || index >= length)
      return Value::undefined(key.text());
    return object.isList()
               ? object.list()[size_t(index)]
               : Value(charactersOf(object.string())[size_t(index)]);
  }
  return key.isString() ? attributeOf(object, key.string())
                        : Value::undefined(key.text());
}

std::string sinter::runtime::chat::formatted(const std::string &format,
                                             const List &values) {
  std::string out;
  size_t used = 0;
  for (size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%') {
      out += format[at];
      continue;
    }
    size_t kind = format.find_first_not_of("0123456789.+- #", at + 1);
    if (kind == format.npos || kind - at > 12)
      throw TemplateError("a format ends within '%'");
    std::string part = format.substr(at, kind - at);
    at = kind;
    if (format[kind] == '%') {
      out += '%';
      continue;
    }
    if (used >= values.size())
      throw TemplateError("a format takes more values than there are");
    const Value &value = values[used++];
    char buffer[512];
    switch (format[kind]) {
    case 's':
    case 'r':
      out += format[kind] == 's' ? value.text() : value.representation();
      break;
    case 'd':
    case 'i':
      part += "lld";
      if (std::atoi(part.c_str() + 1) > 100 || !value.isNumber())
        throw TemplateError("'%d' takes a number");
      std::snprintf(buffer, sizeof buffer, part.c_str(),
                    value.isReal() ? (long long)(value.real())
                                   : (long long)(value.integer()));
      out += buffer;
      break;
    case 'f':
    case 'g':
    case 'e': {
      part += format[kind];
      size_t point = part.find('.');
      bool isWide =
          std::atoi(part.c_str() + 1) > 100 ||
          (point != part.npos && std::atoi(part.c_str() + point + 1) > 100);
      if (isWide || !value.isNumber())
        throw TemplateError("'%f' takes a number");
      std::snprintf(buffer, sizeof buffer, part.c_str(), value.real());
      out += buffer;
      break;
    }
    default:
      throw TemplateError(std::string("a format of '%") + format[kind] +
                          "' is not supported");
    }
  }
  if (used < values.size())
    throw TemplateError("a format takes fewer values than there are");
  return out;
}
