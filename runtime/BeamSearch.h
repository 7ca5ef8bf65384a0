//===- BeamSearch.h - The most probable sequence, nearly ------ -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_BEAMSEARCH_H
#define SINTER_RUNTIME_BEAMSEARCH_H

#include "runtime/Sampler.h"
#include "runtime/Session.h"

#include <span>
#include <vector>

namespace sinter::runtime {

/// Beam search with the scores and the stopping rule of Hugging Face's
/// generate(): see sinter_generate. Each beam is a sequence of the session;
/// choosing parents renames sequences and copies the caches of those with
/// several children.
class BeamSearch {
public:
  /// `limit`: most tokens of a sequence, the start included. `sampler` holds
  /// the repetition penalty.
  BeamSearch(sinter_session &session, const sinter_generate_options &options,
             Sampler &sampler, int64_t limit);

  /// The best continuation of `start`, whose source is sequence 0's. `start`
  /// and the end token are part of it.
  std::vector<int32_t> run(std::span<const int32_t> start);

private:
  /// A token that may follow a beam; `score` is log p of the whole sequence.
  struct Candidate {
    int64_t beam;
    int32_t token;
    double score;
  };

  struct Beam {
    std::vector<int32_t> tokens;
    double score;
  };

  void collect();
  void offer(const Candidate &candidate);
  bool restrict(const Beam &beam, std::span<float> scores);
  void advance();
  bool decided(double bestScore) const;
  void finish(std::vector<int32_t> tokens, double score, int64_t length);
  void feedBeams();

  sinter_session &session;
  const sinter_program &program;
  const sinter_generate_options &options;
  Sampler &sampler;
  const int64_t limit;
  const int64_t width;
  int64_t startLength = 0;
  std::vector<Beam> beams, next;
  std::vector<Candidate> candidates; ///< the best ones, best first
  size_t candidateLimit;
  std::vector<Beam> finished; ///< best first; scores are divided by length
  std::vector<float> logits;  ///< [beams][vocabulary]
  std::vector<int32_t> fed, sequence, row, parents;
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_BEAMSEARCH_H
