//===- Lexer.h - Words of a chat template -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_LEXER_H
#define SINTER_RUNTIME_CHAT_LEXER_H

#include "runtime/chat/Value.h"

#include <string>
#include <string_view>
#include <vector>

namespace sinter::runtime::chat {

struct Token {
  enum Kind {
    Text,       ///< between the tags, white space already taken away
    BlockBegin, ///< {%
    BlockEnd,
    OutputBegin, ///< {{
    OutputEnd,
    Name,
    Operator,
    Literal, ///< a number or a string
    End
  } kind;
  size_t place; ///< in the template's text
  std::string text = {};
  Value value = {};
};

/// Cuts a template into tokens, as Jinja does with trim_blocks and
/// lstrip_blocks: a block or comment that stands alone on its line leaves
/// nothing of it behind. Throws TemplateError.
std::vector<Token> readTokens(std::string_view text);

} // namespace sinter::runtime::chat

#endif // SINTER_RUNTIME_CHAT_LEXER_H
