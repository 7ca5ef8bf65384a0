//===- PerplexityTest.cpp - Which tokens count, and what they cost --------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Perplexity.h"
#include "runtime/main/Progress.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

using namespace sinter::runtime;

namespace {

TEST(Perplexity, EveryTokenIsScoredOnceByTheFirstWindowThatCan) {
  for (int64_t length = 0; length < 40; ++length)
    for (int64_t window = 2; window < 12; ++window)
      for (int64_t stride = 1; stride <= window; ++stride) {
        std::set<int64_t> scored;
        int64_t before = 0;
        for (const ScoredWindow &each : scoredWindows(length, window, stride)) {
          EXPECT_EQ(each.begin % stride, 0);
          EXPECT_LE(each.end, length);
          EXPECT_LE(each.end - each.begin, window);
          EXPECT_GT(each.scored, each.begin);
          EXPECT_GE(each.scored, before);
          EXPECT_LT(each.scored, each.end);
          before = each.end;
          for (int64_t token = each.scored; token < each.end; ++token)
            EXPECT_TRUE(scored.insert(token).second);
        }
        for (int64_t token = 1; token < length; ++token)
          EXPECT_EQ(scored.count(token),
                    stride < window || token % window != 0 ? 1u : 0u);
        EXPECT_EQ(scored.count(0), 0u);
      }
}

TEST(Perplexity, ATextThatFitsIsOneWindow) {
  auto windows = scoredWindows(5, 8, 4);
  ASSERT_EQ(windows.size(), 1u);
  EXPECT_EQ(windows[0].begin, 0);
  EXPECT_EQ(windows[0].end, 5);
  EXPECT_EQ(windows[0].scored, 1);
  EXPECT_TRUE(scoredWindows(1, 8, 4).empty());
}

TEST(Perplexity, LikelihoodsAreThoseOfSoftmax) {
  const float logits[] = {1, -2, 0.5f, 30};
  double sum = 0;
  for (float logit : logits)
    sum += std::exp(double(logit));
  for (int32_t token = 0; token < 4; ++token)
    EXPECT_NEAR(negativeLogLikelihood(logits, token),
                std::log(sum) - double(logits[token]), 1e-6);
  const float far[] = {1e30f, 0};
  EXPECT_EQ(negativeLogLikelihood(far, 0), 0);
  const float never[] = {0, -std::numeric_limits<float>::infinity()};
  EXPECT_EQ(negativeLogLikelihood(never, 0), 0);
  EXPECT_FALSE(std::isfinite(negativeLogLikelihood(never, 1)));
  const float none[] = {0, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_FALSE(std::isfinite(negativeLogLikelihood(none, 0)));
}

TEST(Progress, TheBarFitsTheLine) {
  EXPECT_EQ(progressLine(50, 100, 2, "", 100),
            "[====================>                   ]  50 %, 2 s left");
  EXPECT_EQ(progressLine(100, 100, 2, "done", 45),
            "[====================] 100 %, 0 s left, done");
  EXPECT_EQ(progressLine(0, 100, 0, "", 24), "  0 %, 0 s left");
  for (size_t columns = 1; columns < 120; ++columns)
    EXPECT_LE(progressLine(33, 100, 7, "perplexity 3", columns).size(),
              columns);
}

} // namespace
