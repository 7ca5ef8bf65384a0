//===- SessionTest.cpp - Calls, sequences, chunks -------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Session.h"
#include "FakeModel.h"
#include "runtime/Failure.h"

#include <gtest/gtest.h>

#include <random>

using namespace sinter::runtime;
using namespace sinter::runtime::testing;

namespace {

using Tokens = std::vector<int32_t>;

/// Feeds `tokens` of `sequences` and gives the rows asked for.
std::vector<std::vector<float>> feed(sinter_session &session,
                                     const Tokens &tokens, const Tokens &rows,
                                     const Tokens &sequences = {},
                                     const Tokens &segments = {}) {
  const size_t width = static_cast<size_t>(session.model.forward.output_width);
  std::vector<float> output(rows.size() * width);
  sinter_batch batch = {};
  batch.tokens = static_cast<int64_t>(tokens.size());
  batch.token = tokens.data();
  batch.sequence = sequences.empty() ? nullptr : sequences.data();
  batch.segment = segments.empty() ? nullptr : segments.data();
  batch.rows = static_cast<int64_t>(rows.size());
  batch.row = rows.data();
  session.feed(batch, output.data());
  std::vector<std::vector<float>> result;
  for (size_t row = 0; row < rows.size(); ++row)
    result.emplace_back(output.begin() + row * width,
                        output.begin() + (row + 1) * width);
  return result;
}

std::string messageOf(const std::function<void()> &body,
                      sinter_status status = SINTER_ERROR_ARGUMENT) {
  try {
    body();
  } catch (const Failure &failure) {
    EXPECT_EQ(failure.status(), status);
    return failure.what();
  }
  return "";
}

Tokens randomTokens(std::mt19937 &random, size_t count, int32_t vocabulary) {
  Tokens tokens;
  for (size_t i = 0; i < count; ++i)
    tokens.push_back(static_cast<int32_t>(random() % vocabulary));
  return tokens;
}

TEST(Session, LongPromptInChunksGivesAllRows) {
  FakeModel fake({});
  sinter_model model(fake.program, nullptr);
  for (int64_t threads : {1, 2, 5}) {
    sinter_session session(model, 1, threads);
    std::mt19937 random(7);
    Tokens tokens = randomTokens(random, 61, 11), rows;
    for (int32_t row = 0; row < 61; ++row)
      rows.push_back(row);
    auto output = feed(session, tokens, rows);
    for (size_t row = 0; row < rows.size(); ++row)
      EXPECT_EQ(output[row],
                fake.expectedNext({tokens.begin(), tokens.begin() + row + 1}))
          << row;
    EXPECT_EQ(session.length(0), 61);
  }
  EXPECT_EQ(fake.violations, 0);
}

TEST(Session, SplitAtEveryPointIsTheSame) {
  FakeModel fake({});
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 1, 2);
  std::mt19937 random(8);
  Tokens tokens = randomTokens(random, 20, 11);
  auto expected = fake.expectedNext(tokens);
  for (int32_t split = 1; split < 20; ++split) {
    session.truncate(0, 0);
    feed(session, {tokens.begin(), tokens.begin() + split}, {});
    auto output =
        feed(session, {tokens.begin() + split, tokens.end()}, {19 - split});
    EXPECT_EQ(output[0], expected) << split;
  }
  EXPECT_EQ(fake.violations, 0);
}

TEST(Session, MixedSequencesDoNotTouchEachOther) {
  FakeModel fake({});
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 5, 3);
  std::mt19937 random(9);
  std::vector<Tokens> sequences(5);
  for (int step = 0; step < 30; ++step) {
    Tokens tokens, owners, rows;
    std::vector<Tokens> expected;
    size_t count = random() % 7 + 1;
    for (size_t n = 0; n < count; ++n) {
      int32_t owner = static_cast<int32_t>(random() % 5);
      if (sequences[owner].size() == 64)
        continue;
      tokens.push_back(static_cast<int32_t>(random() % 11));
      owners.push_back(owner);
      sequences[owner].push_back(tokens.back());
      if (random() % 2) {
        rows.push_back(static_cast<int32_t>(tokens.size()) - 1);
        expected.push_back(sequences[owner]);
      }
    }
    auto output = feed(session, tokens, rows, owners);
    for (size_t row = 0; row < rows.size(); ++row)
      EXPECT_EQ(output[row], fake.expectedNext(expected[row]));
  }
  EXPECT_EQ(fake.violations, 0);
}

