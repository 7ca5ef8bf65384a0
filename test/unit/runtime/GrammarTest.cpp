//===- GrammarTest.cpp - Which texts grammars allow -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"
#include "FakeTokenizer.h"
#include "runtime/Failure.h"
#include "runtime/Generate.h"
#include "runtime/chat/Value.h"
#include "runtime/grammar/Constraint.h"
#include "runtime/tokenizer/Utf8.h"

#include <gtest/gtest.h>
#include <random>
#include <regex>

using namespace sinter::runtime;
using namespace sinter::runtime::grammar;
using namespace sinter::runtime::testing;

namespace {

Grammar ofRegex(const std::string &text) {
  Grammar grammar;
  grammar.rules.push_back({"root", parseRegex(text), 0});
  return grammar;
}

bool allows(Automaton &automaton, const std::string &text) {
  const int32_t state = automaton.walk(automaton.start(), text);
  return state != Automaton::dead && automaton.accepts(state);
}

void expect(const Grammar &grammar, const std::vector<std::string> &good,
            const std::vector<std::string> &bad) {
  Automaton automaton(grammar);
  for (const std::string &text : good)
    EXPECT_TRUE(allows(automaton, text)) << text;
  for (const std::string &text : bad)
    EXPECT_FALSE(allows(automaton, text)) << text;
}

template <typename Read> std::string messageOf(Read read, std::string text) {
  try {
    Automaton automaton(read(text));
    return "";
  } catch (const GrammarError &error) {
    return explain(text, error, "g");
  }
}

/// A text that a walk at random through an automaton gives.
std::string randomText(Automaton &automaton, std::mt19937_64 &random,
                       size_t longest) {
  std::string text;
  int32_t state = automaton.start();
  while (text.size() < longest && !automaton.isComplete(state)) {
    if (automaton.accepts(state) && random() % 4 == 0)
      break;
    std::vector<int> bytes;
    for (int byte = 0; byte < 256; ++byte)
      if (automaton.step(state, static_cast<unsigned char>(byte)) !=
          Automaton::dead)
        bytes.push_back(byte);
    EXPECT_FALSE(bytes.empty());
    if (bytes.empty())
      break;
    const int byte = bytes[random() % bytes.size()];
    state = automaton.step(state, static_cast<unsigned char>(byte));
    text += static_cast<char>(byte);
  }
  return automaton.accepts(state) ? text : "";
}

} // namespace

