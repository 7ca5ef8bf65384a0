//===- ExpressionParser.cpp - Expressions of a chat template -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Functions.h"
#include "runtime/chat/Parser.h"

#include <algorithm>

using namespace sinter::runtime::chat;

/// More than people write, less than a stack holds.
static constexpr int maximumDepth = 100;

ExpressionParser::Depth::Depth(ExpressionParser &parser) : parser(parser) {
  if (++parser.depth > maximumDepth) {
    --parser.depth;
    parser.fail("what stands here lies too deep in what is around it");
  }
}

ExpressionPointer ExpressionParser::make(Expression::Kind kind,
                                         size_t place) const {
  auto expression = std::make_unique<Expression>();
  expression->kind = kind;
  expression->place = place;
  return expression;
}

std::string ExpressionParser::found() const {
  switch (now().kind) {
  case Token::BlockEnd:
    return "the block ends";
  case Token::OutputEnd:
    return "the output ends";
  case Token::End:
    return "the template ends";
  case Token::Literal:
    return now().value.representation() + " stands";
  default:
    return "'" + now().text + "' stands";
  }
}

bool ExpressionParser::takeOperator(std::string_view text) {
  bool takes = isOperator(text);
  at += takes;
  return takes;
}

bool ExpressionParser::takeWord(std::string_view text) {
  bool takes = isWord(text);
  at += takes;
  return takes;
}

void ExpressionParser::expectOperator(std::string_view text) {
  if (!takeOperator(text))
    fail("'" + std::string(text) + "' was expected, but " + found() + " here");
}

void ExpressionParser::expectWord(std::string_view text) {
  if (!takeWord(text))
    fail("'" + std::string(text) + "' was expected, but " + found() + " here");
}

std::string ExpressionParser::expectName(const char *what) {
  if (now().kind != Token::Name)
    fail(std::string(what) + " was expected, but " + found() + " here");
  return tokens[at++].text;
}

bool ExpressionParser::endsTuple() const {
  return now().kind == Token::BlockEnd || now().kind == Token::OutputEnd ||
         now().kind == Token::End || isOperator(")") || isOperator("=") ||
         isWord("in") || isWord("recursive");
}

ExpressionPointer ExpressionParser::parseTuple(bool conditions) {
  size_t place = now().place;
  ExpressionPointer first = parseExpression(conditions);
  if (!isOperator(","))
    return first;
  ExpressionPointer tuple = make(Expression::TupleDisplay, place);
  tuple->children.push_back(std::move(first));
  while (takeOperator(",") && !endsTuple())
    tuple->children.push_back(parseExpression(conditions));
  return tuple;
}

ExpressionPointer ExpressionParser::parseExpression(bool conditions) {
  Depth guard(*this);
  return conditions ? parseCondition() : parseOr();
}

ExpressionPointer ExpressionParser::parseCondition() {
  ExpressionPointer value = parseOr();
  while (isWord("if")) {
    ExpressionPointer condition = make(Expression::Conditional, now().place);
    ++at;
    condition->children.push_back(std::move(value));
    condition->children.push_back(parseOr());
    condition->children.push_back(takeWord("else") ? parseExpression()
                                                   : nullptr);
    value = std::move(condition);
  }
  return value;
}

ExpressionPointer ExpressionParser::parseOr() {
  ExpressionPointer left = parseAnd();
  while (isWord("or")) {
    ExpressionPointer both = make(Expression::Or, now().place);
    ++at;
    both->children.push_back(std::move(left));
    both->children.push_back(parseAnd());
    left = std::move(both);
  }
  return left;
}

ExpressionPointer ExpressionParser::parseAnd() {
  ExpressionPointer left = parseNot();
  while (isWord("and")) {
    ExpressionPointer both = make(Expression::And, now().place);
    ++at;
    both->children.push_back(std::move(left));
    both->children.push_back(parseNot());
    left = std::move(both);
  }
  return left;
}

ExpressionPointer ExpressionParser::parseNot() {
  if (!isWord("not"))
    return parseComparison();
  Depth guard(*this);
  ExpressionPointer negation = make(Expression::Not, now().place);
  ++at;
  negation->children.push_back(parseNot());
  return negation;
}

