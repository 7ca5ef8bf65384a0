//===- Filters.cpp - Jinja's filters -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Functions.h"
#include "runtime/chat/Methods.h"
#include "runtime/chat/Text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

using namespace sinter::runtime;
using namespace sinter::runtime::chat;

namespace {

using Filter = Value (*)(const Value &value, const Arguments &arguments);

bool flag(const Arguments &arguments, size_t index, std::string_view name,
          bool standard = false) {
  const Value *given = arguments.find(index, name);
  return given ? given->truth() : standard;
}

/// "a.b.0" of a value.
Value pathOf(const Value &value, const Value &path) {
  if (path.isInteger())
    return elementOf(value, path);
  Value result = value;
  std::string_view point = ".";
  for (const std::string &part : split(path.text(), &point, -1, false)) {
    int64_t index = 0;
    auto [end, error] =
        std::from_chars(part.data(), part.data() + part.size(), index);
    bool isIndex = error == std::errc() && end == part.data() + part.size();
    result = elementOf(result, isIndex ? Value(index) : Value(part));
  }
  return result;
}

/// What elements are compared by: themselves, or an attribute; texts without
/// their case unless `cased`.
Value keyOf(const Value &value, const Value *attribute, bool cased) {
  Value key =
      attribute && !attribute->isNone() ? pathOf(value, *attribute) : value;
  return key.isString() && !cased ? Value(changeCase(key.string(), Case::Lower))
                                  : key;
}

Arguments rest(const Arguments &arguments, size_t from) {
  Arguments result;
  if (arguments.positional.size() > from)
    result.positional.assign(arguments.positional.begin() + long(from),
                             arguments.positional.end());
  result.named = arguments.named;
  return result;
}

Value map(const Value &value, const Arguments &arguments) {
  List list;
  const Value *attribute =
      arguments.positional.empty() ? arguments.find(9, "attribute") : nullptr;
  const Value *standard = arguments.find(9, "default");
  for (const Value &element : value.elements()) {
    if (!attribute) {
      const Value &name = arguments.get(0, "filter", "map");
      if (!hasFilter(name.text()))
        throw TemplateError("there is no filter '" + name.text() + "'");
      list.push_back(applyFilter(name.text(), element, rest(arguments, 1)));
      continue;
    }
    Value found = pathOf(element, *attribute);
    list.push_back(found.isUndefined() && standard ? *standard : found);
  }
  return list;
}

/// select, reject, selectattr and rejectattr.
Value choose(const Value &value, const Arguments &arguments, bool keep,
             bool byAttribute) {
  size_t first = byAttribute;
  const Value *attribute =
      byAttribute ? &arguments.get(0, "attribute", "selectattr") : nullptr;
  std::string test = arguments.positional.size() > first
                         ? arguments.positional[first].text()
                         : "";
  if (!test.empty() && !hasTest(test))
    throw TemplateError("there is no test '" + test + "'");
  List list;
  for (const Value &element : value.elements()) {
    Value tested = attribute ? pathOf(element, *attribute) : element;
    bool holds = test.empty()
                     ? tested.truth()
                     : applyTest(test, tested, rest(arguments, first + 1));
    if (holds == keep)
      list.push_back(element);
  }
  return list;
}

Value sort(const Value &value, const Arguments &arguments) {
  List list = value.elements();
  const Value *attribute = arguments.find(2, "attribute");
  bool cased = flag(arguments, 1, "case_sensitive");
  bool reverse = flag(arguments, 0, "reverse");
  // Equal ones keep their order in both directions, as in Python.
  std::stable_sort(list.begin(), list.end(),
                   [&](const Value &a, const Value &b) {
                     return keyOf(reverse ? b : a, attribute, cased)
                         .less(keyOf(reverse ? a : b, attribute, cased));
                   });
  return list;
}

Value dictSort(const Value &value, const Arguments &arguments) {
  if (!value.isDict())
    throw TemplateError("dictsort sorts a mapping, not " + value.kind());
  const Value *by = arguments.find(1, "by");
  size_t part = by && by->text() == "value" ? 1 : 0;
  bool cased = flag(arguments, 0, "case_sensitive");
  List list = callMethod(value, "items", {}).list();
  std::stable_sort(list.begin(), list.end(),
                   [&](const Value &a, const Value &b) {
                     return keyOf(a.list()[part], nullptr, cased)
                         .less(keyOf(b.list()[part], nullptr, cased));
                   });
  if (flag(arguments, 2, "reverse"))
    std::reverse(list.begin(), list.end());
  return list;
}

Value unique(const Value &value, const Arguments &arguments) {
  List list, keys;
  for (const Value &element : value.elements()) {
    Value key = keyOf(element, arguments.find(1, "attribute"),
                      flag(arguments, 0, "case_sensitive"));
    bool isNew = std::none_of(keys.begin(), keys.end(),
                              [&](const Value &k) { return k.equals(key); });
    if (!isNew)
      continue;
    keys.push_back(key);
    list.push_back(element);
  }
  return list;
}

Value extreme(const Value &value, const Arguments &arguments, bool largest) {
  List list = value.elements();
  const Value *attribute = arguments.find(1, "attribute");
  bool cased = flag(arguments, 0, "case_sensitive");
  if (list.empty())
    return Value::undefined("the extreme of nothing");
  Value best = list[0];
  for (const Value &element : list) {
    Value key = keyOf(element, attribute, cased),
          bestKey = keyOf(best, attribute, cased);
    if (largest ? bestKey.less(key) : key.less(bestKey))
      best = element;
  }
  return best;
}

Value sum(const Value &value, const Arguments &arguments) {
  const Value *start = arguments.find(1, "start"),
              *attribute = arguments.find(0, "attribute");
  Value total = start ? *start : Value(0);
  for (const Value &element : value.elements()) {
    Value part = attribute && !attribute->isNone() ? pathOf(element, *attribute)
                                                   : element;
    if (!part.isNumber() || !total.isNumber())
      throw TemplateError("sum adds numbers, not " + part.kind());
    total = part.isReal() || total.isReal()
                ? Value(total.real() + part.real())
                : Value(total.integer() + part.integer());
  }
  return total;
}

Value join(const Value &value, const Arguments &arguments) {
  const Value *separator = arguments.find(0, "d"),
              *attribute = arguments.find(1, "attribute");
  std::string out;
  bool first = true;
  for (const Value &element : value.elements()) {
    if (!first && separator)
      out += separator->text();
    out += (attribute && !attribute->isNone() ? pathOf(element, *attribute)
                                              : element)
               .text();
    first = false;
  }
  return out;
}

Value indent(const Value &value, const Arguments &arguments) {
  const Value *width = arguments.find(0, "width");
  std::string margin = !width              ? "    "
                       : width->isString() ? width->string()
                                           : "";
  if (width && !width->isString()) {
    int64_t count = wholeNumber(*width, "the width of indent");
    margin = std::string(size_t(std::clamp<int64_t>(count, 0, 1000)), ' ');
  }
  bool blank = flag(arguments, 2, "blank");
  std::string out = flag(arguments, 1, "first") ? margin : "";
  std::string text = value.text();
  for (size_t at = 0; at < text.size(); ++at) {
    out += text[at];
    bool isEmpty = at + 1 >= text.size() || text[at + 1] == '\n';
    if (text[at] == '\n' && (blank || !isEmpty))
      out += margin;
  }
  return out;
}

Value titled(const Value &value, const Arguments &) {
  std::string text = value.text(), out;
  bool starts = true;
  for (std::string_view character : charactersOf(text)) {
    out += changeCase(character, starts ? Case::Upper : Case::Lower);
    starts =
        isSpace(decodeCharacter(character, 0).code) ||
        std::string_view("-({[<").find(character) != std::string_view::npos;
  }
  return out;
}

Value toInteger(const Value &value, const Arguments &arguments) {
  const Value *standard = arguments.find(0, "default"),
              *base = arguments.find(1, "base");
  Value otherwise = standard ? *standard : Value(0);
  if (value.isReal())
    return std::fabs(value.real()) < 9e18 ? Value(int64_t(value.real()))
                                          : otherwise;
  if (value.isNumber())
    return value.integer();
  if (!value.isString())
    return otherwise;
  std::string_view text = stripped(value.string(), "", true, true);
  const char *end = text.data() + text.size();
  int64_t whole = 0;
  double real = 0;
  text.remove_prefix(text.starts_with('+'));
  if (auto [stop, error] = std::from_chars(
          text.data(), end, whole,
          base ? int(std::clamp<int64_t>(wholeNumber(*base, "base"), 2, 36))
               : 10);
      error == std::errc() && stop == end)
    return whole;
  if (auto [stop, error] = std::from_chars(text.data(), end, real);
      error == std::errc() && stop == end && std::fabs(real) < 9e18)
    return int64_t(real);
  return otherwise;
}

Value toReal(const Value &value, const Arguments &arguments) {
  const Value *standard = arguments.find(0, "default");
  Value otherwise = standard ? *standard : Value(0.0);
  if (value.isNumber())
    return value.real();
  if (!value.isString())
    return otherwise;
  std::string_view text = stripped(value.string(), "", true, true);
  double real = 0;
  auto [stop, error] =
      std::from_chars(text.data(), text.data() + text.size(), real);
  return error == std::errc() && stop == text.data() + text.size() ? Value(real)
                                                                   : otherwise;
}

Value rounded(const Value &value, const Arguments &arguments) {
  const Value *precision = arguments.find(0, "precision"),
              *method = arguments.find(1, "method");
  if (!value.isNumber())
    throw TemplateError("round takes a number, not " + value.kind());
  double scale = std::pow(
      10.0, precision ? double(wholeNumber(*precision, "precision")) : 0.0);
  std::string how = method ? method->text() : "common";
  double scaled = value.real() * scale;
  // Python rounds halves to the even neighbour.
  return (how == "ceil"    ? std::ceil(scaled)
          : how == "floor" ? std::floor(scaled)
                           : std::nearbyint(scaled)) /
         scale;
}

Value json(const Value &value, const Arguments &arguments) {
  JsonStyle style;
  // transformers' filter: no escapes by default, in this order.
  style.escaped = flag(arguments, 0, "ensure_ascii");
  const Value *indent = arguments.find(1, "indent"),
              *separators = arguments.find(2, "separators");
  if (indent && !indent->isNone()) {
    style.indent =
        int(std::clamp<int64_t>(wholeNumber(*indent, "indent"), 0, 100));
    style.item = ",";
  }
  if (separators && separators->isList() && separators->length() == 2) {
    style.item = separators->list()[0].text();
    style.key = separators->list()[1].text();
  }
  style.sorted = flag(arguments, 3, "sort_keys");
  return toJson(value, style);
}

Value escaped(const Value &value, const Arguments &) {
  std::string out;
  for (char c : value.text())
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&#34;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      out += c;
    }
  return out;
}

