//===- GenerateTest.cpp - Continuing a sequence ---------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Generate.h"
#include "FakeModel.h"
#include "FakeTokenizer.h"
#include "runtime/Failure.h"
#include "runtime/FillMask.h"
#include "runtime/Sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace sinter::runtime;
using namespace sinter::runtime::testing;

namespace {

using Tokens = std::vector<int32_t>;

sinter_generate_options defaults() {
  sinter_generate_options options;
  sinter_generate_defaults(&options);
  return options;
}

/// Greedy decoding without a session.
Tokens greedily(const FakeModel &fake, Tokens tokens, size_t count,
                const Tokens &source = {}) {
  for (size_t i = 0; i < count; ++i)
    tokens.push_back(mostProbable(fake.expectedNext(tokens, source)));
  return tokens;
}

TEST(Generate, GreedyFollowsTheLargestLogit) {
  FakeModel fake({});
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 1, 2);
  sinter_generate_options options = defaults();
  options.maximum_tokens = 20;
  Generated result = generate(session, Tokens{3, 1, 4}, options);
  EXPECT_EQ(result.tokens, greedily(fake, {3, 1, 4}, 20));
  EXPECT_EQ(result.reason, SINTER_STOP_LIMIT);
  // A second text does not see the first.
  EXPECT_EQ(generate(session, Tokens{3, 1, 4}, options).tokens, result.tokens);
  EXPECT_EQ(fake.violations, 0);
}

TEST(Generate, GreedyNeedsNoLogits) {
  FakeOptions fakeOptions;
  fakeOptions.givesLargest = true;
  FakeModel fake(fakeOptions);
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 1, 2);
  sinter_generate_options options = defaults();
  options.maximum_tokens = 20;
  EXPECT_EQ(generate(session, Tokens{3, 1, 4}, options).tokens,
            greedily(fake, {3, 1, 4}, 20));
  EXPECT_EQ(fake.largestFound, 20);
  // What looks at more than the largest logit gets them all.
  options.repetition_penalty = 1.5;
  generate(session, Tokens{3, 1, 4}, options);
  options.repetition_penalty = 1;
  options.temperature = 1;
  generate(session, Tokens{3, 1, 4}, options);
  options.temperature = 0;
  options.beams = 3;
  sinter_session wide(model, 3, 2);
  generate(wide, Tokens{3, 1, 4}, options);
  EXPECT_EQ(fake.largestFound, 20);
  EXPECT_EQ(fake.violations, 0);
}

TEST(Generate, FillsTheContextAndOneMore) {
  FakeOptions fakeOptions;
  fakeOptions.context = 11;
  FakeModel fake(fakeOptions);
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 1, 1);
  Generated result = generate(session, Tokens{1, 2, 3, 4, 5, 6}, defaults());
  EXPECT_EQ(result.tokens, greedily(fake, {1, 2, 3, 4, 5, 6}, 6));
  EXPECT_EQ(result.reason, SINTER_STOP_CONTEXT);
  EXPECT_EQ(generate(session, Tokens(11, 1), defaults()).tokens.size(), 12u);
  try {
    generate(session, Tokens(12, 1), defaults());
    FAIL();
  } catch (const Failure &failure) {
    EXPECT_EQ(failure.status(), SINTER_ERROR_CONTEXT_FULL);
  }
}

TEST(Generate, EndsAtAnEndToken) {
  FakeModel plain({});
  Tokens whole = greedily(plain, {5}, 30);
  // An end token that greedy decoding meets, but not at once.
  int32_t end = whole[6];
  size_t first = std::find(whole.begin() + 1, whole.end(), end) - whole.begin();
  FakeOptions fakeOptions;
  fakeOptions.eos = {end};
  FakeModel fake(fakeOptions);
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 1, 1);
  Generated result = generate(session, Tokens{5}, defaults());
  EXPECT_EQ(result.tokens, Tokens(whole.begin(), whole.begin() + first + 1));
  EXPECT_EQ(result.reason, SINTER_STOP_END_TOKEN);
  sinter_generate_options options = defaults();
  options.ignore_end = 1;
  options.maximum_tokens = 30;
  EXPECT_EQ(generate(session, Tokens{5}, options).tokens, whole);
}