ExpressionPointer ExpressionParser::parseComparison() {
  ExpressionPointer first = parseSum();
  ExpressionPointer comparison;
  while (true) {
    std::string name;
    size_t place = now().place, words = 1;
    for (const char *known : {"==", "!=", "<", "<=", ">", ">="})
      if (isOperator(known))
        name = known;
    if (isWord("in"))
      name = "in";
    if (isWord("not") && next().kind == Token::Name && next().text == "in") {
      name = "not in";
      words = 2;
    }
    if (name.empty())
      break;
    at += words;
    if (!comparison) {
      comparison = make(Expression::Comparison, place);
      comparison->children.push_back(std::move(first));
    }
    comparison->operators.push_back(name);
    comparison->children.push_back(parseSum());
  }
  return comparison ? std::move(comparison) : std::move(first);
}

/// Parts that one of some operators joins, from the left.
template <typename Part>
ExpressionPointer
ExpressionParser::parseJoined(std::initializer_list<std::string_view> operators,
                              Part part) {
  ExpressionPointer left = part();
  while (now().kind == Token::Operator &&
         std::find(operators.begin(), operators.end(), now().text) !=
             operators.end()) {
    ExpressionPointer both = make(Expression::Arithmetic, now().place);
    both->name = tokens[at++].text;
    both->children.push_back(std::move(left));
    both->children.push_back(part());
    left = std::move(both);
  }
  return left;
}

ExpressionPointer ExpressionParser::parseSum() {
  return parseJoined({"+", "-"}, [&] {
    return parseJoined({"~"}, [&] {
      return parseJoined({"*", "/", "//", "%"}, [&] {
        return parseJoined({"**"}, [&] { return parseUnary(true); });
      });
    });
  });
}

ExpressionPointer ExpressionParser::parseUnary(bool filters) {
  ExpressionPointer value;
  if (isOperator("-") || isOperator("+")) {
    Depth guard(*this);
    value = make(Expression::Sign, now().place);
    value->name = now().text;
    ++at;
    value->children.push_back(parseUnary(false));
  } else {
    value = parsePrimary();
  }
  value = parsePostfix(std::move(value));
  return filters ? parseFilters(std::move(value)) : std::move(value);
}

ExpressionPointer ExpressionParser::parsePrimary() {
  size_t place = now().place;
  if (now().kind == Token::Literal) {
    ExpressionPointer literal = make(Expression::Literal, place);
    literal->value = now().value;
    ++at;
    // Strings side by side are one.
    while (literal->value.isString() && now().kind == Token::Literal &&
           now().value.isString())
      literal->value = literal->value.string() + tokens[at++].value.string();
    return literal;
  }
  if (now().kind == Token::Name) {
    std::string name = tokens[at++].text;
    bool isTrue = name == "true" || name == "True",
         isFalse = name == "false" || name == "False";
    if (isTrue || isFalse || name == "none" || name == "None") {
      ExpressionPointer literal = make(Expression::Literal, place);
      literal->value = isTrue || isFalse ? Value(isTrue) : Value::none();
      return literal;
    }
    ExpressionPointer expression = make(Expression::Name, place);
    expression->name = std::move(name);
    return expression;
  }
  if (takeOperator("(")) {
    if (takeOperator(")"))
      return make(Expression::TupleDisplay, place);
    ExpressionPointer inner = parseTuple();
    expectOperator(")");
    return inner;
  }
  if (takeOperator("[")) {
    ExpressionPointer list = make(Expression::ListDisplay, place);
    while (!takeOperator("]")) {
      if (!list->children.empty())
        expectOperator(",");
      if (takeOperator("]"))
        break;
      list->children.push_back(parseExpression());
    }
    return list;
  }
  if (isOperator("{"))
    return parseDict();
  fail("a value was expected, but " + found() + " here");
}

ExpressionPointer ExpressionParser::parseDict() {
  ExpressionPointer dict = make(Expression::DictDisplay, now().place);
  ++at;
  while (!takeOperator("}")) {
    if (!dict->children.empty())
      expectOperator(",");
    if (takeOperator("}"))
      break;
    dict->children.push_back(parseExpression());
    expectOperator(":");
    dict->children.push_back(parseExpression());
  }
  return dict;
}

