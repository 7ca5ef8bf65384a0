//===- ProfileTest.cpp - Times and costs of kernels -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Profile.h"
#include "FakeModel.h"
#include "runtime/Model.h"
#include "runtime/Session.h"

#include <gtest/gtest.h>

#include <chrono>

using namespace sinter::runtime::testing;

namespace {

/// Feeds `tokens` to sequences, and asks for these rows.
void feed(sinter_session &session, std::vector<int32_t> tokens,
          std::vector<int32_t> sequences, std::vector<int32_t> rows) {
  std::vector<float> output(rows.size() *
                            size_t(session.model.forward.output_width));
  sinter_batch batch = {};
  batch.tokens = int64_t(tokens.size());
  batch.token = tokens.data();
  batch.sequence = sequences.data();
  batch.rows = int64_t(rows.size());
  batch.row = rows.data();
  session.feed(batch, output.data());
}

TEST(Profile, QuantitiesAreThoseOfTheCall) {
  // Sequence 0 holds 6 tokens and gets 2, sequence 1 gets 3; a row sees at most
  // 4 positions. Past of the call: 8.
  const double expected[SINTER_QUANTITY_COUNT] = {
      1,
      5,
      2,
      5 + 3,             // min(8, 4 + 2 - 1), min(3, 4 + 3 - 1)
      4 + 4 + 1 + 2 + 3, // of each token
      4 + 3,             // of the rows
      0,
      0,
      0,
      5 * 8,
      2 * 8,
  };
  for (int quantity = 0; quantity < SINTER_QUANTITY_COUNT; ++quantity) {
    FakeModel fake({});
    fake.kernels[1].bytes[quantity] = 1;
    sinter_model model(fake.program, nullptr);
    sinter_profile profile(fake.program);
    sinter_session session(model, 2, 2, &profile);
    feed(session, {1, 2, 3, 4, 5, 6}, {0, 0, 0, 0, 0, 0}, {});
    const double before = profile.kernels()[1].bytes;
    feed(session, {1, 2, 3, 4, 5}, {0, 0, 1, 1, 1}, {1, 4});
    EXPECT_EQ(profile.kernels()[1].bytes - before, expected[quantity])
        << "quantity " << quantity;
  }
}

TEST(Profile, QuantitiesOfSources) {
  const std::pair<int, double> expected[] = {
      {SINTER_QUANTITY_SOURCE, 3 + 5},
      {SINTER_QUANTITY_SOURCE_PAIRS, 2 * 3 + 1 * 5},
      {SINTER_QUANTITY_ROW_SOURCE_PAIRS, 3 + 5}};
  for (auto [quantity, value] : expected) {
    FakeOptions options;
    options.head = SINTER_HEAD_ENCODER_DECODER;
    FakeModel fake(options);
    fake.kernels[1].bytes[quantity] = 1;
    sinter_model model(fake.program, nullptr);
    sinter_profile profile(fake.program);
    sinter_session session(model, 2, 1, &profile);
    session.encode(0, std::vector<int32_t>{1, 2, 3});
    session.encode(1, std::vector<int32_t>{1, 2, 3, 4, 5});
    feed(session, {1, 2, 3}, {0, 0, 1}, {0, 2});
    EXPECT_EQ(profile.kernels()[1].bytes, value) << "quantity " << quantity;
  }
}

TEST(Profile, TimesAddUpToTheWhole) {
  for (int64_t threads : {1, 2, 3}) {
    FakeModel fake({});
    sinter_model model(fake.program, nullptr);
    sinter_profile profile(fake.program);
    EXPECT_TRUE(profile.kernels().empty());
    sinter_session session(model, 1, threads, &profile);
    const auto start = std::chrono::steady_clock::now();
    for (int step = 0; step < 20; ++step)
      feed(session, {1, 2, 3}, {0, 0, 0}, {2});
    const double whole =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count();
    auto kernels = profile.kernels();
    ASSERT_EQ(kernels.size(), 2u);
    double sum = 0;
    for (const sinter_kernel_profile &kernel : kernels) {
      EXPECT_EQ(kernel.calls, 20);
      EXPECT_STREQ(kernel.entry, "forward");
      EXPECT_GT(kernel.seconds, 0);
      EXPECT_GE(kernel.waiting_seconds, 0);
      sum += kernel.seconds + kernel.waiting_seconds;
    }
    EXPECT_STREQ(kernels[0].name, "append");
    EXPECT_EQ(kernels[0].bytes, 20 * 3 * 16);
    // 1 + 2 + 3, 4 + 4 + 4 and so on: a row sees 4 positions at most.
    EXPECT_EQ(kernels[1].operations, 6 + 19 * 12);
    EXPECT_LE(sum, whole);
  }
}

} // namespace
