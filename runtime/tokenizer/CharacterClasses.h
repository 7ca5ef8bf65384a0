//===- CharacterClasses.h - Kinds of characters -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The classes by which the library `tokenizers` cuts and cleans text. It takes
// them from libraries that know different versions of Unicode (8 to 17), so
// they are tables of their own, made by tools/fixtures/make_character_tables.py
// from what the library does with each character.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TOKENIZER_CHARACTERCLASSES_H
#define SINTER_RUNTIME_TOKENIZER_CHARACTERCLASSES_H

namespace sinter::runtime {

/// Unicode's White_Space.
bool isWhitespace(char32_t code);

/// What BertNormalizer takes for a control character (NUL and U+FFFD too).
bool isControl(char32_t code);

/// What BertNormalizer takes for an accent (general category Mn).
bool isNonspacingMark(char32_t code);

/// What StripAccents removes (general category M).
bool isCombiningMark(char32_t code);

/// ASCII punctuation and symbols, and general category P.
bool isPunctuation(char32_t code);

/// General category N.
bool isNumeric(char32_t code);

/// What \w matches in pre-tokenizer Whitespace and at the ends of added tokens
/// that are single words.
bool isWord(char32_t code);

/// CJK ideographs, as BERT counts them.
bool isChinese(char32_t code);

/// Characters whose decomposition is younger than the library's tables.
bool isLeftComposed(char32_t code);

/// Marks whose combining class is younger than the library's tables.
bool isLeftInPlace(char32_t code);

/// Calls `emit` with each character of the lower-case form.
template <typename Emit> void lowercase(char32_t code, Emit emit);

/// The lower-case form, but for U+0130.
char32_t simpleLowercase(char32_t code);

template <typename Emit> void lowercase(char32_t code, Emit emit) {
  if (code == 0x130) {
    emit(U'i');
    emit(char32_t{0x307});
    return;
  }
  emit(simpleLowercase(code));
}

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_TOKENIZER_CHARACTERCLASSES_H