TEST(Grammar, Gbnf) {
  expect(parseGbnf("root ::= \"yes\" | \"no\""), {"yes", "no"},
         {"", "y", "yesno", "maybe"});
  expect(parseGbnf("# numbers\nroot ::= sum # all\nsum ::= term (\" + \" term)*"
                   "\nterm ::= [0-9]+ | \"(\" sum \")\""),
         {"1", "12 + 3", "(1 + (2))", "((((7))))"}, {"", "(1", "1 +", "1)"});
  expect(parseGbnf("root ::= [^a-z\\]]{2,3} .?"), {"AB", "ABC", "12é", "€€"},
         {"A", "aB", "]]"});
  expect(parseGbnf("root ::= \"\\x41\\u00e9\\U0001F642\\n\\\"\" "),
         {"Aé🙂\n\""}, {"A"});
  expect(
      parseGbnf("root ::= a{2} b{0,1} c{1,}\na ::= \"a\"\nb ::= \"b\"\nc ::= "
                "\"c\""),
      {"aac", "aabccc"}, {"ac", "aab", "aabbc"});
  expect(parseGbnf("root ::= (\"a\" | )* \"b\""), {"b", "aab"}, {"", "a"});
  // Right recursion as deep as you like.
  expect(parseGbnf("root ::= \"a\" root | \"b\""),
         {std::string(50'000, 'a') + "b"}, {std::string(100, 'a')});
  expect(parseGbnf("root ::= \"(\" root \")\" | \"x\""),
         {std::string(500, '(') + "x" + std::string(500, ')')},
         {std::string(500, '(') + "x" + std::string(499, ')')});
}

TEST(Grammar, GbnfMistakes) {
  auto message = [](const std::string &text) {
    return messageOf([](std::string_view t) { return parseGbnf(t); }, text);
  };
  EXPECT_EQ(message("root ::= \"a\"\nitem ::= [a-"),
            "g:2:10: error: this class has no ']'\nitem ::= [a-\n         ^");
  EXPECT_EQ(
      message("root ::= ( \"a\""),
      "g:1:10: error: this group has no ')'\nroot ::= ( \"a\"\n         ^");
  const std::pair<const char *, const char *> cases[] = {
      {"", "there is no rule 'root'"},
      {"a ::= \"b\"", "there is no rule 'root'"},
      {"root ::= item", "1:10: error: there is no rule 'item'"},
      {"root \"a\"", "'::=' was expected behind the rule's name"},
      {"::= \"a\"", "the name of a rule was expected"},
      {"root ::= \"a", "has no '\"' at its end"},
      {"root ::= \"\\q\"", "1:12: error: there is no such escape"},
      {"root ::= \"\\x4\"", "2 hexadecimal digits"},
      {"root ::= \"\\uD800\"", "4 hexadecimal digits"},
      {"root ::= []", "this class is empty"},
      {"root ::= [z-a]", "this range ends before it begins"},
      {"root ::= \"a\" )", "the name of a rule was expected"},
      {"root ::= *", "a text, a class, a group or the name of a rule"},
      {"root ::= \"a\"{3,1}", "a maximum below its minimum"},
      {"root ::= \"a\"{x}", "a number up to 100,000"},
      {"root ::= \"a\"{1", "'}' was expected"},
      {"root ::= \"a\"{999999}", "a number up to 100,000"},
      {"root ::= \"a\"\nroot ::= \"b\"",
       "2:1: error: rule 'root' stands twice"},
      {"root ::= root \"a\" | \"b\"", "rule 'root' begins with itself"},
      {"root ::= a\na ::= b? c\nb ::= \"x\"\nc ::= a", "begins with itself"},
      {"root ::= (root)", "rule 'root' begins with itself"},
      {"root ::= ((\"a\"{100000}){100000})", "more than 1,000,000 parts"},
  };
  for (auto [text, expected] : cases)
    EXPECT_NE(message(text).find(expected), std::string::npos) << text << "\n"
                                                               << message(text);
  std::string deep = "root ::= " + std::string(10'000, '(');
  EXPECT_NE(message(deep).find("too deep"), std::string::npos);
}

TEST(Grammar, Regex) {
  expect(ofRegex("(a|b)*c"), {"c", "abac"}, {"", "ab", "cc"});
  expect(ofRegex("^\\d{3}-\\d{4}$"), {"555-1234"}, {"55-1234", "555-12345"});
  expect(ofRegex("[\\w.]+@[a-z]+\\.(com|org)"), {"a.b_1@example.org"},
         {"@a.com", "a@b.net"});
  expect(ofRegex("\\S+\\s?[^\\d]"), {"ab c", "xy", "1é"}, {"1", "a 1"});
  expect(ofRegex(".é?[\u20ac-\u20ae]*"), {"a", "🙂é€", "x₭"},
         {"", "\n", "a₯₯"});
  expect(ofRegex("(?:ab)+?c{0}x*"), {"ab", "ababxx"}, {"", "abc"});
  expect(ofRegex("\\x41\\u00e9\\.\\\\"), {"Aé.\\"}, {"A"});
  expect(ofRegex(""), {""}, {"a"});
  // Every character of a range, and none beside it.
  for (auto [first, last] : {std::pair(0x7eu, 0x830u),
                             {0xd7f0u, 0xe010u},
                             {0xfff0u, 0x10020u},
                             {0x3ffffu, 0x40001u}}) {
    std::string text = "[";
    appendCharacter(text, first);
    text += "-";
    appendCharacter(text, last);
    Automaton automaton(ofRegex(text + "]"));
    for (char32_t c = first - 20; c < last + 20; ++c) {
      if (c >= 0xd800 && c < 0xe000)
        continue;
      std::string character;
      appendCharacter(character, c);
      ASSERT_EQ(allows(automaton, character), c >= first && c <= last)
          << std::hex << unsigned(c);
    }
    EXPECT_FALSE(allows(automaton, "\xed\xa0\x80"));
  }
}

TEST(Grammar, RegexMistakes) {
  auto message = [](const std::string &text) {
    return messageOf([](const std::string &t) { return ofRegex(t); }, text);
  };
  EXPECT_EQ(message("a(b|c"), "g:1:2: error: this group has no ')'\na(b|c\n ^");
  for (auto [text, expected] : {std::pair("a)", "this ')' closes nothing"),
                                {"*a", "nothing to repeat"},
                                {"a**", "nothing to repeat"},
                                {"a|+", "nothing to repeat"},
                                {"(?=a)", "look around"},
                                {"(?<n>a)", "look around"},
                                {"\\1", "no such escape"},
                                {"a\\b", "no such escape"},
                                {"a^b", "an anchor within"},
                                {"a$b", "an anchor within"},
                                {"[a", "this class has no ']'"},
                                {"\\", "an escape was expected"},
                                {"a{2,1}", "a maximum below"}})
    EXPECT_NE(message(text).find(expected), std::string::npos) << text << "\n"
                                                               << message(text);
}

TEST(Grammar, JsonSchema) {
  expect(parseJsonSchema(R"({"type": "object", "properties": {
            "name": {"type": "string", "maxLength": 5}, "age": {"type": "integer"},
            "tags": {"type": "array", "items": {"enum": ["x", "y"]}, "maxItems": 2}},
            "required": ["age"]})"),
         {R"({"age": 3})", R"({"name":"Bo","age":-12})",
          R"({"age":0,"tags":["x", "y"]})", "{\n  \"age\": 7\n}",
          R"({"age":1,"tags":[]})", R"({"name":"\n\u00e9","age":1})"},
         {"{}", R"({"name":"Bo"})", R"({"age":3,"name":"Bo"})", R"({"age":01})",
          R"({"age":1,"more":2})", R"({"age":1,"tags":["x","x","x"]})",
          R"({"name":"abcdef","age":1})", R"({"age":1.5})"});
  expect(parseJsonSchema("true"),
         {"null", "[1, {\"a\": [true, \"x\"]}, -1.5e10]", "{}", "\"a\""},
         {"", "[1,]", "{a:1}", "nul"});
  expect(
      parseJsonSchema(R"({"$defs": {"tree": {"type": "object", "properties": {
            "value": {"type": "number"}, "children": {"type": "array", "items":
            {"$ref": "#/$defs/tree"}}}, "required": ["value"]}}, "$ref": "#/$defs/tree"})"),
      {R"({"value":1.5,"children":[{"value":2},{"value":3,"children":[]}]})"},
      {R"({"value":1,"children":[{}]})"});
  expect(
      parseJsonSchema(
          R"({"anyOf": [{"const": {"a": [1, null]}}, {"type": ["boolean", "null"]},
            {"type": "string", "pattern": "[a-z\"]{2}"}]})"),
      {R"({"a": [1, null]})", "true", "null", R"("ab")", R"("a\"")"},
      {"1", R"("abc")", R"("a"")"});
  expect(parseJsonSchema(
             R"({"type": "object", "properties": {"a": {"type": "null"}},
            "additionalProperties": {"type": "integer"}})"),
         {"{}", R"({"a":null})", R"({"a":null,"b":1,"c":2})", R"({"b":1})"},
         {R"({"b":"x"})", R"({"a":1.5})"});
  expect(
      parseJsonSchema(
          R"({"prefixItems": [{"type": "integer"}, {"type": "string"}], "type": "array"})"),
      {R"([1, "a"])"}, {"[1]", R"(["a", 1])"});
  expect(parseJsonSchema(
             R"({"type": "array", "items": {"type": "null"}, "minItems": 2})"),
         {"[null,null]", "[null, null, null]"}, {"[]", "[null]"});
}

