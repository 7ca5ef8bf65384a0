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

/// What the tests of this build compare: tiny checkpoints with the logits of
/// the software that defines the model ("fixtures"), and models that were
/// trained for the tests ("models").
static std::string testedWith(llvm::StringRef type) {
  enum { fixtures, models };
  int counts[2] = {0, 0};
#define TESTED(kind, name, count)                                              \
  if (type == name)                                                            \
    counts[kind] = count;
#include "TestedModels.inc"
#undef TESTED
  std::string text;
  if (counts[fixtures] > 0)
    text = std::to_string(counts[fixtures]) + " fixture" +
           (counts[fixtures] > 1 ? "s" : "");
  if (counts[models] > 0)
    text += (text.empty() ? "" : ", ") + std::to_string(counts[models]) +
            " trained";
  return text.empty() ? "-" : text;
}

void sinter::printModels(llvm::raw_ostream &stream) {
  const std::vector<std::string> gguf = ggufModelTypes();
  constexpr const char *line = "{0,-16} {1,-58} {2,-21} {3,-22} {4}\n";
  stream << llvm::formatv(line, "model_type", "heads", "files", "tested with",
                          "family");
  for (const BuiltinModel &model : builtinModels()) {
    std::string heads, files = "folder";
    for (const std::string &head : model.heads)
      heads += (heads.empty() ? "" : " ") + shortName(head).str();
    if (llvm::is_contained(gguf, model.type))
      files += " gguf";
    if (model.type == "llama")
      files += " llama2.c";
    stream << llvm::formatv(line, model.type, heads, files,
                            testedWith(model.type), model.family);
  }
}
