//===- SentencePieces.h - Pieces and scores as tokenizer.json -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_TOKENIZER_SENTENCEPIECES_H
#define SINTER_FRONTEND_TOKENIZER_SENTENCEPIECES_H

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace sinter::frontend {

/// What a piece is for, by the numbers of SentencePiece.
enum class PieceType {
  Normal = 1,
  Unknown,
  Control,
  UserDefined,
  Unused,
  Byte
};

/// The vocabulary of SentencePiece's byte pair encoding, by id: as many types
/// and scores as texts, which are UTF-8 and have U+2581 for a space.
struct SentencePieces {
  std::vector<std::string> texts;
  std::vector<PieceType> types;
  std::vector<double> scores;
  /// Whether a space is put before a text.
  bool addSpace = true;
};

/// Ids by text; one that comes again keeps its first id.
nlohmann::json pieceVocabulary(const std::vector<std::string> &texts);
/// What tokenizer.json calls "added_tokens": all that are no parts of words.
nlohmann::json addedPieces(const SentencePieces &pieces);

/// A value of tokenizer.json with the normalizer, model and decoder that give
/// the same ids; templates ("post_processor") are the caller's.
nlohmann::json describeSentencePieces(const SentencePieces &pieces);

} // namespace sinter::frontend

#endif // SINTER_FRONTEND_TOKENIZER_SENTENCEPIECES_H
