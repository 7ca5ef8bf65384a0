//===- SentenceTransformers.h - How a sentence is embedded ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_HUGGINGFACE_SENTENCETRANSFORMERS_H
#define SINTER_FRONTEND_HUGGINGFACE_SENTENCETRANSFORMERS_H

#include "llvm/Support/Error.h"
#include <string>

namespace sinter {

/// What a folder that sentence-transformers wrote says in modules.json and
/// 1_Pooling/config.json, as one JSON object:
///
///     {"pooling": "first" | "mean" | "last", "normalize": true | false}
///
/// Empty where there is no modules.json. What has no place in it (another
/// pooling, a layer behind it) is an error.
llvm::Expected<std::string> readEmbeddingConfig(llvm::StringRef folder);

} // namespace sinter

#endif // SINTER_FRONTEND_HUGGINGFACE_SENTENCETRANSFORMERS_H