ExpressionPointer ExpressionParser::parsePostfix(ExpressionPointer value) {
  while (true) {
    size_t place = now().place;
    if (takeOperator(".")) {
      ExpressionPointer attribute = make(Expression::Attribute, place);
      if (now().kind == Token::Literal && now().value.isInteger()) {
        // `x.0` is an element.
        attribute->kind = Expression::Item;
        attribute->children.push_back(std::move(value));
        attribute->children.push_back(make(Expression::Literal, place));
        attribute->children[1]->value = tokens[at++].value;
      } else {
        attribute->name = expectName("the name of an attribute");
        attribute->children.push_back(std::move(value));
      }
      value = std::move(attribute);
    } else if (isOperator("[")) {
      value = parseSubscript(std::move(value));
    } else if (isOperator("(")) {
      ExpressionPointer call = make(Expression::Call, place);
      call->children.push_back(std::move(value));
      call->arguments = parseArguments();
      value = std::move(call);
    } else {
      return value;
    }
  }
}

ExpressionPointer ExpressionParser::parseSubscript(ExpressionPointer value) {
  size_t place = now().place;
  ++at;
  ExpressionPointer parts[3];
  int count = 0, colons = 0;
  while (!isOperator("]")) {
    if (takeOperator(":")) {
      if (++colons > 2)
        fail("a slice has at most three parts");
      count = colons;
      continue;
    }
    if (parts[count])
      fail("']' or ':' was expected, but " + found() + " here");
    parts[count] = parseTuple();
  }
  ++at;
  ExpressionPointer result =
      make(colons ? Expression::Slice : Expression::Item, place);
  result->children.push_back(std::move(value));
  if (!colons && !parts[0])
    fail("an element was expected between the brackets");
  for (int i = 0; i < (colons ? 3 : 1); ++i)
    result->children.push_back(std::move(parts[i]));
  return result;
}

std::vector<ArgumentSyntax> ExpressionParser::parseArguments() {
  Depth guard(*this);
  std::vector<ArgumentSyntax> arguments;
  expectOperator("(");
  while (!takeOperator(")")) {
    if (!arguments.empty()) {
      expectOperator(",");
      if (takeOperator(")"))
        break;
    }
    ArgumentSyntax argument;
    if (takeOperator("**"))
      argument.stars = 2;
    else if (takeOperator("*"))
      argument.stars = 1;
    else if (now().kind == Token::Name && next().kind == Token::Operator &&
             next().text == "=") {
      argument.name = now().text;
      at += 2;
    }
    argument.value = parseExpression();
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

ExpressionPointer ExpressionParser::parseFilters(ExpressionPointer value) {
  while (true) {
    if (isOperator("|")) {
      ++at;
      value = parseFilter(std::move(value));
    } else if (isWord("is")) {
      value = parseTest(std::move(value));
    } else if (isOperator("(")) {
      value = parsePostfix(std::move(value));
    } else {
      return value;
    }
  }
}

ExpressionPointer ExpressionParser::parseFilter(ExpressionPointer value) {
  ExpressionPointer filter = make(Expression::Filter, now().place);
  filter->name = expectName("the name of a filter");
  if (!hasFilter(filter->name))
    throw TemplateError("there is no filter '" + filter->name + "'",
                        filter->place);
  filter->children.push_back(std::move(value));
  if (isOperator("("))
    filter->arguments = parseArguments();
  return filter;
}

ExpressionPointer ExpressionParser::parseTest(ExpressionPointer value) {
  ++at;
  size_t negation = now().place;
  bool isNegated = takeWord("not");
  ExpressionPointer test = make(Expression::Test, now().place);
  test->name = expectName("the name of a test");
  if (!hasTest(test->name))
    throw TemplateError("there is no test '" + test->name + "'", test->place);
  test->children.push_back(std::move(value));
  bool takesValue =
      now().kind == Token::Literal || isOperator("[") || isOperator("{") ||
      (now().kind == Token::Name && !isWord("else") && !isWord("or") &&
       !isWord("and") && !isWord("if") && !isWord("is") && !isWord("not") &&
       !isWord("in") && !isWord("recursive"));
  if (isOperator("(")) {
    test->arguments = parseArguments();
  } else if (takesValue) {
    ArgumentSyntax argument;
    argument.value = parsePostfix(parsePrimary());
    test->arguments.push_back(std::move(argument));
  }
  if (!isNegated)
    return test;
  ExpressionPointer result = make(Expression::Not, negation);
  result->children.push_back(std::move(test));
  return result;
}
