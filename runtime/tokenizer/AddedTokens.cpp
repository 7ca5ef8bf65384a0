//===- AddedTokens.cpp - Tokens found before the model --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/AddedTokens.h"

#include "runtime/tokenizer/CharacterClasses.h"
#include "runtime/tokenizer/Utf8.h"

#include <algorithm>
#include <numeric>

namespace sinter::runtime {

void TextMatcher::finish() {
  std::sort(patterns.begin(), patterns.end(),
            [](const Pattern &left, const Pattern &right) {
              return left.text != right.text ? left.text < right.text
                                             : left.value < right.value;
            });
}

bool TextMatcher::find(std::string_view text, size_t start, Span &match,
                       size_t &value) const {
  for (size_t at = start; at < text.size(); ++at) {
    if (!starts[static_cast<unsigned char>(text[at])])
      continue;
    // [low, high) are the patterns that agree with the text so far.
    size_t low = 0, high = patterns.size();
    bool found = false;
    for (size_t length = 0; low < high; ++length) {
      if (patterns[low].text.size() == length) {
        found = true;
        match = {at, at + length};
        value = patterns[low].value;
        while (low < high && patterns[low].text.size() == length)
          ++low;
      }
      if (at + length == text.size())
        break;
      auto byte = static_cast<unsigned char>(text[at + length]);
      auto byteOf = [&](const Pattern &pattern) {
        return static_cast<unsigned char>(pattern.text[length]);
      };
      auto first = patterns.begin() + static_cast<ptrdiff_t>(low);
      auto last = patterns.begin() + static_cast<ptrdiff_t>(high);
      first = std::partition_point(first, last, [&](const Pattern &pattern) {
        return byteOf(pattern) < byte;
      });
      last = std::partition_point(first, last, [&](const Pattern &pattern) {
        return byteOf(pattern) == byte;
      });
      low = static_cast<size_t>(first - patterns.begin());
      high = static_cast<size_t>(last - patterns.begin());
    }
    if (found)
      return true;
  }
  return false;
}

bool AddedTokenTable::open(const Blob &blob, const NormalizerChain &normalizer,
                           std::string &error) {
  std::vector<std::string_view> specials;
  for (const blob::AddedToken &token : blob.addedTokens()) {
    Entry entry{token.id, token.flags, blob.text(token.text), {}, false};
    Text text{std::string(entry.content), 0};
    if ((token.flags & blob::Normalized) && !normalizer.apply(text, error))
      return false;
    entry.text = std::move(text.bytes);
    if (token.flags & blob::Special)
      specials.push_back(entry.content);
    entries.push_back(std::move(entry));
  }
  std::sort(specials.begin(), specials.end());
  for (size_t i = 0; i < entries.size(); ++i) {
    Entry &entry = entries[i];
    // By its text: a special token that the normalizer changes is not skipped.
    entry.special = std::binary_search(specials.begin(), specials.end(),
                                       std::string_view(entry.text));
    if (!entry.text.empty() && !(entry.flags & blob::NeverInText))
      (entry.flags & blob::Normalized ? normalized : plain).add(entry.text, i);
  }
  plain.finish();
  normalized.finish();
  byContent.resize(entries.size());
  std::iota(byContent.begin(), byContent.end(), size_t{0});
  std::sort(byContent.begin(), byContent.end(), [&](size_t left, size_t right) {
    return entries[left].content < entries[right].content;
  });
  return true;
}

const AddedTokenTable::Entry *AddedTokenTable::entryOf(uint32_t id) const {
  auto place = std::lower_bound(
      entries.begin(), entries.end(), id,
      [](const Entry &entry, uint32_t id) { return entry.id < id; });
  return place != entries.end() && place->id == id ? &*place : nullptr;
}

const std::string *AddedTokenTable::textOf(uint32_t id) const {
  const Entry *entry = entryOf(id);
  return entry ? &entry->text : nullptr;
}

bool AddedTokenTable::isSpecial(uint32_t id) const {
  const Entry *entry = entryOf(id);
  return entry && entry->special;
}

uint32_t AddedTokenTable::find(std::string_view text) const {
  auto place = std::lower_bound(byContent.begin(), byContent.end(), text,
                                [&](size_t index, std::string_view text) {
                                  return entries[index].content < text;
                                });
  if (place == byContent.end() || entries[*place].content != text)
    return blob::none;
  return entries[*place].id;
}

namespace {

/// Where the white space before `end` starts, but not before `least`.
size_t trimRight(std::string_view text, size_t end, size_t least) {
  while (end > least) {
    size_t position = previousCharacter(text, end);
    if (!isWhitespace(decodeCharacter(text, position).code))
      break;
    end = position;
  }
  return end;
}

size_t trimLeft(std::string_view text, size_t begin) {
  while (begin < text.size()) {
    Character character = decodeCharacter(text, begin);
    if (!isWhitespace(character.code))
      break;
    begin += character.bytes;
  }
  return begin;
}

bool touchesWord(std::string_view text, const Span &match) {
  if (match.begin > 0) {
    size_t before = previousCharacter(text, match.begin);
    if (isWord(decodeCharacter(text, before).code))
      return true;
  }
  return match.end < text.size() &&
         isWord(decodeCharacter(text, match.end).code);
}

} // namespace

/// Gives what lies between added tokens to `onText`, and appends the tokens.
template <typename OnText>
bool AddedTokenTable::cut(std::string_view text, const TextMatcher &matcher,
                          Parts &parts, OnText onText) const {
  size_t done = 0;
  Span match{};
  size_t index = 0;
  for (size_t at = 0; !matcher.empty() && matcher.find(text, at, match, index);
       at = match.end) {
    const Entry &entry = entries[index];
    if ((entry.flags & blob::SingleWord) && touchesWord(text, match))
      continue;
    size_t begin = match.begin, end = match.end;
    if (entry.flags & blob::StripLeft)
      begin = std::max(trimRight(text, begin, done), done);
    if (entry.flags & blob::StripRight)
      end = trimLeft(text, std::max(end, done));
    if (done < begin && !onText(done, begin))
      return false;
    // A token in white space that the one before has taken is none.
    size_t place = parts.text.size();
    if (begin < end)
      parts.parts.push_back({place, place, 0, entry.id});
    done = end;
  }
  return done >= text.size() || onText(done, text.size());
}

bool AddedTokenTable::extract(std::string_view text,
                              const NormalizerChain &normalizer, Parts &parts,
                              std::string &error) const {
  if (text.empty())
    return true;
  size_t origin = decodeCharacter(text, 0).bytes;
  auto onText = [&](size_t begin, size_t end) {
    Text piece{std::string(text.substr(begin, end - begin)),
               begin == 0 ? std::min(origin, end) : 0};
    if (!normalizer.apply(piece, error))
      return false;
    auto append = [&](size_t begin, size_t end) {
      size_t place = parts.text.size();
      parts.text.append(piece.bytes, begin, end - begin);
      parts.parts.push_back(
          {place, parts.text.size(),
           std::min(piece.origin, end) - std::min(piece.origin, begin),
           blob::none});
      return true;
    };
    return piece.bytes.empty() || cut(piece.bytes, normalized, parts, append);
  };
  return cut(text, plain, parts, onText);
}

} // namespace sinter::runtime
