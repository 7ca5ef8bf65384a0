//===- SamplerTest.cpp - The next token from its logits -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Sampler.h"
#include "runtime/Failure.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

using namespace sinter::runtime;

namespace {

std::map<int32_t, double> frequencies(SamplerOptions options,
                                      const std::vector<float> &logits,
                                      int draws = 40000) {
  Sampler sampler(options, static_cast<int64_t>(logits.size()));
  std::map<int32_t, double> result;
  for (int draw = 0; draw < draws; ++draw) {
    std::vector<float> copy = logits;
    result[sampler.choose(copy, {})] += 1.0 / draws;
  }
  return result;
}

void expectProbabilities(const std::map<int32_t, double> &found,
                         const std::map<int32_t, double> &expected) {
  for (auto [token, probability] : found)
    EXPECT_TRUE(expected.count(token)) << token;
  for (auto [token, probability] : expected) {
    ASSERT_TRUE(found.count(token)) << token;
    // Five standard deviations of 40000 draws.
    EXPECT_NEAR(found.at(token), probability, 0.0125) << token;
  }
}

float logOf(double probability) {
  return static_cast<float>(std::log(probability));
}

const std::vector<float> known = {logOf(0.1), logOf(0.4), logOf(0.2),
                                  logOf(0.25), logOf(0.05)};

TEST(Random, IsPcg32) {
  // Computed apart from this code.
  Random zero(0), one(1);
  EXPECT_DOUBLE_EQ(zero.uniform(), 0.9067937320358846);
  EXPECT_NE(zero.uniform(), one.uniform());
  Random again(1), same(1);
  for (int i = 0; i < 100; ++i) {
    double drawn = again.uniform();
    EXPECT_EQ(drawn, same.uniform());
    EXPECT_GE(drawn, 0);
    EXPECT_LT(drawn, 1);
  }
}

TEST(Sampler, GreedyTakesTheFirstOfTheLargest) {
  Sampler sampler({}, 4);
  std::vector<float> logits = {1, 3, 3, 2};
  EXPECT_EQ(sampler.choose(logits, {}), 1);
}

TEST(Sampler, TemperatureOneGivesTheModelsProbabilities) {
  SamplerOptions options;
  options.temperature = 1;
  expectProbabilities(frequencies(options, known),
                      {{0, 0.1}, {1, 0.4}, {2, 0.2}, {3, 0.25}, {4, 0.05}});
}

/// Whatever a guess was drawn from, what is taken has the wanted probabilities.
TEST(Sampler, GuessesLeaveTheProbabilities) {
  const std::vector<double> wanted = {0.1, 0.4, 0.2, 0.25, 0.05, 0};
  const std::vector<double> drafts[] = {{0.1, 0.4, 0.2, 0.25, 0.05, 0},
                                        {0.5, 0.1, 0.1, 0.1, 0.1, 0.1},
                                        {0, 0, 0, 0, 0, 1},
                                        {0, 1, 0, 0, 0, 0}};
  double least = 1;
  for (const std::vector<double> &draft : drafts) {
    SamplerOptions options;
    options.temperature = 1;
    options.seed = 3;
    Sampler small(options, 6), large(options, 6);
    small.draw(draft); // no longer the same numbers
    std::map<int32_t, double> found;
    double taken = 0, both = 0;
    for (int i = 0; i < 40000; ++i) {
      std::vector<double> copy = wanted;
      const int32_t guess = small.draw(draft);
      const int32_t token = large.accept(guess, draft, copy);
      found[token] += 1.0 / 40000;
      taken += (token == guess) / 40000.0;
    }
    expectProbabilities(found,
                        {{0, 0.1}, {1, 0.4}, {2, 0.2}, {3, 0.25}, {4, 0.05}});
    // As often as can be: as much as the two have in common.
    for (size_t token = 0; token < 6; ++token)
      both += std::min(wanted[token], draft[token]);
    EXPECT_NEAR(taken, both, 0.0125);
    least = std::min(least, taken);
  }
  EXPECT_EQ(least, 0);
}

/// Together they are what choose() draws from, cut as it cuts.
TEST(Sampler, DistributionIsWhatIsDrawnFrom) {
  SamplerOptions options;
  options.temperature = 1;
  options.topK = 3;
  Sampler sampler(options, 5);
  std::vector<float> logits = known;
  std::vector<double> probabilities;
  sampler.distribution(logits, {}, probabilities);
  const double kept = 0.4 + 0.25 + 0.2;
  const std::vector<double> expected = {0, 0.4 / kept, 0.2 / kept, 0.25 / kept,
                                        0};
  ASSERT_EQ(probabilities.size(), expected.size());
  for (size_t token = 0; token < expected.size(); ++token)
    EXPECT_NEAR(probabilities[token], expected[token], 1e-6);
}

TEST(Sampler, TemperatureHalfSquaresThem) {
  SamplerOptions options;
  options.temperature = 0.5;
  const double sum = 0.01 + 0.16 + 0.04 + 0.0625 + 0.0025;
  expectProbabilities(frequencies(options, known), {{0, 0.01 / sum},
                                                    {1, 0.16 / sum},
                                                    {2, 0.04 / sum},
                                                    {3, 0.0625 / sum},
                                                    {4, 0.0025 / sum}});
}

TEST(Sampler, TopKKeepsTheMostProbable) {
  SamplerOptions options;
  options.temperature = 1;
  options.topK = 2;
  expectProbabilities(frequencies(options, known),
                      {{1, 0.4 / 0.65}, {3, 0.25 / 0.65}});
  options.topK = 1;
  expectProbabilities(frequencies(options, known), {{1, 1}});
  options.topK = 99;
  EXPECT_EQ(frequencies(options, known).size(), 5u);
}

TEST(Sampler, TopPKeepsTheFewestThatReachIt) {
  SamplerOptions options;
  options.temperature = 1;
  options.topP = 0.7; // 0.4 + 0.25 do not reach it, with 0.2 they do
  expectProbabilities(frequencies(options, known),
                      {{1, 0.4 / 0.85}, {3, 0.25 / 0.85}, {2, 0.2 / 0.85}});
  options.topP = 0.39;
  expectProbabilities(frequencies(options, known), {{1, 1}});
}

TEST(Sampler, TopPCountsWithinTopK) {
  SamplerOptions options;
  options.temperature = 1;
  options.topK = 3;   // 0.4, 0.25, 0.2 of 0.85
  options.topP = 0.6; // 0.47 does not reach it, 0.76 does
  expectProbabilities(frequencies(options, known),
                      {{1, 0.4 / 0.65}, {3, 0.25 / 0.65}});
}

TEST(Sampler, TopPOfManyTokens) {
  // 1000 equal tokens behind a certain half: top-p 0.75 keeps 501 of them all.
  std::vector<float> logits(1001, 0);
  logits[700] = static_cast<float>(std::log(1000));
  SamplerOptions options;
  options.temperature = 1;
  options.topP = 0.75;
  auto found = frequencies(options, logits, 30000);
  EXPECT_NEAR(found[700], 2.0 / 3, 0.01);
  EXPECT_NEAR(static_cast<double>(found.size()), 501, 1);
  for (auto [token, frequency] : found)
    EXPECT_LE(token, 700);
  options.topK = 101;
  found = frequencies(options, logits, 30000);
  EXPECT_NEAR(found[700], 1, 1e-9);
}

TEST(Sampler, EqualLogitsAreCutByToken) {
  SamplerOptions options;
  options.temperature = 1;
  options.topK = 2;
  expectProbabilities(frequencies(options, {1, 1, 1, 1}), {{0, 0.5}, {1, 0.5}});
}

TEST(Sampler, RepetitionPenaltyMovesBothSignsDown) {
  SamplerOptions options;
  options.repetitionPenalty = 2;
  Sampler sampler(options, 3);
  std::vector<float> scores = {4, -4, 1};
  std::vector<int32_t> history = {0, 1, 0, 0};
  sampler.penalize(scores, history);
  EXPECT_EQ(scores, (std::vector<float>{2, -8, 1}));
  scores = {4, -4, 1};
  sampler.penalize(scores, history);
  EXPECT_EQ(scores, (std::vector<float>{2, -8, 1}));
}

// What the processors of transformers 5.24 give for these logits.
const std::vector<float> ten = {1.5f, -0.3f, 2.2f, 0.4f,  -1.0f,
                                1.9f, 0.0f,  0.9f, -2.5f, 1.1f};

TEST(Sampler, MinPKeepsWhatTransformersKeeps) {
  SamplerOptions options;
  options.temperature = 0.7;
  options.minP = 0.3;
  expectProbabilities(frequencies(options, ten),
                      {{0, 0.18218}, {2, 0.495217}, {5, 0.322603}});
  options.minP = 1;
  expectProbabilities(frequencies(options, ten), {{2, 1}});
}

TEST(Sampler, TypicalKeepsWhatTransformersKeeps) {
  SamplerOptions options;
  options.temperature = 1;
  options.typicalP = 0.6;
  expectProbabilities(frequencies(options, ten), {{0, 0.174681},
                                                  {2, 0.351765},
                                                  {5, 0.260594},
                                                  {7, 0.095867},
                                                  {9, 0.117092}});
  options.temperature = 1.5;
  options.typicalP = 0.9;
  expectProbabilities(frequencies(options, ten), {{0, 0.161689},
                                                  {2, 0.257841},
                                                  {3, 0.07766},
                                                  {5, 0.211102},
                                                  {6, 0.059482},
                                                  {7, 0.108383},
                                                  {9, 0.123842}});
}

TEST(Sampler, ProcessorsFollowEachOtherAsInTransformers) {
  SamplerOptions options;
  options.bias = {{7, 1.25f}, {0, -0.5f}};
  options.repetitionPenalty = 1.3;
  options.temperature = 0.8;
  options.topK = 7;
  options.topP = 0.95;
  options.minP = 0.15;
  options.typicalP = 0.85;
  Sampler sampler(options, 10);
  std::map<int32_t, double> found;
  for (int draw = 0; draw < 40000; ++draw) {
    std::vector<float> copy = ten;
    found[sampler.choose(copy, std::vector<int32_t>{2, 5, 2, 8})] +=
        1.0 / 40000;
  }
  expectProbabilities(
      found, {{2, 0.250103}, {5, 0.187431}, {7, 0.443185}, {9, 0.119282}});
}

TEST(Sampler, FrequencyAndPresenceCountWhatWasWrittenAlone) {
  SamplerOptions options;
  options.frequencyPenalty = 0.5;
  options.presencePenalty = 2;
  Sampler sampler(options, 4);
  sampler.countFrom(2);
  for (int again = 0; again < 2; ++again) {
    std::vector<float> scores = {1, 1, 1, 1};
    sampler.penalize(scores, std::vector<int32_t>{0, 1, 1, 2, 1});
    EXPECT_EQ(scores, (std::vector<float>{1, -2, -1.5, 1}));
  }
  std::vector<float> scores = {1, 1, 1, 1};
  sampler.penalize(scores, std::vector<int32_t>{0});
  EXPECT_EQ(scores, (std::vector<float>{1, 1, 1, 1}));
}

/// Where the model gives its most probable token alone, no processor may be on.
TEST(Sampler, GreedyIsWhatNoProcessorChanges) {
  auto isGreedy = [](auto change) {
    SamplerOptions options;
    change(options);
    return Sampler(options, 4).isGreedy();
  };
  EXPECT_TRUE(isGreedy([](auto &) {}));
  EXPECT_TRUE(isGreedy([](auto &o) { o.minP = 0.5; }));
  EXPECT_FALSE(isGreedy([](auto &o) { o.temperature = 1; }));
  EXPECT_FALSE(isGreedy([](auto &o) { o.repetitionPenalty = 2; }));
  EXPECT_FALSE(isGreedy([](auto &o) { o.frequencyPenalty = 1; }));
  EXPECT_FALSE(isGreedy([](auto &o) { o.presencePenalty = 1; }));
  EXPECT_FALSE(isGreedy([](auto &o) { o.bias = {{1, 1.f}}; }));
}

TEST(Sampler, BiasForbidsAndForces) {
  SamplerOptions options;
  options.bias = {{1, -std::numeric_limits<float>::infinity()}, {3, 10}};
  Sampler greedy(options, 4);
  std::vector<float> logits = {1, 3, 3, 2};
  EXPECT_EQ(greedy.choose(logits, {}), 3);
  options.bias.pop_back();
  options.temperature = 1;
  options.typicalP = 0.999;
  EXPECT_EQ(frequencies(options, {0, 9, 0, 0}).count(1), 0u);
}

TEST(Sampler, InfiniteLogitsAreImpossibleOrCertain) {
  const float infinity = std::numeric_limits<float>::infinity();
  SamplerOptions options;
  options.temperature = 1;
  expectProbabilities(frequencies(options, {-infinity, 0, -infinity}),
                      {{1, 1}});
  expectProbabilities(frequencies(options, {0, infinity, 0}), {{1, 1}});
  options.topP = 0.9;
  expectProbabilities(frequencies(options, {-infinity, 0, -infinity}),
                      {{1, 1}});
}

TEST(Sampler, RefusesWhatIsNotANumber) {
  SamplerOptions options;
  for (double temperature : {0.0, 1.0}) {
    options.temperature = temperature;
    Sampler sampler(options, 2);
    std::vector<float> logits = {1, std::nanf("")};
    EXPECT_THROW(sampler.choose(logits, {}), Failure);
  }
}

TEST(Sampler, RefusesOptionsOutOfRange) {
  auto with = [](auto change) {
    SamplerOptions options;
    change(options);
    return [options] { Sampler(options, 2); };
  };
  EXPECT_THROW(with([](auto &o) { o.temperature = -1; })(), Failure);
  EXPECT_THROW(with([](auto &o) { o.temperature = std::nan(""); })(), Failure);
  EXPECT_THROW(with([](auto &o) { o.topK = -1; })(), Failure);
  EXPECT_THROW(with([](auto &o) { o.topP = 0; })(), Failure);
  EXPECT_THROW(with([](auto &o) { o.topP = 1.5; })(), Failure);
  EXPECT_THROW(with([](auto &o) { o.repetitionPenalty = 0; })(), Failure);
  EXPECT_THROW(with([](auto &o) { o.minP = -0.1; })(), Failure);
  EXPECT_THROW(with([](auto &o) { o.minP = 1.1; })(), Failure);
  EXPECT_THROW(with([](auto &o) { o.typicalP = 0; })(), Failure);
  EXPECT_THROW(with([](auto &o) { o.frequencyPenalty = std::nan(""); })(),
               Failure);
  EXPECT_THROW(with([](auto &o) { o.bias = {{2, 1.f}}; })(), Failure);
  EXPECT_THROW(with([](auto &o) { o.bias = {{-1, 1.f}}; })(), Failure);
  EXPECT_THROW(with([](auto &o) { o.bias = {{1, 1.f}, {1, 2.f}}; })(), Failure);
  EXPECT_THROW(with([](auto &o) { o.bias = {{1, std::nanf("")}}; })(), Failure);
}

TEST(LogSumExp, DoesNotOverflow) {
  EXPECT_DOUBLE_EQ(logSumExp(std::vector<float>{1000, 1000}),
                   1000 + std::log(2));
  EXPECT_DOUBLE_EQ(logSumExp(std::vector<float>{-1000, -1000}),
                   -1000 + std::log(2));
}

} // namespace
