//===- Sampler.cpp - The next token from its logits -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Sampler.h"

#include "runtime/Failure.h"

#include <algorithm>
#include <cmath>

using namespace sinter::runtime;

namespace {

constexpr uint64_t multiplier = 6364136223846793005u;
constexpr uint64_t increment = 1442695040888963407u;

} // namespace

void sinter::runtime::checkNumber(float logit, size_t token) {
  if (std::isnan(logit))
    fail(SINTER_ERROR_INTERNAL,
         "the model's logit of token %zu is not a number", token);
}

Random::Random(uint64_t seed) : state(0) {
  next();
  state += seed;
  next();
}

uint32_t Random::next() {
  const uint64_t old = state;
  state = old * multiplier + increment;
  const uint32_t mixed = static_cast<uint32_t>(((old >> 18) ^ old) >> 27);
  const uint32_t turn = static_cast<uint32_t>(old >> 59);
  return mixed >> turn | mixed << (-turn & 31);
}

double Random::uniform() {
  const uint64_t high = next() >> 5, low = next() >> 6;
  return static_cast<double>(high << 26 | low) / 9007199254740992.0;
}

int32_t sinter::runtime::mostProbable(std::span<const float> logits) {
  size_t best = 0;
  for (size_t token = 0; token < logits.size(); ++token) {
    checkNumber(logits[token], token);
    if (logits[token] > logits[best])
      best = token;
  }
  return static_cast<int32_t>(best);
}

double sinter::runtime::logSumExp(std::span<const float> logits) {
  const double largest = logits[mostProbable(logits)];
  if (std::isinf(largest))
    return largest;
  double sum = 0;
  for (float logit : logits)
    sum += std::exp(logit - largest);
  return largest + std::log(sum);
}

Sampler::Sampler(const SamplerOptions &options, int64_t vocabulary)
    : options(options), random(options.seed),
      seen(static_cast<size_t>(vocabulary)) {
  if (!(options.temperature >= 0) || std::isinf(options.temperature))
    fail(SINTER_ERROR_ARGUMENT,
         "temperature %g is out of range, expected 0 or "
         "more",
         options.temperature);
  if (options.topK < 0)
    fail(SINTER_ERROR_ARGUMENT,
         "top-k %lld is out of range, expected 0 (all) or more",
         static_cast<long long>(options.topK));
  if (!(options.topP > 0 && options.topP <= 1))
    fail(SINTER_ERROR_ARGUMENT,
         "top-p %g is out of range, expected above 0 and at most 1",
         options.topP);
  if (!(options.repetitionPenalty > 0) || std::isinf(options.repetitionPenalty))
    fail(SINTER_ERROR_ARGUMENT,
         "repetition penalty %g is out of range, expected above 0",
         options.repetitionPenalty);
  if (!(options.minP >= 0 && options.minP <= 1))
    fail(SINTER_ERROR_ARGUMENT,
         "min-p %g is out of range, expected 0 (all) to 1", options.minP);
  if (!(options.typicalP > 0 && options.typicalP <= 1))
    fail(SINTER_ERROR_ARGUMENT,
         "typical %g is out of range, expected above 0 and at most 1",
         options.typicalP);
  if (!std::isfinite(options.frequencyPenalty) ||
      !std::isfinite(options.presencePenalty))
    fail(SINTER_ERROR_ARGUMENT,
         "a frequency or presence penalty is not a finite number");
  for (auto [token, bias] : options.bias) {
    if (token < 0 || token >= vocabulary)
      fail(SINTER_ERROR_ARGUMENT,
           "a bias is given for token %d, which is not in the vocabulary: ids "
           "are 0 to %lld",
           token, static_cast<long long>(vocabulary - 1));
    if (std::isnan(bias) || bias == HUGE_VALF)
      fail(SINTER_ERROR_ARGUMENT, "the bias of token %d is %g", token, bias);
    if (seen[token]++)
      fail(SINTER_ERROR_ARGUMENT, "token %d has two biases", token);
  }
  for (auto [token, bias] : options.bias)
    seen[token] = 0;
  if (options.typicalP < 1) {
    surprises.resize(static_cast<size_t>(vocabulary));
    order.reserve(static_cast<size_t>(vocabulary));
  }
  if (options.temperature > 0) {
    candidates.reserve(static_cast<size_t>(vocabulary));
    weights.resize(static_cast<size_t>(vocabulary));
  }
}

