//===- GgufTokenizer.cpp - GGUF's tokenizers as tokenizer.json -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/gguf/GgufModel.h"
#include "frontend/tokenizer/SentencePieces.h"
#include "frontend/tokenizer/WordPieces.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/ConvertUTF.h"
#include <cmath>
#include <nlohmann/json.hpp>

using namespace sinter;
using namespace sinter::frontend;
using nlohmann::json;

namespace {

/// "" if all went well, else why not.
std::string readTokens(const GgufFile &file, SentencePieces &tokens) {
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
  tokens.types.assign(tokens.texts.size(), PieceType::Normal);
  tokens.scores.assign(tokens.texts.size(), 0);
  if (const GgufValue *types = file.find("tokenizer.ggml.token_type")) {
    if (types->list.size() != tokens.texts.size())
      return "the file has " + std::to_string(tokens.texts.size()) +
             " tokens, but " + std::to_string(types->list.size()) +
             " types of tokens";
    for (size_t i = 0; i < types->list.size(); ++i)
      tokens.types[i] = PieceType(types->list[i].integer);
  }
  if (const GgufValue *scores = file.find("tokenizer.ggml.scores")) {
    if (scores->list.size() != tokens.texts.size())
      return "the file has " + std::to_string(tokens.texts.size()) +
             " tokens, but " + std::to_string(scores->list.size()) + " scores";
    for (size_t i = 0; i < scores->list.size(); ++i) {
      tokens.scores[i] = scores->list[i].real;
      if (std::isnan(tokens.scores[i]))
        return "the score of token " + std::to_string(i) + " is no number";
    }
  }
  return "";
}

/// The tokens before and behind a text.
json templateOf(const GgufFile &file, const SentencePieces &tokens,
                bool addBegin) {
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
std::string describePairs(const GgufFile &file, const SentencePieces &tokens,
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
      {"vocab", pieceVocabulary(tokens.texts)},
      {"merges", merges}};
  return "";
}

/// BERT's pieces: llama.cpp puts a space's sign before those that begin a word,
/// and takes "##" off the others.
std::string describeWords(const GgufFile &file, SentencePieces tokens,
                          json &tokenizer) {
  constexpr llvm::StringLiteral space = "\xE2\x96\x81";
  for (size_t id = 0; id < tokens.texts.size(); ++id) {
    std::string &text = tokens.texts[id];
    if (llvm::StringRef(text).starts_with(space))
      text.erase(0, space.size());
    else if (tokens.types[id] == PieceType::Normal)
      text.insert(0, "##");
  }
  json vocabulary = pieceVocabulary(tokens.texts);
  for (const char *name : {"[UNK]", "[CLS]", "[SEP]"})
    if (!vocabulary.contains(name))
      return std::string("the file has no token ") + name;
  json options = json::object();
  options["do_lower_case"] =
      file.boolean("tokenizer.ggml.normalizer.lowercase").value_or(true);
  if (std::optional<bool> strips =
          file.boolean("tokenizer.ggml.normalizer.strip_accents"))
    options["strip_accents"] = *strips;
  tokenizer = describeWordPieces(vocabulary, addedPieces(tokens), options);
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
  SentencePieces tokens;
  json tokenizer = json::object();
  result.missing = readTokens(file, tokens);
  if (!result.missing.empty())
    return result;
  if (kind == "gpt2") {
    result.missing = describePairs(file, tokens, tokenizer);
    tokenizer["version"] = "1.0";
    tokenizer["added_tokens"] = addedPieces(tokens);
  } else if (kind == "llama") {
    tokens.addSpace =
        file.boolean("tokenizer.ggml.add_space_prefix").value_or(true);
    tokenizer = describeSentencePieces(tokens);
    tokenizer["post_processor"] = templateOf(file, tokens, true);
  } else if (kind == "bert") {
    result.missing = describeWords(file, std::move(tokens), tokenizer);
  } else
    result.missing =
        ("tokenizers of kind '" + kind + "' are not supported yet").str();
  if (!result.missing.empty())
    return result;
  result.json = tokenizer.dump();
  return result;
}

frontend::ChatTemplateRecord sinter::ggufChatTemplate(const GgufFile &file) {
  std::map<std::string, std::string> templates, tokens;
  const llvm::StringRef key = "tokenizer.chat_template";
  for (const auto &[name, value] : file.metadata) {
    llvm::StringRef rest = name;
    if (value.kind == GgufValue::String && rest.consume_front(key) &&
        (rest.empty() || rest.consume_front(".")))
      templates[rest.empty() ? "default" : rest.str()] = value.string;
  }
  const GgufValue *texts = file.find("tokenizer.ggml.tokens");
  for (auto [name, token] :
       {std::pair("bos_token", "tokenizer.ggml.bos_token_id"),
        {"eos_token", "tokenizer.ggml.eos_token_id"},
        {"pad_token", "tokenizer.ggml.padding_token_id"},
        {"unk_token", "tokenizer.ggml.unknown_token_id"}}) {
    std::optional<int64_t> id = file.integer(token);
    if (id && texts && *id >= 0 && size_t(*id) < texts->list.size())
      tokens[name] = texts->list[size_t(*id)].string;
  }
  return frontend::buildChatTemplate(templates, tokens,
                                     file.getPath() + ": " + key.str());
}
