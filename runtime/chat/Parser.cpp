//===- Parser.cpp - Statements of a chat template -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Parser.h"

#include <algorithm>

using namespace sinter::runtime::chat;

namespace {

class TemplateParser : public ExpressionParser {
public:
  explicit TemplateParser(std::string_view text)
      : ExpressionParser(readTokens(text)) {}

  Block whole() {
    Block block = parseBlock({}, "", 0);
    return block;
  }

private:
  Block parseBlock(std::vector<std::string_view> ends, std::string_view what,
                   size_t begin);
  std::unique_ptr<Statement> parseStatement();
  void parseIf(Statement &statement);
  void parseFor(Statement &statement);
  void parseSet(Statement &statement);
  void parseMacro(Statement &statement);
  void parseCallBlock(Statement &statement);
  void parseWith(Statement &statement);
  std::vector<Parameter> parseParameters();
  Target parseTarget(bool several);
  void endBlock() {
    if (now().kind != Token::BlockEnd)
      fail("'%}' was expected, but " + found() + " here");
    ++at;
  }
  /// The body of a block that ends by a word of its own.
  Block bodyOf(const Statement &statement, std::string_view name) {
    endBlock();
    std::string end = "end" + std::string(name);
    Block block = parseBlock({end}, name, statement.place);
    ++at;
    endBlock();
    return block;
  }

  int loops = 0;
};

} // namespace

/// Statements up to a block that begins with one of `ends`, whose word is the
/// next token then.
Block TemplateParser::parseBlock(std::vector<std::string_view> ends,
                                 std::string_view what, size_t begin) {
  Depth guard(*this);
  Block block;
  while (true) {
    auto statement = std::make_unique<Statement>();
    statement->place = now().place;
    switch (now().kind) {
    case Token::Text:
      statement->kind = Statement::Text;
      statement->text = std::move(tokens[at++].text);
      break;
    case Token::OutputBegin:
      ++at;
      statement->kind = Statement::Output;
      statement->expression = parseTuple();
      if (now().kind != Token::OutputEnd)
        fail("'}}' was expected, but " + found() + " here");
      ++at;
      break;
    case Token::BlockBegin:
      ++at;
      if (std::find(ends.begin(), ends.end(), now().text) != ends.end() &&
          now().kind == Token::Name)
        return block;
      statement = parseStatement();
      break;
    default:
      if (!ends.empty())
        throw TemplateError("this " + std::string(what) + " has no '" +
                                std::string(ends.back()) + "'",
                            begin);
      return block;
    }
    block.push_back(std::move(statement));
  }
}

std::unique_ptr<Statement> TemplateParser::parseStatement() {
  auto statement = std::make_unique<Statement>();
  statement->place = now().place;
  size_t word = at;
  std::string name = expectName("the name of a statement");
  if (name == "if") {
    parseIf(*statement);
  } else if (name == "for") {
    parseFor(*statement);
  } else if (name == "set") {
    parseSet(*statement);
  } else if (name == "macro") {
    parseMacro(*statement);
  } else if (name == "call") {
    parseCallBlock(*statement);
  } else if (name == "with") {
    parseWith(*statement);
  } else if (name == "filter") {
    statement->kind = Statement::FilterBlock;
    statement->filters.push_back(parseFilter(nullptr));
    while (takeOperator("|"))
      statement->filters.push_back(parseFilter(nullptr));
    statement->body = bodyOf(*statement, "filter");
  } else if (name == "generation") {
    statement->kind = Statement::Generation;
    statement->body = bodyOf(*statement, "generation");
  } else if (name == "break" || name == "continue") {
    statement->kind = name == "break" ? Statement::Break : Statement::Continue;
    if (loops == 0)
      throw TemplateError("there is no loop around this '" + name + "'",
                          statement->place);
    endBlock();
  } else {
    at = word;
    bool isEnd = name.starts_with("end") || name == "else" || name == "elif";
    fail(isEnd ? "this '" + name + "' ends nothing"
               : "there is no statement '" + name + "'");
  }
  return statement;
}

