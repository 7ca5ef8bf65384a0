//===- ParserBase.h - Tokens, layout and expressions ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_SPEC_PARSERBASE_H
#define SINTER_FRONTEND_SPEC_PARSERBASE_H

#include "frontend/spec/AST.h"
#include "frontend/spec/Lexer.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace sinter::spec {

/// Reads tokens by layout and parses expressions. A statement ends where a line
/// begins at its own column or left of it; `peek` then answers with an end
/// token, also inside brackets, so that one bracket left open does not swallow
/// the file.
class ParserBase {
public:
  ParserBase(llvm::StringRef text, Diagnostics &diagnostics);

protected:
  const Token &peek(unsigned ahead = 0) const;
  bool atEnd() const { return peek().kind == Token::EndOfFile; }
  const Token &take();
  bool takeIf(llvm::StringRef spelling);
  /// Reports "expected ..., found ..." and returns false where the next token
  /// is another.
  bool expect(llvm::StringRef spelling, const llvm::Twine &where);
  bool expectClosing(llvm::StringRef spelling, const Token &opening);
  /// A word that is no keyword of expressions.
  bool expectName(llvm::StringRef &name, llvm::SMRange &range,
                  const llvm::Twine &what);
  void errorExpected(const llvm::Twine &what);
  llvm::SMRange from(llvm::SMRange start) const;

  /// Parses one statement, that begins at the next token; what the item leaves
  /// over is an error, and after an error the rest of the statement is skipped.
  void statement(llvm::function_ref<bool()> parseItem);
  /// Parses the lines that are indented deeper than `column`, a statement each.
  void block(unsigned column, const llvm::Twine &what,
             llvm::function_ref<bool()> parseItem);

  ExprPtr parseExpr();
  bool parseArguments(std::vector<Argument> &arguments, const Token &opening);

  static bool isReserved(llvm::StringRef word);

  Diagnostics &diagnostics;

private:
  ExprPtr parseThrough();
  ExprPtr parseBinary(unsigned level);
  ExprPtr parsePrefix(llvm::function_ref<ExprPtr()> parseOperand);
  ExprPtr parseSign();
  ExprPtr parsePower();
  ExprPtr parsePostfix();
  ExprPtr parsePrimary();
  ExprPtr parseBrackets();
  bool parseIndexItem(IndexItem &item);
  /// Sets the height of a node just built; reports and returns null where it
  /// grows too high.
  ExprPtr finish(ExprPtr expr, std::initializer_list<const Expr *> children);

  std::vector<Token> tokens;
  size_t position = 0;
  size_t statementStart = 0;
  unsigned limit = 0; ///< A line that begins at this column or left of it ends
                      ///< the statement.
  unsigned depth = 0;
  mutable Token endOfStatement;
};

} // namespace sinter::spec

#endif // SINTER_FRONTEND_SPEC_PARSERBASE_H
