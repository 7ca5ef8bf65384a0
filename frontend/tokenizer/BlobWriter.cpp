//===- BlobWriter.cpp - A tokenizer written as bytes ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tokenizer/BlobWriter.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>
#include <unordered_map>

namespace sinter::frontend {

using namespace sinter::runtime::blob;

namespace {

class Writer {
public:
  explicit Writer(const TokenizerDescription &description)
      : description(description) {}

  std::vector<uint8_t> run() {
    std::vector<Component> normalizers = components(description.normalizers);
    std::vector<Component> preTokenizers =
        components(description.preTokenizers);
    std::vector<Component> decoders = components(description.decoders);
    Model model = this->model();
    std::vector<AddedToken> added;
    for (const auto &token : description.addedTokens)
      added.push_back({token.id, token.flags, text(token.text)});

    add(SectionKind::Model, &model, 1);
    addVocabulary();
    addMerges();
    add(SectionKind::ByteTokens, description.byteTokens);
    add(SectionKind::AddedTokens, added);
    add(SectionKind::Normalizers, normalizers);
    add(SectionKind::PreTokenizers, preTokenizers);
    add(SectionKind::Decoders, decoders);
    add(SectionKind::TemplateSingle, description.single);
    add(SectionKind::TemplatePair, description.pair);
    add(SectionKind::Text, texts.data(), texts.size());
    add(SectionKind::Roles, description.roles.data(), roleCount);
    return assemble();
  }

private:
  /// A text is written once, however many components name it.
  Slice text(const std::string &content) {
    auto [place, isNew] = slices.try_emplace(
        content, Slice{static_cast<uint32_t>(texts.size()),
                       static_cast<uint32_t>(content.size())});
    if (isNew)
      texts += content;
    return place->second;
  }

  std::vector<Component>
  components(const std::vector<TokenizerDescription::Component> &list) {
    std::vector<Component> result;
    for (const auto &component : list)
      result.push_back({static_cast<uint32_t>(component.kind), component.flags,
                        component.number, component.number2,
                        text(component.pattern), text(component.content)});
    return result;
  }

  Model model() {
    Model model{};
    model.kind = static_cast<uint32_t>(description.kind);
    model.flags = description.flags;
    model.unknown = description.unknown;
    model.maximumCharacters = description.maximumCharacters;
    model.unknownText = text(description.unknownText);
    model.prefix = text(description.prefix);
    model.suffix = text(description.suffix);
    model.vocabulary = static_cast<uint32_t>(description.vocabulary.size());
    std::vector<uint32_t> ids;
    for (const auto &[token, id] : description.vocabulary)
      ids.push_back(id);
    std::sort(ids.begin(), ids.end());
    for (const auto &token : description.addedTokens)
      model.vocabulary += !std::binary_search(ids.begin(), ids.end(), token.id);
    return model;
  }

  void addVocabulary() {
    std::vector<std::pair<uint32_t, std::string_view>> byId;
    for (const auto &[token, id] : description.vocabulary)
      byId.emplace_back(id, token);
    std::sort(byId.begin(), byId.end());

    std::string tokenText;
    std::vector<uint32_t> starts;
    for (const auto &[id, token] : byId) {
      starts.resize(size_t{id} + 1, static_cast<uint32_t>(tokenText.size()));
      tokenText += token;
    }
    starts.push_back(static_cast<uint32_t>(tokenText.size()));

    std::vector<TokenSlot> slots(slotsFor(byId.size()), {0, none});
    for (const auto &[id, token] : byId) {
      auto hash = static_cast<uint32_t>(hashText(token.data(), token.size()));
      size_t place = hash & (slots.size() - 1);
      while (slots[place].token != none)
        place = (place + 1) & (slots.size() - 1);
      slots[place] = {hash, id};
    }
    add(SectionKind::TokenText, tokenText.data(), tokenText.size());
    add(SectionKind::TokenStarts, starts);
    add(SectionKind::TokenHash, slots);
  }

  void addMerges() {
    if (description.merges.empty())
      return;
    std::vector<MergeSlot> slots(slotsFor(description.merges.size()),
                                 {none, none, 0, 0});
    for (const auto &merge : description.merges) {
      size_t place = hashPair(merge.left, merge.right) & (slots.size() - 1);
      while (slots[place].left != none)
        place = (place + 1) & (slots.size() - 1);
      slots[place] = {merge.left, merge.right, merge.rank, merge.result};
    }
    add(SectionKind::Merges, slots);
  }

  static size_t slotsFor(size_t count) {
    return std::bit_ceil(count + count / 3 + 2);
  }

  template <typename T> void add(SectionKind kind, const std::vector<T> &list) {
    if (!list.empty())
      add(kind, list.data(), list.size());
  }

  template <typename T>
  void add(SectionKind kind, const T *data, size_t count) {
    const auto *bytes = reinterpret_cast<const uint8_t *>(data);
    sections.push_back({kind, {bytes, bytes + count * sizeof(T)}});
  }

  std::vector<uint8_t> assemble() {
    auto align = [](size_t size) { return (size + 7) / 8 * 8; };
    Header header{};
    std::memcpy(header.magic, formatMagic, sizeof(formatMagic));
    header.version = formatVersion;
    header.sections = static_cast<uint32_t>(sections.size());
    size_t offset = sizeof(Header) + sections.size() * sizeof(Section);
    std::vector<Section> table;
    for (const auto &[kind, bytes] : sections) {
      table.push_back({static_cast<uint32_t>(kind), 0, offset, bytes.size()});
      offset = align(offset + bytes.size());
    }
    header.bytes = offset;

    std::vector<uint8_t> blob(offset);
    std::memcpy(blob.data(), &header, sizeof(header));
    std::memcpy(blob.data() + sizeof(header), table.data(),
                table.size() * sizeof(Section));
    for (size_t i = 0; i < table.size(); ++i)
      std::copy(sections[i].second.begin(), sections[i].second.end(),
                blob.begin() + static_cast<ptrdiff_t>(table[i].offset));
    return blob;
  }

  const TokenizerDescription &description;
  std::string texts;
  std::unordered_map<std::string, Slice> slices;
  std::vector<std::pair<SectionKind, std::vector<uint8_t>>> sections;
};

} // namespace

std::vector<uint8_t> writeBlob(const TokenizerDescription &description) {
  return Writer(description).run();
}

} // namespace sinter::frontend
