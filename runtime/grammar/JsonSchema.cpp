//===- JsonSchema.cpp - JSON schemas as grammars -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Value.h"
#include "runtime/grammar/Grammar.h"
#include "runtime/grammar/JsonFormats.h"
#include "runtime/grammar/JsonNumbers.h"
#include "runtime/grammar/JsonText.h"
#include "runtime/grammar/JsonValues.h"
#include "runtime/grammar/MergeSchemas.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

using namespace sinter::runtime::grammar;
using sinter::runtime::chat::Dict;
using sinter::runtime::chat::JsonStyle;
using sinter::runtime::chat::TemplateError;
using sinter::runtime::chat::toJson;
using sinter::runtime::chat::Value;

namespace {

/// Words that say nothing of which values are allowed.
const std::set<std::string, std::less<>> remarks = {
    "$schema",  "$id",         "$comment", "$defs",    "definitions",
    "title",    "description", "default",  "examples", "deprecated",
    "readOnly", "writeOnly",   "$anchor"};

class SchemaReader : JsonValues {
public:
  explicit SchemaReader(const Value &root) : root(root) {}

  Grammar read() {
    grammar.rules.push_back({"root", {}, 0});
    grammar.rules[0].expression = valueOf(root, "#");
    return std::move(grammar);
  }

private:
  [[noreturn]] static void fail(const std::string &path,
                                const std::string &message) {
    throw GrammarError(path + ": " + message);
  }

  static const Value *member(const Dict &schema, const char *name) {
    for (const auto &[key, value] : schema.entries)
      if (key.isString() && key.string() == name)
        return &value;
    return nullptr;
  }