void TemplateParser::parseIf(Statement &statement) {
  statement.kind = Statement::If;
  statement.expression = parseTuple(/*conditions=*/false);
  endBlock();
  statement.body = parseBlock({"elif", "else", "endif"}, "if", statement.place);
  if (isWord("elif")) {
    Depth guard(*this);
    // As an `if` in the `else`; it takes the `endif`, too.
    auto inner = std::make_unique<Statement>();
    inner->place = now().place;
    ++at;
    parseIf(*inner);
    statement.otherwise.push_back(std::move(inner));
    return;
  }
  if (takeWord("else")) {
    endBlock();
    statement.otherwise = parseBlock({"endif"}, "if", statement.place);
  }
  ++at;
  endBlock();
}

Target TemplateParser::parseTarget(bool several) {
  Target target;
  target.place = now().place;
  if (takeOperator("(")) {
    target = parseTarget(true);
    expectOperator(")");
  } else {
    target.name = expectName("a name");
    static constexpr std::string_view reserved[] = {"true", "false", "none",
                                                    "True", "False", "None"};
    if (std::find(std::begin(reserved), std::end(reserved), target.name) !=
        std::end(reserved))
      throw TemplateError("'" + target.name + "' cannot be given a value",
                          target.place);
    if (takeOperator("."))
      target.attribute = expectName("the name of an attribute");
  }
  if (!several || !isOperator(","))
    return target;
  Target all;
  all.place = target.place;
  all.parts.push_back(std::move(target));
  while (takeOperator(",")) {
    if (isWord("in") || isOperator("=") || isOperator(")"))
      break;
    all.parts.push_back(parseTarget(false));
  }
  return all;
}

void TemplateParser::parseFor(Statement &statement) {
  statement.kind = Statement::For;
  statement.target = parseTarget(true);
  expectWord("in");
  statement.expression = parseTuple(/*conditions=*/false);
  if (takeWord("if"))
    statement.condition = parseExpression();
  if (isWord("recursive"))
    fail("recursive loops are not supported");
  endBlock();
  ++loops;
  statement.body = parseBlock({"else", "endfor"}, "for", statement.place);
  --loops;
  if (takeWord("else")) {
    endBlock();
    statement.otherwise = parseBlock({"endfor"}, "for", statement.place);
  }
  ++at;
  endBlock();
}

void TemplateParser::parseSet(Statement &statement) {
  statement.kind = Statement::Set;
  statement.target = parseTarget(true);
  if (takeOperator("=")) {
    statement.expression = parseTuple();
    endBlock();
    return;
  }
  statement.kind = Statement::SetBlock;
  while (takeOperator("|"))
    statement.filters.push_back(parseFilter(nullptr));
  statement.body = bodyOf(statement, "set");
}

std::vector<Parameter> TemplateParser::parseParameters() {
  std::vector<Parameter> parameters;
  expectOperator("(");
  while (!takeOperator(")")) {
    if (!parameters.empty()) {
      expectOperator(",");
      if (takeOperator(")"))
        break;
    }
    Parameter parameter;
    parameter.name = expectName("the name of a parameter");
    if (takeOperator("="))
      parameter.standard = parseExpression();
    else if (!parameters.empty() && parameters.back().standard)
      fail("a parameter without a default stands behind one that has it");
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

void TemplateParser::parseMacro(Statement &statement) {
  statement.kind = Statement::Macro;
  statement.name = expectName("the name of a macro");
  statement.parameters = parseParameters();
  int around = std::exchange(loops, 0);
  statement.body = bodyOf(statement, "macro");
  loops = around;
}

void TemplateParser::parseCallBlock(Statement &statement) {
  statement.kind = Statement::CallBlock;
  if (isOperator("("))
    statement.parameters = parseParameters();
  statement.expression = parseExpression();
  if (statement.expression->kind != Expression::Call)
    throw TemplateError("a call was expected behind 'call'",
                        statement.expression->place);
  int around = std::exchange(loops, 0);
  statement.body = bodyOf(statement, "call");
  loops = around;
}

void TemplateParser::parseWith(Statement &statement) {
  statement.kind = Statement::With;
  while (now().kind != Token::BlockEnd) {
    if (!statement.assignments.empty())
      expectOperator(",");
    Target target = parseTarget(false);
    expectOperator("=");
    statement.assignments.emplace_back(std::move(target), parseExpression());
  }
  statement.body = bodyOf(statement, "with");
}

Block sinter::runtime::chat::parseTemplate(std::string_view text) {
  return TemplateParser(text).whole();
}