TEST(Session, TruncateForgets) {
  FakeModel fake({});
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 1, 1);
  feed(session, {1, 2, 3, 4, 5}, {});
  session.truncate(0, 2);
  EXPECT_EQ(feed(session, {9}, {0})[0], fake.expectedNext({1, 2, 9}));
  EXPECT_EQ(messageOf([&] { session.truncate(0, 4); }),
            "sequence 0 holds 3 tokens and cannot be cut to 4");
}

TEST(Session, SelectCopiesAndRenames) {
  FakeModel fake({});
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 4, 2);
  std::mt19937 random(10);
  std::vector<Tokens> sequences(4);
  for (int step = 0; step < 60; ++step) {
    Tokens from;
    for (int i = 0; i < 4; ++i)
      from.push_back(static_cast<int32_t>(random() % 4));
    from.resize(random() % 4 + 1);
    session.select(from);
    std::vector<Tokens> selected(4);
    for (size_t i = 0; i < from.size(); ++i)
      selected[i] = sequences[from[i]];
    sequences = selected;
    Tokens tokens, owners, rows;
    for (int32_t i = 0; i < 4; ++i) {
      ASSERT_EQ(session.length(i), static_cast<int64_t>(sequences[i].size()));
      if (sequences[i].size() >= 60)
        continue;
      tokens.push_back(static_cast<int32_t>(random() % 11));
      owners.push_back(i);
      rows.push_back(static_cast<int32_t>(rows.size()));
      sequences[i].push_back(tokens.back());
    }
    auto output = feed(session, tokens, rows, owners);
    for (size_t row = 0; row < rows.size(); ++row)
      ASSERT_EQ(output[row], fake.expectedNext(sequences[owners[row]])) << step;
  }
  EXPECT_EQ(fake.violations, 0);
}

TEST(Session, SourcesFollowTheirSequences) {
  FakeOptions options;
  options.head = SINTER_HEAD_ENCODER_DECODER;
  FakeModel fake(options);
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 4, 2);
  std::mt19937 random(11);
  std::vector<Tokens> sources(4), targets(4);
  for (int step = 0; step < 80; ++step) {
    for (int32_t i = 0; i < 4; ++i)
      if (sources[i].empty() || random() % 5 == 0) {
        sources[i] = randomTokens(random, random() % 16 + 1, 11);
        targets[i].clear();
        session.encode(i, sources[i]);
      }
    Tokens tokens, owners, rows;
    for (int32_t i = 0; i < 4; ++i) {
      tokens.push_back(static_cast<int32_t>(random() % 11));
      targets[i].push_back(tokens.back());
      owners.push_back(i);
      rows.push_back(i);
    }
    auto output = feed(session, tokens, rows, owners);
    for (size_t i = 0; i < 4; ++i)
      ASSERT_EQ(output[i], fake.expectedNext(targets[i], sources[i])) << step;
    Tokens from;
    for (int i = 0; i < 4; ++i)
      from.push_back(static_cast<int32_t>(random() % 4));
    session.select(from);
    auto beforeSources = sources, beforeTargets = targets;
    for (size_t i = 0; i < 4; ++i) {
      sources[i] = beforeSources[from[i]];
      targets[i] = beforeTargets[from[i]];
      if (targets[i].size() > 50) {
        session.truncate(static_cast<int64_t>(i), 0);
        targets[i].clear();
      }
    }
  }
  EXPECT_EQ(fake.violations, 0);
}

TEST(Session, WholeSequencesSeveralToACall) {
  FakeOptions options;
  options.head = SINTER_HEAD_MASKED_TOKEN;
  options.segments = 2;
  FakeModel fake(options);
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 4, 2);
  std::mt19937 random(12);
  for (int step = 0; step < 40; ++step) {
    Tokens tokens, owners, segments, rows;
    std::vector<std::vector<float>> expected;
    for (int32_t owner : {2, 0, 3}) {
      Tokens sequence = randomTokens(random, random() % 8 + 1, 11);
      Tokens types = randomTokens(random, sequence.size(), 2);
      for (size_t place = 0; place < sequence.size(); ++place) {
        if (random() % 3) {
          rows.push_back(static_cast<int32_t>(tokens.size()));
          expected.push_back(fake.expectedWhole(sequence, place, types));
        }
        tokens.push_back(sequence[place]);
        segments.push_back(types[place]);
        owners.push_back(owner);
      }
    }
    EXPECT_EQ(feed(session, tokens, rows, owners, segments), expected);
  }
  EXPECT_EQ(session.length(0), 0);
  EXPECT_EQ(fake.violations, 0);
}