TEST(Generate, SamplesTheSameForTheSameSeedAndAnyThreads) {
  FakeModel fake({});
  sinter_model model(fake.program, nullptr);
  sinter_generate_options options = defaults();
  options.temperature = 1;
  options.top_p = 0.9;
  options.maximum_tokens = 40;
  options.seed = 7;
  Tokens first;
  for (int64_t threads : {1, 2, 4}) {
    sinter_session session(model, 1, threads);
    Tokens tokens = generate(session, Tokens{2}, options).tokens;
    if (first.empty())
      first = tokens;
    EXPECT_EQ(tokens, first);
  }
  options.seed = 8;
  sinter_session session(model, 1, 1);
  EXPECT_NE(generate(session, Tokens{2}, options).tokens, first);
}

FakeOptions pairOptions() {
  FakeOptions options;
  options.head = SINTER_HEAD_ENCODER_DECODER;
  options.context = 10;
  options.eos = {2};
  return options;
}

TEST(Generate, EncoderDecoderStartsWithItsToken) {
  FakeModel fake(pairOptions());
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 1, 2);
  sinter_generate_options options = defaults();
  options.ignore_end = 1;
  options.maximum_tokens = 7;
  Tokens source = {4, 4, 2};
  EXPECT_EQ(generate(session, source, options).tokens,
            greedily(fake, {1}, 7, source));
}

TEST(Generate, ForcedTokensStandWhereTheyMust) {
  FakeOptions fakeOptions = pairOptions();
  fakeOptions.forcedBos = 9;
  fakeOptions.forcedEos = 2;
  FakeModel fake(fakeOptions);
  sinter_model model(fake.program, nullptr);
  for (int64_t beams : {1, 3}) {
    sinter_session session(model, 3, 1);
    sinter_generate_options options = defaults();
    options.maximum_tokens = 2;
    options.beams = beams;
    Generated result = generate(session, Tokens{4, 5}, options);
    EXPECT_EQ(result.tokens, (Tokens{1, 9, 2})) << beams;
    EXPECT_EQ(result.reason, SINTER_STOP_END_TOKEN);
  }
}

//===----------------------------------------------------------------------===//
// Beam search, against one that is written down plainly
//===----------------------------------------------------------------------===//

struct Text {
  Tokens tokens;
  double score;
};

std::vector<double> logProbabilities(const FakeModel &fake,
                                     const Tokens &tokens,
                                     const Tokens &source) {
  std::vector<float> logits = fake.expectedNext(tokens, source);
  double sum = 0;
  for (float logit : logits)
    sum += std::exp(static_cast<double>(logit));
  std::vector<double> result;
  for (float logit : logits)
    result.push_back(static_cast<float>(logit - std::log(sum)));
  return result;
}

/// Each step sorts all continuations of all beams.
Tokens plainBeamSearch(const FakeModel &fake, const Tokens &source,
                       size_t width, size_t limit, double penalty, bool early) {
  std::vector<Text> running = {{{1}, 0}}, finished;
  auto byScore = [](const Text &a, const Text &b) { return a.score > b.score; };
  auto finish = [&](Text text) {
    text.score /= std::pow(double(text.tokens.size() - 1), penalty);
    finished.push_back(text);
    std::stable_sort(finished.begin(), finished.end(), byScore);
    if (finished.size() > width)
      finished.resize(width);
  };
  while (!running.empty() && running[0].tokens.size() < limit) {
    std::vector<Text> all, next;
    for (const Text &text : running) {
      auto scores = logProbabilities(fake, text.tokens, source);
      for (size_t token = 0; token < scores.size(); ++token) {
        Text longer = text;
        longer.tokens.push_back(static_cast<int32_t>(token));
        longer.score += scores[token];
        all.push_back(longer);
      }
    }
    std::stable_sort(all.begin(), all.end(), byScore);
    all.resize(std::min(all.size(), 2 * width));
    const double best = all[0].score;
    const double length = double(running[0].tokens.size());
    for (size_t rank = 0; rank < all.size() && next.size() < width; ++rank)
      if (all[rank].tokens.back() != 2)
        next.push_back(all[rank]);
      else if (rank < width)
        finish(all[rank]);
    running = next;
    if (finished.size() == width &&
        (early || finished.back().score >= best / std::pow(length, penalty)))
      running.clear();
  }
  for (const Text &text : running)
    finish(text);
  return finished[0].tokens;
}

