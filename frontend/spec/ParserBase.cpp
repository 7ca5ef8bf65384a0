//===- ParserBase.cpp - Tokens, layout and expressions --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/ParserBase.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"

#include <limits>

using namespace llvm;

namespace sinter::spec {

/// Deeper expressions than this are no mathematics but an attack on the stack.
static constexpr unsigned maximumHeight = 128;

ParserBase::ParserBase(StringRef text, Diagnostics &diagnostics)
    : diagnostics(diagnostics), tokens(lex(text, diagnostics)) {}

bool ParserBase::isReserved(StringRef word) {
  static constexpr StringLiteral words[] = {
      "if",  "then", "else",     "and",   "or",     "not",
      "in",  "let",  "true",     "false", "none",   "times",
      "for", "new",  "infinity", "when",  "through"};
  return is_contained(words, word);
}

//===----------------------------------------------------------------------===//
// Tokens and layout
//===----------------------------------------------------------------------===//

const Token &ParserBase::peek(unsigned ahead) const {
  for (size_t at = position; at <= position + ahead; ++at) {
    const Token &token = tokens[std::min(at, tokens.size() - 1)];
    bool ends =
        token.startsLine && token.column <= limit && at != statementStart;
    // What can begin no statement continues the one before.
    bool continues =
        token.is(")") || token.is("]") || token.is("then") || token.is("else");
    if (ends && !continues) {
      endOfStatement = Token();
      // The mistake is where the line before stopped, not where the next
      // begins.
      const char *where =
          at == 0 ? token.text.begin() : tokens[at - 1].text.end();
      endOfStatement.text = StringRef(where, 0);
      return endOfStatement;
    }
    if (at == position + ahead || token.kind == Token::EndOfFile)
      return token;
  }
  return tokens.back();
}

const Token &ParserBase::take() {
  assert(!atEnd());
  return tokens[position++];
}

bool ParserBase::takeIf(StringRef spelling) {
  if (!peek().is(spelling))
    return false;
  take();
  return true;
}

static std::string describe(const Token &token) {
  if (token.kind == Token::EndOfFile)
    return "the end of the line";
  return ("'" + token.text.take_front(40) + "'").str();
}

void ParserBase::errorExpected(const Twine &what) {
  const Token &token = peek();
  diagnostics.error(token.range(),
                    "expected " + what + ", found " + describe(token));
}

bool ParserBase::expect(StringRef spelling, const Twine &where) {
  if (takeIf(spelling))
    return true;
  errorExpected("'" + spelling + "' " + where);
  return false;
}

bool ParserBase::expectClosing(StringRef spelling, const Token &opening) {
  if (takeIf(spelling))
    return true;
  const Token &token = peek();
  diagnostics
      .error(token.range(),
             "expected ',' or '" + spelling + "', found " + describe(token))
      .note(opening.range(), "to close this '" + opening.text + "'");
  return false;
}

bool ParserBase::expectName(StringRef &name, SMRange &range,
                            const Twine &what) {
  const Token &token = peek();
  if (token.kind != Token::Word) {
    errorExpected(what);
    return false;
  }
  if (isReserved(token.text)) {
    diagnostics.error(token.range(), "expected " + what + "; '" + token.text +
                                         "' is a word of the language");
    return false;
  }
  name = token.text;
  range = token.range();
  take();
  return true;
}

SMRange ParserBase::from(SMRange start) const {
  SMLoc end = position == 0 ? start.End : tokens[position - 1].range().End;
  return {start.Start, end};
}

void ParserBase::statement(function_ref<bool()> parseItem) {
  unsigned savedLimit = limit;
  size_t savedStart = statementStart;
  limit = tokens[position].column;
  statementStart = position;
  bool parsed = parseItem();
  if (parsed && !atEnd())
    diagnostics.error(peek().range(),
                      "unexpected " + describe(peek()) +
                          (peek().startsLine
                               ? ": this line is indented deeper than the one "
                                 "before, so it continues it"
                               : " here"));
  unsigned column = limit;
  if (position == statementStart)
    ++position;
  while (tokens[position].kind != Token::EndOfFile &&
         !(tokens[position].startsLine && tokens[position].column <= column))
    ++position;
  limit = savedLimit;
  statementStart = savedStart;
}

void ParserBase::block(unsigned column, const Twine &what,
                       function_ref<bool()> parseItem) {
  auto inBlock = [&] {
    const Token &token = tokens[position];
    return token.kind != Token::EndOfFile && token.startsLine &&
           token.column > column;
  };
  if (!inBlock()) {
    diagnostics.error(peek().range(),
                      "expected " + what + " on lines indented below");
    return;
  }
  unsigned first = tokens[position].column;
  while (inBlock()) {
    if (tokens[position].column != first)
      diagnostics.error(
          tokens[position].range(),
          "this line is indented differently from the first of its block");
    statement(parseItem);
  }
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

ExprPtr ParserBase::finish(ExprPtr expr,
                           std::initializer_list<const Expr *> children) {
  for (const Expr *child : children)
    if (child)
      expr->height = std::max(expr->height, child->height + 1);
  if (expr->height > maximumHeight) {
    diagnostics.error(expr->range, "this expression is nested too deeply");
    return nullptr;
  }
  return expr;
}

ExprPtr ParserBase::parseExpr() {
  scope_exit leave([this] { --depth; });
  if (++depth > maximumHeight) {
    diagnostics.error(peek().range(), "this expression is nested too deeply");
    return nullptr;
  }
  if (!peek().is("if"))
    return parseThrough();
  auto expr = std::make_unique<IfExpr>(take().range());
  if (!(expr->condition = parseExpr()) ||
      !expect("then", "after the condition of 'if'") ||
      !(expr->yes = parseExpr()) ||
      !expect("else", "after the value of 'then'") || !(expr->no = parseExpr()))
    return nullptr;
  expr->range = from(expr->range);
  IfExpr *node = expr.get();
  return finish(std::move(expr),
                {node->condition.get(), node->yes.get(), node->no.get()});
}

ExprPtr ParserBase::parseThrough() {
  ExprPtr left = parseBinary(0);
  while (left && peek().is("through")) {
    auto expr = std::make_unique<ThroughExpr>(left->range);
    expr->opRange = take().range();
    expr->initial = std::move(left);
    SMRange callRange = peek().range();
    if (!(expr->call = parsePostfix()))
      return nullptr;
    if (!isa<CallExpr>(expr->call.get())) {
      diagnostics.error(callRange,
                        "expected a call of a function after 'through'");
      return nullptr;
    }
    if (takeIf("times") && !(expr->times = parseBinary(0)))
      return nullptr;
    expr->range = from(expr->range);
    ThroughExpr *node = expr.get();
    left = finish(std::move(expr),
                  {node->initial.get(), node->call.get(), node->times.get()});
  }
  return left;
}

/// Operators from the loosest to the tightest; those of one level associate to
/// the left.
static bool isOperator(const Token &token, unsigned level) {
  static const std::vector<std::vector<StringRef>> levels = {
      {"or"},
      {"and"},
      {}, // 'not', a prefix
      {"==", "!=", "<", "<=", ">", ">=", "in"},
      {"+", "-"},
      {"*", "/", "//", "%", "@"}};
  return any_of(levels[level], [&](StringRef op) { return token.is(op); });
}

ExprPtr ParserBase::parseBinary(unsigned level) {
  constexpr unsigned notLevel = 2, tightest = 5;
  if (level > tightest)
    return parseSign();
  if (level == notLevel)
    return peek().is("not") ? parsePrefix([&] { return parseBinary(notLevel); })
                            : parseBinary(level + 1);
  ExprPtr left = parseBinary(level + 1);
  while (left && isOperator(peek(), level)) {
    auto expr = std::make_unique<BinaryExpr>(left->range);
    const Token &op = take();
    expr->op = op.text;
    expr->opRange = op.range();
    expr->left = std::move(left);
    if (!(expr->right = parseBinary(level + 1)))
      return nullptr;
    expr->range = from(expr->range);
    BinaryExpr *node = expr.get();
    left = finish(std::move(expr), {node->left.get(), node->right.get()});
  }
  return left;
}

ExprPtr ParserBase::parsePrefix(function_ref<ExprPtr()> parseOperand) {
  scope_exit leave([this] { --depth; });
  if (++depth > maximumHeight) {
    diagnostics.error(peek().range(), "this expression is nested too deeply");
    return nullptr;
  }
  const Token &op = take();
  auto expr = std::make_unique<UnaryExpr>(op.range());
  expr->op = op.text;
  if (!(expr->operand = parseOperand()))
    return nullptr;
  expr->range = from(expr->range);
  UnaryExpr *node = expr.get();
  return finish(std::move(expr), {node->operand.get()});
}

ExprPtr ParserBase::parseSign() {
  scope_exit leave([this] { --depth; });
  if (++depth > maximumHeight) {
    diagnostics.error(peek().range(), "this expression is nested too deeply");
    return nullptr;
  }
  return peek().is("-") ? parsePrefix([&] { return parseSign(); })
                        : parsePower();
}

/// base ^ exponent, base^T: tighter than the sign on its left, and a sign may
/// stand on its right.
ExprPtr ParserBase::parsePower() {
  ExprPtr left = parsePostfix();
  while (left && peek().is("^")) {
    SMRange opRange = take().range();
    if (peek().is("T")) {
      take();
      auto expr = std::make_unique<TransposeExpr>(from(left->range));
      expr->operand = std::move(left);
      TransposeExpr *node = expr.get();
      left = finish(std::move(expr), {node->operand.get()});
      continue;
    }
    auto expr = std::make_unique<BinaryExpr>(left->range);
    expr->op = "^";
    expr->opRange = opRange;
    expr->left = std::move(left);
    if (!(expr->right = parseSign()))
      return nullptr;
    expr->range = from(expr->range);
    BinaryExpr *node = expr.get();
    left = finish(std::move(expr), {node->left.get(), node->right.get()});
  }
  return left;
}

bool ParserBase::parseArguments(std::vector<Argument> &arguments,
                                const Token &opening) {
  while (!peek().is(")")) {
    Argument &argument = arguments.emplace_back();
    if (peek().kind == Token::Word && peek(1).is("=")) {
      argument.nameRange = peek().range();
      argument.name = take().text;
      take();
    }
    if (!(argument.value = parseExpr()))
      return false;
    if (!takeIf(","))
      break;
  }
  return expectClosing(")", opening);
}

bool ParserBase::parseIndexItem(IndexItem &item) {
  item.range = peek().range();
  if (takeIf("..")) {
    item.kind = IndexItem::Ellipsis;
    return true;
  }
  if (takeIf("new")) {
    item.kind = IndexItem::NewAxis;
    return true;
  }
  item.kind = IndexItem::Single;
  if (!peek().is(":") && !(item.first = parseExpr()))
    return false;
  if (takeIf(":")) {
    item.kind = IndexItem::Slice;
    auto hasPart = [&] {
      return !peek().is(",") && !peek().is("]") && !peek().is(":");
    };
    if (hasPart() && !(item.last = parseExpr()))
      return false;
    if (takeIf(":") && hasPart() && !(item.step = parseExpr()))
      return false;
  }
  item.range = from(item.range);
  return true;
}

ExprPtr ParserBase::parsePostfix() {
  ExprPtr left = parsePrimary();
  while (left) {
    unsigned height = left->height;
    if (peek().is(".")) {
      take();
      auto expr = std::make_unique<FieldExpr>(left->range);
      // After a point any word is a name: checkpoints have weights called "in"
      // and "head".
      if (peek().kind != Token::Word && peek().kind != Token::Integer) {
        errorExpected("a name after '.'");
        return nullptr;
      }
      expr->nameRange = peek().range();
      expr->name = take().text;
      expr->base = std::move(left);
      expr->range = from(expr->range);
      expr->height = height + 1;
      left = finish(std::move(expr), {});
    } else if (peek().is("(") && isa<NameExpr>(left.get())) {
      const Token &opening = take();
      auto expr = std::make_unique<CallExpr>(left->range);
      expr->callee = cast<NameExpr>(left.get())->name;
      expr->calleeRange = left->range;
      if (!parseArguments(expr->arguments, opening))
        return nullptr;
      expr->range = from(expr->range);
      for (Argument &argument : expr->arguments)
        expr->height = std::max(expr->height, argument.value->height + 1);
      left = finish(std::move(expr), {});
    } else if (peek().is("[")) {
      const Token &opening = take();
      auto expr = std::make_unique<IndexExpr>(left->range);
      expr->height = height + 1;
      while (!peek().is("]")) {
        IndexItem &item = expr->items.emplace_back();
        if (!parseIndexItem(item))
          return nullptr;
        for (const Expr *child :
             {item.first.get(), item.last.get(), item.step.get()})
          if (child)
            expr->height = std::max(expr->height, child->height + 1);
        if (!takeIf(","))
          break;
      }
      if (!expectClosing("]", opening))
        return nullptr;
      expr->base = std::move(left);
      expr->range = from(expr->range);
      left = finish(std::move(expr), {});
    } else {
      break;
    }
  }
  return left;
}

ExprPtr ParserBase::parsePrimary() {
  const Token &token = peek();
  auto literal = [&](LiteralExpr::Type type) {
    return std::make_unique<LiteralExpr>(type, take().range());
  };
  switch (token.kind) {
  case Token::Integer: {
    auto expr = literal(LiteralExpr::Integer);
    expr->integer = tokens[position - 1].integer;
    return expr;
  }
  case Token::Real: {
    auto expr = literal(LiteralExpr::Real);
    expr->real = tokens[position - 1].real;
    return expr;
  }
  case Token::String: {
    auto expr = literal(LiteralExpr::String);
    expr->string = tokens[position - 1].string;
    return expr;
  }
  case Token::Word: {
    if (token.text == "true" || token.text == "false") {
      auto expr = literal(LiteralExpr::Bool);
      expr->integer = tokens[position - 1].text == "true";
      return expr;
    }
    if (token.text == "none")
      return literal(LiteralExpr::None);
    if (token.text == "infinity") {
      auto expr = literal(LiteralExpr::Real);
      expr->real = std::numeric_limits<double>::infinity();
      return expr;
    }
    if (isReserved(token.text))
      break;
    const Token &name = take();
    return std::make_unique<NameExpr>(name.text, name.range());
  }
  case Token::Symbol:
    if (token.text == "(" || token.text == "[")
      return parseBrackets();
    break;
  case Token::EndOfFile:
    break;
  }
  errorExpected("an expression");
  return nullptr;
}

/// (a), (a, b), [a, b], [a for i in b]
ExprPtr ParserBase::parseBrackets() {
  const Token &opening = take();
  StringRef closing = opening.text == "(" ? ")" : "]";
  auto list = std::make_unique<ListExpr>(opening.range());
  bool isTuple = opening.text == "[";
  while (!peek().is(closing)) {
    ExprPtr item = parseExpr();
    if (!item)
      return nullptr;
    if (closing == "]" && list->items.empty() && takeIf("for")) {
      auto expr = std::make_unique<ComprehensionExpr>(opening.range());
      SMRange nameRange;
      if (!expectName(expr->name, nameRange, "a name after 'for'") ||
          !expect("in", "after the name of 'for'") ||
          !(expr->values = parseExpr()) || !expectClosing("]", opening))
        return nullptr;
      expr->item = std::move(item);
      expr->range = from(expr->range);
      ComprehensionExpr *node = expr.get();
      return finish(std::move(expr), {node->item.get(), node->values.get()});
    }
    list->height = std::max(list->height, item->height + 1);
    list->items.push_back(std::move(item));
    if (!takeIf(","))
      break;
    isTuple = true;
  }
  if (!expectClosing(closing, opening))
    return nullptr;
  if (!isTuple && list->items.size() == 1)
    return std::move(list->items.front());
  list->range = from(list->range);
  return finish(std::move(list), {});
}

} // namespace sinter::spec
