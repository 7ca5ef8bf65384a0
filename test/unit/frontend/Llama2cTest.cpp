//===- Llama2cTest.cpp - Files of llama2.c, good and bad -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/Safetensors.h"
#include "frontend/llama2c/Llama2cFile.h"
#include "frontend/tokenizer/TokenizerBuilder.h"
#include "runtime/tokenizer/Tokenizer.h"
#include "llvm/ADT/StringExtras.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <random>

using namespace sinter;

namespace {

const std::string fixtures = std::string(SINTER_FIXTURES) + "/llama2c/";

std::string readFile(const std::string &path) {
  return llvm::MemoryBuffer::getFile(path).get()->getBuffer().str();
}

std::string problemOf(const std::string &bytes) {
  llvm::Expected<std::unique_ptr<Llama2cFile>> file =
      Llama2cFile::parse("m.bin", llvm::MemoryBuffer::getMemBufferCopy(bytes));
  if (!file)
    return llvm::toString(file.takeError());
  for (const std::string &name : (*file)->names()) {
    std::optional<StoredTensor> tensor = (*file)->find(name);
    std::vector<float> values(size_t(tensor->getNumElements()));
    tensor->read(0, values);
  }
  return "";
}

std::string with(const std::string &name, size_t at, int32_t number) {
  std::string bytes = readFile(fixtures + name);
  bytes.replace(at, 4, reinterpret_cast<const char *>(&number), 4);
  return bytes;
}

llvm::Expected<std::string> tokenizer(const std::string &bytes,
                                      int64_t vocabulary) {
  return llama2cTokenizer("t.bin", llvm::arrayRefFromStringRef(bytes),
                          vocabulary);
}
std::string tokenizerProblem(const std::string &bytes, int64_t vocabulary) {
  llvm::Expected<std::string> text = tokenizer(bytes, vocabulary);
  return text ? "" : llvm::toString(text.takeError());
}

std::unique_ptr<runtime::Tokenizer> built(const std::string &json) {
  frontend::TokenizerBlob blob = frontend::buildTokenizer(json);
  EXPECT_EQ(blob.error, "");
  static std::vector<std::vector<uint8_t>> kept;
  kept.push_back(std::move(blob.bytes));
  std::string problem;
  return runtime::Tokenizer::create(kept.back().data(), kept.back().size(),
                                    problem);
}

std::vector<int32_t> idsOf(const runtime::Tokenizer &tokenizer,
                           llvm::StringRef text) {
  runtime::Encoding encoding;
  std::string problem;
  EXPECT_TRUE(tokenizer.encode(text, true, encoding, problem)) << problem;
  return encoding.ids;
}

/// tokenizer.bin from the vocabulary of a tokenizer.json whose ids are ranks.
std::string tokenizerBin(const std::string &json, int64_t &vocabulary) {
  nlohmann::json ids = nlohmann::json::parse(json)["model"]["vocab"];
  std::vector<std::string> texts(ids.size());
  for (const auto &[text, id] : ids.items())
    texts[id.get<size_t>()] = text;
  vocabulary = int64_t(texts.size());
  std::string bytes(4, '\0');
  for (size_t id = 0; id < texts.size(); ++id) {
    std::string text;
    for (size_t i = 0; i < texts[id].size(); ++i)
      if (texts[id].compare(i, 3, "\xE2\x96\x81") == 0) {
        text += ' ';
        i += 2;
      } else {
        text += texts[id][i];
      }
    float score = id < 259 ? 0 : 259 - float(id);
    uint32_t size = uint32_t(text.size());
    bytes.append(reinterpret_cast<char *>(&score), 4);
    bytes.append(reinterpret_cast<char *>(&size), 4);
    bytes += text;
  }
  return bytes;
}

} // namespace

