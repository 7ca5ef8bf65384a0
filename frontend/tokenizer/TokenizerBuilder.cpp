//===- TokenizerBuilder.cpp - Tokenizers of Hugging Face folders ----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tokenizer/TokenizerBuilder.h"

#include "frontend/tokenizer/ReadComponents.h"
#include "frontend/tokenizer/ReadModel.h"
#include "runtime/tokenizer/Tokenizer.h"
#include "runtime/tokenizer/Utf8.h"

#include <algorithm>
#include <map>

namespace sinter::frontend {

namespace {

/// Ids by the rule of the library: that of the text, if it has one, else the
/// next after the vocabulary, whatever the file says.
class AddedTokenReader {
public:
  AddedTokenReader(TokenizerDescription &description,
                   const VocabularyMap &vocabulary,
                   std::vector<std::string> &warnings)
      : description(description), vocabulary(vocabulary), warnings(warnings),
        next(static_cast<uint32_t>(vocabulary.size())) {}

  void read(const JsonReader &value) {
    const std::string &text = value.get("content").string();
    uint32_t flags = 0;
    auto flag = [&](const char *key, uint32_t bit) {
      if (value.boolean(key, false))
        flags |= bit;
    };
    flag("special", blob::Special);
    flag("single_word", blob::SingleWord);
    flag("lstrip", blob::StripLeft);
    flag("rstrip", blob::StripRight);
    flag("normalized", blob::Normalized);
    uint32_t wanted = value.get("id").number(blob::maximumTokens);
    if (text.empty())
      return;
    uint32_t id = add(text, flags, value);
    if (id != wanted)
      warnings.push_back("tokenizer: added token \"" + text + "\" has id " +
                         std::to_string(id) + ", not " +
                         std::to_string(wanted) + " as tokenizer.json says");
  }

  uint32_t find(const std::string &text) const {
    if (auto place = ids.find(text); place != ids.end())
      return place->second;
    auto place = vocabulary.find(text);
    return place == vocabulary.end() ? blob::none : place->second;
  }

  void finish() {
    for (auto &[id, token] : tokens)
      description.addedTokens.push_back(std::move(token));
  }

private:
  uint32_t add(const std::string &text, uint32_t flags,
               const JsonReader &value) {
    uint32_t id = find(text);
    if (id == blob::none) {
      if (next >= blob::maximumTokens)
        value.fail("there are too many tokens");
      id = next++;
    }
    ids[text] = id;
    tokens[id] = {id, flags, text};
    return id;
  }

  TokenizerDescription &description;
  const VocabularyMap &vocabulary;
  std::vector<std::string> &warnings;
  uint32_t next;
  std::map<std::string, uint32_t> ids;
  std::map<uint32_t, TokenizerDescription::AddedToken> tokens;
};

constexpr std::pair<const char *, blob::Role> roleKeys[] = {
    {"bos_token", blob::Role::Begin},
    {"eos_token", blob::Role::End},
    {"unk_token", blob::Role::Unknown},
    {"sep_token", blob::Role::Separator},
    {"pad_token", blob::Role::Padding},
    {"cls_token", blob::Role::Classification},
    {"mask_token", blob::Role::Mask}};

/// Names by which a role is known where no configuration says it.
constexpr std::pair<const char *, blob::Role> usualNames[] = {
    {"[MASK]", blob::Role::Mask},
    {"<mask>", blob::Role::Mask},
    {"[CLS]", blob::Role::Classification},
    {"[SEP]", blob::Role::Separator},
    {"[PAD]", blob::Role::Padding},
    {"<pad>", blob::Role::Padding},
    {"[UNK]", blob::Role::Unknown},
    {"<unk>", blob::Role::Unknown},
    {"<s>", blob::Role::Begin},
    {"</s>", blob::Role::End},
    {"<|endoftext|>", blob::Role::Begin},
    {"<|endoftext|>", blob::Role::End}};

void setRoles(const AddedTokenReader &added, const JsonReader &config,
              TokenizerDescription &description) {
  auto &roles = description.roles;
  for (auto [key, role] : roleKeys) {
    std::optional<JsonReader> value = config.find(key);
    if (!value)
      continue;
    const std::string &text = value->json().is_object()
                                  ? value->get("content").string()
                                  : value->string();
    roles[static_cast<size_t>(role)] = added.find(text);
  }
  for (auto [name, role] : usualNames)
    if (roles[static_cast<size_t>(role)] == blob::none)
      roles[static_cast<size_t>(role)] = added.find(name);
}

nlohmann::json parse(std::string_view text, std::string_view name) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception &exception) {
    throw TokenizerError(std::string(name) + ": " + exception.what());
  }
}

/// Runs `body`, which describes a tokenizer, and writes it.
template <typename Body> TokenizerBlob build(Body body) {
  TokenizerBlob result;
  try {
    TokenizerDescription description;
    body(description, result.warnings);
    result.bytes = writeBlob(description);
    // What the run-time library would refuse is refused here.
    runtime::Tokenizer::create(result.bytes.data(), result.bytes.size(),
                               result.error);
  } catch (const std::exception &exception) {
    result.error = exception.what();
  }
  if (!result.error.empty())
    result.bytes.clear();
  return result;
}

