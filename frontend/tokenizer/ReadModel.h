//===- ReadModel.h - The model that tokenizer.json names --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_TOKENIZER_READMODEL_H
#define SINTER_FRONTEND_TOKENIZER_READMODEL_H

#include "frontend/tokenizer/BlobWriter.h"
#include "frontend/tokenizer/JsonReader.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace sinter::frontend {

/// Ids of a vocabulary's texts.
using VocabularyMap = std::unordered_map<std::string, uint32_t>;

/// Reads the vocabulary {"text": id, ...}; no id may stand twice.
VocabularyMap readVocabulary(const JsonReader &value);

/// Sets the description's model and vocabulary.
void readModel(const JsonReader &value, TokenizerDescription &description,
               VocabularyMap &vocabulary, std::vector<std::string> &warnings);

/// Sets the merges, from pairs of texts; a pair that comes again counts where
/// it comes last. `place` says where pair i stands, for messages.
void setMerges(const std::vector<std::pair<std::string, std::string>> &pairs,
               const VocabularyMap &vocabulary, const std::string &place,
               TokenizerDescription &description);

} // namespace sinter::frontend

#endif // SINTER_FRONTEND_TOKENIZER_READMODEL_H
