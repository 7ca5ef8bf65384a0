//===- PreTokenizer.h - Text cut into words ---------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TOKENIZER_PRETOKENIZER_H
#define SINTER_RUNTIME_TOKENIZER_PRETOKENIZER_H

#include "runtime/tokenizer/Normalizer.h"

#include <memory>
#include <string>
#include <vector>

namespace sinter::runtime {

/// A piece of text, or an added token that was found in it.
struct Part {
  size_t begin, end;
  size_t origin;  ///< as in Text, of this piece
  uint32_t token; ///< blob::none for a piece of text
};

/// Text and how it is cut. Pieces are not empty and in order; what lies between
/// them is dropped.
struct Parts {
  std::string text;
  std::vector<Part> parts;
};

class PreTokenizerChain {
public:
  bool open(const Blob &blob, std::string &error);
  bool apply(Parts &parts, std::string &error) const;

private:
  struct Stage {
    blob::Component component;
    std::string_view pattern;
    std::unique_ptr<Regex> regex;
  };
  bool cutStage(const Stage &stage, Parts &parts, std::string &error) const;
  std::vector<Stage> stages;
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_TOKENIZER_PRETOKENIZER_H
