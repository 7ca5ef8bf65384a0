//===- Blob.cpp - A tokenizer's bytes, checked ----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Blob.h"

#include "runtime/tokenizer/Utf8.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace sinter::runtime {

using namespace blob;

static_assert(std::endian::native == std::endian::little,
              "the blob is used in place");

namespace {

bool fail(std::string &error, const std::string &what) {
  error = "tokenizer: " + what;
  return false;
}

/// Which component stands where.
enum Place : unsigned { AsNormalizer = 1, AsPreTokenizer = 2, AsDecoder = 4 };

/// What a kind of component may be and must have; places are 0 for a kind that
/// does not exist.
struct ComponentRule {
  unsigned places = 0;
  uint32_t flags = 0;   ///< flags that have a meaning
  uint32_t numbers = 0; ///< number is below this; 0: any
  bool needsPattern = false;
  bool patternIsCharacter = false;
};

ComponentRule ruleOf(uint32_t kind) {
  switch (static_cast<ComponentKind>(kind)) {
  case ComponentKind::Nfc:
  case ComponentKind::Nfd:
  case ComponentKind::Nfkc:
  case ComponentKind::Nfkd:
  case ComponentKind::Lowercase:
  case ComponentKind::StripAccents:
  case ComponentKind::Prepend:
  case ComponentKind::Nmt:
  case ComponentKind::Bytes:
    return {AsNormalizer};
  case ComponentKind::Strip:
    return {AsNormalizer, StripStart | StripStop};
  case ComponentKind::ReplaceText:
  case ComponentKind::ReplaceRegex:
    return {AsNormalizer | AsDecoder};
  case ComponentKind::Bert:
    return {AsNormalizer,
            CleanText | ChineseCharacters | BertStripAccents | BertLowercase};
  case ComponentKind::ByteLevel:
    return {AsPreTokenizer, AddPrefixSpace};
  case ComponentKind::BertWords:
  case ComponentKind::Whitespace:
  case ComponentKind::WhitespaceSplit:
    return {AsPreTokenizer};
  case ComponentKind::SplitText:
  case ComponentKind::SplitRegex:
    return {AsPreTokenizer, Invert, 5};
  case ComponentKind::Metaspace:
    return {AsPreTokenizer | AsDecoder, MetaspaceSplit, 3, true, true};
  case ComponentKind::Digits:
    return {AsPreTokenizer, IndividualDigits};
  case ComponentKind::Punctuation:
    return {AsPreTokenizer, 0, 5};
  case ComponentKind::FixedLength:
    return {AsPreTokenizer};
  case ComponentKind::ByteLevelDecoder:
  case ComponentKind::ByteFallbackDecoder:
  case ComponentKind::Fuse:
    return {AsDecoder};
  case ComponentKind::WordPieceDecoder:
    return {AsDecoder, Cleanup};
  case ComponentKind::StripDecoder:
    return {AsDecoder, 0, 0, true, true};
  case ComponentKind::SuffixDecoder:
    return {AsDecoder};
  }
  return {};
}

template <typename T>
std::span<const T> arrayOf(const char *base, const Section &section) {
  return {reinterpret_cast<const T *>(base + section.offset),
          static_cast<size_t>(section.bytes / sizeof(T))};
}

size_t elementBytes(uint32_t kind) {
  switch (static_cast<SectionKind>(kind)) {
  case SectionKind::Model:
    return sizeof(Model);
  case SectionKind::TokenText:
  case SectionKind::Text:
    return 1;
  case SectionKind::TokenStarts:
  case SectionKind::ByteTokens:
  case SectionKind::Roles:
    return sizeof(uint32_t);
  case SectionKind::TokenHash:
    return sizeof(TokenSlot);
  case SectionKind::Merges:
    return sizeof(MergeSlot);
  case SectionKind::AddedTokens:
    return sizeof(blob::AddedToken);
  case SectionKind::Normalizers:
  case SectionKind::PreTokenizers:
  case SectionKind::Decoders:
    return sizeof(Component);
  case SectionKind::TemplateSingle:
  case SectionKind::TemplatePair:
    return sizeof(Piece);
  }
  return 0;
}

} // namespace

bool Blob::open(const void *data, size_t size, std::string &error) {
  if (!data || size < sizeof(Header))
    return fail(error, "the data holds " + std::to_string(size) +
                           " bytes, less than a header");
  if (reinterpret_cast<uintptr_t>(data) % 8 != 0)
    return fail(error, "the data does not lie at a multiple of 8");
  return openSections(static_cast<const char *>(data), size, error) &&
         checkVocabulary(error) && checkAddedTokens(error) &&
         checkModel(error) && checkMerges(error) && checkComponents(error) &&
         checkTemplates(error);
}

