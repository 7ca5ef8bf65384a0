//===- FakeTokenizer.cpp - A small tokenizer's blob -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeTokenizer.h"

#include "runtime/tokenizer/Format.h"

#include <cstring>
#include <map>

using namespace sinter::runtime;

namespace {

using Bytes = std::vector<unsigned char>;

template <typename T> void append(Bytes &bytes, const T &value) {
  bytes.resize(bytes.size() + sizeof(T));
  std::memcpy(&bytes[bytes.size() - sizeof(T)], &value, sizeof(T));
}

} // namespace

std::vector<unsigned char>
testing::fakeTokenizer(const std::vector<std::string> &texts,
                       const std::vector<int32_t> &special, int32_t first) {
  std::map<blob::SectionKind, Bytes> sections;
  Bytes &tokenText = sections[blob::SectionKind::TokenText];
  Bytes &starts = sections[blob::SectionKind::TokenStarts];
  constexpr uint32_t slotCount = 256;
  std::vector<blob::TokenSlot> slots(slotCount, {0, blob::none});
  for (uint32_t id = 0; id < texts.size(); ++id) {
    append(starts, static_cast<uint32_t>(tokenText.size()));
    tokenText.insert(tokenText.end(), texts[id].begin(), texts[id].end());
    auto hash = static_cast<uint32_t>(
        blob::hashText(texts[id].data(), texts[id].size()));
    uint32_t slot = hash % slotCount;
    while (slots[slot].token != blob::none)
      slot = (slot + 1) % slotCount;
    slots[slot] = {hash, id};
  }
  append(starts, static_cast<uint32_t>(tokenText.size()));
  for (const blob::TokenSlot &slot : slots)
    append(sections[blob::SectionKind::TokenHash], slot);

  blob::Model model = {};
  model.kind = static_cast<uint32_t>(blob::ModelKind::LongestMatch);
  model.unknown = blob::none;
  model.vocabulary = static_cast<uint32_t>(texts.size());
  append(sections[blob::SectionKind::Model], model);

  Bytes &text = sections[blob::SectionKind::Text];
  for (int32_t id : special) {
    blob::AddedToken added = {static_cast<uint32_t>(id),
                              blob::Special,
                              {static_cast<uint32_t>(text.size()),
                               static_cast<uint32_t>(texts[id].size())}};
    text.insert(text.end(), texts[id].begin(), texts[id].end());
    append(sections[blob::SectionKind::AddedTokens], added);
  }
  blob::Component fuse = {};
  fuse.kind = static_cast<uint32_t>(blob::ComponentKind::Fuse);
  append(sections[blob::SectionKind::Decoders], fuse);

  auto piece = [&](blob::SectionKind section, blob::PieceKind kind,
                   int32_t token) {
    append(sections[section], blob::Piece{static_cast<uint32_t>(kind), 0,
                                          static_cast<uint32_t>(token), 0});
  };
  for (auto section :
       {blob::SectionKind::TemplateSingle, blob::SectionKind::TemplatePair}) {
    if (first >= 0)
      piece(section, blob::PieceKind::Token, first);
    piece(section, blob::PieceKind::First, 0);
  }
  piece(blob::SectionKind::TemplatePair, blob::PieceKind::Second, 0);
  for (uint32_t role = 0; role < blob::roleCount; ++role)
    append(sections[blob::SectionKind::Roles], blob::none);

  blob::Header header = {};
  std::memcpy(header.magic, blob::formatMagic, sizeof(header.magic));
  header.version = blob::formatVersion;
  header.sections = static_cast<uint32_t>(sections.size());
  uint64_t offset = sizeof(header) + sections.size() * sizeof(blob::Section);
  Bytes table, data;
  for (auto &[kind, bytes] : sections) {
    append(table, blob::Section{static_cast<uint32_t>(kind), 0,
                                offset + data.size(), bytes.size()});
    data.insert(data.end(), bytes.begin(), bytes.end());
    data.resize((data.size() + 7) / 8 * 8);
  }
  header.bytes = offset + data.size();
  Bytes blob;
  append(blob, header);
  blob.insert(blob.end(), table.begin(), table.end());
  blob.insert(blob.end(), data.begin(), data.end());
  return blob;
}
