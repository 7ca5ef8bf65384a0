//===- Utf8.h - Characters in bytes -----------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TOKENIZER_UTF8_H
#define SINTER_RUNTIME_TOKENIZER_UTF8_H

#include <cstddef>
#include <string>
#include <string_view>

namespace sinter::runtime {

inline constexpr char32_t replacementCharacter = 0xfffd;
inline constexpr std::string_view replacementText = "\xef\xbf\xbd";

/// A character, and how many bytes it takes.
struct Character {
  char32_t code;
  size_t bytes;
};

/// The character at `position`, which must be below text.size(). Bytes that
/// start no character give U+FFFD; their count is the longest start of a
/// character that they hold, or 1 (Unicode's "maximal subpart").
Character decodeCharacter(std::string_view text, size_t position);

/// Position of the character that ends at `end` (above 0), in well-formed text.
size_t previousCharacter(std::string_view text, size_t end);

void appendCharacter(std::string &text, char32_t code);

bool isWellFormed(std::string_view text);

/// Number of characters in well-formed text.
size_t countCharacters(std::string_view text);

/// Appends `bytes`, with U+FFFD for what is not UTF-8.
void appendWellFormed(std::string &text, std::string_view bytes);

/// How many of the last bytes are the start of a character whose rest may
/// still come: 0 to 3.
size_t incompleteTail(std::string_view bytes);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_TOKENIZER_UTF8_H