TEST(Llama2c, Malformed) {
  struct Case {
    const char *expected;
    std::string bytes;
  };
  std::string plain = readFile(fixtures + "plain.bin");
  const Case cases[] = {
      {"too short for a header", ""},
      {"too short for a header", plain.substr(0, 27)},
      {"too short for a header",
       readFile(fixtures + "tied.bin").substr(0, 255)},
      {"it looks like weights of PyTorch",
       readFile(fixtures + "../torch/zip.bin")},
      {"it looks like weights of PyTorch",
       readFile(fixtures + "../torch/old.bin")},
      {"its version is 3; of llama2.c, 0 to 2", with("tied.bin", 4, 3)},
      {"its version is -1", with("tied.bin", 4, -1)},
      {"its width is 0", with("plain.bin", 0, 0)},
      {"its width is -32", with("plain.bin", 0, -32)},
      {"its inner width is -1", with("plain.bin", 4, -1)},
      {"its number of layers is 0", with("plain.bin", 8, 0)},
      {"its number of heads is 0", with("plain.bin", 12, 0)},
      {"its number of key heads is -2", with("plain.bin", 16, -2)},
      {"its size of the vocabulary is 0", with("plain.bin", 20, 0)},
      {"its size of the vocabulary is -70", with("tied.bin", 28, -70)},
      {"its context is 0", with("plain.bin", 24, 0)},
      {"is not that of 3 heads", with("plain.bin", 12, 3)},
      {"is not that of 32 heads", with("plain.bin", 12, 32)},
      {"4 heads cannot share 3 key heads", with("plain.bin", 16, 3)},
      {"4 heads cannot share 8 key heads", with("plain.bin", 16, 8)},
      {"it ends within 'model.layers.0.mlp.up_proj.weight'",
       with("plain.bin", 4, 80)},
      {"it ends within", with("plain.bin", 8, INT32_MAX)},
      {"it ends within 'model.embed_tokens.weight'",
       with("plain.bin", 20, INT32_MAX)},
      {"it ends within 'model.embed_tokens.weight'",
       with("plain.bin", 0, 1 << 30)},
      {"bytes at the end belong to no tensor", with("plain.bin", 8, 1)},
      {"bytes at the end belong to no tensor", with("plain.bin", 20, 70)},
      {"bytes at the end belong to no tensor", plain + "x"},
      {"it ends within 'lm_head.weight'", plain.substr(0, plain.size() - 1)},
      {"is said by 0 or 1, not 2", with("tied.bin", 36, 2)},
      {"it ends within 'lm_head.weight'", with("tied.bin", 36, 0)},
      {"its groups have 0 numbers", with("int8.bin", 37, 0)},
      {"its groups have -16 numbers", with("int8.bin", 37, -16)},
      {"its groups have 7 numbers", with("int8.bin", 37, 7)},
      {"its groups have 32 numbers", with("int8.bin", 37, 32)},
      {"it ends within", with("int8.bin", 37, 1)},
  };
  for (const Case &entry : cases)
    EXPECT_NE(problemOf(entry.bytes).find(entry.expected), std::string::npos)
        << entry.expected << "\n"
        << problemOf(entry.bytes);
  for (const char *name : {"plain.bin", "tied.bin", "int8.bin"}) {
    std::string whole = readFile(fixtures + name);
    EXPECT_EQ(problemOf(whole), "");
    for (size_t size = 0; size < whole.size(); size += 331)
      EXPECT_NE(problemOf(whole.substr(0, size)), "") << name << " " << size;
  }
}

TEST(Llama2c, MalformedTokenizers) {
  std::string whole = readFile(fixtures + "tokenizer.bin");
  int64_t count = 0;
  for (size_t at = 4; at < whole.size(); ++count)
    at += 8 + uint8_t(whole[at + 4]);
  EXPECT_EQ(tokenizerProblem(whole, count), "");
  auto expect = [&](const std::string &bytes, int64_t vocabulary,
                    const char *expected) {
    EXPECT_NE(tokenizerProblem(bytes, vocabulary).find(expected),
              std::string::npos)
        << expected << "\n"
        << tokenizerProblem(bytes, vocabulary);
  };
  expect(whole, 258, "the model has 258 tokens, too few");
  expect(whole, count - 1, "it has more tokens than the model");
  expect(whole, count + 1, "it ends within token");
  expect("", count, "too short");
  expect(whole.substr(0, 9), count, "it ends within token 0");
  std::string changed = whole;
  changed.replace(8, 4, "\xff\xff\xff\xff");
  expect(changed, count, "it ends within token 0");
  changed = whole;
  changed.replace(4, 4, std::string("\0\0\xc0\x7f", 4));
  expect(changed, count, "token 0 is no UTF-8 text with a score");
  changed = whole;
  changed[12] = '\xff';
  expect(changed, count, "token 0 is no UTF-8 text with a score");
  for (size_t size = 0; size < whole.size(); size += 101)
    EXPECT_NE(tokenizerProblem(whole.substr(0, size), count), "") << size;
}

/// The same vocabulary as tokenizer.json and as tokenizer.bin: the same ids.
TEST(Llama2c, SameIds) {
  std::vector<std::string> paths = {std::string(SINTER_FIXTURES) +
                                    "/tokenizers/llama2.json"};
  if (const char *shared = std::getenv("SINTER_SHARED_MODELS"))
    paths.push_back(std::string(shared) + "/stories260k/tokenizer.json");
  std::string lines =
      readFile(std::string(SINTER_FIXTURES) + "/tokenizers/lines.bin");
  for (const std::string &path : paths) {
    std::string json = readFile(path);
    int64_t vocabulary = 0;
    std::string bytes = tokenizerBin(json, vocabulary);
    llvm::Expected<std::string> text = tokenizer(bytes, vocabulary);
    ASSERT_TRUE(bool(text)) << llvm::toString(text.takeError());
    auto left = built(json), right = built(*text);
    ASSERT_TRUE(left && right);
    llvm::SmallVector<llvm::StringRef> parts;
    llvm::StringRef(lines).split(parts, '\n');
    for (llvm::StringRef line : parts)
      EXPECT_EQ(idsOf(*left, line), idsOf(*right, line)) << line.str();
  }
}
