//===- BlobWriter.h - A tokenizer written as bytes --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_TOKENIZER_BLOBWRITER_H
#define SINTER_FRONTEND_TOKENIZER_BLOBWRITER_H

#include "runtime/tokenizer/Format.h"

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sinter::frontend {

namespace blob = sinter::runtime::blob;

/// A tokenizer as its parts. See Format.h for what each field means.
struct TokenizerDescription {
  struct AddedToken {
    uint32_t id;
    uint32_t flags;
    std::string text;
  };
  struct Merge {
    uint32_t left, right, rank, result;
  };
  struct Component {
    blob::ComponentKind kind;
    uint32_t flags = 0;
    uint32_t number = 0;
    uint32_t number2 = 0;
    std::string pattern = {};
    std::string content = {};
  };

  blob::ModelKind kind = blob::ModelKind::WordLevel;
  uint32_t flags = 0;
  uint32_t unknown = blob::none;
  uint32_t maximumCharacters = 0;
  std::string unknownText, prefix, suffix;

  /// Texts and their ids; no text and no id twice.
  std::vector<std::pair<std::string, uint32_t>> vocabulary;
  std::vector<Merge> merges; ///< no pair twice
  std::vector<uint32_t> byteTokens;
  std::vector<AddedToken> addedTokens; ///< by ascending id
  std::vector<Component> normalizers, preTokenizers, decoders;
  std::vector<blob::Piece> single, pair;
  std::array<uint32_t, blob::roleCount> roles;

  TokenizerDescription() { roles.fill(blob::none); }
};

/// The same description gives the same bytes.
std::vector<uint8_t> writeBlob(const TokenizerDescription &description);

} // namespace sinter::frontend

#endif // SINTER_FRONTEND_TOKENIZER_BLOBWRITER_H