Value edge(const Value &value, bool last) {
  List list = value.elements();
  return list.empty() ? Value::undefined(last ? "the last of nothing"
                                              : "the first of nothing")
                      : (last ? list.back() : list.front());
}

Value reversed(const Value &value, const Arguments &) {
  List list = value.elements();
  std::reverse(list.begin(), list.end());
  if (!value.isString())
    return list;
  return join(list, {});
}

Value batch(const Value &value, const Arguments &arguments) {
  int64_t size =
      wholeNumber(arguments.get(0, "linecount", "batch"), "linecount");
  const Value *fill = arguments.find(1, "fill_with");
  if (size < 1)
    throw TemplateError("batch needs a size of 1 or more");
  List result;
  for (const Value &element : value.elements()) {
    if (result.empty() || result.back().length() == size)
      result.push_back(List());
    List part = result.back().list();
    part.push_back(element);
    result.back() = std::move(part);
  }
  if (fill && !result.empty()) {
    List part = result.back().list();
    part.resize(size_t(std::min<int64_t>(size, 100'000)), *fill);
    result.back() = std::move(part);
  }
  return result;
}

Value standardFor(const Value &value, const Arguments &arguments) {
  const Value *standard = arguments.find(0, "default_value");
  bool isMissing =
      value.isUndefined() || (flag(arguments, 1, "boolean") && !value.truth());
  return isMissing ? (standard ? *standard : Value("")) : value;
}

/// The same as a method of the value's text.
template <const char *name>
Value method(const Value &value, const Arguments &arguments) {
  return callMethod(value.text(), name, arguments);
}
constexpr char upperName[] = "upper", lowerName[] = "lower",
               capitalizeName[] = "capitalize", stripName[] = "strip",
               replaceName[] = "replace";

const std::map<std::string_view, Filter> filters = {
    {"abs",
     [](const Value &v, const Arguments &) {
       if (!v.isNumber())
         throw TemplateError("abs takes a number, not " + v.kind());
       return v.isReal() ? Value(std::fabs(v.real()))
                         : Value(v.integer() < 0 ? -v.integer() : v.integer());
     }},
    {"attr",
     [](const Value &v, const Arguments &a) {
       return attributeOf(v, a.get(0, "name", "attr").text());
     }},
    {"batch", batch},
    {"capitalize", method<capitalizeName>},
    {"count",
     [](const Value &v, const Arguments &) { return Value(v.length()); }},
    {"d", standardFor},
    {"default", standardFor},
    {"dictsort", dictSort},
    {"e", escaped},
    {"escape", escaped},
    {"first", [](const Value &v, const Arguments &) { return edge(v, false); }},
    {"float", toReal},
    {"format",
     [](const Value &v, const Arguments &a) {
       return Value(formatted(v.text(), a.positional));
     }},
    {"indent", indent},
    {"int", toInteger},
    {"items",
     [](const Value &v, const Arguments &) {
       if (v.isUndefined())
         return Value(List());
       if (!v.isDict())
         throw TemplateError("items takes a mapping, not " + v.kind());
       return callMethod(v, "items", {});
     }},
    {"join", join},
    {"last", [](const Value &v, const Arguments &) { return edge(v, true); }},
    {"length",
     [](const Value &v, const Arguments &) { return Value(v.length()); }},
    {"list",
     [](const Value &v, const Arguments &) { return Value(v.elements()); }},
    {"lower", method<lowerName>},
    {"map", map},
    {"max",
     [](const Value &v, const Arguments &a) { return extreme(v, a, true); }},
    {"min",
     [](const Value &v, const Arguments &a) { return extreme(v, a, false); }},
    {"reject", [](const Value &v,
                  const Arguments &a) { return choose(v, a, false, false); }},
    {"rejectattr",
     [](const Value &v, const Arguments &a) {
       return choose(v, a, false, true);
     }},
    {"replace", method<replaceName>},
    {"reverse", reversed},
    {"round", rounded},
    {"safe", [](const Value &v, const Arguments &) { return Value(v.text()); }},
    {"select", [](const Value &v,
                  const Arguments &a) { return choose(v, a, true, false); }},
    {"selectattr", [](const Value &v,
                      const Arguments &a) { return choose(v, a, true, true); }},
    {"sort", sort},
    {"string",
     [](const Value &v, const Arguments &) { return Value(v.text()); }},
    {"sum", sum},
    {"title", titled},
    {"tojson", json},
    {"trim", method<stripName>},
    {"unique", unique},
    {"upper", method<upperName>},
    {"wordcount",
     [](const Value &v, const Arguments &) {
       return Value(int64_t(split(v.text(), nullptr, -1, false).size()));
     }},
};

} // namespace

bool chat::hasFilter(std::string_view name) { return filters.contains(name); }

Value chat::applyFilter(std::string_view name, const Value &value,
                        const Arguments &arguments) {
  return filters.at(name)(value, arguments);
}
