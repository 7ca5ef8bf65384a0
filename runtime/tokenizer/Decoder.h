//===- Decoder.h - Tokens put together to text ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TOKENIZER_DECODER_H
#define SINTER_RUNTIME_TOKENIZER_DECODER_H

#include "runtime/tokenizer/Blob.h"
#include "runtime/tokenizer/Regex.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::runtime {

/// What all chains of a tokenizer share.
struct DecoderPlan {
  bool open(const Blob &blob, std::string &error);

  struct Stage {
    blob::Component component;
    std::string_view pattern, content;
    std::shared_ptr<const Regex> regex;
  };
  std::vector<Stage> stages;
};

/// A stage of a decoder. Tokens come as one or more chunks of whole characters;
/// `begins` marks a token's first. A stage hands on what no later chunk can
/// change.
class DecoderStage {
public:
  virtual ~DecoderStage() = default;
  virtual bool push(std::string_view chunk, bool begins,
                    std::string &error) = 0;
  /// No token follows; the stage starts anew.
  virtual bool finish(std::string &error) = 0;
  DecoderStage *next = nullptr;
};

/// The decoders of a tokenizer at work on one text.
class DecoderChain {
public:
  explicit DecoderChain(const DecoderPlan &plan);

  bool push(std::string_view token, std::string &text, std::string &error);
  bool finish(std::string &text, std::string &error);

private:
  void append(std::unique_ptr<DecoderStage> stage);
  std::vector<std::unique_ptr<DecoderStage>> stages; ///< the last one collects
  std::string *output = nullptr;
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_TOKENIZER_DECODER_H
