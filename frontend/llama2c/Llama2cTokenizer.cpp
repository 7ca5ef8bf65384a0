//===- Llama2cTokenizer.cpp - tokenizer.bin as tokenizer.json -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/Json.h"
#include "frontend/llama2c/Llama2cFile.h"
#include "frontend/tokenizer/SentencePieces.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/Endian.h"
#include <bit>

using namespace sinter;
using namespace sinter::frontend;
using namespace llvm::support::endian;
using nlohmann::json;

/// Ids that every such tokenizer has: 0 is unknown, 1 and 2 begin and end a
/// text, then a token for each byte.
static constexpr size_t controls = 3, bytesEnd = controls + 256;

static PieceType typeOf(size_t id) {
  if (id == 0)
    return PieceType::Unknown;
  if (id < controls)
    return PieceType::Control;
  return id < bytesEnd ? PieceType::Byte : PieceType::Normal;
}

/// As SentencePiece has it: the exporter wrote spaces for its sign, and lines
/// around the texts of the controls.
static std::string pieceOf(llvm::StringRef text, size_t id) {
  if (typeOf(id) == PieceType::Control)
    return text.trim('\n').str();
  std::string piece;
  for (char c : text)
    if (c == ' ')
      piece += "\xE2\x96\x81";
    else
      piece += c;
  return piece;
}

llvm::Expected<std::string>
sinter::llama2cTokenizer(llvm::StringRef path, llvm::ArrayRef<uint8_t> bytes,
                         int64_t vocabulary) {
  if (vocabulary < int64_t(bytesEnd))
    return jsonError(path, "the model has " + llvm::Twine(vocabulary) +
                               " tokens, too few for such a tokenizer");
  if (bytes.size() < 4)
    return jsonError(path, "it is too short for a tokenizer of llama2.c");
  // How long the longest token is: nothing that is needed.
  bytes = bytes.drop_front(4);
  SentencePieces pieces;
  for (size_t id = 0; id < size_t(vocabulary); ++id) {
    uint64_t size = bytes.size() < 8 ? 0 : read32le(bytes.data() + 4);
    if (bytes.size() < 8 || size > bytes.size() - 8)
      return jsonError(path, "it ends within token " + llvm::Twine(id) +
                                 ", but the model has " +
                                 llvm::Twine(vocabulary));
    llvm::StringRef text = llvm::toStringRef(bytes.slice(8, size));
    const auto *begin = reinterpret_cast<const llvm::UTF8 *>(text.data());
    float score = std::bit_cast<float>(read32le(bytes.data()));
    if (!llvm::isLegalUTF8String(&begin, begin + text.size()) || score != score)
      return jsonError(path, "token " + llvm::Twine(id) +
                                 " is no UTF-8 text with a score");
    pieces.texts.push_back(pieceOf(text, id));
    pieces.types.push_back(typeOf(id));
    pieces.scores.push_back(score);
    bytes = bytes.drop_front(8 + size);
  }
  if (!bytes.empty())
    return jsonError(path, "it has more tokens than the model, which has " +
                               llvm::Twine(vocabulary));
  json tokenizer = describeSentencePieces(pieces);
  const std::string &first = pieces.texts[1];
  json begin = {{"SpecialToken", {{"id", first}, {"type_id", 0}}}};
  auto text = [](const char *name, int segment) {
    return json{{"Sequence", {{"id", name}, {"type_id", segment}}}};
  };
  tokenizer["post_processor"] = {
      {"type", "TemplateProcessing"},
      {"single", {begin, text("A", 0)}},
      {"pair", {begin, text("A", 0), text("B", 1)}},
      {"special_tokens",
       {{first, {{"id", first}, {"ids", {1}}, {"tokens", {first}}}}}}};
  return tokenizer.dump();
}