void Sampler::penalize(std::span<float> scores,
                       std::span<const int32_t> history) {
  for (auto [token, bias] : options.bias)
    scores[token] += bias;
  for (int32_t token : options.never)
    scores[token] = -HUGE_VALF;
  if (history.size() == promptTokens)
    for (int32_t token : options.notFirst)
      scores[token] = -HUGE_VALF;
  if (options.repetitionPenalty != 1)
    penalizeRepetition(scores, history);
  if (options.frequencyPenalty != 0 || options.presencePenalty != 0)
    penalizeWritten(scores,
                    history.subspan(std::min(promptTokens, history.size())));
}

void Sampler::penalizeWritten(std::span<float> scores,
                              std::span<const int32_t> written) {
  for (int32_t token : written)
    ++seen[token];
  for (int32_t token : written) {
    if (seen[token] == 0)
      continue;
    scores[token] -= static_cast<float>(options.frequencyPenalty * seen[token] +
                                        options.presencePenalty);
    seen[token] = 0;
  }
}

void Sampler::penalizeRepetition(std::span<float> scores,
                                 std::span<const int32_t> history) {
  const float penalty = static_cast<float>(options.repetitionPenalty);
  for (int32_t token : history) {
    if (seen[token])
      continue;
    seen[token] = 1;
    scores[token] =
        scores[token] > 0 ? scores[token] / penalty : scores[token] * penalty;
  }
  for (int32_t token : history)
    seen[token] = 0;
}

int32_t Sampler::choose(std::span<float> logits,
                        std::span<const int32_t> history) {
  penalize(logits, history);
  return options.temperature > 0 ? sample(logits) : mostProbable(logits);
}

size_t Sampler::keepBest(std::span<const float> logits, size_t count) {
  auto better = [](const Candidate &a, const Candidate &b) {
    return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
  };
  candidates.clear();
  auto all = [&] { return candidates.begin() + static_cast<ptrdiff_t>(count); };
  // A heap of the best so far, the worst of them at its top: nearly all tokens
  // cost one comparison.
  for (size_t token = 0; token < logits.size(); ++token) {
    const Candidate candidate = {static_cast<int32_t>(token), logits[token]};
    if (token < count) {
      candidates.push_back(candidate);
      if (token + 1 == count)
        std::make_heap(candidates.begin(), candidates.end(), better);
    } else if (candidate.logit > candidates.front().logit) {
      std::pop_heap(candidates.begin(), all(), better);
      candidates.back() = candidate;
      std::push_heap(candidates.begin(), all(), better);
    }
  }
  std::sort_heap(candidates.begin(), candidates.end(), better);
  return count;
}

double Sampler::weigh(float largest, size_t count) {
  double total = 0;
  for (size_t place = 0; place < count; ++place) {
    const double difference =
        static_cast<double>(candidates[place].logit) - largest;
    // Far below what a random number of 53 bits can meet: most of a vocabulary.
    if (candidates[place].logit == largest)
      weights[place] = 1;
    else if (difference < -45 * options.temperature)
      weights[place] = 0;
    else
      weights[place] = std::exp(difference / options.temperature);
    total += weights[place];
  }
  return total;
}

size_t Sampler::keepLikely(size_t count) {
  size_t kept = 0;
  for (size_t place = 0; place < count; ++place)
    if (weights[place] >= options.minP) {
      candidates[kept] = candidates[place];
      weights[kept++] = weights[place];
    }
  return kept;
}

