//===- Vocabulary.h - Words cut into tokens ---------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TOKENIZER_VOCABULARY_H
#define SINTER_RUNTIME_TOKENIZER_VOCABULARY_H

#include "runtime/tokenizer/Blob.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::runtime {

/// Buffers that a call of Vocabulary::cut leaves for the next.
struct CutScratch {
  struct Symbol {
    uint32_t token; ///< blob::none once merged into the one before
    uint32_t previous, next;
  };
  struct Merge {
    uint32_t rank, position, result;
  };
  std::vector<Symbol> symbols;
  std::vector<Merge> queue; ///< a heap, the next merge first
  std::string text;
};

/// The model of a tokenizer: which tokens a word becomes.
class Vocabulary {
public:
  void open(const Blob &blob);

  /// Appends the tokens of `word`, which is well-formed and not empty.
  bool cut(std::string_view word, CutScratch &scratch,
           std::vector<int32_t> &ids, std::string &error) const;

private:
  bool cutPairs(std::string_view word, CutScratch &scratch,
                std::vector<int32_t> &ids, std::string &error) const;
  bool startSymbols(std::string_view word, CutScratch &scratch,
                    std::string &error) const;
  void mergeSymbols(CutScratch &scratch) const;
  uint32_t findCharacter(std::string_view word, size_t at, size_t bytes,
                         CutScratch &scratch) const;
  bool cutPieces(std::string_view word, CutScratch &scratch,
                 std::vector<int32_t> &ids, std::string &error) const;
  bool cutLongest(std::string_view word, std::vector<int32_t> &ids,
                  std::string &error) const;
  bool failUnknown(std::string_view word, std::string &error) const;
  bool has(blob::ModelFlags flag) const { return blob->model().flags & flag; }

  const Blob *blob = nullptr;
  /// Tokens of the characters of a byte-level alphabet, or blob::none.
  std::array<uint32_t, 0x144> characters{};
  bool hasAffixes = false;
  size_t longest = 0; ///< bytes of the longest token
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_TOKENIZER_VOCABULARY_H
