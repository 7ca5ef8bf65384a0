//===- SentencePieces.cpp - Pieces and scores as tokenizer.json -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tokenizer/SentencePieces.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>

using namespace sinter::frontend;
using nlohmann::json;

json sinter::frontend::pieceVocabulary(const std::vector<std::string> &texts) {
  json vocabulary = json::object();
  for (size_t id = 0; id < texts.size(); ++id)
    if (!vocabulary.contains(texts[id]))
      vocabulary[texts[id]] = id;
  return vocabulary;
}

json sinter::frontend::addedPieces(const SentencePieces &pieces) {
  json added = json::array();
  for (size_t id = 0; id < pieces.texts.size(); ++id) {
    PieceType type = pieces.types[id];
    if (type == PieceType::Control || type == PieceType::UserDefined ||
        type == PieceType::Unknown)
      added.push_back({{"id", id},
                       {"content", pieces.texts[id]},
                       {"special", type != PieceType::UserDefined},
                       {"normalized", false}});
  }
  return added;
}

/// SentencePiece's byte pair encoding knows scores, not merges: of two
/// neighbours that are a token together, those of the highest score are merged
/// first. So every way to cut a token into two is a merge, ordered by the
/// token's score.
static json mergesOf(const SentencePieces &tokens) {
  std::unordered_map<std::string_view, size_t> ids;
  for (size_t id = 0; id < tokens.texts.size(); ++id)
    if (tokens.types[id] == PieceType::Normal ||
        tokens.types[id] == PieceType::UserDefined)
      ids.emplace(tokens.texts[id], id);
  struct Merge {
    size_t token, cut, left, right;
  };
  std::vector<Merge> merges;
  for (auto [text, id] : ids)
    for (size_t cut = 1; cut < text.size(); ++cut) {
      auto left = ids.find(text.substr(0, cut));
      auto right = ids.find(text.substr(cut));
      if (left != ids.end() && right != ids.end())
        merges.push_back({id, cut, left->second, right->second});
    }
  std::sort(merges.begin(), merges.end(), [&](const Merge &a, const Merge &b) {
    return std::tuple(-tokens.scores[a.token], a.left, a.right) <
           std::tuple(-tokens.scores[b.token], b.left, b.right);
  });
  json list = json::array();
  for (const Merge &merge : merges)
    list.push_back({tokens.texts[merge.left], tokens.texts[merge.right]});
  return list;
}

json sinter::frontend::describeSentencePieces(const SentencePieces &pieces) {
  const std::string space = "\xE2\x96\x81";
  json normalizers = json::array();
  if (pieces.addSpace)
    normalizers.push_back({{"type", "Prepend"}, {"prepend", space}});
  normalizers.push_back({{"type", "Replace"},
                         {"pattern", {{"String", " "}}},
                         {"content", space}});
  json decoders = {
      {{"type", "Replace"}, {"pattern", {{"String", space}}}, {"content", " "}},
      {{"type", "ByteFallback"}},
      {{"type", "Fuse"}}};
  if (pieces.addSpace)
    decoders.push_back(
        {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
  bool hasBytes = std::find(pieces.types.begin(), pieces.types.end(),
                            PieceType::Byte) != pieces.types.end();
  json model = {{"type", "BPE"},
                {"fuse_unk", true},
                {"byte_fallback", hasBytes},
                {"vocab", pieceVocabulary(pieces.texts)},
                {"merges", mergesOf(pieces)}};
  for (size_t id = 0; id < pieces.texts.size(); ++id)
    if (pieces.types[id] == PieceType::Unknown)
      model["unk_token"] = pieces.texts[id];
  return {{"version", "1.0"},
          {"added_tokens", addedPieces(pieces)},
          {"normalizer", {{"type", "Sequence"}, {"normalizers", normalizers}}},
          {"decoder", {{"type", "Sequence"}, {"decoders", decoders}}},
          {"model", model}};
}
