//===- GoldenTest.cpp - Equal to Hugging Face's tokenizers ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The goldens are what the Python package `tokenizers` gives; see
// tools/fixtures/make_tokenizer_goldens.py for their form, and for how to see
// what a line should give.
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Utf8.h"
#include "test/unit/tokenizer/TestSupport.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstring>

using namespace sinter;
using namespace sinter::test;

namespace {

uint32_t crc32(std::string_view bytes) {
  static const std::array<uint32_t, 256> table = [] {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit)
        value = value & 1 ? 0xedb88320u ^ value >> 1 : value >> 1;
      table[i] = value;
    }
    return table;
  }();
  uint32_t crc = 0xffffffffu;
  for (char byte : bytes)
    crc = table[(crc ^ static_cast<unsigned char>(byte)) & 0xff] ^ crc >> 8;
  return ~crc;
}

std::vector<std::string> readLines() {
  std::vector<std::string> lines;
  std::optional<std::string> file = readFile(fixtures() + "/lines.bin");
  EXPECT_TRUE(file);
  for (size_t at = 0; file && at + 4 <= file->size();) {
    uint32_t size;
    std::memcpy(&size, file->data() + at, 4);
    lines.push_back(file->substr(at + 4, size));
    at += 4 + size;
  }
  EXPECT_GE(lines.size(), 2000u);
  return lines;
}

void appendPart(std::string &data, std::string_view part) {
  auto size = static_cast<uint32_t>(part.size());
  data.append(reinterpret_cast<const char *>(&size), 4);
  data += part;
}

std::string_view bytesOf(const std::vector<int32_t> &ids) {
  return {reinterpret_cast<const char *>(ids.data()), ids.size() * 4};
}

uint32_t digestOf(const BuiltTokenizer &tokenizer, const std::string &line,
                  const std::string &following) {
  std::vector<int32_t> ids = encode(tokenizer, line, true);
  std::string data, error;
  appendPart(data, bytesOf(ids));
  appendPart(data, bytesOf(encode(tokenizer, line, false)));
  appendPart(data, decode(tokenizer, ids, false));
  appendPart(data, decode(tokenizer, ids, true));
  runtime::Encoding pair;
  EXPECT_TRUE(tokenizer->encodePair(line, following, true, pair, error))
      << error;
  std::string both(bytesOf(pair.ids));
  both += bytesOf(pair.segments);
  appendPart(data, both);
  return crc32(data);
}

/// What a streamer gives, whose every part must be whole characters.
std::string stream(const BuiltTokenizer &tokenizer,
                   const std::vector<int32_t> &ids) {
  runtime::Streamer streamer(*tokenizer.tokenizer, false);
  std::string all, part, error;
  for (int32_t id : ids) {
    part.clear();
    EXPECT_TRUE(streamer.push(id, part, error)) << error;
    EXPECT_TRUE(runtime::isWellFormed(part));
    all += part;
  }
  part.clear();
  EXPECT_TRUE(streamer.finish(part, error)) << error;
  EXPECT_TRUE(runtime::isWellFormed(part));
  return all + part;
}

std::string show(const std::vector<int32_t> &ids) {
  std::string text;
  for (int32_t id : ids)
    text += std::to_string(id) + " ";
  return text;
}

/// Compares every `step`th line with `goldens`; reports a few that differ.
void compare(const std::string &name, const BuiltTokenizer &tokenizer,
             const std::vector<std::string> &lines, std::string_view goldens,
             size_t step) {
  ASSERT_TRUE(tokenizer.tokenizer) << name;
  ASSERT_EQ(goldens.size(), (lines.size() + step - 1) / step * 4) << name;
  size_t different = 0;
  for (size_t i = 0; i < lines.size(); i += step) {
    uint32_t golden;
    std::memcpy(&golden, goldens.data() + i / step * 4, 4);
    const std::string &following = lines[(i + 1) % lines.size()];
    std::vector<int32_t> ids = encode(tokenizer, lines[i], true);
    EXPECT_EQ(stream(tokenizer, ids), decode(tokenizer, ids)) << name;
    if (digestOf(tokenizer, lines[i], following) == golden)
      continue;
    if (++different <= 3)
      ADD_FAILURE() << name << ", line " << i << ": \"" << lines[i] << "\"\n"
                    << show(ids) << "\n\"" << decode(tokenizer, ids) << "\"";
  }
  EXPECT_EQ(different, 0u) << name << ": lines that differ of "
                           << goldens.size() / 4;
}

class Families : public testing::TestWithParam<const char *> {};

TEST_P(Families, Equal) {
  std::string name = GetParam();
  std::optional<std::string> json = readFile(fixtures() + "/" + name + ".json");
  std::optional<std::string> golden =
      readFile(fixtures() + "/" + name + ".golden");
  ASSERT_TRUE(json && golden);
  compare(name, openJson(*json), readLines(), *golden, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Golden, Families,
    testing::Values("bert-cased", "bert-uncased", "bytes-normalizer",
                    "characters", "gpt2", "gpt4o", "han", "llama2", "llama3",
                    "metaspace", "mistral", "openai", "prefixed", "qwen2",
                    "roberta", "starcoder", "wordpiece-added", "words"));

TEST(Golden, Components) {
  std::optional<std::string> file = readFile(fixtures() + "/components.json");
  std::optional<std::string> golden =
      readFile(fixtures() + "/components.golden");
  ASSERT_TRUE(file && golden);
  auto json = nlohmann::ordered_json::parse(*file);
  std::vector<std::string> lines = readLines();
  size_t bytes = (lines.size() + 2) / 3 * 4;
  size_t at = 0;
  for (const auto &[name, component] : json["components"].items()) {
    nlohmann::ordered_json tokenizer = component;
    tokenizer["model"] = json["model"];
    ASSERT_LE(at + bytes, golden->size());
    compare(name, openJson(tokenizer.dump()), lines,
            std::string_view(*golden).substr(at, bytes), 3);
    at += bytes;
  }
  EXPECT_EQ(at, golden->size());
}

class SharedModels
    : public testing::TestWithParam<std::pair<const char *, const char *>> {};

TEST_P(SharedModels, Equal) {
  auto [name, folder] = GetParam();
  std::string path = sharedModels() + "/" + folder;
  if (!frontend::hasTokenizer(path))
    GTEST_SKIP() << path << " is not there";
  std::optional<std::string> golden =
      readFile(fixtures() + "/" + name + ".golden");
  ASSERT_TRUE(golden);
  compare(name, open(frontend::readTokenizer(path)), readLines(), *golden, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Golden, SharedModels,
    testing::Values(std::pair("shared-gpt2", "tokenizers/gpt2"),
                    std::pair("shared-bert-base-uncased",
                              "tokenizers/bert-base-uncased"),
                    std::pair("shared-roberta-base", "tokenizers/roberta-base"),
                    std::pair("shared-stories260k", "stories260k")));

} // namespace
