//===- GgufTest.cpp - GGUF files, good and bad ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/gguf/Dequantize.h"
#include "frontend/gguf/GgufModel.h"
#include "frontend/tokenizer/TokenizerBuilder.h"
#include "runtime/tokenizer/Tokenizer.h"
#include "llvm/ADT/StringExtras.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <sstream>

using namespace sinter;

namespace {

std::string readFile(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream contents;
  contents << stream.rdbuf();
  return contents.str();
}

const std::string fixtures = std::string(SINTER_FIXTURES) + "/gguf/";

llvm::Expected<std::unique_ptr<GgufFile>> parse(const std::string &bytes) {
  return GgufFile::parse("model.gguf",
                         llvm::MemoryBuffer::getMemBufferCopy(bytes));
}

/// What is said of these bytes; "" if nothing is wrong.
std::string problemOf(const std::string &bytes) {
  llvm::Expected<std::unique_ptr<GgufFile>> file = parse(bytes);
  return file ? "" : llvm::toString(file.takeError());
}

/// Files as a hostile hand would write them.
class Bytes {
public:
  Bytes(uint64_t tensors, uint64_t values, uint32_t version = 3) {
    text = "GGUF";
    number<uint32_t>(version);
    number(tensors);
    number(values);
  }
  template <typename T> Bytes &number(T value) {
    text.append(reinterpret_cast<const char *>(&value), sizeof(T));
    return *this;
  }
  Bytes &string(const std::string &value) {
    number<uint64_t>(value.size());
    text += value;
    return *this;
  }
  Bytes &tensor(const std::string &name, std::vector<uint64_t> shape,
                uint32_t type, uint64_t offset) {
    string(name);
    number<uint32_t>(uint32_t(shape.size()));
    for (uint64_t size : shape)
      number(size);
    number(type);
    return number(offset);
  }
  Bytes &data(size_t bytes) {
    text.resize((text.size() + 31) / 32 * 32 + bytes);
    return *this;
  }
  std::string text;
};

TEST(Gguf, BlocksGiveTheNumbersOfTheFormatsOwnPackage) {
  llvm::Expected<std::unique_ptr<GgufFile>> file =
      GgufFile::open(fixtures + "types.gguf");
  ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
  int compared = 0;
  for (const auto &[name, tensor] : (*file)->tensors) {
    auto expected = (*file)->tensors.find(name + ".expected");
    if (expected == (*file)->tensors.end())
      continue;
    EXPECT_EQ(name, tensor.type->name);
    EXPECT_EQ(tensor.shape, expected->second.shape);
    size_t count = size_t(tensor.getNumElements());
    std::vector<float> found(count), known(count);
    dequantize(tensor, found);
    dequantize(expected->second, known);
    for (size_t i = 0; i < count; ++i)
      ASSERT_EQ(found[i], known[i]) << name << " at " << i;
    ++compared;
  }
  EXPECT_EQ(compared, 13);
}

/// Numbers, scales, least values and their factors are those that the elements
/// are made of, rounded once.
TEST(Gguf, PartsOfBlocksMakeTheirElements) {
  llvm::Expected<std::unique_ptr<GgufFile>> file =
      GgufFile::open(fixtures + "types.gguf");
  ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
  int compared = 0;
  for (const auto &[name, tensor] : (*file)->tensors) {
    std::optional<StoredNumbers> numbers = numbersOf(tensor.type->type, 1);
    if (!numbers)
      continue;
    auto read = [&tensor = tensor](StoredPart part) {
      std::vector<float> result(size_t(tensor.getNumElements()));
      readParts(tensor, part, 0, result);
      return result;
    };
    std::vector<float> elements = read(StoredPart::Element),
                       number = read(StoredPart::Number),
                       scale = read(StoredPart::Scale),
                       least = read(StoredPart::Least),
                       factor = read(StoredPart::ScaleFactor),
                       leastFactor = read(StoredPart::LeastFactor);
    for (size_t i = 0; i < elements.size(); ++i) {
      double made = double(scale[i]) * factor[i] * number[i];
      if (numbers->hasLeast)
        made += double(least[i]) * leastFactor[i];
      ASSERT_EQ(elements[i], float(made)) << name << " at " << i;
      double counted = number[i] + double(numbers->zero());
      ASSERT_TRUE(counted >= 0 && counted < double(1 << numbers->bits))
          << name << " at " << i;
    }
    ++compared;
  }
  EXPECT_EQ(compared, 11);
}

TEST(Gguf, EveryLengthThatIsTooShortIsRefused) {
  const std::string whole = readFile(fixtures + "llama-odd.gguf");
  ASSERT_EQ(problemOf(whole), "");
  const size_t header = whole.find("output_norm.weight") + 2000;
  for (size_t length = 0; length < whole.size();
       length += length < header ? 1 : 997)
    EXPECT_TRUE(llvm::StringRef(problemOf(whole.substr(0, length)))
                    .starts_with("model.gguf: "))
        << length;
}

TEST(Gguf, ChangedBytesNeverGoBeyondTheFile) {
  std::mt19937 random(7);
  for (const char *name : {"llama-odd.gguf", "types.gguf"}) {
    const std::string whole = readFile(fixtures + name);
    int refused = 0;
    for (int round = 0; round < 4000; ++round) {
      std::string changed = whole;
      for (int i = int(random() % 4); i >= 0; --i) {
        static constexpr unsigned char odd[] = {0, 1, 0x7f, 0x80, 0xff};
        changed[random() % 3000] =
            char(random() % 2 ? odd[random() % 5] : random() % 256);
      }
      llvm::Expected<std::unique_ptr<GgufFile>> file = parse(changed);
      if (!file) {
        EXPECT_GT(llvm::toString(file.takeError()).size(), 12u);
        ++refused;
        continue;
      }
      // Whatever was let through can be read to its end.
      for (const auto &[tensorName, tensor] : (*file)->tensors) {
        ASSERT_LE(tensor.getNumElements(), int64_t(8 * whole.size()));
        if (!isGgufNumber(tensor.type->type))
          continue;
        std::vector<float> numbers(size_t(tensor.getNumElements()));
        dequantize(tensor, numbers);
      }
      llvm::consumeError(ggufConfig(**file).takeError());
      ggufTokenizer(**file);
    }
    EXPECT_GT(refused, 200) << name;
  }
}

TEST(Gguf, LiesAreNamed) {
  auto says = [](const Bytes &bytes, const std::string &expected) {
    std::string found = problemOf(bytes.text);
    EXPECT_NE(found.find(expected), std::string::npos)
        << "expected: " << expected << "\nfound: " << found;
  };
  const uint64_t huge = uint64_t(1) << 62;
  EXPECT_NE(problemOf("GGML").find("does not begin with \"GGUF\""),
            std::string::npos);
  says(Bytes(0, 0, 1), "GGUF of version 1; 2 and 3 are read");
  says(Bytes(0, 0, 0x03000000), "big-endian");
  says(Bytes(huge, 0), "ends within tensor 0");
  says(Bytes(0, huge), "ends within metadata value 0");
  says(Bytes(0, 1).string("k").number<uint32_t>(99), "of type 99");
  says(Bytes(0, 1).string("k").number<uint32_t>(8).number(huge),
       "ends within the value of 'k'");
  says(Bytes(0, 1).string("k").number<uint32_t>(9).number<uint32_t>(4).number(
           huge),
       "the list 'k' is said to have 4611686018427387904 items");
  Bytes nested(0, 1);
  nested.string("k").number<uint32_t>(9);
  for (int i = 0; i < 6; ++i)
    nested.number<uint32_t>(9).number<uint64_t>(1);
  says(nested.data(64), "lists more than 4 deep");
  says(Bytes(0, 2)
           .string("k")
           .number<uint32_t>(0)
           .number<uint8_t>(1)
           .string("k")
           .number<uint32_t>(0)
           .number<uint8_t>(1),
       "the metadata have 'k' twice");
  says(Bytes(0, 1)
           .string("general.alignment")
           .number<uint32_t>(4)
           .number<uint32_t>(24),
       "general.alignment is 24; a power of two");
  says(Bytes(1, 0).tensor("t\xff", {4}, 0, 0), "is not UTF-8 text");
  says(Bytes(1, 0).tensor("t", {1, 1, 1, 1, 1}, 0, 0), "5 dimensions");
  says(Bytes(1, 0).tensor("t", {huge, 8}, 0, 0), "more elements than can be");
  says(Bytes(1, 0).tensor("t", {huge}, 0, 0).data(64),
       "more bytes than can be counted");
  says(Bytes(1, 0).tensor("t", {4}, 77, 0),
       "tensor 't' is stored as type 77 of GGUF, which cannot be read");
  says(Bytes(1, 0).tensor("t", {40}, 2, 0), "rows of 40 elements, but Q4_0");
  says(Bytes(1, 0).tensor("t", {4}, 0, 4), "no multiple of the alignment, 32");
  says(Bytes(1, 0).tensor("t", {64}, 0, 0).data(64), "tensor 't' needs 256");
  says(Bytes(1, 0).tensor("t", {4}, 0, huge).data(64), "needs 16 bytes from");
  says(Bytes(2, 0).tensor("a", {16}, 0, 0).tensor("b", {16}, 0, 32).data(128),
       "tensor 'b' begins before the tensor in front of it ends");
  says(Bytes(2, 0).tensor("a", {8}, 0, 0).tensor("a", {8}, 0, 32).data(64),
       "tensor 'a' stands there twice");
}

TEST(Gguf, WhatCannotBeCompiledIsSaid) {
  auto configOf = [](const Bytes &bytes) {
    llvm::Expected<std::unique_ptr<GgufFile>> file = parse(bytes.text);
    EXPECT_TRUE(bool(file));
    llvm::Expected<std::string> config = ggufConfig(**file);
    return config ? *config : llvm::toString(config.takeError());
  };
  EXPECT_NE(configOf(Bytes(0, 0)).find("no general.architecture"),
            std::string::npos);
  EXPECT_NE(configOf(Bytes(0, 1)
                         .string("general.architecture")
                         .number<uint32_t>(8)
                         .string("mamba"))
                .find("its architecture is 'mamba'"),
            std::string::npos);
  EXPECT_NE(configOf(Bytes(0, 1)
                         .string("general.architecture")
                         .number<uint32_t>(8)
                         .string("llama"))
                .find("a vocabulary alone"),
            std::string::npos);
}

/// A matrix of a stack, one that all rows go through, and what is neither.
TEST(Gguf, ExpertsAreFoundByTheirNumbers) {
  Bytes bytes(4, 1);
  bytes.string("general.architecture").number<uint32_t>(8).string("llama");
  // Shapes stand in the file with the last axis first.
  bytes.tensor("blk.0.ffn_up_exps.weight", {2, 3, 2}, 0, 0);
  bytes.tensor("blk.0.ffn_up.7.weight", {2}, 0, 64);
  bytes.tensor("blk.0.ffn_down_exps.weight", {2, 3}, 0, 96);
  bytes.tensor("blk.0.ffn_up_shexp.weight", {2}, 0, 128);
  bytes.data(0);
  for (int i = 0; i < 40; ++i)
    bytes.number(float(i));
  llvm::Expected<std::unique_ptr<GgufFile>> file = parse(bytes.text);
  ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
  std::unique_ptr<WeightSource> weights = ggufWeights(**file);
  auto firstOf = [&](const char *name) {
    std::optional<StoredTensor> tensor = weights->find(name);
    float first = -1;
    if (tensor && tensor->bytes.size() >= sizeof(first))
      std::memcpy(&first, tensor->bytes.data(), sizeof(first));
    return first;
  };
  EXPECT_EQ(firstOf("blk.0.experts.0.ffn_up.weight"), 0);
  EXPECT_EQ(firstOf("blk.0.experts.1.ffn_up.weight"), 6);
  EXPECT_EQ(weights->find("blk.0.experts.1.ffn_up.weight")->shape,
            (llvm::SmallVector<int64_t>{3, 2}));
  EXPECT_EQ(firstOf("blk.0.shared_expert.ffn_up.weight"), 32);
  for (const char *none :
       {"blk.0.experts.2.ffn_up.weight", "blk.0.experts.-1.ffn_up.weight",
        "blk.0.experts.1.ffn_down.weight", "blk.0.experts.0.ffn_gate.weight",
        "blk.0.experts.", "blk.0.experts.0", "blk.0.shared_expert.x"})
    EXPECT_FALSE(weights->find(none)) << none;
}

TEST(Gguf, ExpertsOfOldFilesStandByThemselves) {
  Bytes bytes(1, 0);
  bytes.tensor("blk.0.ffn_up.7.weight", {2}, 0, 0).data(8);
  llvm::Expected<std::unique_ptr<GgufFile>> file = parse(bytes.text);
  ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
  EXPECT_TRUE(ggufWeights(**file)->find("blk.0.experts.7.ffn_up.weight"));
}

/// Pieces as SentencePiece scores them.
TEST(Gguf, PiecesAreMergedByScore) {
  const std::string space = "\xE2\x96\x81";
  const std::vector<std::string> texts = {
      "<unk>", "<s>", "</s>", "<0x41>",    space, "a",
      "b",     "ab",  "ba",   space + "a", "bab"};
  const std::vector<int32_t> types = {2, 3, 3, 6, 1, 1, 1, 1, 1, 1, 1};
  Bytes bytes(0, 5);
  bytes.string("tokenizer.ggml.model").number<uint32_t>(8).string("llama");
  bytes.string("tokenizer.ggml.tokens").number<uint32_t>(9);
  bytes.number<uint32_t>(8).number<uint64_t>(texts.size());
  for (const std::string &text : texts)
    bytes.string(text);
  bytes.string("tokenizer.ggml.token_type").number<uint32_t>(9);
  bytes.number<uint32_t>(5).number<uint64_t>(types.size());
  for (int32_t type : types)
    bytes.number(type);
  // " a" goes first, then "ba", then "ab", and of "ba" and "b" then "bab".
  bytes.string("tokenizer.ggml.scores").number<uint32_t>(9);
  bytes.number<uint32_t>(6).number<uint64_t>(types.size());
  for (float score : {0, 0, 0, 0, -9, -9, -9, -3, -2, -1, -4})
    bytes.number(score);
  bytes.string("tokenizer.ggml.bos_token_id").number<uint32_t>(4);
  bytes.number<uint32_t>(1);
  llvm::Expected<std::unique_ptr<GgufFile>> file = parse(bytes.text);
  ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
  GgufTokenizer described = ggufTokenizer(**file);
  ASSERT_EQ(described.missing, "");
  frontend::TokenizerBlob blob = frontend::buildTokenizer(described.json);
  ASSERT_TRUE(bool(blob)) << blob.error;
  std::string error;
  auto tokenizer =
      runtime::Tokenizer::create(blob.bytes.data(), blob.bytes.size(), error);
  ASSERT_TRUE(tokenizer) << error;
  runtime::Encoding encoding;
  ASSERT_TRUE(tokenizer->encode("abab bab A", true, encoding, error));
  EXPECT_EQ(encoding.ids, (std::vector<int32_t>{1, 9, 10, 4, 10, 4, 3}));
  std::string text;
  ASSERT_TRUE(tokenizer->decode(encoding.ids, true, text, error));
  EXPECT_EQ(text, "abab bab A");
}

/// The vectors that llama.cpp tests its own tokenizers with.
class GgufVocabulary : public testing::TestWithParam<const char *> {};

TEST_P(GgufVocabulary, GivesTheIdsOfLlamaCpp) {
  const char *shared = std::getenv("SINTER_SHARED_MODELS");
  const std::string path = std::string(shared ? shared : "") +
                           "/tokenizers/gguf/ggml-vocab-" + GetParam() +
                           ".gguf";
  if (!shared || !std::ifstream(path))
    GTEST_SKIP() << "no vectors at " << path;
  llvm::Expected<std::unique_ptr<GgufFile>> file = GgufFile::open(path);
  ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
  GgufTokenizer described = ggufTokenizer(**file);
  ASSERT_EQ(described.missing, "");
  frontend::TokenizerBlob blob = frontend::buildTokenizer(described.json);
  ASSERT_TRUE(bool(blob)) << blob.error;
  std::string error;
  auto tokenizer =
      runtime::Tokenizer::create(blob.bytes.data(), blob.bytes.size(), error);
  ASSERT_TRUE(tokenizer) << error;

  std::string inputs = readFile(path + ".inp");
  std::istringstream outputs(readFile(path + ".out"));
  const std::string separator = "\n__ggml_vocab_test__\n";
  size_t compared = 0;
  for (size_t start = 0; start != std::string::npos; ++compared) {
    size_t end = inputs.find(separator, start);
    std::string text = inputs.substr(start, end - start);
    start = end == std::string::npos ? end : end + separator.size();
    std::string line;
    if (!std::getline(outputs, line))
      break;
    std::istringstream numbers(line);
    std::vector<int32_t> expected;
    for (int32_t id; numbers >> id;)
      expected.push_back(id);
    runtime::Encoding encoding;
    ASSERT_TRUE(tokenizer->encode(text, false, encoding, error)) << error;
    EXPECT_EQ(encoding.ids, expected) << "'" << text << "'";
  }
  EXPECT_GT(compared, 40u);
}

INSTANTIATE_TEST_SUITE_P(Shared, GgufVocabulary,
                         testing::Values("gpt-2", "starcoder", "falcon",
                                         "deepseek-coder", "bert-bge"));

} // namespace
