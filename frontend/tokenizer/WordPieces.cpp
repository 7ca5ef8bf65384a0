//===- WordPieces.cpp - BERT's list of pieces as tokenizer.json -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tokenizer/WordPieces.h"

using nlohmann::json;

json sinter::frontend::describeWordPieces(const json &vocabulary, json added,
                                          const json &options) {
  auto idOf = [&](const char *name) {
    return vocabulary.value(name, json(nullptr));
  };
  auto optionOf = [&](const char *name, bool standard) {
    return options.value(name, json(standard)) == true;
  };
  json stripAccents = options.value("strip_accents", json(nullptr));
  return {
      {"added_tokens", std::move(added)},
      {"normalizer",
       {{"type", "BertNormalizer"},
        {"clean_text", true},
        {"handle_chinese_chars", optionOf("tokenize_chinese_chars", true)},
        {"strip_accents", stripAccents},
        {"lowercase", optionOf("do_lower_case", true)}}},
      {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
      {"post_processor",
       {{"type", "BertProcessing"},
        {"sep", {"[SEP]", idOf("[SEP]")}},
        {"cls", {"[CLS]", idOf("[CLS]")}}}},
      {"decoder", {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}}},
      {"model",
       {{"type", "WordPiece"},
        {"unk_token", "[UNK]"},
        {"continuing_subword_prefix", "##"},
        {"max_input_chars_per_word", 100},
        {"vocab", vocabulary}}}};
}
