//===- FuzzTokenizer.cpp - Any bytes as tokenizer.json -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes bytes as a hostile hand would write them. See Replay.cpp for how it is
// run.
//
//===----------------------------------------------------------------------===//

#include "frontend/tokenizer/TokenizerBuilder.h"
#include "runtime/tokenizer/Tokenizer.h"

using namespace sinter;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  std::string_view text(reinterpret_cast<const char *>(bytes), size);
  frontend::TokenizerBlob blob = frontend::buildTokenizer(text);
  if (!blob)
    return 0;
  std::string problem;
  std::unique_ptr<runtime::Tokenizer> tokenizer =
      runtime::Tokenizer::create(blob.bytes.data(), blob.bytes.size(), problem);
  // What the compiler writes, the runtime takes.
  if (!tokenizer)
    __builtin_trap();
  runtime::Encoding encoding;
  std::string decoded;
  if (tokenizer->encode(text.substr(0, 200), true, encoding, problem))
    tokenizer->decode(encoding.ids, false, decoded, problem);
  return 0;
}