/// Every number within some bounds, and none beside them.
TEST(Grammar, JsonNumbersWithinBounds) {
  for (auto [least, most] :
       std::vector<std::pair<std::optional<int>, std::optional<int>>>{
           {0, 0},
           {3, 7},
           {-3, 7},
           {8, 123},
           {-250, -17},
           {-1, 1000},
           {0, {}},
           {1, {}},
           {{}, 0},
           {{}, -1},
           {95, 105},
           {-105, -95},
           {1900, 2100},
           {{}, 42},
           {-7, {}}}) {
    std::string bounds;
    if (least)
      bounds += ", \"minimum\": " + std::to_string(*least);
    if (most)
      bounds += ", \"maximum\": " + std::to_string(*most);
    Automaton whole(parseJsonSchema("{\"type\": \"integer\"" + bounds + "}"));
    Automaton real(parseJsonSchema("{\"type\": \"number\"" + bounds + "}"));
    for (int number = -2500; number <= 2500; ++number) {
      const bool isWithin =
          (!least || number >= *least) && (!most || number <= *most);
      const std::string text = std::to_string(number);
      ASSERT_EQ(allows(whole, text), isWithin) << text << bounds;
      ASSERT_EQ(allows(real, text), isWithin) << text << bounds;
      ASSERT_EQ(allows(real, text + ".00"), isWithin) << text << bounds;
      // Further from 0.
      const double half = number + (number < 0 ? -0.5 : 0.5);
      ASSERT_EQ(allows(real, text + ".5"),
                (!least || half >= *least) && (!most || half <= *most))
          << text << ".5" << bounds;
      EXPECT_FALSE(allows(whole, text + ".5"));
    }
    for (const char *text : {"-0", "00", "01", "-01", "+1", "", "-", "1e3"})
      EXPECT_FALSE(allows(whole, text)) << text << bounds;
  }
}

