//===- Tokenizer.cpp - Text to token ids and back -------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Tokenizer.h"

#include "runtime/tokenizer/AddedTokens.h"
#include "runtime/tokenizer/ByteAlphabet.h"
#include "runtime/tokenizer/Decoder.h"
#include "runtime/tokenizer/Utf8.h"
#include "runtime/tokenizer/Vocabulary.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <limits>

namespace sinter::runtime {

/// The stages of a tokenizer, in the order in which text passes them.
class TokenizerParts {
public:
  bool open(const void *bytes, size_t size, std::string &error) {
    if (!blob.open(bytes, size, error) || !normalizer.open(blob, error) ||
        !added.open(blob, normalizer, error) ||
        !preTokenizer.open(blob, error) || !decoder.open(blob, error))
      return false;
    vocabulary.open(blob);
    bound = blob.modelIds();
    if (!blob.addedTokens().empty())
      bound = std::max(bound, blob.addedTokens().back().id + 1);
    return true;
  }

  bool cut(std::string_view bytes, std::vector<int32_t> &ids,
           std::string &error) const {
    if (bytes.size() > std::numeric_limits<int32_t>::max() / 4) {
      error = "tokenizer: a text of " + std::to_string(bytes.size()) +
              " bytes is too long";
      return false;
    }
    std::string text;
    text.reserve(bytes.size());
    appendWellFormed(text, bytes);
    Parts parts;
    if (!added.extract(text, normalizer, parts, error) ||
        !preTokenizer.apply(parts, error))
      return false;
    CutScratch scratch;
    for (const Part &part : parts.parts) {
      if (part.token != blob::none) {
        ids.push_back(static_cast<int32_t>(part.token));
        continue;
      }
      auto word = std::string_view(parts.text)
                      .substr(part.begin, part.end - part.begin);
      if (!vocabulary.cut(word, scratch, ids, error))
        return false;
    }
    return true;
  }

  bool textOf(int32_t id, std::string_view &text) const {
    auto index = static_cast<uint32_t>(id);
    if (const std::string *content = added.textOf(index)) {
      text = *content;
      return true;
    }
    if (index >= blob.modelIds())
      return false;
    text = blob.token(index);
    return !text.empty() || blob.find(text) == index;
  }

