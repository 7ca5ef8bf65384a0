//===- ReadComponents.h - The stages that tokenizer.json names --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_TOKENIZER_READCOMPONENTS_H
#define SINTER_FRONTEND_TOKENIZER_READCOMPONENTS_H

#include "frontend/tokenizer/BlobWriter.h"
#include "frontend/tokenizer/JsonReader.h"

namespace sinter::frontend {

using ComponentList = std::vector<TokenizerDescription::Component>;

// Each appends the components of a value of tokenizer.json; what Sinter does
// not build yet is an error that names it.
void readNormalizer(const JsonReader &value, ComponentList &list);
void readPreTokenizer(const JsonReader &value, ComponentList &list);
void readDecoder(const JsonReader &value, ComponentList &list);

/// Sets the templates for one text and for two.
void readPostProcessor(const JsonReader &value,
                       TokenizerDescription &description);

/// The templates of a tokenizer without a post-processor.
void setPlainTemplates(TokenizerDescription &description);

/// GPT-2's byte-level pre-tokenizer.
TokenizerDescription::Component byteLevel(bool addPrefixSpace, bool useRegex);

} // namespace sinter::frontend

#endif // SINTER_FRONTEND_TOKENIZER_READCOMPONENTS_H