TEST(Grammar, JsonMultiples) {
  for (int divisor : {1, 2, 7, 10, 25, 997}) {
    const std::string of =
        "{\"type\": \"integer\", \"multipleOf\": " + std::to_string(divisor);
    Automaton any(parseJsonSchema(of + "}"));
    Automaton positive(parseJsonSchema(of + ", \"minimum\": 0}"));
    Automaton within(
        parseJsonSchema(of + ", \"minimum\": -30, \"maximum\": 950}"));
    for (int number = -1200; number <= 2000; ++number) {
      const bool isMultiple = number % divisor == 0;
      const std::string text = std::to_string(number);
      ASSERT_EQ(allows(any, text), isMultiple) << text << " of " << divisor;
      ASSERT_EQ(allows(positive, text), isMultiple && number >= 0) << text;
      ASSERT_EQ(allows(within, text),
                isMultiple && number >= -30 && number <= 950)
          << text;
    }
    for (const char *text : {"-0", "00", "010", "+10", "", "-", "10.0", "1e3"})
      EXPECT_FALSE(allows(any, text)) << text << " of " << divisor;
  }
}

TEST(Grammar, JsonFormats) {
  auto format = [](const char *name) {
    return parseJsonSchema(
        std::string("{\"type\": \"string\", \"format\": \"") + name + "\"}");
  };
  expect(format("date"),
         {R"("2024-02-29")", R"("2000-02-29")", R"("1999-12-31")",
          R"("2023-04-30")", R"("2023-02-28")"},
         {R"("2023-02-29")", R"("1900-02-29")", R"("2023-04-31")",
          R"("2023-13-01")", R"("2023-00-10")", R"("2023-1-1")",
          R"("2023-01-32")", R"("2024-02-30")"});
  expect(
      format("time"),
      {R"("23:59:59Z")", R"("00:00:00.25+02:00")", R"("12:30:01-11:30")"},
      {R"("24:00:00Z")", R"("12:60:00Z")", R"("12:00:00")", R"("1:00:00Z")"});
  expect(format("date-time"), {R"("2024-02-29T10:20:30Z")"},
         {R"("2023-02-29T10:20:30Z")", R"("2024-02-29 10:20:30Z")"});
  expect(format("uuid"), {R"("123e4567-e89b-12d3-a456-426614174000")"},
         {R"("123e4567e89b12d3a456426614174000")",
          R"("123e4567-e89b-12d3-a456-42661417400")"});
  expect(format("ipv4"), {R"("0.0.0.0")", R"("255.249.199.9")"},
         {R"("256.0.0.0")", R"("1.2.3")", R"("01.2.3.4")"});
}

TEST(Grammar, JsonSchemaAllOf) {
  expect(parseJsonSchema(
             R"({"$defs": {"named": {"type": "object", "properties": {
            "name": {"enum": ["x"]}}, "required": ["name"]}},
            "allOf": [{"$ref": "#/$defs/named"}, {"type": "object",
            "properties": {"age": {"type": "integer", "minimum": 0}}}],
            "properties": {"age": {"maximum": 12}}, "required": ["age"]})"),
         {R"({"name":"x","age":0})", R"({"name":"x","age":12})"},
         {R"({"name":"x"})", R"({"age":1})", R"({"name":"x","age":13})",
          R"({"name":"x","age":-1})"});
}

