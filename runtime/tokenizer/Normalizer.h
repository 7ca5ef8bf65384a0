//===- Normalizer.h - Text before it is cut ---------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TOKENIZER_NORMALIZER_H
#define SINTER_RUNTIME_TOKENIZER_NORMALIZER_H

#include "runtime/tokenizer/Blob.h"
#include "runtime/tokenizer/Regex.h"

#include <memory>
#include <string>
#include <vector>

namespace sinter::runtime {

/// Well-formed text. The first `origin` bytes come from the first character of
/// what was to be encoded: the only trace of where text came from that any
/// component asks for.
struct Text {
  std::string bytes;
  size_t origin = 0;
};

/// Puts `content` for each match.
void replaceMatches(Text &text, const std::vector<Span> &matches,
                    std::string_view content);

/// Puts `content` before a text that is not empty.
void prepend(Text &text, std::string_view content);

/// Appends all places of `pattern`, which is not empty.
void findText(std::string_view text, std::string_view pattern,
              std::vector<Span> &matches);

class NormalizerChain {
public:
  bool open(const Blob &blob, std::string &error);
  bool apply(Text &text, std::string &error) const;

private:
  struct Stage {
    blob::Component component;
    std::string_view pattern, content;
    std::unique_ptr<Regex> regex;
  };
  std::vector<Stage> stages;
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_TOKENIZER_NORMALIZER_H
