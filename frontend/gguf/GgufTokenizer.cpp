//===- GgufTokenizer.cpp - GGUF's tokenizers as tokenizer.json -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/gguf/GgufModel.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/ConvertUTF.h"
#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

using namespace sinter;
using nlohmann::json;

namespace {

/// tokenizer.ggml.token_type.
enum TokenType { Normal = 1, Unknown, Control, UserDefined, Unused, Byte };

struct Tokens {
  std::vector<std::string> texts;
  std::vector<int64_t> types;
  std::vector<double> scores;
};

/// "" if all went well, else why not.
std::string readTokens(const GgufFile &file, Tokens &tokens) {
  const GgufValue *texts = file.find("tokenizer.ggml.tokens");
  if (!texts || texts->kind != GgufValue::List || texts->list.empty())
    return "the file lists no tokens";
  for (const GgufValue &value : texts->list) {
    const auto *begin =
        reinterpret_cast<const llvm::UTF8 *>(value.string.data());
    if (value.kind != GgufValue::String ||
        !llvm::isLegalUTF8String(&begin, begin + value.string.size()))
      return "token " + std::to_string(tokens.texts.size()) +
             " of the file is no UTF-8 text";
    tokens.texts.push_back(value.string);
  }
  tokens.types.assign(tokens.texts.size(), Normal);
  tokens.scores.assign(tokens.texts.size(), 0);
  if (const GgufValue *types = file.find("tokenizer.ggml.token_type")) {
    if (types->list.size() != tokens.texts.size())
      return "the file has " + std::to_string(tokens.texts.size()) +
             " tokens, but " + std::to_string(types->list.size()) +
             " types of tokens";
    for (size_t i = 0; i < types->list.size(); ++i)
      tokens.types[i] = types->list[i].integer;
  }
  if (const GgufValue *scores = file.find("tokenizer.ggml.scores")) {
    if (scores->list.size() != tokens.texts.size())
      return "the file has " + std::to_string(tokens.texts.size()) +
             " tokens, but " + std::to_string(scores->list.size()) + " scores";
    for (size_t i = 0; i < scores->list.size(); ++i)
      tokens.scores[i] = scores->list[i].real;
  }
  return "";
}

json vocabularyOf(const Tokens &tokens) {
  // A text that comes again keeps its first id.
  json vocabulary = json::object();
  for (size_t id = 0; id < tokens.texts.size(); ++id)
    if (!vocabulary.contains(tokens.texts[id]))
      vocabulary[tokens.texts[id]] = id;
  return vocabulary;
}

json addedTokensOf(const Tokens &tokens) {
  json added = json::array();
  for (size_t id = 0; id < tokens.texts.size(); ++id) {
    int64_t type = tokens.types[id];
    if (type != Control && type != UserDefined && type != Unknown)
      continue;
    added.push_back({{"id", id},
                     {"content", tokens.texts[id]},
                     {"special", type != UserDefined},
                     {"normalized", false}});
  }
  return added;
}

/// The tokens before and behind a text.
json templateOf(const GgufFile &file, const Tokens &tokens, bool addBegin) {
  json single = json::array(), pair = json::array();
  json known = json::object();
  auto add = [&](const char *flag, const char *key, bool standard) {
    std::optional<int64_t> id = file.integer(key);
    if (!file.boolean(flag).value_or(standard) || !id || *id < 0 ||
        size_t(*id) >= tokens.texts.size())
      return;
    const std::string &text = tokens.texts[size_t(*id)];
    json piece = {{"SpecialToken", {{"id", text}, {"type_id", 0}}}};
    single.push_back(piece);
    pair.push_back(piece);
    known[text] = {{"id", text}, {"ids", {*id}}, {"tokens", {text}}};
  };
  add("tokenizer.ggml.add_bos_token", "tokenizer.ggml.bos_token_id", addBegin);
  auto text = [](const char *name, int segment) {
    return json{{"Sequence", {{"id", name}, {"type_id", segment}}}};
  };
  single.push_back(text("A", 0));
  pair.push_back(text("A", 0));
  pair.push_back(text("B", 1));
  add("tokenizer.ggml.add_eos_token", "tokenizer.ggml.eos_token_id", false);
  return {{"type", "TemplateProcessing"},
          {"single", single},
          {"pair", pair},
          {"special_tokens", known}};
}

constexpr const char *gpt2Words =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S))";
constexpr const char *llama3Words =
    R"((?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char *qwen2Words =
    R"((?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

/// The regular expressions that a text is cut by, one after the other; empty:
/// the name is not known.
std::vector<std::string> wordsOf(llvm::StringRef name) {
  using List = std::vector<std::string>;
  return llvm::StringSwitch<List>(name)
      .Cases({"gpt-2", "gpt2", "phi-2", "olmo", "mpt"}, List{gpt2Words})
      .Cases({"starcoder", "refact", "command-r", "smollm", "codeshell"},
             List{R"(\p{N})", gpt2Words})
      .Cases({"llama-bpe", "llama3", "llama-v3", "smaug-bpe"},
             List{llama3Words})
      .Cases({"qwen2", "stablelm2", "deepseek-r1-qwen"}, List{qwen2Words})
      .Case("falcon",
            List{R"([\p{P}\$\+<=>\^~\|`]+)", gpt2Words, "[0-9][0-9][0-9]"})
      .Case("deepseek-coder",
            List{R"([\r\n])", R"(\s?\p{L}+)", R"(\s?\p{P}+)",
                 "[\xE4\xB8\x80-\xE9\xBE\xA5\xE0\xA0\x80-\xE4\xB8\x80\xEA\xB0"
                 "\x80-\xED\x9F\xBF]+",
                 R"(\p{N})"})
      .Cases({"default", ""}, List{R"([\p{P}\$\+<=>\^~\|]+)", gpt2Words,
                                   R"(\p{N}+)", "[0-9][0-9][0-9]"})
      .Default({});
}

