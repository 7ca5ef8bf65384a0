//===- AddedTokens.h - Tokens found before the model ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TOKENIZER_ADDEDTOKENS_H
#define SINTER_RUNTIME_TOKENIZER_ADDEDTOKENS_H

#include "runtime/tokenizer/PreTokenizer.h"

#include <bitset>
#include <string>
#include <vector>

namespace sinter::runtime {

/// Finds the longest of some texts at the leftmost place.
class TextMatcher {
public:
  void add(std::string_view text, size_t value) {
    patterns.push_back({text, value});
    starts.set(static_cast<unsigned char>(text[0]));
  }
  /// To be called once all are added.
  void finish();
  bool empty() const { return patterns.empty(); }

  /// The first match at or behind `start`; false if there is none.
  bool find(std::string_view text, size_t start, Span &match,
            size_t &value) const;

private:
  struct Pattern {
    std::string_view text;
    size_t value;
  };
  std::vector<Pattern> patterns; ///< sorted by text
  std::bitset<256> starts;
};

/// The tokens that were added to a vocabulary.
class AddedTokenTable {
public:
  bool open(const Blob &blob, const NormalizerChain &normalizer,
            std::string &error);

  /// Cuts `text` at added tokens, first as it is and then normalized.
  bool extract(std::string_view text, const NormalizerChain &normalizer,
               Parts &parts, std::string &error) const;

  /// Its text as it is decoded; null if `id` is no added token.
  const std::string *textOf(uint32_t id) const;

  /// Whether decoding may leave the token out.
  bool isSpecial(uint32_t id) const;

  /// Id of the added token that is written so, or blob::none.
  uint32_t find(std::string_view text) const;

private:
  struct Entry {
    uint32_t id, flags;
    std::string_view content;
    std::string text; ///< content as the normalizer leaves it, if Normalized
    bool special;
  };
  const Entry *entryOf(uint32_t id) const;
  template <typename OnText>
  bool cut(std::string_view text, const TextMatcher &matcher, Parts &parts,
           OnText onText) const;

  std::vector<Entry> entries;    ///< by ascending id
  std::vector<size_t> byContent; ///< entries by ascending content
  TextMatcher plain, normalized;
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_TOKENIZER_ADDEDTOKENS_H
