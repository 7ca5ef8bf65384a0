//===- FilesTest.cpp - Folders with a tokenizer ---------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tokenizer/ModelTokenizers.h"
#include "test/unit/tokenizer/TestSupport.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace sinter;
using namespace sinter::test;

namespace {

/// A folder that goes when the test ends.
class Folder {
public:
  Folder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "sinter-tokenizer-XXXXXX")
            .string();
    EXPECT_TRUE(mkdtemp(name.data()));
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  void write(const char *name, const std::string &contents) const {
    std::ofstream(path / name, std::ios::binary) << contents;
  }
  std::string string() const { return path.string(); }

private:
  std::filesystem::path path;
};

nlohmann::json fixture(const char *name) {
  return nlohmann::json::parse(
      readFile(fixtures() + "/" + name + ".json").value_or(""));
}

void expectEqual(const BuiltTokenizer &left, const BuiltTokenizer &right) {
  for (const char *text :
       {"Once upon a time, there's 12 \xc3\xa9t\xc3\xa9!", " a\n\n  b",
        "\xe6\x97\xa5\xe6\x9c\xac <|endoftext|> [MASK] x"}) {
    std::vector<int32_t> ids = encode(left, text, true);
    EXPECT_EQ(ids, encode(right, text, true)) << text;
    EXPECT_EQ(decode(left, ids, true), decode(right, ids, true)) << text;
  }
}

TEST(Files, Gpt2sPair) {
  nlohmann::json json = fixture("gpt2");
  Folder folder;
  EXPECT_FALSE(frontend::hasTokenizer(folder.string()));
  folder.write("vocab.json", json["model"]["vocab"].dump());
  EXPECT_FALSE(frontend::hasTokenizer(folder.string()));
  std::string merges = "#version: 0.2\n";
  for (const nlohmann::json &merge : json["model"]["merges"])
    merges +=
        merge[0].get<std::string>() + " " + merge[1].get<std::string>() + "\n";
  folder.write("merges.txt", merges);
  EXPECT_TRUE(frontend::hasTokenizer(folder.string()));
  expectEqual(open(frontend::readTokenizer(folder.string())),
              openJson(json.dump()));
}

TEST(Files, BertsList) {
  nlohmann::json json = fixture("bert-uncased");
  std::vector<std::string> tokens(json["model"]["vocab"].size());
  for (const auto &[token, id] : json["model"]["vocab"].items())
    tokens[id.get<size_t>()] = token;
  std::string list;
  for (const std::string &token : tokens)
    list += token + "\n";
  Folder folder;
  folder.write("vocab.txt", list);
  expectEqual(open(frontend::readTokenizer(folder.string())),
              openJson(json.dump()));
  folder.write("tokenizer_config.json", R"({"do_lower_case": false})");
  BuiltTokenizer cased = open(frontend::readTokenizer(folder.string()));
  EXPECT_NE(encode(cased, "The"), encode(cased, "the"));
}

TEST(Files, ConfigBesideTheTokenizer) {
  Folder folder;
  folder.write("tokenizer.json", fixture("gpt2").dump());
  folder.write("tokenizer_config.json", R"({"bos_token": "!"})");
  BuiltTokenizer gpt2 = open(frontend::readTokenizer(folder.string()));
  EXPECT_EQ(gpt2->roleToken(runtime::Tokenizer::Role::Begin),
            gpt2->tokenToId("!"));
}