  Blob blob;
  NormalizerChain normalizer;
  AddedTokenTable added;
  PreTokenizerChain preTokenizer;
  Vocabulary vocabulary;
  DecoderPlan decoder;
  uint32_t bound = 0;
};

namespace {

/// Runs `body`; what it throws (memory that cannot be had) becomes a message.
template <typename Body> bool guarded(std::string &error, Body body) noexcept {
  try {
    return body();
  } catch (const std::exception &exception) {
    try {
      error = std::string("tokenizer: ") + exception.what();
    } catch (...) {
      error.clear();
    }
    return false;
  }
}

void applyTemplate(std::span<const blob::Piece> pieces,
                   const std::vector<int32_t> &first,
                   const std::vector<int32_t> &second, bool addSpecialTokens,
                   Encoding &encoding) {
  encoding.ids.clear();
  encoding.segments.clear();
  for (const blob::Piece &piece : pieces) {
    switch (static_cast<blob::PieceKind>(piece.kind)) {
    case blob::PieceKind::First:
      encoding.ids.insert(encoding.ids.end(), first.begin(), first.end());
      break;
    case blob::PieceKind::Second:
      encoding.ids.insert(encoding.ids.end(), second.begin(), second.end());
      break;
    case blob::PieceKind::Token:
      if (addSpecialTokens)
        encoding.ids.push_back(static_cast<int32_t>(piece.token));
      break;
    }
    encoding.segments.resize(encoding.ids.size(),
                             static_cast<int32_t>(piece.segment));
  }
}

} // namespace

Tokenizer::Tokenizer(std::unique_ptr<TokenizerParts> parts)
    : parts(std::move(parts)) {}
Tokenizer::~Tokenizer() = default;

std::unique_ptr<Tokenizer> Tokenizer::create(const void *bytes, size_t size,
                                             std::string &error) noexcept {
  std::unique_ptr<Tokenizer> tokenizer;
  guarded(error, [&] {
    auto parts = std::make_unique<TokenizerParts>();
    if (!parts->open(bytes, size, error))
      return false;
    tokenizer.reset(new Tokenizer(std::move(parts)));
    return true;
  });
  return tokenizer;
}

/// The bytes that the characters of GPT-2's alphabet stand for.
static bool bytesOfAlphabet(std::string_view token, std::string &bytes) {
  for (size_t at = 0; at < token.size();) {
    auto [code, length] = decodeCharacter(token, at);
    const int byte = byteAlphabet.byteOf(code);
    if (byte < 0) {
      bytes.clear();
      return false;
    }
    bytes += static_cast<char>(byte);
    at += length;
  }
  return true;
}

/// "<0x0A>".
static bool byteOfName(std::string_view token, std::string &bytes) {
  unsigned byte = 0;
  if (token.size() != 6 || !token.starts_with("<0x") || token.back() != '>' ||
      std::from_chars(token.data() + 3, token.data() + 5, byte, 16).ptr !=
          token.data() + 5)
    return false;
  bytes = static_cast<char>(byte);
  return true;
}

bool Tokenizer::encode(std::string_view text, bool addSpecialTokens,
                       Encoding &encoding, std::string &error) const noexcept {
  return guarded(error, [&] {
    std::vector<int32_t> ids;
    if (!parts->cut(text, ids, error))
      return false;
    applyTemplate(parts->blob.templateSingle(), ids, {}, addSpecialTokens,
                  encoding);
    return true;
  });
}

bool Tokenizer::encodePair(std::string_view first, std::string_view second,
                           bool addSpecialTokens, Encoding &encoding,
                           std::string &error) const noexcept {
  return guarded(error, [&] {
    std::vector<int32_t> firstIds, secondIds;
    if (!parts->cut(first, firstIds, error) ||
        !parts->cut(second, secondIds, error))
      return false;
    applyTemplate(parts->blob.templatePair(), firstIds, secondIds,
                  addSpecialTokens, encoding);
    return true;
  });
}

bool Tokenizer::decode(std::span<const int32_t> ids, bool skipSpecialTokens,
                       std::string &text, std::string &error) const noexcept {
  return guarded(error, [&] {
    text.clear();
    Streamer streamer(*this, skipSpecialTokens);
    for (int32_t id : ids)
      if (!streamer.push(id, text, error))
        return false;
    return streamer.finish(text, error);
  });
}

bool Tokenizer::tokenBytes(int32_t id, std::string &bytes) const noexcept {
  std::string error;
  return guarded(error, [&] {
    bytes.clear();
    std::string_view token;
    if (isSpecial(id) || !parts->textOf(id, token))
      return false;
    for (const blob::Component &component : parts->blob.decoders()) {
      const auto kind = static_cast<blob::ComponentKind>(component.kind);
      if (kind == blob::ComponentKind::ByteLevelDecoder &&
          bytesOfAlphabet(token, bytes))
        return true;
      if (kind == blob::ComponentKind::ByteFallbackDecoder &&
          byteOfName(token, bytes))
        return true;
    }
    // What it adds where it stands behind another: itself.
    std::string once, twice;
    const int32_t ids[] = {id, id};
    if (!decode({ids, 1}, false, once, error) ||
        !decode({ids, 2}, false, twice, error))
      return false;
    bytes = twice.substr(std::min(once.size(), twice.size()));
    return true;
  });
}

bool Tokenizer::idToToken(int32_t id, std::string_view &token) const noexcept {
  return parts->textOf(id, token);
}

int32_t Tokenizer::tokenToId(std::string_view token) const noexcept {
  uint32_t id = parts->added.find(token);
  if (id == blob::none)
    id = parts->blob.find(token);
  return static_cast<int32_t>(id);
}

size_t Tokenizer::vocabularySize() const noexcept {
  return parts->blob.model().vocabulary;
}

size_t Tokenizer::idBound() const noexcept { return parts->bound; }

bool Tokenizer::isSpecial(int32_t id) const noexcept {
  return parts->added.isSpecial(static_cast<uint32_t>(id));
}

int32_t Tokenizer::roleToken(Role role) const noexcept {
  return static_cast<int32_t>(parts->blob.role(role));
}

Streamer::Streamer(const Tokenizer &tokenizer, bool skipSpecialTokens)
    : parts(tokenizer.parts.get()), skipSpecialTokens(skipSpecialTokens),
      chain(std::make_unique<DecoderChain>(parts->decoder)) {}
Streamer::~Streamer() = default;
Streamer::Streamer(Streamer &&) noexcept = default;
Streamer &Streamer::operator=(Streamer &&) noexcept = default;

bool Streamer::push(int32_t id, std::string &text,
                    std::string &error) noexcept {
  return guarded(error, [&] {
    std::string_view token;
    if (!parts->textOf(id, token) ||
        (skipSpecialTokens &&
         parts->added.isSpecial(static_cast<uint32_t>(id))))
      return true;
    return chain->push(token, text, error);
  });
}

bool Streamer::finish(std::string &text, std::string &error) noexcept {
  return guarded(error, [&] { return chain->finish(text, error); });
}

} // namespace sinter::runtime
