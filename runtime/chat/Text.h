//===- Text.h - Strings as Python sees them -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_TEXT_H
#define SINTER_RUNTIME_CHAT_TEXT_H

#include "runtime/tokenizer/Utf8.h"

#include <string>
#include <string_view>
#include <vector>

namespace sinter::runtime::chat {

/// The characters of a text, each with its bytes.
std::vector<std::string_view> charactersOf(std::string_view text);

/// Whether Python's str.isspace() holds for a character.
bool isSpace(char32_t code);
bool isLetter(char32_t code);
bool isDigit(char32_t code);

enum class Case { Lower, Upper, Title };
std::string changeCase(std::string_view text, Case to);
/// The first character in upper case, all others in lower case.
std::string capitalized(std::string_view text);

/// Without the characters of `set` (empty: white space) at its ends.
std::string_view stripped(std::string_view text, std::string_view set,
                          bool left, bool right);

/// str.split() with a separator; none: at white space, without empty parts.
/// `most` cuts, counted from the end if `fromRight`; negative: all.
std::vector<std::string> split(std::string_view text,
                               const std::string_view *separator, int64_t most,
                               bool fromRight);

/// `most` occurrences, negative: all.
std::string replaced(std::string_view text, std::string_view from,
                     std::string_view to, int64_t most);

} // namespace sinter::runtime::chat

#endif // SINTER_RUNTIME_CHAT_TEXT_H