TEST(Files, AreNamedInMessages) {
  Folder folder;
  std::string path = folder.string();
  EXPECT_EQ(frontend::readTokenizer(path).error,
            path + ": there is no tokenizer.json, no vocab.json with "
                   "merges.txt, and no vocab.txt");
  folder.write("vocab.json", "[1]");
  folder.write("merges.txt", "");
  EXPECT_EQ(frontend::readTokenizer(path).error,
            path + "/vocab.json: is not a JSON object");
  folder.write("vocab.json", R"({"a": 0})");
  folder.write("merges.txt", "a b\n");
  EXPECT_EQ(frontend::readTokenizer(path).error,
            path + "/vocab.json.model.merges: merge 0 (\"a\" and \"b\") needs "
                   "token \"b\", which is not in the vocabulary");
  folder.write("tokenizer_config.json", "{");
  EXPECT_EQ(frontend::readTokenizer(path).error,
            path + "/tokenizer_config.json: is not a JSON object");
  folder.write("tokenizer.json", "{}");
  EXPECT_EQ(frontend::readTokenizer(path).error,
            path + "/tokenizer.json: \"model\" is missing");
  std::filesystem::remove(path + "/tokenizer.json");
  std::filesystem::create_directory(path + "/tokenizer.json");
  EXPECT_EQ(frontend::readTokenizer(path).error,
            path + "/tokenizer.json: cannot be read");
}

TEST(Files, SharedGpt2sPair) {
  std::string path = sharedModels() + "/tokenizers/gpt2";
  std::optional<std::string> vocabulary = readFile(path + "/vocab.json");
  std::optional<std::string> merges = readFile(path + "/merges.txt");
  if (!vocabulary || !merges)
    GTEST_SKIP() << path << " is not there";
  Folder folder;
  folder.write("vocab.json", *vocabulary);
  folder.write("merges.txt", *merges);
  expectEqual(open(frontend::readTokenizer(folder.string())),
              open(frontend::readTokenizer(path)));
}

TEST(ModelTokenizers, OfAFolderWithTokenizer) {
  Folder folder;
  folder.write("tokenizer.json", fixture("gpt2").dump());
  frontend::ModelTokenizers both =
      frontend::readModelTokenizers(folder.string());
  EXPECT_EQ(both.target.bytes, frontend::readTokenizer(folder.string()).bytes);
  EXPECT_TRUE(both.source && both.source.bytes.empty());
}

TEST(ModelTokenizers, OfAFolderWithout) {
  Folder folder;
  for (const char *config : {"", "{", "{}", "[]"}) {
    folder.write("config.json", config);
    frontend::ModelTokenizers both =
        frontend::readModelTokenizers(folder.string());
    EXPECT_TRUE(both.target && both.source);
    EXPECT_TRUE(both.target.bytes.empty() && both.source.bytes.empty());
  }
}

TEST(ModelTokenizers, OfCharacters) {
  Folder folder;
  folder.write("config.json",
               R"({"grapheme_chars": "____ab", "phoneme_chars": "____xy",
                   "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2})");
  frontend::ModelTokenizers both =
      frontend::readModelTokenizers(folder.string());
  BuiltTokenizer source = open(std::move(both.source));
  BuiltTokenizer target = open(std::move(both.target));
  EXPECT_EQ(encode(source, "ab_c", true),
            (std::vector<int32_t>{1, 4, 5, 3, 3, 2}));
  EXPECT_EQ(encode(target, "y", true), (std::vector<int32_t>{5}));
  EXPECT_EQ(decode(target, {1, 1, 4, 3, 5, 2}, true), "xy");
}

TEST(ModelTokenizers, OfLists) {
  Folder folder;
  folder.write("config.json",
               R"({"source_vocabulary": ["<blank>", "<unk>", "a", "<"],
                   "target_vocabulary": ["<blank>", "<s>", "</s>", "x"]})");
  frontend::ModelTokenizers both =
      frontend::readModelTokenizers(folder.string());
  BuiltTokenizer source = open(std::move(both.source));
  BuiltTokenizer target = open(std::move(both.target));
  EXPECT_EQ(encode(source, "a<s", true), (std::vector<int32_t>{2, 3, 1}));
  EXPECT_EQ(decode(target, {1, 3, 3, 2}, true), "xx");
  EXPECT_EQ(target->roleToken(runtime::Tokenizer::Role::End), 2);
}