bool Blob::openSections(const char *base, size_t size, std::string &error) {
  const auto &header = *reinterpret_cast<const Header *>(base);
  if (std::memcmp(header.magic, formatMagic, sizeof(formatMagic)) != 0)
    return fail(error, "the data does not start with \"SINTERTK\"");
  if (header.version != formatVersion)
    return fail(error, "the data has version " +
                           std::to_string(header.version) +
                           " of the format, version " +
                           std::to_string(formatVersion) + " was expected");
  if (header.bytes != size)
    return fail(error, "the data holds " + std::to_string(size) +
                           " bytes, its header says " +
                           std::to_string(header.bytes));
  size_t tableEnd = sizeof(Header) + size_t{header.sections} * sizeof(Section);
  if (header.sections >= sectionKinds || tableEnd > size)
    return fail(error, "a table of " + std::to_string(header.sections) +
                           " sections does not fit");

  const auto *table = reinterpret_cast<const Section *>(base + sizeof(Header));
  uint32_t previous = 0;
  for (uint32_t i = 0; i < header.sections; ++i) {
    const Section &section = table[i];
    std::string name = "section " + std::to_string(section.kind);
    size_t element = elementBytes(section.kind);
    if (element == 0)
      return fail(error, name + " is of no known kind");
    if (section.kind <= previous)
      return fail(error, name + " is out of order");
    previous = section.kind;
    if (section.offset % 8 != 0 || section.offset < tableEnd ||
        section.offset > size || section.bytes > size - section.offset)
      return fail(error, name + " reaches outside the data");
    if (section.bytes % element != 0)
      return fail(error, name + " is not a whole number of records");

    switch (static_cast<SectionKind>(section.kind)) {
    case SectionKind::Model:
      if (section.bytes != sizeof(Model))
        return fail(error, "there is more or less than one model");
      modelRecord = arrayOf<Model>(base, section).data();
      break;
    case SectionKind::TokenText:
      tokenText = {base + section.offset, static_cast<size_t>(section.bytes)};
      break;
    case SectionKind::TokenStarts:
      starts = arrayOf<uint32_t>(base, section);
      break;
    case SectionKind::TokenHash:
      hash = arrayOf<TokenSlot>(base, section);
      break;
    case SectionKind::Merges:
      merges = arrayOf<MergeSlot>(base, section);
      break;
    case SectionKind::ByteTokens:
      bytes = arrayOf<uint32_t>(base, section);
      break;
    case SectionKind::AddedTokens:
      added = arrayOf<blob::AddedToken>(base, section);
      break;
    case SectionKind::Normalizers:
      normalizer = arrayOf<Component>(base, section);
      break;
    case SectionKind::PreTokenizers:
      preTokenizer = arrayOf<Component>(base, section);
      break;
    case SectionKind::Decoders:
      decoder = arrayOf<Component>(base, section);
      break;
    case SectionKind::TemplateSingle:
      single = arrayOf<Piece>(base, section);
      break;
    case SectionKind::TemplatePair:
      pair = arrayOf<Piece>(base, section);
      break;
    case SectionKind::Text:
      texts = {base + section.offset, static_cast<size_t>(section.bytes)};
      break;
    case SectionKind::Roles:
      roles = arrayOf<uint32_t>(base, section);
      break;
    }
  }
  if (!modelRecord || starts.empty() || hash.empty() || single.empty() ||
      pair.empty() || roles.size() != roleCount)
    return fail(error, "a section that every tokenizer has is missing");
  return true;
}

bool Blob::isText(Slice slice) const {
  return slice.offset <= texts.size() &&
         slice.bytes <= texts.size() - slice.offset &&
         isWellFormed(text(slice));
}

bool Blob::isToken(uint32_t id) const {
  if (id < ids && !token(id).empty())
    return true;
  auto place = std::lower_bound(
      added.begin(), added.end(), id,
      [](const blob::AddedToken &token, uint32_t id) { return token.id < id; });
  return (place != added.end() && place->id == id) || find({}) == id;
}

uint32_t Blob::find(std::string_view token) const {
  auto wanted = static_cast<uint32_t>(hashText(token.data(), token.size()));
  size_t mask = hash.size() - 1;
  for (size_t i = wanted & mask;; i = (i + 1) & mask) {
    const TokenSlot &slot = hash[i];
    if (slot.token == none)
      return none;
    if (slot.hash == wanted && this->token(slot.token) == token)
      return slot.token;
  }
}

bool Blob::checkVocabulary(std::string &error) {
  if (starts.size() - 1 > maximumTokens)
    return fail(error, "there are " + std::to_string(starts.size() - 1) +
                           " tokens, more than " +
                           std::to_string(maximumTokens));
  if (starts.front() != 0 || starts.back() != tokenText.size())
    return fail(error, "the tokens' texts do not fill their section");
  ids = static_cast<uint32_t>(starts.size() - 1);
  for (uint32_t id = 0; id < ids; ++id)
    if (starts[id] > starts[id + 1] || starts[id + 1] > tokenText.size() ||
        !isWellFormed(token(id)))
      return fail(error, "the text of token " + std::to_string(id) +
                             " is not well-formed");
  if (!std::has_single_bit(hash.size()))
    return fail(error, "the table of tokens has " +
                           std::to_string(hash.size()) +
                           " slots, not a power of two");
  bool hasEmptySlot = false;
  for (const TokenSlot &slot : hash) {
    hasEmptySlot |= slot.token == none;
    if (slot.token != none && slot.token >= ids)
      return fail(error, "the table of tokens names token " +
                             std::to_string(slot.token) + " of " +
                             std::to_string(ids));
  }
  // A search ends at an empty slot.
  if (!hasEmptySlot)
    return fail(error, "the table of tokens is full");
  return true;
}