TEST(BeamSearch, EqualsThePlainOne) {
  int differsFromGreedy = 0, ended = 0;
  for (int64_t width : {2, 3, 5, 8})
    for (double penalty : {1.0, 0.0, 2.0, -1.0})
      for (bool early : {false, true}) {
        FakeModel fake(pairOptions());
        sinter_model model(fake.program, nullptr);
        sinter_session session(model, 8, 2);
        for (int32_t text = 0; text < 6; ++text) {
          Tokens source = {text, 3, 7};
          sinter_generate_options options = defaults();
          options.beams = width;
          options.length_penalty = penalty;
          options.early_stopping = early;
          Tokens found = generate(session, source, options).tokens;
          EXPECT_EQ(found,
                    plainBeamSearch(fake, source, static_cast<size_t>(width),
                                    11, penalty, early))
              << width << " " << penalty << " " << early << " " << text;
          ended += found.back() == 2;
          options.beams = 1;
          differsFromGreedy +=
              generate(session, source, options).tokens != found;
        }
        EXPECT_EQ(fake.violations, 0);
      }
  // Otherwise the comparison above would say little.
  EXPECT_GT(differsFromGreedy, 50);
  EXPECT_GT(ended, 50);
}

TEST(BeamSearch, WideEnoughFindsTheMostProbableText) {
  FakeOptions fakeOptions = pairOptions();
  fakeOptions.vocabulary = 4;
  fakeOptions.context = 3;
  FakeModel fake(fakeOptions);
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 64, 1);
  sinter_generate_options options = defaults();
  options.beams = 64;
  options.length_penalty = 0;
  for (int32_t text = 0; text < 4; ++text) {
    Tokens source = {text};
    // All texts of at most three tokens.
    Text best = {{}, -1e9};
    std::vector<Text> open = {{{1}, 0}};
    while (!open.empty()) {
      Text current = open.back();
      open.pop_back();
      if (current.tokens.size() == 4 ||
          (current.tokens.size() > 1 && current.tokens.back() == 2)) {
        if (current.score > best.score)
          best = current;
        continue;
      }
      auto scores = logProbabilities(fake, current.tokens, source);
      for (int32_t token = 0; token < 4; ++token) {
        Text longer = current;
        longer.tokens.push_back(token);
        longer.score += scores[token];
        open.push_back(longer);
      }
    }
    EXPECT_EQ(generate(session, source, options).tokens, best.tokens);
  }
}

TEST(BeamSearch, ContinuesAPromptToo) {
  FakeModel fake({});
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 4, 2);
  sinter_generate_options options = defaults();
  options.beams = 4;
  options.maximum_tokens = 5;
  Tokens prompt = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  Generated result = generate(session, prompt, options);
  ASSERT_EQ(result.tokens.size(), 15u);
  EXPECT_TRUE(std::equal(prompt.begin(), prompt.end(), result.tokens.begin()));
  EXPECT_EQ(result.reason, SINTER_STOP_LIMIT);
  EXPECT_EQ(fake.violations, 0);
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// Tokens "a" to "i" behind an end token and "é" as the last.
FakeOptions textOptions() {
  FakeOptions options;
  options.eos = {0};
  options.tokenizer = fakeTokenizer(
      {"<end>", "a", "b", "c", "d", "e", "f", "g", "h", "i", "\u00e9"}, {0},
      -1);
  return options;
}

struct Heard {
  Tokens tokens;
  std::string text;
  size_t stopAfter = 1000;
};

int hear(void *user, int32_t token, const char *text, size_t bytes) {
  Heard &heard = *static_cast<Heard *>(user);
  heard.tokens.push_back(token);
  heard.text.append(text, bytes);
  return heard.tokens.size() >= heard.stopAfter;
}

TEST(Generate, CallbackHearsTokensAndTheirText) {
  FakeModel fake(textOptions());
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 1, 1);
  Heard heard;
  sinter_generate_options options = defaults();
  options.ignore_end = 1;
  options.maximum_tokens = 25;
  options.callback = hear;
  options.user = &heard;
  Generated result = generate(session, Tokens{3, 10}, options);
  EXPECT_EQ(heard.tokens,
            Tokens(result.tokens.begin() + 2, result.tokens.end()));
  std::string expected;
  for (size_t place = 2; place < result.tokens.size(); ++place)
    if (int32_t token = result.tokens[place]; token == 10)
      expected += "\u00e9";
    else if (token > 0)
      expected += static_cast<char>('a' + token - 1);
  EXPECT_EQ(heard.text, expected);

  heard = {};
  heard.stopAfter = 4;
  result = generate(session, Tokens{3, 10}, options);
  EXPECT_EQ(result.tokens.size(), 6u);
  EXPECT_EQ(result.reason, SINTER_STOP_CALLBACK);
}