TEST(ModelTokenizers, NameTheirMistakes) {
  Folder folder;
  auto messageFor = [&](const char *config) {
    folder.write("config.json", config);
    frontend::ModelTokenizers both =
        frontend::readModelTokenizers(folder.string());
    return both.target.error + both.source.error;
  };
  std::string path = folder.string() + "/config.json";
  EXPECT_EQ(messageFor(R"({"phoneme_chars": 1})"),
            path + ".phoneme_chars: a text was expected, not 1");
  EXPECT_EQ(messageFor(R"({"phoneme_chars": "ab", "pad_token_id": 2})"),
            path + ".pad_token_id: a whole number below 2 was expected, not 2");
  EXPECT_EQ(messageFor(R"({"target_vocabulary": ["a", 1]})"),
            path + ".target_vocabulary[1]: a text was expected, not 1");
  EXPECT_EQ(messageFor(R"({"target_vocabulary": ["a", "a"]})"),
            "tokenizer: token 1 of the list, \"a\", is token 0 already");
}

TEST(ModelTokenizers, OfSharedModels) {
  for (const char *name : {"g2p-bart-us", "translit-transformer"}) {
    std::string path = sharedModels() + "/" + name;
    std::optional<std::string> expected = readFile(path + "/expected.json");
    if (!expected)
      GTEST_SKIP() << path << " is not there";
    frontend::ModelTokenizers both = frontend::readModelTokenizers(path);
    BuiltTokenizer source = open(std::move(both.source));
    BuiltTokenizer target = open(std::move(both.target));
    for (const nlohmann::json &item : nlohmann::json::parse(*expected)) {
      bool isWord = item.contains("word");
      std::string text, result;
      if (isWord) {
        text = item["word"];
        result = item["phonemes"];
      } else {
        for (const std::string part : item["source"])
          text += part;
        for (const std::string part : item["greedy"])
          if (!part.starts_with('<'))
            result += part;
      }
      EXPECT_EQ(encode(source, text, true),
                item[isWord ? "input_ids" : "source_ids"]
                    .get<std::vector<int32_t>>());
      EXPECT_EQ(decode(target,
                       item[isWord ? "output_ids" : "greedy_ids"]
                           .get<std::vector<int32_t>>(),
                       true),
                result);
    }
  }
}

/// The texts and ids that llama.cpp keeps for its own tokenizers.
class LlamaCpp
    : public testing::TestWithParam<std::pair<const char *, const char *>> {};

TEST_P(LlamaCpp, Equal) {
  auto [vectors, folder] = GetParam();
  std::string path = sharedModels() + "/tokenizers/gguf/ggml-vocab-" + vectors;
  std::optional<std::string> inputs = readFile(path + ".gguf.inp");
  std::optional<std::string> outputs = readFile(path + ".gguf.out");
  std::string model = sharedModels() + "/tokenizers/" + folder;
  if (!inputs || !outputs || !frontend::hasTokenizer(model))
    GTEST_SKIP() << path << " or " << model << " is not there";
  BuiltTokenizer tokenizer = open(frontend::readTokenizer(model));
  ASSERT_TRUE(tokenizer.tokenizer);

  const std::string separator = "\n__ggml_vocab_test__\n";
  std::istringstream lines(*outputs);
  size_t count = 0, start = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    size_t end = inputs->find(separator, start);
    ASSERT_NE(end, std::string::npos);
    std::string text = inputs->substr(start, end - start);
    start = end + separator.size();
    std::istringstream numbers(line);
    std::vector<int32_t> expected;
    for (int32_t id; numbers >> id;)
      expected.push_back(id);
    // Those vectors hold no [CLS] and [SEP].
    EXPECT_EQ(encode(tokenizer, text, false), expected) << text;
  }
  EXPECT_EQ(count, 46u);
}

INSTANTIATE_TEST_SUITE_P(Files, LlamaCpp,
                         testing::Values(std::pair("gpt-2", "gpt2"),
                                         std::pair("bert-bge",
                                                   "bert-base-uncased")));

} // namespace
