//===- Chooser.h - The next token of one sequence -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHOOSER_H
#define SINTER_RUNTIME_CHOOSER_H

#include "runtime/Draft.h"
#include "runtime/Sampler.h"
#include "runtime/Session.h"

#include <memory>
#include <span>
#include <vector>

namespace sinter::runtime {

/// Feeds sequence 0 of a session and chooses what follows. Where nothing but
/// the most probable token matters, the logits are not even written.
///
/// Guesses of what comes next are fed along: what followed the last tokens when
/// they stood in the text before (prompt look-up, Saxena 2023), or what a
/// smaller model writes (`Draft`). As long as a guess is what the model would
/// have written, its tokens need no call of their own. Greedy decoding writes
/// what it writes without guesses; sampling takes a draft's guess with the
/// probability that leaves the text's probabilities as they are.
class Chooser {
public:
  /// `start`: how many tokens a prompt has.
  Chooser(sinter_session &session, Sampler &sampler,
          const sinter_generate_options &options, size_t start);

  /// Feeds the tokens of `history` from `from` on.
  void feed(std::span<const int32_t> history, size_t from);

  /// -1: the constraint allows nothing more.
  int32_t choose(std::span<const int32_t> history);

  /// Forgets guesses that did not come true; `length`: tokens that were fed.
  void settle(int64_t length);

private:
  void run(std::span<const int32_t> tokens, size_t rows);
  std::vector<int32_t> guessBehind(std::span<const int32_t> history);

  sinter_session &session;
  Sampler &sampler;
  sinter_constraint *constraint;
  const std::vector<int32_t> ends;
  const size_t start;
  const int64_t lookup, draftTokens;
  const bool isGreedy, samples;
  std::unique_ptr<Draft> draft;
  sinter_guesses *guesses;
  std::vector<float> logits;
  /// Greedy: what follows the last token fed, and each of the guesses.
  std::vector<int32_t> best;
  std::vector<float> bestLogits;
  std::vector<int32_t> guess, fed;
  std::vector<double> wanted;
  size_t current = 0; ///< guesses that have come true
};

/// What followed the last three, two or one tokens where they stood last
/// before, at most `count` tokens.
std::vector<int32_t> guessFrom(std::span<const int32_t> history, size_t count);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_CHOOSER_H
