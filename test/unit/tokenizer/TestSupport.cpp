//===- TestSupport.cpp - What the tokenizer tests share -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/tokenizer/TestSupport.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace sinter::test {

BuiltTokenizer open(frontend::TokenizerBlob blob) {
  BuiltTokenizer built{std::move(blob), nullptr};
  EXPECT_EQ(built.blob.error, "");
  if (built.blob) {
    std::string error;
    built.tokenizer = runtime::Tokenizer::create(
        built.blob.bytes.data(), built.blob.bytes.size(), error);
    EXPECT_TRUE(built.tokenizer) << error;
  }
  return built;
}

BuiltTokenizer openJson(const std::string &json, const std::string &config) {
  return open(frontend::buildTokenizer(json, config));
}

std::vector<int32_t> encode(const BuiltTokenizer &tokenizer,
                            const std::string &text, bool addSpecialTokens) {
  runtime::Encoding encoding;
  std::string error;
  EXPECT_TRUE(tokenizer->encode(text, addSpecialTokens, encoding, error))
      << error;
  return encoding.ids;
}

std::string decode(const BuiltTokenizer &tokenizer,
                   const std::vector<int32_t> &ids, bool skipSpecialTokens) {
  std::string text, error;
  EXPECT_TRUE(tokenizer->decode(ids, skipSpecialTokens, text, error)) << error;
  return text;
}

std::optional<std::string> readFile(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream)
    return std::nullopt;
  std::ostringstream contents;
  contents << stream.rdbuf();
  return contents.str();
}

std::string fixtures() {
  return std::string(SINTER_SOURCE_DIRECTORY) + "/test/fixtures/tokenizers";
}

std::string sharedModels() {
  if (const char *folder = std::getenv("SINTER_SHARED_MODELS"))
    return folder;
  return std::string(SINTER_SOURCE_DIRECTORY) + "/../shared/models";
}

} // namespace sinter::test