bool Blob::checkAddedTokens(std::string &error) {
  bound = ids;
  uint32_t next = 0;
  for (const blob::AddedToken &token : added) {
    if (token.id < next || token.id >= maximumTokens)
      return fail(error, "added token " + std::to_string(token.id) +
                             " is out of order");
    next = token.id + 1;
    bound = std::max(bound, next);
    if (!isText(token.text) || token.text.bytes == 0)
      return fail(error, "the text of added token " + std::to_string(token.id) +
                             " is not well-formed");
    if (token.flags >= NeverInText * 2u)
      return fail(error, "added token " + std::to_string(token.id) +
                             " has unknown flags");
  }
  return true;
}

bool Blob::checkModel(std::string &error) const {
  const Model &model = *modelRecord;
  if (model.kind < static_cast<uint32_t>(ModelKind::BytePairEncoding) ||
      model.kind > static_cast<uint32_t>(ModelKind::LongestMatch))
    return fail(error,
                "there is no model of kind " + std::to_string(model.kind));
  if (model.flags >= UnknownIsNamed * 2u)
    return fail(error, "the model has unknown flags");
  if (model.unknown != none && model.unknown >= bound)
    return fail(error, "the unknown token is " + std::to_string(model.unknown) +
                           " of " + std::to_string(bound));
  if (!isText(model.prefix) || !isText(model.suffix) ||
      !isText(model.unknownText))
    return fail(error, "a text of the model is not well-formed");
  if (!bytes.empty() && bytes.size() != 256)
    return fail(error, "there are " + std::to_string(bytes.size()) +
                           " byte tokens, 256 were expected");
  if (bytes.empty() && (model.flags & ByteFallback))
    return fail(error, "the model falls back on bytes and has no byte tokens");
  for (uint32_t id : bytes)
    if (id != none && id >= ids)
      return fail(error, "a byte token is " + std::to_string(id) + " of " +
                             std::to_string(ids));
  for (uint32_t id : roles)
    if (id != none && !isToken(id))
      return fail(error, "a role is played by " + std::to_string(id) +
                             ", which is no token");
  return true;
}

bool Blob::checkMerges(std::string &error) const {
  if (merges.empty())
    return true;
  if (!std::has_single_bit(merges.size()))
    return fail(error, "the table of merges has " +
                           std::to_string(merges.size()) +
                           " slots, not a power of two");
  bool hasEmptySlot = false;
  for (const MergeSlot &slot : merges) {
    hasEmptySlot |= slot.left == none;
    if (slot.left != none &&
        (slot.left >= ids || slot.right >= ids || slot.result >= ids))
      return fail(error, "a merge names a token beyond " + std::to_string(ids));
  }
  if (!hasEmptySlot)
    return fail(error, "the table of merges is full");
  return true;
}

bool Blob::checkComponents(std::string &error) const {
  auto check = [&](std::span<const Component> components, Place place) {
    for (const Component &component : components) {
      ComponentRule rule = ruleOf(component.kind);
      std::string name = "component " + std::to_string(component.kind);
      if (!(rule.places & place))
        return fail(error, name + " is of no kind that is known there");
      if (component.flags & ~rule.flags)
        return fail(error, name + " has unknown flags");
      if (rule.numbers && component.number >= rule.numbers)
        return fail(error, name + " has an unknown number");
      if (!isText(component.pattern) || !isText(component.content))
        return fail(error, name + " has a text that is not well-formed");
      if (rule.patternIsCharacter &&
          countCharacters(text(component.pattern)) != 1)
        return fail(error, name + " needs one character");
      if (component.kind == static_cast<uint32_t>(ComponentKind::FixedLength) &&
          component.number == 0)
        return fail(error, name + " cuts pieces of no length");
    }
    return true;
  };
  return check(normalizer, AsNormalizer) &&
         check(preTokenizer, AsPreTokenizer) && check(decoder, AsDecoder);
}

bool Blob::checkTemplates(std::string &error) const {
  auto check = [&](std::span<const Piece> pieces, bool isPair) {
    for (const Piece &piece : pieces) {
      bool isKnown =
          piece.kind == static_cast<uint32_t>(PieceKind::First) ||
          piece.kind == static_cast<uint32_t>(PieceKind::Token) ||
          (isPair && piece.kind == static_cast<uint32_t>(PieceKind::Second));
      if (!isKnown)
        return fail(error, "a template has a piece of unknown kind " +
                               std::to_string(piece.kind));
      if (piece.segment > 0x7fffffffu)
        return fail(error,
                    "a template has segment " + std::to_string(piece.segment));
      if (piece.kind == static_cast<uint32_t>(PieceKind::Token) &&
          piece.token >= maximumTokens)
        return fail(error,
                    "a template has token " + std::to_string(piece.token));
    }
    return true;
  };
  return check(single, false) && check(pair, true);
}

} // namespace sinter::runtime