TEST(Generate, StopStringsEndTheText) {
  FakeModel fake(textOptions());
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 1, 1);
  Heard heard;
  sinter_generate_options options = defaults();
  options.ignore_end = 1;
  options.maximum_tokens = 25;
  options.callback = hear;
  options.user = &heard;
  generate(session, Tokens{3}, options);
  const std::string whole = heard.text;
  ASSERT_GT(whole.size(), 12u);
  const std::string stop = whole.substr(5, 3);
  const char *strings[] = {"never", stop.c_str()};
  options.stop = strings;
  options.stop_count = 2;
  heard = {};
  Generated result = generate(session, Tokens{3}, options);
  EXPECT_EQ(heard.text, whole.substr(0, whole.find(stop)));
  EXPECT_EQ(result.reason, SINTER_STOP_STRING);
}

TEST(Generate, SaysWhatCannotBe) {
  FakeModel fake({});
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 2, 1);
  auto messageOf = [&](auto change, const Tokens &prompt) -> std::string {
    sinter_generate_options options = defaults();
    options.maximum_tokens = 1;
    change(options);
    try {
      generate(session, prompt, options);
    } catch (const Failure &failure) {
      return failure.what();
    }
    return "";
  };
  EXPECT_EQ(messageOf([](auto &) {}, {1}), "");
  EXPECT_EQ(messageOf([](auto &) {}, {}), "the prompt has no tokens");
  EXPECT_EQ(messageOf([](auto &o) { o.beams = 0; }, {1}),
            "0 beams asked for, expected 1 or more");
  EXPECT_EQ(messageOf([](auto &o) { o.beams = 3; }, {1}),
            "3 beams asked for, and the session has room for 2 sequences");
  EXPECT_EQ(messageOf([](auto &o) { o.beams = 2, o.temperature = 1; }, {1}),
            "beam search does not sample: give a temperature or more than one "
            "beam, not both");
  EXPECT_EQ(messageOf([](auto &o) { o.maximum_tokens = -1; }, {1}),
            "-1 tokens to generate asked for, expected 0 (no limit) or more");
  const char *stop[] = {"x"};
  EXPECT_EQ(messageOf([&](auto &o) { o.stop = stop, o.stop_count = 1; }, {1}),
            "model 'fake' has no tokenizer: it takes and gives token ids only");
}

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

TEST(FillMask, GivesTheBestOfEachMask) {
  FakeOptions fakeOptions;
  fakeOptions.head = SINTER_HEAD_MASKED_TOKEN;
  fakeOptions.mask = 4;
  FakeModel fake(fakeOptions);
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 1, 2);
  Tokens tokens = {1, 4, 4, 2, 4, 4, 9};
  Filled filled = fillMask(session, tokens, {}, 11);
  EXPECT_EQ(filled.positions, (std::vector<int64_t>{1, 2, 4, 5}));
  for (size_t mask = 0; mask < 4; ++mask) {
    auto logits =
        fake.expectedWhole(tokens, static_cast<size_t>(filled.positions[mask]));
    double sum = 0, total = 0;
    for (float logit : logits)
      sum += std::exp(static_cast<double>(logit));
    for (size_t rank = 0; rank < 11; ++rank) {
      auto [token, probability] = filled.candidates[mask * 11 + rank];
      EXPECT_NEAR(probability, std::exp(double(logits[token])) / sum, 1e-12);
      if (rank > 0) {
        EXPECT_LE(probability,
                  filled.candidates[mask * 11 + rank - 1].probability);
      }
      total += probability;
    }
    EXPECT_NEAR(total, 1, 1e-12);
  }
  EXPECT_EQ(fake.violations, 0);
  EXPECT_THROW(fillMask(session, Tokens{1, 2}, {}, 1), Failure);
  EXPECT_THROW(fillMask(session, tokens, {}, 12), Failure);
  EXPECT_THROW(fillMask(session, tokens, {}, 0), Failure);
}

} // namespace