size_t Sampler::keepTypical(size_t count) {
  double total = 0, average = 0;
  for (size_t place = 0; place < count; ++place)
    total += weights[place];
  order.clear();
  for (size_t place = 0; place < count; ++place) {
    if (weights[place] <= 0)
      continue;
    surprises[place] = -std::log(weights[place] / total);
    average += surprises[place] * weights[place] / total;
    order.push_back(place);
  }
  for (size_t place : order)
    surprises[place] = std::abs(surprises[place] - average);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return surprises[a] != surprises[b]
               ? surprises[a] < surprises[b]
               : candidates[a].token < candidates[b].token;
  });
  double reached = 0, farthest = 0;
  for (size_t place : order) {
    farthest = surprises[place];
    reached += weights[place];
    if (reached >= options.typicalP * total)
      break;
  }
  size_t kept = 0;
  for (size_t place = 0; place < count; ++place)
    if (weights[place] > 0 && surprises[place] <= farthest) {
      candidates[kept] = candidates[place];
      weights[kept++] = weights[place];
    }
  return kept;
}

std::pair<size_t, double> Sampler::narrow(std::span<const float> logits) {
  const float largest = logits[mostProbable(logits)];
  const bool cut =
      options.topK > 0 && static_cast<size_t>(options.topK) < logits.size();
  size_t kept = cut ? static_cast<size_t>(options.topK) : logits.size();
  if (cut) {
    keepBest(logits, kept);
  } else {
    candidates.clear();
    for (size_t token = 0; token < logits.size(); ++token)
      candidates.push_back({static_cast<int32_t>(token), logits[token]});
  }
  double total = weigh(largest, kept);

  if (options.topP < 1) {
    const double enough = options.topP * total;
    // How many reach it is not known before; mostly few do.
    for (size_t count = cut ? kept : std::min<size_t>(64, kept);;
         count = std::min(count * 8, kept)) {
      if (!cut)
        weigh(largest, keepBest(logits, count));
      size_t place = 0;
      for (total = 0; place < count && total < enough; ++place)
        total += weights[place];
      if (total >= enough || count == kept) {
        kept = place;
        break;
      }
    }
  }

  if (options.minP > 0 || options.typicalP < 1) {
    if (options.minP > 0)
      kept = keepLikely(kept);
    if (options.typicalP < 1)
      kept = keepTypical(kept);
    total = 0;
    for (size_t place = 0; place < kept; ++place)
      total += weights[place];
  }

  return {kept, total};
}

void Sampler::distribution(std::span<float> logits,
                           std::span<const int32_t> history,
                           std::vector<double> &probabilities) {
  penalize(logits, history);
  const auto [kept, total] = narrow(logits);
  probabilities.assign(logits.size(), 0);
  for (size_t place = 0; place < kept; ++place)
    probabilities[static_cast<size_t>(candidates[place].token)] =
        weights[place] / total;
}

int32_t Sampler::draw(std::span<const double> probabilities) {
  double total = 0, reached = 0;
  for (double probability : probabilities)
    total += probability;
  const double drawn = random.uniform() * total;
  size_t last = 0; // as in sample()
  for (size_t token = 0; token < probabilities.size(); ++token) {
    reached += probabilities[token];
    if (drawn < reached)
      return static_cast<int32_t>(token);
    if (probabilities[token] > 0)
      last = token;
  }
  return static_cast<int32_t>(last);
}

int32_t Sampler::accept(int32_t guess, std::span<const double> drawnFrom,
                        std::span<double> wanted) {
  const auto place = static_cast<size_t>(guess);
  if (random.uniform() * drawnFrom[place] < wanted[place])
    return guess;
  double left = 0;
  for (size_t token = 0; token < wanted.size(); ++token) {
    wanted[token] = std::max(0.0, wanted[token] - drawnFrom[token]);
    left += wanted[token];
  }
  // Both are the same but for rounding.
  return left > 0 ? draw(wanted) : guess;
}

int32_t Sampler::sample(std::span<const float> logits) {
  const auto [kept, total] = narrow(logits);
  const double drawn = random.uniform() * total;
  double reached = 0;
  size_t last = 0; // rounding may leave the sum a little below the total
  for (size_t place = 0; place < kept; ++place) {
    reached += weights[place];
    if (drawn < reached)
      return candidates[place].token;
    if (weights[place] > 0)
      last = place;
  }
  return candidates[last].token;
}