void describeTokenizer(std::string_view tokenizer, std::string_view config,
                       std::string_view name, TokenizerDescription &description,
                       std::vector<std::string> &warnings) {
  nlohmann::json json = parse(tokenizer, name);
  JsonReader root(json, std::string(name));
  if (std::optional<JsonReader> version = root.find("version"))
    if (version->string() != "1.0")
      version->fail("version \"1.0\" was expected, not " + version->describe());

  VocabularyMap vocabulary;
  readModel(root.get("model"), description, vocabulary, warnings);
  if (std::optional<JsonReader> value = root.find("normalizer"))
    readNormalizer(*value, description.normalizers);
  if (std::optional<JsonReader> value = root.find("pre_tokenizer"))
    readPreTokenizer(*value, description.preTokenizers);
  if (std::optional<JsonReader> value = root.find("decoder"))
    readDecoder(*value, description.decoders);
  if (std::optional<JsonReader> value = root.find("post_processor"))
    readPostProcessor(*value, description);
  else
    setPlainTemplates(description);

  AddedTokenReader added(description, vocabulary, warnings);
  if (std::optional<JsonReader> value = root.find("added_tokens"))
    for (const JsonReader &token : value->elements())
      added.read(token);
  added.finish();

  nlohmann::json configJson = nlohmann::json::object();
  if (!config.empty())
    configJson = parse(config, "tokenizer_config.json");
  setRoles(added, JsonReader(configJson, "tokenizer_config.json"), description);
}

} // namespace

TokenizerBlob buildTokenizer(std::string_view tokenizer,
                             std::string_view config, std::string_view name) {
  return build([&](TokenizerDescription &description,
                   std::vector<std::string> &warnings) {
    describeTokenizer(tokenizer, config, name, description, warnings);
  });
}

std::vector<std::string> splitCharacters(std::string_view text) {
  std::string wellFormed;
  runtime::appendWellFormed(wellFormed, text);
  std::vector<std::string> characters;
  for (size_t i = 0; i < wellFormed.size();) {
    size_t bytes = runtime::decodeCharacter(wellFormed, i).bytes;
    characters.push_back(wellFormed.substr(i, bytes));
    i += bytes;
  }
  return characters;
}

TokenizerBlob buildTokenListTokenizer(std::span<const std::string> tokens,
                                      const TokenListOptions &options) {
  return build([&](TokenizerDescription &description,
                   std::vector<std::string> &) {
    if (tokens.empty() || tokens.size() > blob::maximumTokens)
      throw TokenizerError("tokenizer: a list of " +
                           std::to_string(tokens.size()) + " tokens was given");
    std::vector<uint32_t> special = options.special;
    for (uint32_t id :
         {options.begin, options.end, options.padding, options.unknown})
      if (id != blob::none)
        special.push_back(id);
    std::sort(special.begin(), special.end());
    special.erase(std::unique(special.begin(), special.end()), special.end());
    if (!special.empty() && special.back() >= tokens.size())
      throw TokenizerError("tokenizer: special token " +
                           std::to_string(special.back()) + " of a list of " +
                           std::to_string(tokens.size()));
    if ((options.addBegin && options.begin == blob::none) ||
        (options.addEnd && options.end == blob::none))
      throw TokenizerError("tokenizer: a token is to be added to each text, "
                           "but none was given");

    description.kind = blob::ModelKind::LongestMatch;
    std::map<std::string, uint32_t> known;
    for (uint32_t id = 0; id < tokens.size(); ++id) {
      const std::string &token = tokens[id];
      std::string place = "token " + std::to_string(id) + " of the list";
      if (std::binary_search(special.begin(), special.end(), id))
        continue;
      if (token.empty() || !runtime::isWellFormed(token))
        throw TokenizerError("tokenizer: " + place + " is no text");
      auto [other, isNew] = known.emplace(token, id);
      if (!isNew)
        throw TokenizerError("tokenizer: " + place + ", \"" + token +
                             "\", is token " + std::to_string(other->second) +
                             " already");
      description.vocabulary.emplace_back(token, id);
    }
    for (uint32_t id : special) {
      const std::string &token = tokens[id];
      description.addedTokens.push_back(
          {id, blob::Special | blob::NeverInText,
           token.empty() || !runtime::isWellFormed(token)
               ? "<" + std::to_string(id) + ">"
               : token});
    }
    description.unknown = options.unknown;
    description.decoders.push_back({blob::ComponentKind::Fuse});
    setPlainTemplates(description);
    for (auto *pieces : {&description.single, &description.pair}) {
      auto token = [](uint32_t id, uint32_t segment) {
        return blob::Piece{static_cast<uint32_t>(blob::PieceKind::Token),
                           segment, id, 0};
      };
      if (options.addBegin)
        pieces->insert(pieces->begin(), token(options.begin, 0));
      if (options.addEnd)
        pieces->push_back(token(options.end, pieces->back().segment));
    }
    auto role = [&](blob::Role role, uint32_t id) {
      description.roles[static_cast<size_t>(role)] = id;
    };
    role(blob::Role::Begin, options.begin);
    role(blob::Role::End, options.end);
    role(blob::Role::Padding, options.padding);
    role(blob::Role::Unknown, options.unknown);
  });
}

} // namespace sinter::frontend
