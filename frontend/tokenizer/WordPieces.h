//===- WordPieces.h - BERT's list of pieces as tokenizer.json --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// vocab.txt of google-research/bert, one piece a line: "##" stands before those
// that continue a word.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_TOKENIZER_WORDPIECES_H
#define SINTER_FRONTEND_TOKENIZER_WORDPIECES_H

#include <nlohmann/json.hpp>

namespace sinter::frontend {

/// A value of tokenizer.json. `vocabulary` gives the ids of pieces, `added` is
/// its "added_tokens", and of `options` those of tokenizer_config.json count:
/// `do_lower_case`, `strip_accents`, `tokenize_chinese_chars`.
nlohmann::json describeWordPieces(const nlohmann::json &vocabulary,
                                  nlohmann::json added,
                                  const nlohmann::json &options);

} // namespace sinter::frontend

#endif // SINTER_FRONTEND_TOKENIZER_WORDPIECES_H
