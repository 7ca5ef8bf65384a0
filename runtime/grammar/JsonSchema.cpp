//===- JsonSchema.cpp - JSON schemas as grammars -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Value.h"
#include "runtime/grammar/Grammar.h"

#include <algorithm>
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

class SchemaReader {
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

  static Expression word(std::string_view text) {
    return Expression::text(text);
  }
  static Expression optional(Expression part) {
    return Expression::repeat(std::move(part), 0, 1);
  }

  /// A rule that is made once.
  template <typename Make>
  Expression shared(const std::string &name, Make make) {
    auto found = named.find(name);
    if (found == named.end()) {
      const size_t number = grammar.rules.size();
      grammar.rules.push_back({name, {}, 0});
      found = named.emplace(name, number).first;
      Expression expression = make();
      grammar.rules[number].expression = std::move(expression);
    }
    return Expression::reference(found->second);
  }

  /// Nothing, a space, or a new line with some white space.
  Expression space() {
    return shared("space", [&] {
      Expression blank = Expression::characters({{' ', ' '}, {'\t', '\t'}});
      return Expression::choice(
          {Expression(), word(" "),
           Expression::sequence(
               {word("\n"), Expression::repeat(std::move(blank), 0, 20)})});
    });
  }

  Expression character() {
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
          {std::move(plain),
           Expression::sequence({word("\\"), std::move(named)}),
           Expression::sequence(
               {word("\\u"),
                Expression::choice({std::move(first), std::move(second)})})});
    });
  }

  Expression string(int64_t least = 0, int64_t most = -1) {
    return Expression::sequence(
        {word("\""), Expression::repeat(character(), least, most), word("\"")});
  }

  Expression integer() {
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

  Expression number() {
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

  Expression list(Expression item, Expression rest) {
    return Expression::sequence({word("["), space(), std::move(item),
                                 std::move(rest), space(), word("]")});
  }

  Expression comma() { return Expression::sequence({word(","), space()}); }

  /// Any JSON value.
  Expression anything() {
    return shared("value", [&] {
      Expression value = Expression::reference(named.at("value"));
      return Expression::choice({string(), number(), word("true"),
                                 word("false"), word("null"), mapOf(value),
                                 listOf(value, 0, -1)});
    });
  }

  /// An object with any names.
  Expression mapOf(Expression value) {
    Expression member =
        Expression::sequence({string(), word(":"), space(), std::move(value)});
    Expression more =
        Expression::repeat(Expression::sequence({comma(), member}), 0, -1);
    return Expression::sequence(
        {word("{"), space(),
         optional(Expression::sequence({std::move(member), std::move(more)})),
         space(), word("}")});
  }

  Expression listOf(Expression item, int64_t least, int64_t most) {
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

  Expression referenceTo(const std::string &target, const std::string &path) {
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
    return shared(target, [&] { return valueOf(*found, target); });
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

  Expression stringOf(const Dict &schema, const std::string &path) {
    allow(schema, {"type", "minLength", "maxLength", "pattern"}, path);
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
      return Expression::sequence({word("\""),
                                   escapedIn(parseRegex(pattern->text()), path),
                                   word("\"")});
    } catch (const GrammarError &error) {
      if (error.place == GrammarError::unknown)
        throw;
      fail(path + "/pattern", explain(pattern->text(), error, "pattern"));
    }
  }

  /// A pattern's characters as a JSON string writes them.
  Expression escapedIn(Expression expression, const std::string &path) {
    for (Expression &part : expression.parts)
      part = escapedIn(std::move(part), path);
    if (expression.kind != Expression::Characters)
      return expression;
    std::vector<Expression> choices;
    std::vector<Range> plain;
    for (auto [first, last] : expression.ranges) {
      for (char32_t c : {U'"', U'\\', U'\b', U'\f', U'\n', U'\r', U'\t'})
        if (c >= first && c <= last)
          choices.push_back(
              constantCharacter(std::string(1, static_cast<char>(c))));
      // All but control characters, the quote and the backslash.
      for (auto [from, to] : complement({{0, 0x1f}, {'"', '"'}, {'\\', '\\'}}))
        if (std::max(first, from) <= std::min(last, to))
          plain.emplace_back(std::max(first, from), std::min(last, to));
    }
    if (!plain.empty())
      choices.push_back(Expression::characters(std::move(plain)));
    if (choices.empty())
      fail(path + "/pattern", "it has characters that JSON cannot write");
    return Expression::choice(std::move(choices));
  }
  static Expression constantCharacter(const std::string &text) {
    const std::string quoted = toJson(Value(text), {});
    return Expression::text(
        std::string_view(quoted).substr(1, quoted.size() - 2));
  }

  Expression ofType(const std::string &type, const Dict &schema,
                    const std::string &path) {
    if (type == "object")
      return object(schema, path);
    if (type == "array")
      return array(schema, path);
    if (type == "string")
      return stringOf(schema, path);
    allow(schema, {"type"}, path);
    if (type == "number")
      return number();
    if (type == "integer")
      return integer();
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
        {"string", {"minLength", "maxLength", "pattern"}}};
    Dict result;
    for (const auto &[key, value] : schema.entries) {
      bool isOthers = false;
      for (const auto &[owner, names] : words)
        isOthers |= owner != type && names.contains(key.text());
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
  Grammar grammar;
  std::map<std::string, size_t> named;
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
