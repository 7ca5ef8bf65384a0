//===- Parser.h - From the text of a chat template to its tree -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_PARSER_H
#define SINTER_RUNTIME_CHAT_PARSER_H

#include "runtime/chat/Lexer.h"
#include "runtime/chat/Syntax.h"

#include <algorithm>
#include <initializer_list>

namespace sinter::runtime::chat {

/// Reads expressions by Jinja's grammar: the weakest first, conditions, or,
/// and, not, comparisons, + -, ~, * / // %, **, signs, then calls, filters and
/// tests.
class ExpressionParser {
protected:
  explicit ExpressionParser(std::vector<Token> tokens)
      : tokens(std::move(tokens)) {}

  /// Expressions with commas between them are a tuple.
  ExpressionPointer parseTuple(bool conditions = true);
  ExpressionPointer parseExpression(bool conditions = true);
  std::vector<ArgumentSyntax> parseArguments();
  /// The filters behind `|`, applied to `value`, which may be null.
  ExpressionPointer parseFilter(ExpressionPointer value);

  const Token &now() const { return tokens[at]; }
  const Token &next(size_t ahead = 1) const {
    return tokens[std::min(at + ahead, tokens.size() - 1)];
  }
  bool is(std::string_view text, Token::Kind kind) const {
    return now().kind == kind && now().text == text;
  }
  bool isOperator(std::string_view text) const {
    return is(text, Token::Operator);
  }
  bool isWord(std::string_view text) const { return is(text, Token::Name); }
  bool takeOperator(std::string_view text);
  bool takeWord(std::string_view text);
  void expectOperator(std::string_view text);
  void expectWord(std::string_view text);
  std::string expectName(const char *what);
  [[noreturn]] void fail(const std::string &message) const {
    throw TemplateError(message, now().place);
  }
  /// What stands here, for messages.
  std::string found() const;

  /// Expressions and blocks in each other.
  class Depth {
  public:
    explicit Depth(ExpressionParser &parser);
    ~Depth() { --parser.depth; }

  private:
    ExpressionParser &parser;
  };

  std::vector<Token> tokens;
  size_t at = 0;
  int depth = 0;

private:
  ExpressionPointer parseCondition();
  ExpressionPointer parseOr();
  ExpressionPointer parseAnd();
  ExpressionPointer parseNot();
  ExpressionPointer parseComparison();
  ExpressionPointer parseSum();
  template <typename Part>
  ExpressionPointer
  parseJoined(std::initializer_list<std::string_view> operators, Part part);
  ExpressionPointer parseUnary(bool filters);
  ExpressionPointer parsePrimary();
  ExpressionPointer parsePostfix(ExpressionPointer value);
  ExpressionPointer parseSubscript(ExpressionPointer value);
  ExpressionPointer parseFilters(ExpressionPointer value);
  ExpressionPointer parseTest(ExpressionPointer value);
  ExpressionPointer parseDict();
  bool endsTuple() const;
  ExpressionPointer make(Expression::Kind kind, size_t place) const;
};

/// The statements of a template; throws TemplateError.
Block parseTemplate(std::string_view text);

} // namespace sinter::runtime::chat

#endif // SINTER_RUNTIME_CHAT_PARSER_H
