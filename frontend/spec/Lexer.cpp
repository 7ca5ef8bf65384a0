//===- Lexer.cpp - Text of a spec into tokens -----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Lexer.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

#include <cmath>

using namespace llvm;

namespace sinter::spec {
namespace {

class Lexer {
public:
  Lexer(StringRef text, Diagnostics &diagnostics)
      : position(text.begin()), end(text.end()), lineStart(text.begin()),
        diagnostics(diagnostics) {}

  std::vector<Token> run() {
    while (skipSpace())
      lexToken();
    add(Token::EndOfFile, end);
    return std::move(tokens);
  }

private:
  static bool startsWord(char c) { return isAlpha(c) || c == '_'; }
  static bool continuesWord(char c) { return isAlnum(c) || c == '_'; }

  SMRange rangeFrom(const char *start) const {
    return {SMLoc::getFromPointer(start), SMLoc::getFromPointer(position)};
  }

  /// True where a token follows.
  bool skipSpace() {
    spaceBefore = false;
    for (; position != end; ++position) {
      if (*position == '\n') {
        lineStart = position + 1;
        startsLine = true;
      } else if (*position == '#') {
        const char *start = position;
        while (position != end && *position != '\n')
          ++position;
        checkText(start);
        --position;
      } else if (*position == '\t') {
        if (startsLine)
          error(position, position + 1,
                "a tab in the indentation; indent with spaces");
      } else if (*position != ' ' && *position != '\r') {
        return true;
      }
      spaceBefore = true;
    }
    return false;
  }

  Token &add(Token::Kind kind, const char *start) {
    Token &token = tokens.emplace_back();
    token.kind = kind;
    token.text = StringRef(start, position - start);
    token.column = start - lineStart + 1;
    token.startsLine = startsLine || kind == Token::EndOfFile;
    token.spaceBefore = spaceBefore;
    startsLine = false;
    return token;
  }

  void error(const char *start, const char *stop, const Twine &message) {
    diagnostics.error(
        {SMLoc::getFromPointer(start), SMLoc::getFromPointer(stop)}, message);
  }

  void lexToken() {
    const char *start = position;
    if (startsWord(*position)) {
      while (position != end && continuesWord(*position))
        ++position;
      add(Token::Word, start);
    } else if (isDigit(*position)) {
      lexNumber();
    } else if (*position == '"') {
      lexString();
    } else {
      lexSymbol();
    }
  }

  void skipDigits() {
    while (position != end && isDigit(*position))
      ++position;
  }

  void lexNumber() {
    const char *start = position;
    bool isReal = false;
    skipDigits();
    // "layers.0.weight" has no real number in it: digits must follow the point.
    if (end - position >= 2 && *position == '.' && isDigit(position[1])) {
      isReal = true;
      ++position;
      skipDigits();
    }
    if (position != end && (*position == 'e' || *position == 'E')) {
      const char *exponent = position + 1;
      if (exponent != end && (*exponent == '+' || *exponent == '-'))
        ++exponent;
      if (exponent != end && isDigit(*exponent)) {
        isReal = true;
        position = exponent;
        skipDigits();
      }
    }
    StringRef text(start, position - start);
    if (isReal) {
      double value = 0;
      text.getAsDouble(value);
      if (!std::isfinite(value))
        error(start, position, "this number is too large");
      add(Token::Real, start).real = std::isfinite(value) ? value : 0;
      return;
    }
    int64_t value = 0;
    if (text.getAsInteger(10, value)) {
      error(start, position, "this integer does not fit into 64 bits");
      value = 1;
    }
    add(Token::Integer, start).integer = value;
  }

  void lexString() {
    const char *start = position++;
    std::string value;
    while (true) {
      if (position == end || *position == '\n') {
        error(start, position, "this string is not closed on its line");
        break;
      }
      char c = *position++;
      if (c == '"')
        break;
      if (c == '\\') {
        char escaped = position == end ? '\0' : *position;
        if (escaped == '"' || escaped == '\\') {
          c = escaped;
          ++position;
        } else {
          error(position - 1, position,
                "only \\\" and \\\\ are escapes in a string");
        }
      }
      value += c;
    }
    checkText(start);
    add(Token::String, start).string = std::move(value);
  }

  /// Strings and comments may hold any text, but it must be text.
  void checkText(const char *start) {
    const auto *bytes = reinterpret_cast<const UTF8 *>(start);
    const auto *stop = reinterpret_cast<const UTF8 *>(position);
    if (!isLegalUTF8String(&bytes, stop) ||
        StringRef(start, position - start).contains('\0'))
      error(start, position, "this text is not valid UTF-8");
  }

  void lexSymbol() {
    static constexpr StringLiteral symbols[] = {
        "..", "==", "!=", "<=", ">=", "//", "(", ")", "[", "]", ",", ":",
        ".",  "=",  "+",  "-",  "*",  "/",  "%", "@", "^", "<", ">", "|"};
    const char *start = position;
    StringRef rest(position, end - position);
    for (StringRef symbol : symbols) {
      if (rest.starts_with(symbol)) {
        position += symbol.size();
        add(Token::Symbol, start);
        return;
      }
    }
    // A run of foreign bytes is one mistake.
    auto isForeign = [](char c) {
      return static_cast<unsigned char>(c) >= 0x80 || c == '\0';
    };
    ++position;
    if (isForeign(*start))
      while (position != end && isForeign(*position))
        ++position;
    if (isPrint(*start))
      error(start, position,
            "unexpected character '" + Twine(StringRef(start, 1)) + "'");
    else
      error(start, position,
            "unexpected bytes: outside strings and comments a spec is ASCII");
  }

  const char *position;
  const char *end;
  const char *lineStart;
  bool startsLine = true;
  bool spaceBefore = false;
  std::vector<Token> tokens;
  Diagnostics &diagnostics;
};

} // namespace

std::vector<Token> lex(StringRef text, Diagnostics &diagnostics) {
  return Lexer(text, diagnostics).run();
}

} // namespace sinter::spec
