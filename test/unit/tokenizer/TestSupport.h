//===- TestSupport.h - What the tokenizer tests share -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_UNIT_TOKENIZER_TESTSUPPORT_H
#define SINTER_TEST_UNIT_TOKENIZER_TESTSUPPORT_H

#include "frontend/tokenizer/TokenizerBuilder.h"
#include "runtime/tokenizer/Tokenizer.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sinter::test {

/// A tokenizer and the bytes that it stands on.
struct BuiltTokenizer {
  frontend::TokenizerBlob blob;
  std::unique_ptr<runtime::Tokenizer> tokenizer;

  runtime::Tokenizer *operator->() const { return tokenizer.get(); }
};

/// Builds it; a failure is a failure of the test.
BuiltTokenizer open(frontend::TokenizerBlob blob);
BuiltTokenizer openJson(const std::string &json,
                        const std::string &config = {});

/// Ids and texts; a failure is a failure of the test.
std::vector<int32_t> encode(const BuiltTokenizer &tokenizer,
                            const std::string &text,
                            bool addSpecialTokens = false);
std::string decode(const BuiltTokenizer &tokenizer,
                   const std::vector<int32_t> &ids,
                   bool skipSpecialTokens = false);

/// Contents of a file; nothing if it cannot be read.
std::optional<std::string> readFile(const std::string &path);

/// Folder test/fixtures/tokenizers of the source tree.
std::string fixtures();

/// Folder of the models that are no part of the project: SINTER_SHARED_MODELS,
/// or shared/models beside the source tree.
std::string sharedModels();

} // namespace sinter::test

#endif // SINTER_TEST_UNIT_TOKENIZER_TESTSUPPORT_H