  static int64_t count(const Dict &schema, const char *name, int64_t standard,
                       const std::string &path) {
    const Value *value = member(schema, name);
    if (!value)
      return standard;
    if (!value->isInteger() || value->integer() < 0 ||
        value->integer() > 100'000)
      fail(path + "/" + name, "a number up to 100,000 was expected");
    return value->integer();
  }

  /// That of the words of a schema which are neither known nor remarks.
  static void allow(const Dict &schema,
                    std::initializer_list<std::string_view> words,
                    const std::string &path) {
    for (const auto &[key, value] : schema.entries)
      if (!remarks.contains(key.text()) &&
          std::find(words.begin(), words.end(), key.text()) == words.end())
        fail(path + "/" + key.text(),
             "this word is not supported here, and would not be kept to");
  }

  Expression constant(const Value &value) {
    JsonStyle style;
    return word(toJson(value, style));
  }

  Expression choiceOf(const Value &schemas, const std::string &path) {
    if (!schemas.isList() || schemas.list().empty())
      fail(path, "a list of schemas was expected");
    std::vector<Expression> parts;
    for (size_t i = 0; i < schemas.list().size(); ++i)
      parts.push_back(
          valueOf(schemas.list()[i], path + "/" + std::to_string(i)));
    return Expression::choice(std::move(parts));
  }

  const Value &resolve(const std::string &target, const std::string &path) {
    if (!target.starts_with("#"))
      fail(path, "only references within the schema are supported");
    const Value *found = &root;
    for (size_t at = 1; at < target.size();) {
      const size_t end = std::min(target.find('/', at + 1), target.size());
      const std::string name = target.substr(at + 1, end - at - 1);
      found = target[at] == '/' && found->isDict()
                  ? member(found->dict(), name.c_str())
                  : nullptr;
      if (!found)
        fail(path, "'" + target + "' is not in the schema");
      at = end;
    }
    return *found;
  }

  Expression referenceTo(const std::string &target, const std::string &path) {
    const Value &found = resolve(target, path);
    return shared(target, [&] { return valueOf(found, target); });
  }

  /// What keeps to all of several schemas and to what stands beside them.
  Expression allOf(const Dict &schema, const Value &parts,
                   const std::string &path) {
    const std::string place = path + "/allOf";
    if (!parts.isList() || parts.list().empty())
      fail(place, "a list of schemas was expected");
    Dict all;
    auto add = [&](const Dict &part) {
      // It speaks of the names of its own schema, not of the others'.
      if (member(part, "additionalProperties"))
        fail(place, "additionalProperties is not supported with it");
      mergeSchema(all, part, place);
    };
    for (const Value &each : parts.list()) {
      const Value *part = &each;
      if (part->isDict())
        if (const Value *target = member(part->dict(), "$ref"))
          part = &resolve(target->text(), place);
      if (!part->isDict())
        fail(place, "a schema was expected, not " + part->kind());
      add(part->dict());
    }
    Dict beside = schema;
    std::erase_if(beside.entries, [](const auto &entry) {
      return entry.first.text() == "allOf";
    });
    add(beside);
    return valueOf(Value(std::move(all)), path);
  }

  Expression object(const Dict &schema, const std::string &path) {
    allow(schema, {"type", "properties", "required", "additionalProperties"},
          path);
    const Value *properties = member(schema, "properties"),
                *required = member(schema, "required"),
                *more = member(schema, "additionalProperties");
    std::set<std::string> needed;
    if (required && !required->isList())
      fail(path + "/required", "a list of names was expected");
    if (required)
      for (const Value &name : required->list())
        needed.insert(name.text());
    const bool isOpen = more && !(more->isBool() && !more->truth());
    if (!properties) {
      if (!needed.empty())
        fail(path + "/required", "there are no properties of these names");
      if (more && !isOpen)
        return Expression::sequence({word("{"), space(), word("}")});
      return mapOf(isOpen && more->isDict()
                       ? valueOf(*more, path + "/additionalProperties")
                       : anything());
    }
    if (!properties->isDict())
      fail(path + "/properties", "an object was expected");
    for (const std::string &name : needed)
      if (!member(properties->dict(), name.c_str()))
        fail(path + "/required", "there is no property '" + name + "'");
    // What may follow, from the last property back: where something stands
    // before, with a comma.
    Expression after[2]; // without and with something before
    if (isOpen) {
      Expression value = more->isDict()
                             ? valueOf(*more, path + "/additionalProperties")
                             : anything();
      Expression each = Expression::sequence(
          {string(), word(":"), space(), std::move(value)});
      after[1] =
          Expression::repeat(Expression::sequence({comma(), each}), 0, -1);
      after[0] = optional(Expression::sequence({std::move(each), after[1]}));
    }
    const auto &entries = properties->dict().entries;
    for (size_t i = entries.size(); i-- > 0;) {
      const std::string name = entries[i].first.text();
      const std::string place = path + "/properties/" + name;
      Expression self =
          Expression::sequence({constant(entries[i].first), word(":"), space(),
                                valueOf(entries[i].second, place)});
      Expression next[2];
      for (int before = 0; before < 2; ++before) {
        Expression taken = Expression::sequence(
            {before ? comma() : Expression(), self, after[1]});
        next[before] =
            needed.contains(name)
                ? std::move(taken)
                : Expression::choice({std::move(taken), after[before]});
      }
      // As rules, so that the parts do not double with each property.
      for (int before = 0; before < 2; ++before)
        after[before] = shared(place + (before ? "," : ""),
                               [&] { return std::move(next[before]); });
    }
    return Expression::sequence(
        {word("{"), space(), after[0], space(), word("}")});
  }

  Expression array(const Dict &schema, const std::string &path) {
    allow(schema, {"type", "items", "prefixItems", "minItems", "maxItems"},
          path);
    const Value *items = member(schema, "items"),
                *prefix = member(schema, "prefixItems");
    if (prefix) {
      if (!prefix->isList() || member(schema, "minItems") ||
          member(schema, "maxItems") || (items && items->truth()))
        fail(path + "/prefixItems",
             "a list without items beside it was expected");
      std::vector<Expression> parts = {word("["), space()};
      for (size_t i = 0; i < prefix->list().size(); ++i) {
        if (i > 0)
          parts.push_back(comma());
        parts.push_back(valueOf(prefix->list()[i],
                                path + "/prefixItems/" + std::to_string(i)));
      }
      parts.push_back(space());
      parts.push_back(word("]"));
      return Expression::sequence(std::move(parts));
    }
    const int64_t least = count(schema, "minItems", 0, path),
                  most = count(schema, "maxItems", -1, path);
    if (most >= 0 && most < least)
      fail(path + "/maxItems", "it is below minItems");
    return listOf(items ? valueOf(*items, path + "/items") : anything(), least,
                  most);
  }

  Expression formatted(const Value &format, const Dict &schema,
                       const std::string &path) {
    for (const char *other : {"pattern", "minLength", "maxLength"})
      if (member(schema, other))
        fail(path, std::string("it is not supported beside '") + other + "'");
    const std::string pattern = patternOfFormat(format.text());
    if (pattern.empty())
      fail(path, "'" + format.text() +
                     "' is not supported; date, time, date-time, uuid and ipv4 "
                     "are");
    return Expression::sequence({word("\""), parseRegex(pattern), word("\"")});
  }

  /// What `minimum`, `maximum` and, of whole numbers, their exclusive forms
  /// say.
  Expression numeric(bool isWhole, const Dict &schema,
                     const std::string &path) {
    NumberBounds bounds;
    bool isBound = false;
    auto take = [&](const char *name, bool isLeast, int64_t step) {
      const Value *value = member(schema, name);
      if (!value)
        return;
      isBound = true;
      if (!value->isInteger() || std::abs(value->integer()) > largestBound)
        fail(path + "/" + name,
             "a whole number of at most 15 digits was expected");
      if (step != 0 && !isWhole)
        fail(path + "/" + name, "it is supported for whole numbers alone");
      const int64_t bound = value->integer() + step;
      std::optional<int64_t> &known = isLeast ? bounds.least : bounds.most;
      known = !known    ? bound
              : isLeast ? std::max(*known, bound)
                        : std::min(*known, bound);
    };
    take("minimum", true, 0);
    take("exclusiveMinimum", true, 1);
    take("maximum", false, 0);
    take("exclusiveMaximum", false, -1);
    if (bounds.areEmpty())
      fail(path, "no number lies between its bounds");
    if (const Value *divisor = member(schema, "multipleOf"))
      return multiples(*divisor, bounds, path);
    if (!isBound)
      return isWhole ? integer() : number();
    return isWhole ? integersWithin(bounds) : numbersWithin(bounds);
  }

  /// Every remainder is a rule, and every number between two bounds a word.
  Expression multiples(const Value &divisor, const NumberBounds &bounds,
                       const std::string &path) {
    constexpr int64_t mostRemainders = 1000, mostWords = 1000;
    if (!divisor.isInteger() || divisor.integer() < 1 ||
        divisor.integer() > mostRemainders)
      fail(path + "/multipleOf", "a whole number from 1 to " +
                                     std::to_string(mostRemainders) +
                                     " was expected");
    const int64_t step = divisor.integer();
    if (!bounds.most && bounds.least.value_or(0) == 0)
      return multiplesOf(step, /*isSigned=*/!bounds.least);
    if (!bounds.least || !bounds.most ||
        (*bounds.most - *bounds.least) / step > mostWords)
      fail(path + "/multipleOf",
           "it is supported without bounds, beside a minimum of 0, and where "
           "at most " +
               std::to_string(mostWords) + " numbers lie between two bounds");
    std::vector<Expression> parts;
    // The first one that is not below the least.
    const int64_t over = *bounds.least % step;
    for (int64_t number = *bounds.least - over + (over > 0 ? step : 0);
         number <= *bounds.most; number += step)
      parts.push_back(word(std::to_string(number)));
    if (parts.empty())
      fail(path + "/multipleOf", "no multiple lies between the bounds");
    return Expression::choice(std::move(parts));
  }

  Expression stringOf(const Dict &schema, const std::string &path) {
    allow(schema, {"type", "minLength", "maxLength", "pattern", "format"},
          path);
    if (const Value *format = member(schema, "format"))
      return formatted(*format, schema, path + "/format");
    const Value *pattern = member(schema, "pattern");
    const int64_t least = count(schema, "minLength", 0, path),
                  most = count(schema, "maxLength", -1, path);
    if (most >= 0 && most < least)
      fail(path + "/maxLength", "it is below minLength");
    if (!pattern)
      return string(least, most);
    if (least > 0 || most >= 0)
      fail(path + "/pattern", "it is not supported beside a length");
    try {
      return Expression::sequence(
          {word("\""),
           escapedInJson(parseRegex(pattern->text()), path + "/pattern"),
           word("\"")});
    } catch (const GrammarError &error) {
      if (error.place == GrammarError::unknown)
        throw;
      fail(path + "/pattern", explain(pattern->text(), error, "pattern"));
    }
  }

  Expression ofType(const std::string &type, const Dict &schema,
                    const std::string &path) {
    if (type == "object")
      return object(schema, path);
    if (type == "array")
      return array(schema, path);
    if (type == "string")
      return stringOf(schema, path);
    if (type == "number" || type == "integer") {
      allow(schema,
            {"type", "minimum", "maximum", "exclusiveMinimum",
             "exclusiveMaximum", "multipleOf"},
            path);
      return numeric(type == "integer", schema, path);
    }
    allow(schema, {"type"}, path);
    if (type == "boolean")
      return Expression::choice({word("true"), word("false")});
    if (type == "null")
      return word("null");
    fail(path + "/type", "there is no type '" + type + "'");
  }

  /// What one of several types has of a schema's words.
  static Dict wordsOf(const std::string &type, const Dict &schema) {
    static const std::map<std::string, std::set<std::string>> words = {
        {"object", {"properties", "required", "additionalProperties"}},
        {"array", {"items", "prefixItems", "minItems", "maxItems"}},
        {"string", {"minLength", "maxLength", "pattern", "format"}},
        {"number",
         {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
          "multipleOf"}}};
    const std::string kind = type == "integer" ? "number" : type;
    Dict result;
    for (const auto &[key, value] : schema.entries) {
      bool isOthers = false;
      for (const auto &[owner, names] : words)
        isOthers |= owner != kind && names.contains(key.text());
      if (!isOthers)
        result.entries.emplace_back(key, value);
    }
    return result;
  }

  Expression valueOf(const Value &value, const std::string &path) {
    if (++depth > 100)
      fail(path, "schemas lie too deep in each other");
    struct Leave {
      int &depth;
      ~Leave() { --depth; }
    } leave{depth};
    if (value.isBool() && value.truth())
      return anything();
    if (!value.isDict())
      fail(path, "a schema was expected, not " + value.kind());
    const Dict &schema = value.dict();
    if (const Value *parts = member(schema, "allOf"))
      return allOf(schema, *parts, path);
    if (const Value *target = member(schema, "$ref")) {
      allow(schema, {"$ref"}, path);
      return referenceTo(target->text(), path + "/$ref");
    }
    if (const Value *only = member(schema, "const")) {
      allow(schema, {"const", "type"}, path);
      return constant(*only);
    }
    if (const Value *values = member(schema, "enum")) {
      allow(schema, {"enum", "type"}, path);
      if (!values->isList() || values->list().empty())
        fail(path + "/enum", "a list of values was expected");
      std::vector<Expression> parts;
      for (const Value &each : values->list())
        parts.push_back(constant(each));
      return Expression::choice(std::move(parts));
    }
    for (const char *name : {"anyOf", "oneOf"})
      if (const Value *schemas = member(schema, name)) {
        allow(schema, {name}, path);
        return choiceOf(*schemas, path + "/" + name);
      }
    const Value *type = member(schema, "type");
    if (type && type->isList()) {
      std::vector<Expression> parts;
      for (const Value &each : type->list())
        parts.push_back(
            ofType(each.text(), wordsOf(each.text(), schema), path));
      if (parts.empty())
        fail(path + "/type", "a type was expected");
      return Expression::choice(std::move(parts));
    }
    if (type)
      return ofType(type->text(), schema, path);
    if (member(schema, "properties"))
      return object(schema, path);
    if (member(schema, "items"))
      return array(schema, path);
    allow(schema, {}, path);
    return anything();
  }

  const Value &root;
  int depth = 0;
};

} // namespace

Grammar sinter::runtime::grammar::parseJsonSchema(std::string_view text) {
  try {
    return SchemaReader(chat::parseJson(text)).read();
  } catch (const TemplateError &error) {
    throw GrammarError(error.text);
  }
}
