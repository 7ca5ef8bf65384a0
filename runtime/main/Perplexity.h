//===- Perplexity.h - How probable a model finds a text ------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MAIN_PERPLEXITY_H
#define SINTER_RUNTIME_MAIN_PERPLEXITY_H

#include <cstdint>
#include <span>
#include <vector>

namespace sinter::runtime {

/// Tokens of a text that the model reads at once, and which of them count.
struct ScoredWindow {
  int64_t begin, end;
  /// Tokens [scored, end) are scored, each by the row of the one before it.
  int64_t scored;
};

/// Windows of `window` tokens, each `stride` further than the last, over a text
/// of `length` tokens. A token is scored by the first window that holds it and
/// one before it: the text's first token never is, nor, where windows do not
/// overlap, the first one of each. `window` is at least 2, `stride` in [1,
/// window]. Texts of fewer than 2 tokens have no windows.
std::vector<ScoredWindow> scoredWindows(int64_t length, int64_t window,
                                        int64_t stride);

/// -log(softmax(logits)[token]) in nats, of sums in f64. Not finite where a
/// logit is not a number or all are -infinity.
double negativeLogLikelihood(std::span<const float> logits, int32_t token);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_MAIN_PERPLEXITY_H
