//===- GgufModel.h - A model in a GGUF file -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_GGUF_GGUFMODEL_H
#define SINTER_FRONTEND_GGUF_GGUFMODEL_H

#include "frontend/gguf/GgufFile.h"
#include "frontend/tokenizer/ChatTemplate.h"
#include "ir/WeightSource.h"

namespace sinter {

/// The text of the config.json that the metadata stand for: the values under
/// the names that Hugging Face gives them, and under GGUF's own for specs that
/// ask for those. An error names an architecture that is not known.
llvm::Expected<std::string> ggufConfig(const GgufFile &file);

/// The specs that are known to GGUF.
std::vector<std::string> ggufModelTypes();

/// The weights, under GGUF's names, as the specs expect them: what a converter
/// changed on the way from a checkpoint (Llama's queries and keys permuted,
/// GPT-2's matrices transposed, 1 added to Gemma's norms) is undone as
/// they are read. `file` must live as long.
std::unique_ptr<WeightSource> ggufWeights(const GgufFile &file);

/// "12 tensors of Q4_K, 3 of F32": what the file stores that is no plain float,
/// by how often; empty if nothing is.
std::string ggufQuantizedTypes(const GgufFile &file);

/// A tokenizer as the text of the tokenizer.json that would give the same ids,
/// or why there is none.
struct GgufTokenizer {
  std::string json;
  std::string missing;
};
GgufTokenizer ggufTokenizer(const GgufFile &file);

/// `tokenizer.chat_template`, and those with a name behind it.
frontend::ChatTemplateRecord ggufChatTemplate(const GgufFile &file);

} // namespace sinter

#endif // SINTER_FRONTEND_GGUF_GGUFMODEL_H