/// Byte-level byte pair encoding.
std::string describePairs(const GgufFile &file, const Tokens &tokens,
                          json &tokenizer) {
  llvm::StringRef name = file.string("tokenizer.ggml.pre");
  std::vector<std::string> words = wordsOf(name);
  if (words.empty())
    return ("its pre-tokenizer, '" + name + "', is not known").str();
  json parts = json::array();
  for (const std::string &word : words)
    parts.push_back({{"type", "Split"},
                     {"pattern", {{"Regex", word}}},
                     {"behavior", "Isolated"},
                     {"invert", false}});
  parts.push_back(
      {{"type", "ByteLevel"},
       {"add_prefix_space",
        file.boolean("tokenizer.ggml.add_space_prefix").value_or(false)},
       {"use_regex", false}});
  json merges = json::array();
  const GgufValue *list = file.find("tokenizer.ggml.merges");
  if (!list || list->kind != GgufValue::List)
    return "the file has no merges";
  for (const GgufValue &merge : list->list) {
    const auto *begin =
        reinterpret_cast<const llvm::UTF8 *>(merge.string.data());
    // The first character may be a space's own: none is in this alphabet.
    size_t space = merge.string.find(' ', 1);
    if (merge.kind != GgufValue::String || space == std::string::npos ||
        !llvm::isLegalUTF8String(&begin, begin + merge.string.size()))
      return "merge " + std::to_string(merges.size()) +
             " of the file is not two texts";
    merges.push_back(
        {merge.string.substr(0, space), merge.string.substr(space + 1)});
  }
  tokenizer["pre_tokenizer"] = {{"type", "Sequence"}, {"pretokenizers", parts}};
  tokenizer["decoder"] = {{"type", "ByteLevel"}};
  tokenizer["post_processor"] = templateOf(file, tokens, false);
  tokenizer["model"] = {
      {"type", "BPE"},
      {"ignore_merges",
       llvm::is_contained({"llama-bpe", "llama3", "llama-v3"}, name)},
      {"vocab", vocabularyOf(tokens)},
      {"merges", merges}};
  return "";
}

/// SentencePiece's byte pair encoding knows scores, not merges: of two
/// neighbours that are a token together, those of the highest score are merged
/// first. So every way to cut a token into two is a merge, ordered by the
/// token's score.
json mergesOf(const Tokens &tokens) {
  std::unordered_map<std::string_view, size_t> ids;
  for (size_t id = 0; id < tokens.texts.size(); ++id)
    if (tokens.types[id] == Normal || tokens.types[id] == UserDefined)
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

std::string describePieces(const GgufFile &file, const Tokens &tokens,
                           json &tokenizer) {
  const std::string space = "\xE2\x96\x81";
  json normalizers = json::array();
  bool addSpace =
      file.boolean("tokenizer.ggml.add_space_prefix").value_or(true);
  if (addSpace)
    normalizers.push_back({{"type", "Prepend"}, {"prepend", space}});
  normalizers.push_back({{"type", "Replace"},
                         {"pattern", {{"String", " "}}},
                         {"content", space}});
  json decoders = {
      {{"type", "Replace"}, {"pattern", {{"String", space}}}, {"content", " "}},
      {{"type", "ByteFallback"}},
      {{"type", "Fuse"}}};
  if (addSpace)
    decoders.push_back(
        {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
  json model = {{"type", "BPE"},
                {"fuse_unk", true},
                {"byte_fallback", llvm::is_contained(tokens.types, Byte)},
                {"vocab", vocabularyOf(tokens)},
                {"merges", mergesOf(tokens)}};
  for (size_t id = 0; id < tokens.texts.size(); ++id)
    if (tokens.types[id] == Unknown)
      model["unk_token"] = tokens.texts[id];
  tokenizer["normalizer"] = {{"type", "Sequence"},
                             {"normalizers", normalizers}};
  tokenizer["decoder"] = {{"type", "Sequence"}, {"decoders", decoders}};
  tokenizer["post_processor"] = templateOf(file, tokens, true);
  tokenizer["model"] = model;
  return "";
}

} // namespace

GgufTokenizer sinter::ggufTokenizer(const GgufFile &file) {
  GgufTokenizer result;
  llvm::StringRef kind = file.string("tokenizer.ggml.model");
  if (kind.empty()) {
    result.missing = "the file has no tokenizer";
    return result;
  }
  Tokens tokens;
  json tokenizer = json::object();
  result.missing = readTokens(file, tokens);
  if (!result.missing.empty())
    return result;
  if (kind == "gpt2")
    result.missing = describePairs(file, tokens, tokenizer);
  else if (kind == "llama")
    result.missing = describePieces(file, tokens, tokenizer);
  else
    result.missing =
        ("tokenizers of kind '" + kind + "' are not supported yet").str();
  if (!result.missing.empty())
    return result;
  tokenizer["version"] = "1.0";
  tokenizer["added_tokens"] = addedTokensOf(tokens);
  result.json = tokenizer.dump();
  return result;
}
