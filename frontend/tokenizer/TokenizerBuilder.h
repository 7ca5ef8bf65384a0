//===- TokenizerBuilder.h - Tokenizers of Hugging Face folders --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_TOKENIZER_TOKENIZERBUILDER_H
#define SINTER_FRONTEND_TOKENIZER_TOKENIZERBUILDER_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::frontend {

/// The bytes of a tokenizer (see runtime/tokenizer/Format.h), or one message
/// that says what was wrong where.
struct TokenizerBlob {
  std::vector<uint8_t> bytes;
  std::vector<std::string> warnings;
  std::string error;

  explicit operator bool() const { return error.empty(); }
};

/// From the contents of tokenizer.json and, where the folder has one, of
/// tokenizer_config.json (empty if not), which names the tokens that begin,
/// end, pad and mask texts. `name` stands before messages. What tokenizer.json
/// says of truncation and padding is left out: a caller knows its lengths.
TokenizerBlob buildTokenizer(std::string_view tokenizer,
                             std::string_view config = {},
                             std::string_view name = "tokenizer.json");

/// From a folder with tokenizer.json, or with vocab.json and merges.txt
/// (GPT-2's), or with vocab.txt (BERT's).
TokenizerBlob readTokenizer(const std::string &folder);

/// Whether readTokenizer would find files that it knows.
bool hasTokenizer(const std::string &folder);

/// For models that name nothing but a list of tokens. Text is cut into the
/// longest tokens that match, from left to right, without normalization; the
/// text of ids is that of their tokens, put together. The form is Sinter's own.
struct TokenListOptions {
  /// Ids of tokens that are no text: they match nothing, and decoding may leave
  /// them out. Their names in the list need not differ. none: blob::none.
  std::vector<uint32_t> special;
  uint32_t begin = 0xffffffffu;
  uint32_t end = 0xffffffffu;
  uint32_t padding = 0xffffffffu;
  /// Stands for a character that is no token; if none, that is an error.
  uint32_t unknown = 0xffffffffu;
  bool addBegin = false; ///< put `begin` before the ids of a text
  bool addEnd = false;   ///< put `end` behind them
};
TokenizerBlob buildTokenListTokenizer(std::span<const std::string> tokens,
                                      const TokenListOptions &options);

/// The characters of a string, as a list for buildTokenListTokenizer.
std::vector<std::string> splitCharacters(std::string_view text);

} // namespace sinter::frontend

#endif // SINTER_FRONTEND_TOKENIZER_TOKENIZERBUILDER_H
