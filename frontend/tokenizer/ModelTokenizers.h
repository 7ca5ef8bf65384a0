//===- ModelTokenizers.h - All tokenizers of a model ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_TOKENIZER_MODELTOKENIZERS_H
#define SINTER_FRONTEND_TOKENIZER_MODELTOKENIZERS_H

#include "frontend/tokenizer/TokenizerBuilder.h"

namespace sinter::frontend {

/// What a model needs to take text and to give it.
struct ModelTokenizers {
  /// Of the text that the model gives, and takes unless it has a source of its
  /// own. No bytes: the folder names no tokenizer, the model takes ids only.
  TokenizerBlob target;
  /// Of the source of an encoder-decoder; no bytes: the same as the target's.
  TokenizerBlob source;
};

/// From the files that readTokenizer knows; where a folder has none of them,
/// from lists of tokens in its config.json:
///
///   "grapheme_chars": "____ab.."   source, each character a token
///   "phoneme_chars": "____ab.."    target
///     The ids pad_token_id, bos_token_id and eos_token_id are no text; nor is
///     an id that has the same character as one of them, the first of which is
///     the unknown token. A source stands between bos and eos.
///
///   "source_vocabulary": ["<blank>", "<s>", "</s>", "a", ..]
///   "target_vocabulary": [..]
///     Tokens in angle brackets are no text: <s> begins, </s> ends, <blank> or
///     <pad> pads, <unk> is unknown. A source is its characters alone.
ModelTokenizers readModelTokenizers(const std::string &folder);

} // namespace sinter::frontend

#endif // SINTER_FRONTEND_TOKENIZER_MODELTOKENIZERS_H
