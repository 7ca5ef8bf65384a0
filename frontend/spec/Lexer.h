//===- Lexer.h - Text of a spec into tokens ---------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_SPEC_LEXER_H
#define SINTER_FRONTEND_SPEC_LEXER_H

#include "frontend/spec/Diagnostics.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/SMLoc.h"

#include <string>
#include <vector>

namespace sinter::spec {

struct Token {
  enum Kind {
    EndOfFile,
    Word,    ///< Identifier or keyword; which one, the parser knows.
    Integer, ///< `integer` holds it.
    Real,    ///< `real` holds it.
    String,  ///< `string` holds it, escapes resolved.
    Symbol,  ///< Punctuation: the spelling says which.
  };

  Kind kind = EndOfFile;
  llvm::StringRef text; ///< Spelling, in the source buffer.
  int64_t integer = 0;
  double real = 0;
  std::string string;
  unsigned column = 0; ///< From 1.
  bool startsLine =
      false; ///< First token of its line: with the column, the layout.
  bool spaceBefore = false; ///< White space stands before it.

  bool is(llvm::StringRef spelling) const {
    return (kind == Word || kind == Symbol) && text == spelling;
  }
  llvm::SMRange range() const {
    return {llvm::SMLoc::getFromPointer(text.begin()),
            llvm::SMLoc::getFromPointer(text.end())};
  }
};

/// All tokens of a buffer of `diagnostics`' source manager, ended by one
/// EndOfFile. What is no token is reported and left out.
std::vector<Token> lex(llvm::StringRef text, Diagnostics &diagnostics);

} // namespace sinter::spec

#endif // SINTER_FRONTEND_SPEC_LEXER_H
