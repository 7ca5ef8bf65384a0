//===- Tokenizer.h - Text to token ids and back -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tokenizer of a compiled model. It gives the ids and texts that the
// Hugging Face library `tokenizers` gives for the same tokenizer.json.
//
//     std::string error;
//     auto tokenizer = Tokenizer::create(bytes, size, error);
//     Encoding encoding;
//     if (!tokenizer || !tokenizer->encode("Hello", true, encoding, error))
//       report(error);
//
// Nothing throws: where something can fail, the result says so and `error`
// holds one message. A Tokenizer does not change once made, so threads may
// share it; each text that is being decoded has a Streamer of its own.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TOKENIZER_TOKENIZER_H
#define SINTER_RUNTIME_TOKENIZER_TOKENIZER_H

#include "runtime/tokenizer/Format.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::runtime {

class DecoderChain;
class TokenizerParts;

/// Token ids and, as long, their segment (token type) ids.
struct Encoding {
  std::vector<int32_t> ids;
  std::vector<int32_t> segments;
};

class Tokenizer {
public:
  using Role = blob::Role;

  /// Checks the blob (see Format.h) and uses it in place: it must stay where
  /// it is, unchanged, as long as the tokenizer. Null if it is not well-formed.
  static std::unique_ptr<Tokenizer> create(const void *bytes, size_t size,
                                           std::string &error) noexcept;
  ~Tokenizer();
  Tokenizer(const Tokenizer &) = delete;
  Tokenizer &operator=(const Tokenizer &) = delete;

  /// Token ids of `text`, which may be any bytes: what is not UTF-8 counts as
  /// U+FFFD, as in Python's bytes.decode("utf-8", "replace"). Added tokens
  /// (<s>, [MASK]) are recognized in the text in any case;
  /// `addSpecialTokens` adds those of the model's template.
  bool encode(std::string_view text, bool addSpecialTokens, Encoding &encoding,
              std::string &error) const noexcept;

  /// Token ids of two texts that the model reads as one input.
  bool encodePair(std::string_view first, std::string_view second,
                  bool addSpecialTokens, Encoding &encoding,
                  std::string &error) const noexcept;

  /// Text of `ids`. Ids without a token are passed over, as are special tokens
  /// if asked for.
  bool decode(std::span<const int32_t> ids, bool skipSpecialTokens,
              std::string &text, std::string &error) const noexcept;

  /// The bytes that the token adds to a text behind others, exactly: a token
  /// may hold a part of a character. False for special tokens and ids without a
  /// token.
  bool tokenBytes(int32_t id, std::string &bytes) const noexcept;

  /// The token as the vocabulary writes it; false if no token has this id.
  bool idToToken(int32_t id, std::string_view &token) const noexcept;

  /// Id of the token that the vocabulary writes so; -1 if there is none.
  int32_t tokenToId(std::string_view token) const noexcept;

  /// Number of tokens, added ones included. Ids may have gaps: see idBound().
  size_t vocabularySize() const noexcept;

  /// All ids are below this.
  size_t idBound() const noexcept;

  /// Whether the id is an added token that is marked as special.
  bool isSpecial(int32_t id) const noexcept;

  /// Id of the token that plays this part in the model, -1 if none is known.
  int32_t roleToken(Role role) const noexcept;

private:
  friend class Streamer;
  explicit Tokenizer(std::unique_ptr<TokenizerParts> parts);
  std::unique_ptr<TokenizerParts> parts;
};

/// Decodes ids as they come. The texts that push() and finish() give, put
/// together, are the text that Tokenizer::decode gives for all the ids; each is
/// whole characters of UTF-8. What a later token can still change (a character
/// that is not complete, a run of byte tokens) is held back until it cannot.
class Streamer {
public:
  /// The tokenizer must outlive the streamer.
  Streamer(const Tokenizer &tokenizer, bool skipSpecialTokens);
  ~Streamer();
  Streamer(Streamer &&) noexcept;
  Streamer &operator=(Streamer &&) noexcept;

  /// Appends to `text` what this id brings to an end.
  bool push(int32_t id, std::string &text, std::string &error) noexcept;

  /// Appends what was held back. The streamer then starts a new text.
  bool finish(std::string &text, std::string &error) noexcept;

private:
  const TokenizerParts *parts;
  bool skipSpecialTokens;
  std::unique_ptr<DecoderChain> chain;
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_TOKENIZER_TOKENIZER_H
