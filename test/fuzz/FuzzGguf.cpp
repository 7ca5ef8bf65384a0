//===- FuzzGguf.cpp - Any bytes as GGUF -*- C++ -*-===//
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

#include "frontend/gguf/Dequantize.h"
#include "frontend/gguf/GgufModel.h"
#include "frontend/tokenizer/TokenizerBuilder.h"

using namespace sinter;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(bytes), size);
  llvm::Expected<std::unique_ptr<GgufFile>> file = GgufFile::parse(
      "fuzz", llvm::MemoryBuffer::getMemBuffer(text, "", false));
  if (!file) {
    llvm::consumeError(file.takeError());
    return 0;
  }
  llvm::Expected<std::string> config = ggufConfig(**file);
  if (!config)
    llvm::consumeError(config.takeError());
  GgufTokenizer tokenizer = ggufTokenizer(**file);
  if (!tokenizer.json.empty())
    frontend::buildTokenizer(tokenizer.json);
  std::unique_ptr<WeightSource> weights = ggufWeights(**file);
  for (const std::string &name : weights->names())
    weights->find(name);
  return 0;
}
