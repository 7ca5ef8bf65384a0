//===- Sampler.h - The next token from its logits ------------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_SAMPLER_H
#define SINTER_RUNTIME_SAMPLER_H

#include <cstdint>
#include <span>
#include <vector>

namespace sinter::runtime {

/// PCG32 (O'Neill 2014): small, good enough for sampling, and the same numbers
/// on every machine.
class Random {
public:
  explicit Random(uint64_t seed);

  /// Uniform in [0, 1), with 53 random bits.
  double uniform();

private:
  uint32_t next();
  uint64_t state;
};

struct SamplerOptions {
  double temperature = 0; ///< 0: the most probable token
  int64_t topK = 0;       ///< 0: all
  double topP = 1;
  double repetitionPenalty = 1;
  uint64_t seed = 0;
};

/// Chooses tokens in the order of Hugging Face's processors: repetition
/// penalty, temperature, top-k, top-p. Among equals the lower id comes first,
/// so that a choice never depends on how it was computed.
class Sampler {
public:
  /// Throws where an option is out of range.
  Sampler(const SamplerOptions &options, int64_t vocabulary);

  /// Whether a choice needs no more than the most probable token.
  bool isGreedy() const {
    return options.temperature == 0 && options.repetitionPenalty == 1;
  }

  /// The next token after `history`; changes `logits`.
  int32_t choose(std::span<float> logits, std::span<const int32_t> history);

  /// Makes what `history` holds less likely: divides positive scores and
  /// multiplies negative ones (Keskar et al. 2019, section 4.1).
  void penalize(std::span<float> scores, std::span<const int32_t> history);

private:
  struct Candidate {
    int32_t token;
    float logit;
  };

  int32_t sample(std::span<const float> logits);

  /// Makes `candidates` the `count` most probable, best first; gives `count`.
  size_t keepBest(std::span<const float> logits, size_t count);

  /// Sets the weights of the first `count` candidates, relative to the most
  /// probable token's; gives their sum.
  double weigh(float largest, size_t count);

  SamplerOptions options;
  Random random;
  std::vector<Candidate> candidates;
  std::vector<double> weights;
  std::vector<char> seen;
};

/// Throws where the logit of `token` is not a number.
void checkNumber(float logit, size_t token);

/// The place of the largest logit, the first where there are several. Throws
/// where a logit is not a number.
int32_t mostProbable(std::span<const float> logits);

/// log(sum(exp(logits))), computed in double. Throws where a logit is not a
/// number.
double logSumExp(std::span<const float> logits);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_SAMPLER_H