TEST(Grammar, JsonSchemaMistakes) {
  auto message = [](const std::string &text) {
    return messageOf([](std::string_view t) { return parseJsonSchema(t); },
                     text);
  };
  for (auto [text, expected] :
       {std::pair("{", "byte 1 of the JSON"),
        {"5", "#: a schema was expected"},
        {R"({"type": "thing"})", "#/type: there is no type 'thing'"},
        {R"({"type": "string", "multipleOf": 3})",
         "#/multipleOf: this word is not supported"},
        {R"({"type": "number", "multipleOf": 0.01})",
         "#/multipleOf: a whole number from 1 to 1000 was expected"},
        {R"({"type": "integer", "multipleOf": 0})",
         "#/multipleOf: a whole number from 1 to 1000 was expected"},
        {R"({"type": "integer", "multipleOf": 3, "maximum": 9})",
         "#/multipleOf: it is supported without bounds"},
        {R"({"type": "integer", "multipleOf": 3, "minimum": 4, "maximum": 5})",
         "#/multipleOf: no multiple lies between the bounds"},
        {R"({"type": "integer", "minimum": 0.5})",
         "#/minimum: a whole number of at most 15 digits was expected"},
        {R"({"type": "integer", "minimum": 1e40})", "#/minimum: a whole"},
        {R"({"type": "integer", "minimum": 3, "exclusiveMaximum": 3})",
         "#: no number lies between its bounds"},
        {R"({"type": "number", "exclusiveMinimum": 3})",
         "#/exclusiveMinimum: it is supported for whole numbers alone"},
        {R"({"type": "string", "minimum": 3})", "#/minimum: this word"},
        {R"({"type": "string", "format": "email"})",
         "#/format: 'email' is not supported; date, time, date-time, uuid"},
        {R"({"type": "string", "format": "date", "maxLength": 3})",
         "#/format: it is not supported beside 'maxLength'"},
        {R"({"allOf": []})", "#/allOf: a list of schemas was expected"},
        {R"({"allOf": [3]})", "#/allOf: a schema was expected"},
        {R"({"allOf": [{"type": "string"}, {"type": "integer"}]})",
         "#/allOf: 'type' is another one in two of these"},
        {R"({"allOf": [{"additionalProperties": false}, {}]})",
         "#/allOf: additionalProperties is not supported with it"},
        {R"({"$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}},
             "$ref": "#/$defs/a"})",
         "too deep"},
        {R"({"not": {}})", "#/not: this word"},
        {R"({"enum": []})", "#/enum: a list of values was expected"},
        {R"({"anyOf": {}})", "#/anyOf: a list of schemas was expected"},
        {R"({"$ref": "http://x"})", "only references within the schema"},
        {R"({"$ref": "#/$defs/x"})", "'#/$defs/x' is not in the schema"},
        {"{\"type\": \"string\", \"pattern\": \"(a\"}",
         "this group has no ')'"},
        {R"({"type": "string", "minLength": -1})", "#/minLength: a number"},
        {R"({"type": "array", "minItems": 3, "maxItems": 2})",
         "below minItems"},
        {R"({"properties": {"a": true}, "required": ["b"]})",
         "there is no property 'b'"},
        {R"({"$ref": "#"})", "begins with itself"}})
    EXPECT_NE(message(text).find(expected), std::string::npos) << text << "\n"
                                                               << message(text);
}

/// What an automaton gives, another reader takes.
TEST(Grammar, RandomTexts) {
  std::mt19937_64 random(11);
  int texts = 0;
  for (
      const char *schema :
      {"true", R"({"type": "array", "items": {"type": "number"}})",
       R"({"properties": {"a": {"type": "string"}, "b": true, "c": {"type": "boolean"}}})"}) {
    Automaton automaton(parseJsonSchema(schema));
    for (int i = 0; i < 300; ++i)
      if (std::string text = randomText(automaton, random, 300);
          !text.empty()) {
        EXPECT_NO_THROW(chat::parseJson(text)) << text;
        ++texts;
      }
  }
  for (const char *pattern : {"(a|bc)*d?", "[a-c]{2,4}x+(y|z)", "\\w+\\d{2}"}) {
    Automaton automaton(ofRegex(pattern));
    const std::regex expected(pattern);
    for (int i = 0; i < 300; ++i)
      if (std::string text = randomText(automaton, random, 60); !text.empty()) {
        EXPECT_TRUE(std::regex_match(text, expected)) << pattern << " " << text;
        ++texts;
      }
  }
  EXPECT_GT(texts, 500);
}

namespace {

/// Letters, pairs of letters, whole characters and bytes of them, as a
/// vocabulary has them.
FakeOptions textModel() {
  FakeOptions options;
  std::vector<std::string> texts = {"<s>", "</s>"};
  for (char c = ' '; c <= '~'; ++c)
    texts.push_back(std::string(1, c));
  for (const char *text : {"ab", "abc", "true", "false", "\": ", "{\"", ", \"",
                           "12", "[]", "é", "€", "null", "\n"})
    texts.push_back(text);
  options.vocabulary = int64_t(texts.size());
  options.context = 160;
  options.maximumTokens = 160;
  options.eos = {1};
  options.tokenizer = fakeTokenizer(texts, {0, 1}, -1);
  return options;
}

} // namespace

/// Random sampling keeps to a grammar whatever the model would like.
TEST(Constraint, Sampling) {
  FakeModel fake(textModel());
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 1, 1);
  const int32_t prompt[] = {40};
  int ended = 0, checked = 0;
  for (
      const char *schema :
      {R"({"properties": {"ab": {"type": "boolean"}, "n": {"type": "integer"}}, "required": ["ab"]})",
       R"({"type": "array", "items": {"enum": ["é€", "abc", null]}, "maxItems": 3})"}) {
    sinter_constraint constraint(model, parseJsonSchema(schema));
    Automaton automaton(parseJsonSchema(schema));
    for (uint64_t seed = 0; seed < 60; ++seed) {
      sinter_generate_options options;
      sinter_generate_defaults(&options);
      options.temperature = seed % 3 == 0 ? 0 : 1.5;
      options.top_k = seed % 2 ? 20 : 0;
      options.seed = seed;
      options.maximum_tokens = 100;
      options.constraint = &constraint;
      Generated result = generate(session, prompt, options);
      std::string text, error;
      ASSERT_TRUE(model.tokenizer(false).decode(
          std::span<const int32_t>(result.tokens).subspan(1), true, text,
          error));
      const int32_t state = automaton.walk(automaton.start(), text);
      ASSERT_NE(state, Automaton::dead) << text;
      ++checked;
      if (result.reason != SINTER_STOP_END_TOKEN)
        continue;
      ++ended;
      EXPECT_TRUE(automaton.accepts(state)) << text;
    }
  }
  EXPECT_EQ(checked, 120);
  EXPECT_GT(ended, 30);
}

TEST(Constraint, TokensAndEnds) {
  FakeModel fake(textModel());
  sinter_model model(fake.program, nullptr);
  auto allowed = [&](const std::string &pattern, std::vector<int32_t> written) {
    sinter_constraint constraint(model, ofRegex(pattern));
    std::vector<float> logits(size_t(fake.options.vocabulary), 0.f);
    const int32_t ends[] = {1};
    constraint.restrict(logits, written, ends);
    std::string text;
    for (size_t id = 0; id < logits.size(); ++id)
      if (!std::isinf(logits[id])) {
        std::string bytes;
        text +=
            (id == 1                                                 ? "END"
             : model.tokenizer(false).tokenBytes(int32_t(id), bytes) ? bytes
                                                                     : "?") +
            "|";
      }
    return text;
  };
  EXPECT_EQ(allowed("abcd?", {}), "a|ab|abc|");
  const int32_t ab = model.tokenizer(false).tokenToId("ab");
  EXPECT_EQ(allowed("abcd?", {ab}), "c|");
  EXPECT_EQ(allowed("ab", {ab}), "END|");
  EXPECT_EQ(allowed("ab+", {ab}), "END|b|");
  EXPECT_EQ(allowed("[é-ü]|€", {}), "é|€|");
  // Nothing goes on, and nothing ends.
  try {
    allowed("ab日", {ab});
    ADD_FAILURE();
  } catch (const Failure &failure) {
    EXPECT_STREQ(failure.what(),
                 "no token of the model goes on as the grammar wants");
  }
}
