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
#include <utility>
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
  double minP = 0;     ///< least part of the best token's probability; 0: all
  double typicalP = 1; ///< 1: all
  double repetitionPenalty = 1;
  double frequencyPenalty = 0, presencePenalty = 0;
  /// What is added to tokens' logits; a token may stand once.
  std::vector<std::pair<int32_t, float>> bias;
  /// Tokens of the vocabulary that are never taken, and that are not taken
  /// right behind the prompt.
  std::vector<int32_t> never, notFirst;
  uint64_t seed = 0;
};

/// Chooses tokens in the order of Hugging Face's processors: bias, repetition
/// penalty, frequency and presence penalties (which Hugging Face has not),
/// temperature, top-k, top-p, min-p, typical. Among equals the lower id comes
/// first, so that a choice never depends on how it was computed.
class Sampler {
public:
  /// Throws where an option is out of range.
  Sampler(const SamplerOptions &options, int64_t vocabulary);

  /// Whether a choice needs no more than the most probable token.
  bool isGreedy() const {
    return options.temperature == 0 && options.repetitionPenalty == 1 &&
           options.frequencyPenalty == 0 && options.presencePenalty == 0 &&
           options.bias.empty() && options.never.empty() &&
           options.notFirst.empty();
  }

  /// Frequency and presence penalties count what follows the first `tokens` of
  /// a history: the prompt is not what the model wrote.
  void countFrom(size_t tokens) { promptTokens = tokens; }

  /// The next token after `history`; changes `logits`.
  int32_t choose(std::span<float> logits, std::span<const int32_t> history);

  /// The probabilities with which choose() would take each token, where it
  /// samples; changes `logits`.
  void distribution(std::span<float> logits, std::span<const int32_t> history,
                    std::vector<double> &probabilities);

  /// A token of a distribution, which need not add up to 1.
  int32_t draw(std::span<const double> probabilities);

  /// A token of the distribution `wanted`, given one that was drawn from
  /// `drawnFrom`: that one with the probability wanted / drawnFrom, else one of
  /// what `wanted` has more of (Leviathan et al. 2023, section 2.3). `wanted`
  /// is changed.
  int32_t accept(int32_t guess, std::span<const double> drawnFrom,
                 std::span<double> wanted);

  /// Adds the biases, and makes what `history` holds less likely: the
  /// repetition penalty divides positive scores and multiplies negative ones
  /// (Keskar et al. 2019, section 4.1), the others are subtracted, once for
  /// each time (frequency) and once for all (presence).
  void penalize(std::span<float> scores, std::span<const int32_t> history);

private:
  struct Candidate {
    int32_t token;
    float logit;
  };

  int32_t sample(std::span<const float> logits);

  /// Candidates and their weights: how many, and what those add up to.
  std::pair<size_t, double> narrow(std::span<const float> logits);

  /// Makes `candidates` the `count` most probable, best first; gives `count`.
  size_t keepBest(std::span<const float> logits, size_t count);

  /// Sets the weights of the first `count` candidates, relative to the most
  /// probable token's; gives their sum.
  double weigh(float largest, size_t count);

  void penalizeRepetition(std::span<float> scores,
                          std::span<const int32_t> history);
  void penalizeWritten(std::span<float> scores,
                       std::span<const int32_t> written);

  /// Of the first `count` candidates, those whose weight is at least `minP`;
  /// gives how many.
  size_t keepLikely(size_t count);
  /// Those that are about as surprising as a token is on average, the nearest
  /// first, until they reach `typicalP` (Meister et al. 2022).
  size_t keepTypical(size_t count);

  SamplerOptions options;
  size_t promptTokens = 0;
  Random random;
  std::vector<Candidate> candidates;
  std::vector<double> weights;
  std::vector<int32_t> seen; ///< how often; zero between calls
  std::vector<double> surprises;
  std::vector<size_t> order;
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
