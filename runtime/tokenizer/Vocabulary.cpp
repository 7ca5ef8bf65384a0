//===- Vocabulary.cpp - Words cut into tokens -----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Vocabulary.h"

#include "runtime/tokenizer/Utf8.h"

#include <algorithm>

namespace sinter::runtime {

using blob::ModelKind;

void Vocabulary::open(const Blob &source) {
  blob = &source;
  hasAffixes = source.model().prefix.bytes || source.model().suffix.bytes;
  for (uint32_t code = 0; code < characters.size(); ++code) {
    std::string text;
    appendCharacter(text, code);
    characters[code] = source.find(text);
  }
  for (uint32_t id = 0; id < source.modelIds(); ++id)
    longest = std::max(longest, source.token(id).size());
}

bool Vocabulary::failUnknown(std::string_view word, std::string &error) const {
  error = "tokenizer: the vocabulary has no token for \"" +
          std::string(word.substr(0, 64)) + (word.size() > 64 ? "..." : "") +
          "\"";
  if (has(blob::UnknownIsNamed))
    error += " and none \"" +
             std::string(blob->text(blob->model().unknownText)) +
             "\" for what is unknown";
  else
    error += " and none for what is unknown";
  return false;
}

bool Vocabulary::cut(std::string_view word, CutScratch &scratch,
                     std::vector<int32_t> &ids, std::string &error) const {
  switch (static_cast<ModelKind>(blob->model().kind)) {
  case ModelKind::BytePairEncoding:
    return cutPairs(word, scratch, ids, error);
  case ModelKind::WordPiece:
    return cutPieces(word, scratch, ids, error);
  case ModelKind::LongestMatch:
    return cutLongest(word, ids, error);
  case ModelKind::WordLevel:
    break;
  }
  uint32_t id = blob->find(word);
  if (id == blob::none)
    id = blob->model().unknown;
  if (id == blob::none)
    return failUnknown(word, error);
  ids.push_back(static_cast<int32_t>(id));
  return true;
}

uint32_t Vocabulary::findCharacter(std::string_view word, size_t at,
                                   size_t bytes, CutScratch &scratch) const {
  if (!hasAffixes) {
    char32_t code = decodeCharacter(word, at).code;
    return code < characters.size() ? characters[code]
                                    : blob->find(word.substr(at, bytes));
  }
  scratch.text.clear();
  if (at > 0)
    scratch.text += blob->text(blob->model().prefix);
  scratch.text += word.substr(at, bytes);
  if (at + bytes == word.size())
    scratch.text += blob->text(blob->model().suffix);
  return blob->find(scratch.text);
}

/// One symbol a character: its token, its bytes' tokens, or the unknown token.
bool Vocabulary::startSymbols(std::string_view word, CutScratch &scratch,
                              std::string &error) const {
  auto &symbols = scratch.symbols;
  symbols.clear();
  auto add = [&](uint32_t token) {
    auto position = static_cast<uint32_t>(symbols.size());
    symbols.push_back({token, position - 1, position + 1});
  };
  bool isUnknownPending = false;
  for (size_t i = 0; i < word.size();) {
    size_t bytes = decodeCharacter(word, i).bytes;
    uint32_t token = findCharacter(word, i, bytes, scratch);
    size_t at = i;
    i += bytes;
    if (token != blob::none) {
      if (isUnknownPending)
        add(blob->model().unknown);
      isUnknownPending = false;
      add(token);
      continue;
    }
    if (has(blob::ByteFallback)) {
      std::string_view rest =
          hasAffixes ? std::string_view(scratch.text) : word.substr(at, bytes);
      auto tokenOf = [&](char byte) {
        return blob->byteTokens()[static_cast<unsigned char>(byte)];
      };
      if (std::all_of(rest.begin(), rest.end(),
                      [&](char byte) { return tokenOf(byte) != blob::none; })) {
        for (char byte : rest)
          add(tokenOf(byte));
        continue;
      }
    }
    // Without an unknown token the character is dropped, as the library does.
    if (!has(blob::UnknownIsNamed))
      continue;
    if (blob->model().unknown == blob::none)
      return failUnknown(word.substr(at, bytes), error);
    if (isUnknownPending && !has(blob::FuseUnknown))
      add(blob->model().unknown);
    isUnknownPending = true;
  }
  if (isUnknownPending)
    add(blob->model().unknown);
  return true;
}

/// Merges the pair of the lowest rank, the leftmost first, until none is left:
/// O(n log n), by a heap of all pairs that could merge.
void Vocabulary::mergeSymbols(CutScratch &scratch) const {
  auto &symbols = scratch.symbols;
  auto &queue = scratch.queue;
  auto isLater = [](const CutScratch::Merge &left,
                    const CutScratch::Merge &right) {
    return left.rank != right.rank ? left.rank > right.rank
                                   : left.position > right.position;
  };
  queue.clear();
  for (uint32_t i = 0; i + 1 < symbols.size(); ++i)
    if (const blob::MergeSlot *merge =
            blob->findMerge(symbols[i].token, symbols[i + 1].token))
      queue.push_back({merge->rank, i, merge->result});
  std::make_heap(queue.begin(), queue.end(), isLater);
  auto offer = [&](uint32_t left, uint32_t right) {
    if (const blob::MergeSlot *merge =
            blob->findMerge(symbols[left].token, symbols[right].token)) {
      queue.push_back({merge->rank, left, merge->result});
      std::push_heap(queue.begin(), queue.end(), isLater);
    }
  };
  while (!queue.empty()) {
    CutScratch::Merge top = queue.front();
    std::pop_heap(queue.begin(), queue.end(), isLater);
    queue.pop_back();
    CutScratch::Symbol &left = symbols[top.position];
    if (left.token == blob::none || left.next >= symbols.size())
      continue;
    CutScratch::Symbol &right = symbols[left.next];
    const blob::MergeSlot *merge = blob->findMerge(left.token, right.token);
    // The pair may have changed since it was queued.
    if (!merge || merge->result != top.result)
      continue;
    left.token = top.result;
    right.token = blob::none;
    left.next = right.next;
    if (left.next < symbols.size())
      symbols[left.next].previous = top.position;
    if (left.previous < symbols.size())
      offer(left.previous, top.position);
    if (left.next < symbols.size())
      offer(top.position, left.next);
  }
}

bool Vocabulary::cutPairs(std::string_view word, CutScratch &scratch,
                          std::vector<int32_t> &ids, std::string &error) const {
  if (has(blob::IgnoreMerges)) {
    uint32_t id = blob->find(word);
    if (id != blob::none) {
      ids.push_back(static_cast<int32_t>(id));
      return true;
    }
  }
  if (!startSymbols(word, scratch, error))
    return false;
  mergeSymbols(scratch);
  for (const CutScratch::Symbol &symbol : scratch.symbols)
    if (symbol.token != blob::none)
      ids.push_back(static_cast<int32_t>(symbol.token));
  return true;
}

/// From the left, the longest token that matches, with the prefix where it does
/// not start the word.
bool Vocabulary::cutPieces(std::string_view word, CutScratch &scratch,
                           std::vector<int32_t> &ids,
                           std::string &error) const {
  size_t first = ids.size();
  std::string_view prefix = blob->text(blob->model().prefix);
  bool isKnown = countCharacters(word) <= blob->model().maximumCharacters;
  for (size_t begin = 0; isKnown && begin < word.size();) {
    std::string_view rest = word.substr(begin);
    if (begin > 0) {
      scratch.text.assign(prefix);
      scratch.text += rest;
      rest = scratch.text;
    }
    // A token that is shorter than its prefix does not continue a word.
    size_t least = begin > 0 ? prefix.size() : 0;
    size_t size = rest.size();
    if (size > longest) {
      size = std::max(longest, least);
      while (size > least && (rest[size] & 0xc0) == 0x80)
        --size;
    }
    uint32_t token = blob::none;
    for (; size > least; size = previousCharacter(rest, size)) {
      token = blob->find(rest.substr(0, size));
      if (token != blob::none)
        break;
    }
    isKnown = token != blob::none;
    if (isKnown)
      ids.push_back(static_cast<int32_t>(token));
    begin += size - least;
  }
  if (isKnown)
    return true;
  ids.resize(first);
  if (blob->model().unknown == blob::none)
    return failUnknown(word, error);
  ids.push_back(static_cast<int32_t>(blob->model().unknown));
  return true;
}

bool Vocabulary::cutLongest(std::string_view word, std::vector<int32_t> &ids,
                            std::string &error) const {
  for (size_t begin = 0; begin < word.size();) {
    std::string_view rest = word.substr(begin);
    size_t size = std::min(longest, rest.size());
    while (size > 0 && size < rest.size() && (rest[size] & 0xc0) == 0x80)
      --size;
    uint32_t token = blob::none;
    for (; size > 0; size = previousCharacter(rest, size)) {
      token = blob->find(rest.substr(0, size));
      if (token != blob::none)
        break;
    }
    if (token == blob::none) {
      size = decodeCharacter(rest, 0).bytes;
      token = blob->model().unknown;
      if (token == blob::none)
        return failUnknown(rest.substr(0, size), error);
    }
    ids.push_back(static_cast<int32_t>(token));
    begin += size;
  }
  return true;
}

} // namespace sinter::runtime
