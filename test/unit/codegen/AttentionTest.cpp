//===- AttentionTest.cpp - Attention against plain loops -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/Attention.h"
#include "KernelJit.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace sinter;
using namespace sinter::test;

namespace {

using AttentionFunction = void(const float *left, const float *history,
                               const int32_t *sequence, const int32_t *extent,
                               float *result, int64_t tokens, int64_t past,
                               int64_t positions, int64_t begin, int64_t end);
using AppendFunction = void(const float *rows, const int32_t *sequence,
                            const int32_t *position, float *cache,
                            int64_t positions, int64_t begin, int64_t end);

struct Shape {
  int64_t queryHeads, heads, width;
};

constexpr Shape shapes[] = {{1, 1, 1},  {2, 2, 3},  {4, 2, 16},  {3, 1, 40},
                            {6, 3, 33}, {8, 4, 64}, {2, 1, 128}, {1, 1, 200}};
constexpr int64_t sequences = 3, positions = 23;
/// Tokens of three sequences, mixed, each with a past of its own length.
const std::vector<int32_t> sequence = {0, 0, 0, 2, 1, 2, 2};
const std::vector<int32_t> extent = {1, 2, 3, 23, 5, 8, 4};

AttentionShape attentionShape(KernelBuilder &builder, Shape shape) {
  return {shape.queryHeads,
          HistoryType::get(builder.getContext(), shape.heads, shape.width,
                           builder.getF32Type())};
}

class AttentionTest : public testing::TestWithParam<std::string> {};

TEST_P(AttentionTest, ScoresAndValuesEqualPlainLoops) {
  int64_t tokens = sequence.size(), past = 23;
  for (Shape shape : shapes) {
    KernelJit kernel(GetParam(), [&](KernelBuilder &builder,
                                     const TargetDescription &target) {
      AttentionShape attention = attentionShape(builder, shape);
      emitAttentionScores(builder, "scores", target, attention);
      emitAttentionValues(builder, "values", target, attention);
    });
    auto [queryHeads, heads, width] = shape;
    int64_t group = queryHeads / heads, row = heads * width;
    std::vector<float> cache = randomNumbers(sequences * positions * row, 1);
    std::vector<float> query = randomNumbers(queryHeads * tokens * width, 2);
    std::vector<float> probability =
        randomNumbers(queryHeads * tokens * past, 3);
    for (int64_t threads : {1, 2, 3}) {
      GuardedBuffer scores(queryHeads * tokens * past),
          values(queryHeads * tokens * width);
      for (int64_t thread = 0; thread < threads; ++thread) {
        int64_t begin = tokens * thread / threads,
                end = tokens * (thread + 1) / threads;
        kernel.get<AttentionFunction>("scores")(
            query.data(), cache.data(), sequence.data(), extent.data(),
            scores.data(), tokens, past, positions, begin, end);
        kernel.get<AttentionFunction>("values")(
            probability.data(), cache.data(), sequence.data(), extent.data(),
            values.data(), tokens, past, positions, begin, end);
      }
      EXPECT_TRUE(scores.guardsIntact());
      EXPECT_TRUE(values.guardsIntact());
      for (int64_t h = 0; h < queryHeads; ++h)
        for (int64_t n = 0; n < tokens; ++n) {
          auto at = [&](int64_t p, int64_t e) -> double {
            return cache[((sequence[n] * positions + p) * heads + h / group) *
                             width +
                         e];
          };
          for (int64_t p = 0; p < extent[n]; ++p) {
            double expected = 0;
            for (int64_t e = 0; e < width; ++e)
              expected += at(p, e) * query[(h * tokens + n) * width + e];
            ASSERT_NEAR(scores.data()[(h * tokens + n) * past + p], expected,
                        1e-5 * width)
                << "head " << h << ", token " << n << ", position " << p;
          }
          // What stands behind the extent is another kernel's.
          for (int64_t p = extent[n]; p < past; ++p)
            ASSERT_TRUE(std::isnan(scores.data()[(h * tokens + n) * past + p]));
          for (int64_t e = 0; e < width; ++e) {
            double expected = 0;
            for (int64_t p = 0; p < extent[n]; ++p)
              expected += at(p, e) * probability[(h * tokens + n) * past + p];
            ASSERT_NEAR(values.data()[(h * tokens + n) * width + e], expected,
                        1e-5 * extent[n])
                << "head " << h << ", token " << n << ", element " << e;
          }
        }
    }
  }
}

TEST_P(AttentionTest, AppendWritesItsRowsOnly) {
  constexpr int64_t width = 5;
  const std::vector<int32_t> position = {4, 5, 6, 0, 22, 1, 2};
  int64_t tokens = sequence.size();
  KernelJit kernel(
      GetParam(), [&](KernelBuilder &builder, const TargetDescription &target) {
        emitCacheAppend(builder, "append", width * sizeof(float));
      });
  std::vector<float> rows = randomNumbers(tokens * width, 1);
  GuardedBuffer cache(sequences * positions * width);
  for (int64_t thread = 0; thread < 3; ++thread)
    kernel.get<AppendFunction>("append")(
        rows.data(), sequence.data(), position.data(), cache.data(), positions,
        tokens * thread / 3, tokens * (thread + 1) / 3);
  EXPECT_TRUE(cache.guardsIntact());
  int64_t written = 0;
  for (int64_t i = 0; i < cache.size(); ++i)
    written += !std::isnan(cache.data()[i]);
  EXPECT_EQ(written, tokens * width);
  for (int64_t n = 0; n < tokens; ++n)
    for (int64_t e = 0; e < width; ++e)
      EXPECT_EQ(
          cache.data()[(sequence[n] * positions + position[n]) * width + e],
          rows[n * width + e]);
}

INSTANTIATE_TEST_SUITE_P(Targets, AttentionTest,
                         testing::ValuesIn(testedCpus()), [](const auto &info) {
                           return testNameOf(info.param);
                         });

} // namespace
