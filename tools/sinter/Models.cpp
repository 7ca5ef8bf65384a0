//===- Models.cpp - The models that come with the compiler -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Models.h"
#include "frontend/Frontend.h"
#include "frontend/gguf/GgufModel.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"

using namespace sinter;

/// A head in a word.
static llvm::StringRef shortName(llvm::StringRef head) {
  return llvm::StringSwitch<llvm::StringRef>(head)
      .Case("next_token", "text")
      .Case("masked_token", "masks")
      .Case("encoder_decoder", "translation")
      .Case("sequence_classification", "classes")
      .Case("token_classification", "token-classes")
      .Case("question_answering", "answers")
      .Case("embedding", "embeddings")
      .Default(head);
}

void sinter::printModels(llvm::raw_ostream &stream) {
  const std::vector<std::string> gguf = ggufModelTypes();
  stream << llvm::formatv("{0,-13} {1,-58} {2,-21} {3}\n", "model_type",
                          "heads", "files", "family");
  for (const BuiltinModel &model : builtinModels()) {
    std::string heads, files = "folder";
    for (const std::string &head : model.heads)
      heads += (heads.empty() ? "" : " ") + shortName(head).str();
    if (llvm::is_contained(gguf, model.type))
      files += " gguf";
    if (model.type == "llama")
      files += " llama2.c";
    stream << llvm::formatv("{0,-13} {1,-58} {2,-21} {3}\n", model.type, heads,
                            files, model.family);
  }
}
