//===- Blob.h - A tokenizer's bytes, checked --------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TOKENIZER_BLOB_H
#define SINTER_RUNTIME_TOKENIZER_BLOB_H

#include "runtime/tokenizer/Format.h"

#include <span>
#include <string>
#include <string_view>

namespace sinter::runtime {

/// A blob whose every size, offset and id was found to be in its bounds.
class Blob {
public:
  /// False, and one message, if the bytes are not a blob.
  bool open(const void *bytes, size_t size, std::string &error);

  const blob::Model &model() const { return *modelRecord; }
  std::span<const blob::AddedToken> addedTokens() const { return added; }
  std::span<const blob::Component> normalizers() const { return normalizer; }
  std::span<const blob::Component> preTokenizers() const {
    return preTokenizer;
  }
  std::span<const blob::Component> decoders() const { return decoder; }
  std::span<const blob::Piece> templateSingle() const { return single; }
  std::span<const blob::Piece> templatePair() const { return pair; }
  std::span<const uint32_t> byteTokens() const { return bytes; }

  std::string_view text(blob::Slice slice) const {
    return texts.substr(slice.offset, slice.bytes);
  }

  /// Ids of the model's vocabulary are below this.
  uint32_t modelIds() const { return ids; }

  /// The model's token; its text is empty where an id has none.
  std::string_view token(uint32_t id) const {
    return tokenText.substr(starts[id], starts[id + 1] - starts[id]);
  }

  /// Id of a token of the model's vocabulary, or none.
  uint32_t find(std::string_view token) const;

  /// How two tokens merge; null if they do not.
  const blob::MergeSlot *findMerge(uint32_t left, uint32_t right) const {
    if (merges.empty())
      return nullptr;
    size_t mask = merges.size() - 1;
    for (size_t i = blob::hashPair(left, right) & mask;; i = (i + 1) & mask) {
      const blob::MergeSlot &slot = merges[i];
      if (slot.left == left && slot.right == right)
        return &slot;
      if (slot.left == blob::none)
        return nullptr;
    }
  }

  uint32_t role(blob::Role role) const {
    return roles[static_cast<size_t>(role)];
  }

private:
  bool openSections(const char *base, size_t size, std::string &error);
  bool checkVocabulary(std::string &error);
  bool checkMerges(std::string &error) const;
  bool checkModel(std::string &error) const;
  bool checkAddedTokens(std::string &error);
  bool checkComponents(std::string &error) const;
  bool checkTemplates(std::string &error) const;
  bool isText(blob::Slice slice) const;
  bool isToken(uint32_t id) const;

  const blob::Model *modelRecord = nullptr;
  std::string_view tokenText, texts;
  std::span<const uint32_t> starts, bytes, roles;
  std::span<const blob::TokenSlot> hash;
  std::span<const blob::MergeSlot> merges;
  std::span<const blob::AddedToken> added;
  std::span<const blob::Component> normalizer, preTokenizer, decoder;
  std::span<const blob::Piece> single, pair;
  uint32_t ids = 0;
  uint32_t bound = 0; ///< ids of added tokens counted too
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_TOKENIZER_BLOB_H
