//===- ReadTokenizer.cpp - Tokenizers of Hugging Face folders -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tokenizer/TokenizerBuilder.h"
#include "frontend/tokenizer/WordPieces.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

namespace sinter::frontend {

namespace {

using nlohmann::json;

/// Contents of a file; nothing if there is none.
std::optional<std::string> readFile(const std::filesystem::path &path,
                                    std::string &error) {
  std::error_code code;
  if (!std::filesystem::exists(path, code))
    return std::nullopt;
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream contents;
  bool isFile = std::filesystem::is_regular_file(path, code);
  // An empty file sets the failure of `contents`, not of `stream`.
  if (isFile && stream)
    contents << stream.rdbuf();
  if (!isFile || !stream)
    error = path.string() + ": cannot be read";
  return contents.str();
}

std::vector<std::string> linesOf(const std::string &text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.ends_with('\r'))
      line.pop_back();
    lines.push_back(std::move(line));
  }
  return lines;
}

/// Added tokens of tokenizer_config.json, where tokenizer.json is missing.
json addedTokensOf(const json &config) {
  json tokens = json::array();
  auto added = config.find("added_tokens_decoder");
  if (added == config.end() || !added->is_object())
    return tokens;
  for (const auto &[id, token] : added->items()) {
    if (!token.is_object() || id.empty() || id.size() > 8 ||
        id.find_first_not_of("0123456789") != std::string::npos)
      continue;
    json copy = token;
    copy["id"] = std::stoul(id);
    tokens.push_back(std::move(copy));
  }
  return tokens;
}

/// The special tokens that the configuration names, and otherwise these.
json specialTokensOf(const json &config, const json &vocabulary,
                     std::initializer_list<const char *> standard) {
  json tokens = addedTokensOf(config);
  if (!tokens.empty())
    return tokens;
  for (const char *name : standard)
    if (vocabulary.contains(name))
      tokens.push_back({{"id", vocabulary[name]},
                        {"content", name},
                        {"special", true},
                        {"normalized", false}});
  return tokens;
}

/// GPT-2's pair of files, as the tokenizer.json that they would be.
json fromPairs(const json &vocabulary, const std::string &merges,
               const json &config) {
  json list = json::array();
  for (std::string &line : linesOf(merges))
    if (!line.empty() && !line.starts_with("#version"))
      list.push_back(std::move(line));
  bool addPrefixSpace = config.value("add_prefix_space", json(false)) == true;
  return {
      {"added_tokens", specialTokensOf(config, vocabulary, {"<|endoftext|>"})},
      {"pre_tokenizer",
       {{"type", "ByteLevel"}, {"add_prefix_space", addPrefixSpace}}},
      {"decoder", {{"type", "ByteLevel"}}},
      {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", list}}}};
}

/// BERT's list, as the tokenizer.json that it would be.
json fromList(const std::string &list, const json &config) {
  json vocabulary = json::object();
  uint64_t id = 0;
  for (const std::string &line : linesOf(list))
    vocabulary[line] = id++;
  return describeWordPieces(
      vocabulary,
      specialTokensOf(config, vocabulary,
                      {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}),
      config);
}

TokenizerBlob failure(std::string message) {
  TokenizerBlob blob;
  blob.error = std::move(message);
  return blob;
}

json parseObject(const std::string &text, const std::string &path,
                 std::string &error) {
  json value = json::parse(text, nullptr, false);
  if (!value.is_object())
    error = path + ": is not a JSON object";
  return value;
}

} // namespace

bool hasTokenizer(const std::string &folder) {
  std::filesystem::path path(folder);
  std::error_code code;
  return std::filesystem::exists(path / "tokenizer.json", code) ||
         std::filesystem::exists(path / "vocab.txt", code) ||
         (std::filesystem::exists(path / "vocab.json", code) &&
          std::filesystem::exists(path / "merges.txt", code));
}

TokenizerBlob readTokenizer(const std::string &folder) {
  std::filesystem::path path(folder);
  std::string error;
  auto fileNamed = [&](const char *name) {
    return error.empty() ? readFile(path / name, error) : std::nullopt;
  };
  std::optional<std::string> config = fileNamed("tokenizer_config.json");
  std::optional<std::string> tokenizer = fileNamed("tokenizer.json");
  if (!error.empty())
    return failure(error);
  std::string name = (path / "tokenizer.json").string();
  if (tokenizer)
    return buildTokenizer(*tokenizer, config.value_or(""), name);

  json options = json::object();
  if (config)
    options =
        parseObject(*config, (path / "tokenizer_config.json").string(), error);
  std::optional<std::string> vocabulary = fileNamed("vocab.json");
  std::optional<std::string> merges = fileNamed("merges.txt");
  std::optional<std::string> list = fileNamed("vocab.txt");
  json described;
  if (error.empty() && vocabulary && merges) {
    name = (path / "vocab.json").string();
    json tokens = parseObject(*vocabulary, name, error);
    if (error.empty())
      described = fromPairs(tokens, *merges, options);
  } else if (error.empty() && list) {
    name = (path / "vocab.txt").string();
    described = fromList(*list, options);
  } else if (error.empty()) {
    error = folder + ": there is no tokenizer.json, no vocab.json with "
                     "merges.txt, and no vocab.txt";
  }
  if (!error.empty())
    return failure(error);
  return buildTokenizer(
      described.dump(-1, ' ', false, json::error_handler_t::replace),
      config.value_or(""), name);
}

} // namespace sinter::frontend