TEST(Session, SaysWhatDoesNotFit) {
  FakeModel fake({});
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 2, 1);
  EXPECT_EQ(messageOf([&] { feed(session, {1, 11}, {}); }),
            "token 11 at place 1 is not in the vocabulary: ids are 0 to 10");
  EXPECT_EQ(messageOf([&] { feed(session, {-1}, {}); }),
            "token -1 at place 0 is not in the vocabulary: ids are 0 to 10");
  EXPECT_EQ(messageOf([&] { feed(session, {1, 2}, {}, {0, 2}); }),
            "sequence 2 does not exist: the session has room for 2");
  EXPECT_EQ(messageOf([&] { feed(session, {1, 2}, {1, 1}); }),
            "row 1 asks for token 1; rows must increase and be below 2");
  EXPECT_EQ(messageOf([&] { feed(session, {1, 2}, {}, {}, {0, 1}); }),
            "segment 1 of token 1 is out of range: segments are 0 to 0");
  feed(session, Tokens(60, 1), {});
  EXPECT_EQ(messageOf([&] { feed(session, Tokens(5, 1), {}); },
                      SINTER_ERROR_CONTEXT_FULL),
            "the context of 'fake' is 64 tokens: sequence 0 holds 60, and 5 "
            "more do not fit");
  EXPECT_EQ(session.length(0), 60);
  feed(session, Tokens(4, 1), {3});
  EXPECT_EQ(messageOf([&] { session.encode(0, Tokens{1}); },
                      SINTER_ERROR_UNSUPPORTED),
            "model 'fake' has no encoder");
  EXPECT_EQ(messageOf([&] { session.select(Tokens{0, 0, 0}); }),
            "3 sequences selected, and the session has room for 2");
  EXPECT_EQ(messageOf([&] { sinter_session(model, 0, 1); }),
            "room for 0 sequences asked for, expected 1 to 1048576");
  EXPECT_EQ(messageOf([&] { sinter_session(model, 1, 5000); }),
            "5000 threads asked for, expected 1 to 1024");
  EXPECT_EQ(fake.violations, 0);
}

TEST(Session, SaysWhatAWholeSequenceModelNeeds) {
  FakeOptions options;
  options.head = SINTER_HEAD_MASKED_TOKEN;
  FakeModel fake(options);
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 2, 1);
  EXPECT_EQ(messageOf([&] { feed(session, {1, 2, 3}, {}, {0, 1, 0}); }),
            "the tokens of sequence 0 stand apart: 'fake' reads whole "
            "sequences, so those of one must stand together");
  EXPECT_EQ(messageOf([&] { feed(session, Tokens(9, 1), {}); },
                      SINTER_ERROR_CONTEXT_FULL),
            "sequence 0 has 9 tokens, and 'fake' was compiled for at most 8 in "
            "a call");
}

TEST(Session, SaysThatASourceIsMissing) {
  FakeOptions options;
  options.head = SINTER_HEAD_ENCODER_DECODER;
  FakeModel fake(options);
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 2, 1);
  EXPECT_EQ(messageOf([&] { feed(session, {1}, {}); }),
            "sequence 0 has no source: encode one before its target");
  EXPECT_EQ(messageOf([&] { session.encode(0, {}); }),
            "the source of sequence 0 is empty");
  EXPECT_EQ(messageOf([&] { session.encode(0, Tokens(17, 1)); },
                      SINTER_ERROR_CONTEXT_FULL),
            "the source has 17 tokens, and 'fake' takes at most 16");
}

TEST(Session, CachesThatCannotBeAllocatedAreAnError) {
  FakeModel fake({});
  fake.caches[0].row_bytes = int64_t(1) << 60;
  sinter_model model(fake.program, nullptr);
  EXPECT_EQ(
      messageOf([&] { sinter_session(model, 1, 1); }, SINTER_ERROR_MEMORY),
      "a cache of keys or values would not fit into the address space");
  fake.caches[0].row_bytes = int64_t(1) << 44;
  EXPECT_EQ(
      messageOf([&] { sinter_session(model, 1, 1); }, SINTER_ERROR_MEMORY),
      "not enough memory for a cache of keys or values of 2048.0 TiB");
}

} // namespace
