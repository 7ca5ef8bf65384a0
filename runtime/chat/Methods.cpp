//===- Methods.cpp - Methods of strings, lists and mappings -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Methods.h"
#include "runtime/chat/Functions.h"
#include "runtime/chat/Text.h"

#include <algorithm>
#include <map>

using namespace sinter::runtime;
using namespace sinter::runtime::chat;

namespace {

using Method = Value (*)(const Value &object, const Arguments &arguments);

const std::string &stringOf(const Value &value, std::string_view what) {
  if (!value.isString())
    throw TemplateError(std::string(what) + " is " + value.kind() +
                        "; a string was expected");
  return value.string();
}

const std::string &stringArgument(const Arguments &arguments, size_t index,
                                  std::string_view name) {
  return stringOf(arguments.get(index, name, "this method"), name);
}

Value strip(const Value &object, const Arguments &arguments, bool left,
            bool right) {
  const Value *set = arguments.find(0, "chars");
  return stripped(object.string(),
                  set && !set->isNone() ? stringOf(*set, "chars")
                                        : std::string_view(),
                  left, right);
}

Value listOf(const std::vector<std::string> &parts) {
  List list;
  for (const std::string &part : parts)
    list.push_back(part);
  return list;
}

Value splitString(const Value &object, const Arguments &arguments,
                  bool fromRight) {
  const Value *separator = arguments.find(0, "sep"),
              *most = arguments.find(1, "maxsplit");
  int64_t count = most ? wholeNumber(*most, "maxsplit") : -1;
  if (!separator || separator->isNone())
    return listOf(split(object.string(), nullptr, count, fromRight));
  std::string_view text = stringOf(*separator, "sep");
  if (text.empty())
    throw TemplateError("split() needs a separator that is not empty");
  return listOf(split(object.string(), &text, count, fromRight));
}

Value splitLines(const Value &object, const Arguments &arguments) {
  const Value *keep = arguments.find(0, "keepends");
  List lines;
  const std::string &text = object.string();
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find_first_of("\n\r\v\f", begin), text.size());
    size_t behind = end;
    if (end < text.size())
      behind += text.compare(end, 2, "\r\n") == 0 ? 2 : 1;
    lines.push_back(
        text.substr(begin, (keep && keep->truth() ? behind : end) - begin));
    begin = behind;
  }
  return lines;
}

/// startswith and endswith: one text, or a tuple of them.
Value matches(const Value &object, const Arguments &arguments, bool atEnd) {
  const Value &wanted = arguments.get(0, "prefix", "startswith()");
  const std::string &text = object.string();
  for (const Value &each : wanted.isTuple() ? wanted.list() : List{wanted}) {
    const std::string &part = stringOf(each, "what a string starts with");
    if (atEnd ? text.ends_with(part) : text.starts_with(part))
      return true;
  }
  return false;
}

/// In characters; -1: not there.
int64_t findString(const Value &object, const Arguments &arguments,
                   bool fromRight) {
  const std::string &text = object.string();
  const std::string &part = stringArgument(arguments, 0, "sub");
  if (arguments.positional.size() > 1)
    throw TemplateError("find() and index() take no bounds here");
  size_t at = fromRight ? text.rfind(part) : text.find(part);
  return at == text.npos
             ? -1
             : int64_t(countCharacters(std::string_view(text).substr(0, at)));
}

Value partition(const Value &object, const Arguments &arguments,
                bool fromRight) {
  const std::string &text = object.string();
  const std::string &part = stringArgument(arguments, 0, "sep");
  size_t at = fromRight ? text.rfind(part) : text.find(part);
  if (part.empty())
    throw TemplateError("partition() needs a separator that is not empty");
  if (at == text.npos)
    return fromRight ? Value::tuple({"", "", text})
                     : Value::tuple({text, "", ""});
  return Value::tuple(
      {text.substr(0, at), part, text.substr(at + part.size())});
}

/// Whether all characters are of a kind, and there is one.
template <typename Kind> Value allAre(const Value &object, Kind kind) {
  const std::string &text = object.string();
  for (size_t at = 0; at < text.size();) {
    auto [code, bytes] = decodeCharacter(text, at);
    if (!kind(code))
      return false;
    at += bytes;
  }
  return !text.empty();
}

