//===- ModelTokenizers.cpp - All tokenizers of a model --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tokenizer/ModelTokenizers.h"

#include "frontend/tokenizer/JsonReader.h"
#include "runtime/tokenizer/Format.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace sinter::frontend {

namespace blob = runtime::blob;

namespace {

/// Member `key`, or none.
uint32_t readId(const JsonReader &config, const char *key, size_t tokens) {
  std::optional<JsonReader> id = config.find(key);
  return id ? id->number(static_cast<uint32_t>(tokens)) : blob::none;
}

TokenizerBlob buildFromCharacters(const JsonReader &config,
                                  const JsonReader &value, bool isSource) {
  std::vector<std::string> tokens = splitCharacters(value.string());
  TokenListOptions options;
  options.padding = readId(config, "pad_token_id", tokens.size());
  options.begin = readId(config, "bos_token_id", tokens.size());
  options.end = readId(config, "eos_token_id", tokens.size());
  std::vector<uint32_t> named;
  for (uint32_t id : {options.padding, options.begin, options.end})
    if (id != blob::none)
      named.push_back(id);
  options.special = named;
  for (uint32_t id = 0; id < tokens.size(); ++id) {
    bool repeats = std::any_of(named.begin(), named.end(), [&](uint32_t other) {
      return other != id && tokens[other] == tokens[id];
    });
    if (!repeats || std::find(named.begin(), named.end(), id) != named.end())
      continue;
    if (options.unknown == blob::none)
      options.unknown = id;
    options.special.push_back(id);
  }
  options.addBegin = isSource && options.begin != blob::none;
  options.addEnd = isSource && options.end != blob::none;
  return buildTokenListTokenizer(tokens, options);
}

TokenizerBlob buildFromList(const JsonReader &value) {
  std::vector<std::string> tokens;
  TokenListOptions options;
  for (const JsonReader &element : value.elements()) {
    const std::string &token = element.string();
    auto id = static_cast<uint32_t>(tokens.size());
    tokens.push_back(token);
    if (token.size() < 3 || !token.starts_with('<') || !token.ends_with('>'))
      continue;
    options.special.push_back(id);
    if (token == "<s>")
      options.begin = id;
    else if (token == "</s>")
      options.end = id;
    else if (token == "<blank>" || token == "<pad>")
      options.padding = id;
    else if (token == "<unk>")
      options.unknown = id;
  }
  return buildTokenListTokenizer(tokens, options);
}

void readLists(const JsonReader &config, ModelTokenizers &tokenizers) {
  if (std::optional<JsonReader> value = config.find("phoneme_chars"))
    tokenizers.target = buildFromCharacters(config, *value, false);
  else if (std::optional<JsonReader> value = config.find("target_vocabulary"))
    tokenizers.target = buildFromList(*value);
  else
    return;
  if (std::optional<JsonReader> value = config.find("grapheme_chars"))
    tokenizers.source = buildFromCharacters(config, *value, true);
  else if (std::optional<JsonReader> value = config.find("source_vocabulary"))
    tokenizers.source = buildFromList(*value);
}

} // namespace

ModelTokenizers readModelTokenizers(const std::string &folder) {
  ModelTokenizers tokenizers;
  if (hasTokenizer(folder)) {
    tokenizers.target = readTokenizer(folder);
    return tokenizers;
  }
  std::string path = (std::filesystem::path(folder) / "config.json").string();
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream contents;
  contents << stream.rdbuf();
  try {
    // A missing or broken config.json is for the reader of configs to tell.
    nlohmann::json json = nlohmann::json::parse(contents.str(), nullptr, false);
    if (json.is_object())
      readLists(JsonReader(json, path), tokenizers);
  } catch (const std::exception &exception) {
    tokenizers.target.error = exception.what();
  }
  return tokenizers;
}

} // namespace sinter::frontend
