//===- ReadModel.cpp - The model that tokenizer.json names ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tokenizer/ReadModel.h"

#include <algorithm>

namespace sinter::frontend {

using blob::ModelKind;

VocabularyMap readVocabulary(const JsonReader &value) {
  const nlohmann::json &json = value.json();
  if (!json.is_object())
    value.fail("an object of tokens was expected, not " + value.describe());
  VocabularyMap vocabulary;
  vocabulary.reserve(json.size());
  std::vector<std::pair<uint32_t, const std::string *>> ids;
  ids.reserve(json.size());
  for (const auto &[token, id] : json.items()) {
    if (!id.is_number_unsigned() || id.get<uint64_t>() >= blob::maximumTokens)
      value.fail("token \"" + token + "\" has id " + id.dump() +
                 ", a whole number below " +
                 std::to_string(blob::maximumTokens) + " was expected");
    auto place = vocabulary.emplace(token, id.get<uint32_t>()).first;
    ids.emplace_back(place->second, &place->first);
  }
  std::sort(ids.begin(), ids.end(), [](const auto &left, const auto &right) {
    return left.first != right.first ? left.first < right.first
                                     : *left.second < *right.second;
  });
  for (size_t i = 1; i < ids.size(); ++i)
    if (ids[i - 1].first == ids[i].first)
      value.fail("tokens \"" + *ids[i - 1].second + "\" and \"" +
                 *ids[i].second + "\" both have id " +
                 std::to_string(ids[i].first));
  return vocabulary;
}

namespace {

ModelKind kindOf(const JsonReader &value) {
  // Files from before 2020 do not say which model they hold.
  std::string type = value.string("type");
  if (type.empty())
    type = value.find("merges")                     ? "BPE"
           : value.find("unk_id")                   ? "Unigram"
           : value.find("max_input_chars_per_word") ? "WordPiece"
                                                    : "WordLevel";
  if (type == "BPE")
    return ModelKind::BytePairEncoding;
  if (type == "WordPiece")
    return ModelKind::WordPiece;
  if (type == "WordLevel")
    return ModelKind::WordLevel;
  value.fail("model \"" + type + "\" is not supported yet");
}

std::vector<std::pair<std::string, std::string>>
readPairs(const JsonReader &value) {
  const nlohmann::json &json = value.json();
  if (!json.is_array())
    value.fail("a list of merges was expected, not " + value.describe());
  std::vector<std::pair<std::string, std::string>> pairs;
  pairs.reserve(json.size());
  for (const nlohmann::json &merge : json) {
    if (merge.is_string()) {
      const auto &text = merge.get_ref<const std::string &>();
      if (text.starts_with("#version"))
        continue;
      size_t space = text.find(' ');
      if (space != std::string::npos &&
          text.find(' ', space + 1) == std::string::npos) {
        pairs.emplace_back(text.substr(0, space), text.substr(space + 1));
        continue;
      }
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() &&
               merge[1].is_string()) {
      pairs.emplace_back(merge[0].get<std::string>(),
                         merge[1].get<std::string>());
      continue;
    }
    value.fail("merge " + std::to_string(pairs.size()) +
               " is not two texts: " + JsonReader(merge, "").describe());
  }
  return pairs;
}

void readByteTokens(const JsonReader &value, const VocabularyMap &vocabulary,
                    TokenizerDescription &description) {
  description.flags |= blob::ByteFallback;
  static constexpr char digits[] = "0123456789ABCDEF";
  bool hasAny = false;
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::string name = "<0x";
    name += digits[byte / 16];
    name += digits[byte % 16];
    auto token = vocabulary.find(name + ">");
    description.byteTokens.push_back(token == vocabulary.end() ? blob::none
                                                               : token->second);
    hasAny |= token != vocabulary.end();
  }
  if (!hasAny)
    value.fail("\"byte_fallback\" is set, but the vocabulary has no token "
               "\"<0x00>\" to \"<0xFF>\"");
}

} // namespace

void setMerges(const std::vector<std::pair<std::string, std::string>> &pairs,
               const VocabularyMap &vocabulary, const std::string &place,
               TokenizerDescription &description) {
  auto find = [&](size_t index, const std::string &token) {
    auto entry = vocabulary.find(token);
    if (entry == vocabulary.end())
      throw TokenizerError(place + ": merge " + std::to_string(index) + " (\"" +
                           pairs[index].first + "\" and \"" +
                           pairs[index].second + "\") needs token \"" + token +
                           "\", which is not in the vocabulary");
    return entry->second;
  };
  std::unordered_map<uint64_t, size_t> places;
  places.reserve(pairs.size());
  for (size_t i = 0; i < pairs.size(); ++i) {
    const auto &[left, right] = pairs[i];
    if (right.size() < description.prefix.size())
      throw TokenizerError(place + ": merge " + std::to_string(i) + ": \"" +
                           right + "\" is shorter than the prefix \"" +
                           description.prefix + "\" of a continuing piece");
    TokenizerDescription::Merge merge{
        find(i, left), find(i, right), static_cast<uint32_t>(i),
        find(i, left + right.substr(description.prefix.size()))};
    uint64_t key = static_cast<uint64_t>(merge.left) << 32 | merge.right;
    auto [known, isNew] = places.emplace(key, description.merges.size());
    if (isNew)
      description.merges.push_back(merge);
    else
      description.merges[known->second] = merge;
  }
}

void readModel(const JsonReader &value, TokenizerDescription &description,
               VocabularyMap &vocabulary, std::vector<std::string> &warnings) {
  description.kind = kindOf(value);
  vocabulary = readVocabulary(value.get("vocab"));
  description.vocabulary.assign(vocabulary.begin(), vocabulary.end());
  std::sort(description.vocabulary.begin(), description.vocabulary.end());

  std::optional<JsonReader> unknown = value.find("unk_token");
  if (!unknown && description.kind != ModelKind::BytePairEncoding)
    value.fail("\"unk_token\" is missing");
  if (unknown) {
    description.flags |= blob::UnknownIsNamed;
    description.unknownText = unknown->string();
    auto token = vocabulary.find(description.unknownText);
    if (token != vocabulary.end())
      description.unknown = token->second;
  }

  if (description.kind == ModelKind::WordPiece) {
    description.prefix = value.get("continuing_subword_prefix").string();
    description.maximumCharacters =
        value.get("max_input_chars_per_word").number(blob::none);
  }
  if (description.kind != ModelKind::BytePairEncoding)
    return;

  description.prefix = value.string("continuing_subword_prefix");
  description.suffix = value.string("end_of_word_suffix");
  if (value.boolean("fuse_unk", false))
    description.flags |= blob::FuseUnknown;
  if (value.boolean("ignore_merges", false))
    description.flags |= blob::IgnoreMerges;
  if (value.boolean("byte_fallback", false))
    readByteTokens(value, vocabulary, description);
  if (std::optional<JsonReader> dropout = value.find("dropout")) {
    if (!dropout->json().is_number())
      dropout->fail("a number was expected, not " + dropout->describe());
    if (dropout->json().get<double>() != 0)
      warnings.push_back("tokenizer: merges are never dropped, though "
                         "\"dropout\" is " +
                         dropout->describe());
  }
  JsonReader merges = value.get("merges");
  setMerges(readPairs(merges), vocabulary, merges.where(), description);
}

} // namespace sinter::frontend
