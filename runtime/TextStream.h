//===- TextStream.h - Text of tokens as they are generated ---- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TEXTSTREAM_H
#define SINTER_RUNTIME_TEXTSTREAM_H

#include "runtime/tokenizer/Tokenizer.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sinter::runtime {

/// Finds the first of some strings in text that comes in parts, and holds back
/// what may turn out to be the start of one.
class StopStrings {
public:
  explicit StopStrings(std::vector<std::string> strings);

  /// Appends to `out` what of `text` is surely before any stop string. True
  /// once one has appeared; what follows is dropped.
  bool push(std::string_view text, std::string &out);

  /// Appends what was held back.
  void finish(std::string &out);

private:
  std::vector<std::string> strings;
  std::string held;
  bool found = false;
};

/// Text that tokens add behind a prompt, in whole characters.
class TextStream {
public:
  /// Without a tokenizer there is no text. `prompt` gives the context that some
  /// decoders need (a space at the start of a text is dropped, inside it is
  /// not); its own text is left out.
  TextStream(const Tokenizer *tokenizer, std::span<const int32_t> prompt,
             std::vector<std::string> stop);

  /// The text that `token` completes; `stopped` becomes true at a stop string.
  const std::string &push(int32_t token, bool &stopped);

  /// The text that was held back.
  const std::string &finish();

private:
  void dropPrompt();

  std::unique_ptr<Streamer> streamer;
  StopStrings stop;
  std::string promptRest; ///< of the prompt's text, still in the streamer
  std::string fresh, out;
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_TEXTSTREAM_H