/// Whether a case holds: there are letters, and a change to it changes nothing.
Value isCase(const Value &object, Case which) {
  const std::string &text = object.string();
  bool hasCase = changeCase(text, Case::Lower) != changeCase(text, Case::Upper);
  return hasCase && changeCase(text, which) == text;
}

Value joinStrings(const Value &object, const Arguments &arguments) {
  std::string out;
  bool first = true;
  for (const Value &part : arguments.get(0, "iterable", "join()").elements()) {
    out += first ? "" : object.string();
    out += stringOf(part, "a part of join()");
    first = false;
  }
  return out;
}

Value pad(const Value &object, const Arguments &arguments, char side) {
  int64_t width =
      wholeNumber(arguments.get(0, "width", "this method"), "width");
  const Value *fill = arguments.find(1, "fillchar");
  std::string with = fill ? stringOf(*fill, "fillchar") : " ";
  int64_t missing = std::min<int64_t>(width, 10'000) - object.length();
  if (missing <= 0)
    return object;
  int64_t before = side == 'r'   ? missing
                   : side == 'l' ? 0
                                 : missing / 2 + (missing & width & 1);
  std::string out;
  for (int64_t i = 0; i < missing; ++i)
    out += i == before ? object.string() + with : with;
  return before == missing ? out + object.string() : out;
}

const std::map<std::string_view, Method> stringMethods = {
    {"strip", [](const Value &o,
                 const Arguments &a) { return strip(o, a, true, true); }},
    {"lstrip", [](const Value &o,
                  const Arguments &a) { return strip(o, a, true, false); }},
    {"rstrip", [](const Value &o,
                  const Arguments &a) { return strip(o, a, false, true); }},
    {"split", [](const Value &o,
                 const Arguments &a) { return splitString(o, a, false); }},
    {"rsplit", [](const Value &o,
                  const Arguments &a) { return splitString(o, a, true); }},
    {"splitlines", splitLines},
    {"startswith",
     [](const Value &o, const Arguments &a) { return matches(o, a, false); }},
    {"endswith",
     [](const Value &o, const Arguments &a) { return matches(o, a, true); }},
    {"upper",
     [](const Value &o, const Arguments &) {
       return Value(changeCase(o.string(), Case::Upper));
     }},
    {"lower",
     [](const Value &o, const Arguments &) {
       return Value(changeCase(o.string(), Case::Lower));
     }},
    {"title",
     [](const Value &o, const Arguments &) {
       return Value(changeCase(o.string(), Case::Title));
     }},
    {"capitalize",
     [](const Value &o, const Arguments &) {
       return Value(capitalized(o.string()));
     }},
    {"replace",
     [](const Value &o, const Arguments &a) {
       const Value *most = a.find(2, "count");
       return Value(replaced(o.string(), stringArgument(a, 0, "old"),
                             stringArgument(a, 1, "new"),
                             most ? wholeNumber(*most, "count") : -1));
     }},
    {"find", [](const Value &o,
                const Arguments &a) { return Value(findString(o, a, false)); }},
    {"rfind", [](const Value &o,
                 const Arguments &a) { return Value(findString(o, a, true)); }},
    {"index",
     [](const Value &o, const Arguments &a) {
       int64_t at = findString(o, a, false);
       if (at < 0)
         throw TemplateError("index(): the text is not there");
       return Value(at);
     }},
    {"count",
     [](const Value &o, const Arguments &a) {
       std::string_view part = stringArgument(a, 0, "sub");
       if (part.empty())
         return Value(o.length() + 1);
       return Value(int64_t(split(o.string(), &part, -1, false).size()) - 1);
     }},
    {"join", joinStrings},
    {"partition",
     [](const Value &o, const Arguments &a) { return partition(o, a, false); }},
    {"rpartition",
     [](const Value &o, const Arguments &a) { return partition(o, a, true); }},
    {"removeprefix",
     [](const Value &o, const Arguments &a) {
       const std::string &part = stringArgument(a, 0, "prefix");
       return o.string().starts_with(part)
                  ? Value(o.string().substr(part.size()))
                  : o;
     }},
    {"removesuffix",
     [](const Value &o, const Arguments &a) {
       const std::string &text = o.string(),
                         &part = stringArgument(a, 0, "suffix");
       return text.ends_with(part)
                  ? Value(text.substr(0, text.size() - part.size()))
                  : o;
     }},
    {"isspace",
     [](const Value &o, const Arguments &) { return allAre(o, isSpace); }},
    {"isalpha",
     [](const Value &o, const Arguments &) { return allAre(o, isLetter); }},
    {"isdigit",
     [](const Value &o, const Arguments &) { return allAre(o, isDigit); }},
    {"isnumeric",
     [](const Value &o, const Arguments &) { return allAre(o, isDigit); }},
    {"isalnum",
     [](const Value &o, const Arguments &) {
       return allAre(o, [](char32_t c) { return isLetter(c) || isDigit(c); });
     }},
    {"isupper",
     [](const Value &o, const Arguments &) { return isCase(o, Case::Upper); }},
    {"islower",
     [](const Value &o, const Arguments &) { return isCase(o, Case::Lower); }},
    {"ljust",
     [](const Value &o, const Arguments &a) { return pad(o, a, 'l'); }},
    {"rjust",
     [](const Value &o, const Arguments &a) { return pad(o, a, 'r'); }},
    {"center",
     [](const Value &o, const Arguments &a) { return pad(o, a, 'c'); }},
};

const std::map<std::string_view, Method> dictMethods = {
    {"keys",
     [](const Value &o, const Arguments &) { return Value(o.elements()); }},
    {"values",
     [](const Value &o, const Arguments &) {
       List list;
       for (const auto &[key, value] : o.dict().entries)
         list.push_back(value);
       return Value(list);
     }},
    {"items",
     [](const Value &o, const Arguments &) {
       List list;
       for (const auto &[key, value] : o.dict().entries)
         list.push_back(Value::tuple({key, value}));
       return Value(list);
     }},
    {"get",
     [](const Value &o, const Arguments &a) {
       if (const Value *value = o.dict().find(a.get(0, "key", "get()")))
         return *value;
       const Value *standard = a.find(1, "default");
       return standard ? *standard : Value::none();
     }},
    {"copy",
     [](const Value &o, const Arguments &) { return Value(Dict(o.dict())); }},
};

const std::map<std::string_view, Method> listMethods = {
    {"index",
     [](const Value &o, const Arguments &a) {
       const Value &wanted = a.get(0, "value", "index()");
       for (size_t i = 0; i < o.list().size(); ++i)
         if (o.list()[i].equals(wanted))
           return Value(int64_t(i));
       throw TemplateError("index(): the value is not in the list");
     }},
    {"count",
     [](const Value &o, const Arguments &a) {
       const Value &wanted = a.get(0, "value", "count()");
       return Value(int64_t(
           std::count_if(o.list().begin(), o.list().end(),
                         [&](const Value &v) { return v.equals(wanted); })));
     }},
    {"copy",
     [](const Value &o, const Arguments &) { return Value(List(o.list())); }},
};

/// What Python has, and a template must not do.
constexpr std::string_view changing[] = {
    "append", "extend", "insert",  "remove",     "clear",  "sort",
    "pop",    "update", "reverse", "setdefault", "popitem"};

const std::map<std::string_view, Method> *methodsOf(const Value &object) {
  return object.isString() ? &stringMethods
         : object.isDict() ? &dictMethods
         : object.isList() ? &listMethods
                           : nullptr;
}

bool isChanging(const Value &object, std::string_view name) {
  return (object.isDict() || object.isList()) &&
         std::find(std::begin(changing), std::end(changing), name) !=
             std::end(changing) &&
         !(object.isDict() && object.dict().find(name));
}

} // namespace

bool chat::hasMethod(const Value &object, std::string_view name) {
  const auto *methods = methodsOf(object);
  return methods && (methods->contains(name) || isChanging(object, name));
}

Value chat::callMethod(const Value &object, std::string_view name,
                       const Arguments &arguments) {
  if (isChanging(object, name))
    throw TemplateError("a template cannot change " + object.kind() + ": " +
                        std::string(name) + "()");
  return methodsOf(object)->at(name)(object, arguments);
}
