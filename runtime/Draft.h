//===- Draft.h - A smaller model that guesses -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_DRAFT_H
#define SINTER_RUNTIME_DRAFT_H

#include "runtime/Sampler.h"
#include "runtime/Session.h"

#include <span>
#include <vector>

namespace sinter::runtime {

/// Speculative decoding (Leviathan et al. 2023): a smaller model of the same
/// vocabulary writes a few tokens, as the larger one would choose them of its
/// logits, and the larger one reads them in one call.
class Draft {
public:
  /// `session` is the smaller model's; its sequence 0 is emptied. `start`: how
  /// many tokens a prompt has. Throws where the vocabularies differ.
  Draft(const sinter_model &target, sinter_session &session,
        const sinter_generate_options &options, size_t start);

  /// At most `count` tokens behind `history`; fewer where the smaller model's
  /// context ends.
  std::vector<int32_t> guess(std::span<const int32_t> history, size_t count);

  /// Where tokens are sampled: with which probabilities guess `place` was
  /// drawn, one for each token.
  std::span<const double> probabilities(size_t place) const {
    return drawnFrom.at(place);
  }

private:
  void feed(std::span<const int32_t> tokens);
  int32_t choose(std::span<const int32_t> history, size_t place);

  sinter_session &session;
  Sampler sampler;
  const bool samples;
  std::vector<int32_t> held; ///< what the session holds
  std::vector<float> logits;
  std::vector<std::vector<double>> drawnFrom;
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_DRAFT_H
