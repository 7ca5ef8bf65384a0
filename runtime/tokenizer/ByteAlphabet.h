//===- ByteAlphabet.h - A character for each byte ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// GPT-2's alphabet: printable bytes stand for themselves, the others for the
// characters from U+0100 on, so that a vocabulary of bytes can be written down.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TOKENIZER_BYTEALPHABET_H
#define SINTER_RUNTIME_TOKENIZER_BYTEALPHABET_H

#include <array>
#include <cstdint>

namespace sinter::runtime {

struct ByteAlphabet {
  std::array<char16_t, 256> characters{};
  std::array<int16_t, 0x144> bytes{}; ///< -1 where a character stands for none

  constexpr ByteAlphabet() {
    bytes.fill(-1);
    char16_t next = 0x100;
    for (unsigned byte = 0; byte < 256; ++byte) {
      bool isPrintable = (byte >= 0x21 && byte <= 0x7e) ||
                         (byte >= 0xa1 && byte <= 0xff && byte != 0xad);
      characters[byte] = isPrintable ? static_cast<char16_t>(byte) : next++;
      bytes[characters[byte]] = static_cast<int16_t>(byte);
    }
  }

  /// The byte that a character stands for, or -1.
  constexpr int byteOf(char32_t code) const {
    return code < bytes.size() ? bytes[code] : -1;
  }
};

inline constexpr ByteAlphabet byteAlphabet;

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_TOKENIZER_BYTEALPHABET_H
