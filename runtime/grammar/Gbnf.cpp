//===- Gbnf.cpp - Grammars in GBNF -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/grammar/PatternReader.h"

#include <map>

using namespace sinter::runtime::grammar;

namespace {

class GbnfReader : PatternReader {
public:
  explicit GbnfReader(std::string_view text) : PatternReader(text) {}

  Grammar read() {
    skip();
    while (!ends()) {
      const size_t place = at;
      const std::string name = readName();
      skip();
      if (text.substr(at, 3) != "::=")
        fail("'::=' was expected behind the rule's name");
      at += 3;
      const size_t number = ruleNamed(name, place);
      Rule &before = grammar.rules[number];
      if (before.place != GrammarError::unknown)
        fail("rule '" + name + "' stands twice", place);
      Expression expression = readChoice();
      grammar.rules[number].expression = std::move(expression);
      grammar.rules[number].place = place;
    }
    auto root = numbers.find("root");
    if (root == numbers.end())
      fail("there is no rule 'root'", text.size());
    grammar.root = root->second;
    for (const Rule &rule : grammar.rules)
      if (rule.place == GrammarError::unknown)
        fail("there is no rule '" + rule.name + "'", firstUse[rule.name]);
    return std::move(grammar);
  }

private:
  static bool isNameCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '_';
  }

  /// White space and comments.
  void skip() {
    while (!ends()) {
      if (is('#'))
        while (!ends() && !is('\n'))
          ++at;
      else if (is(' ') || is('\t') || is('\n') || is('\r'))
        ++at;
      else
        break;
    }
  }

  std::string readName() {
    const size_t begin = at;
    while (!ends() && isNameCharacter(text[at]))
      ++at;
    if (at == begin)
      fail("the name of a rule was expected");
    return std::string(text.substr(begin, at - begin));
  }

  size_t ruleNamed(const std::string &name, size_t place) {
    auto [found, isNew] = numbers.emplace(name, grammar.rules.size());
    if (isNew) {
      grammar.rules.push_back({name, {}, GrammarError::unknown});
      firstUse[name] = place;
    }
    return found->second;
  }

  /// Whether the next rule begins here.
  bool beginsRule() {
    const size_t begin = at;
    while (!ends() && isNameCharacter(text[at]))
      ++at;
    bool result = at > begin;
    skip();
    result = result && text.substr(at, 3) == "::=";
    at = begin;
    return result;
  }

  Expression readSequence() override {
    std::vector<Expression> parts;
    while (true) {
      skip();
      if (ends() || is('|') || is(')') || beginsRule())
        return Expression::sequence(std::move(parts));
      Expression part = readPart();
      skip();
      while (repetition(part))
        skip();
      parts.push_back(std::move(part));
    }
  }

  Expression readPart() {
    const size_t begin = at;
    if (take('"')) {
      Expression literal;
      while (!take('"')) {
        if (ends())
          fail("this text has no '\"' at its end", begin);
        const char32_t c = take('\\') ? escape() : character();
        literal.parts.push_back(Expression::characters({{c, c}}));
      }
      return literal;
    }
    if (take('['))
      return characterClass(begin);
    if (take('.'))
      return Expression::characters(complement({}));
    if (take('(')) {
      Expression group = readChoice();
      if (!take(')'))
        fail("this group has no ')'", begin);
      return group;
    }
    if (!isNameCharacter(text[at]))
      fail("a text, a class, a group or the name of a rule was expected");
    return Expression::reference(ruleNamed(readName(), begin));
  }

  Grammar grammar;
  std::map<std::string, size_t> numbers, firstUse;
};

} // namespace

Grammar sinter::runtime::grammar::parseGbnf(std::string_view text) {
  return GbnfReader(text).read();
}
