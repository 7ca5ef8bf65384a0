//===- ArgmaxTest.cpp - The largest of a contraction's rows -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/Argmax.h"
#include "KernelJit.h"
#include "codegen/kernels/FloatLinear.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

using namespace sinter;
using namespace sinter::test;

namespace {

using FindFunction = void(const float *x, const float *w, float *y,
                          int64_t rows, int64_t firstPanel, int64_t lastPanel,
                          int64_t *findings);
using MergeFunction = void(const int64_t *findings, int64_t stride,
                           int64_t count, int64_t begin, int64_t end,
                           int32_t *index, float *largest);

constexpr float notANumber = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

class Argmax : public testing::TestWithParam<std::string> {
protected:
  /// Rows of sums: each is a row of `w`, picked by the row of the input that
  /// is one there.
  void compile(int64_t rows, int64_t outputs, const std::vector<float> &w) {
    kernel = std::make_unique<KernelJit>(
        GetParam(),
        [&](KernelBuilder &builder, const TargetDescription &target) {
          auto layout =
              PanelsAttr::get(builder.getContext(), target.panelColumns(32), 1);
          auto type = PackedType::get(builder.getContext(), rows, outputs,
                                      builder.getF32Type(), layout);
          panels = type.getPanelCount();
          packed.emplace(type.getNumElements());
          std::fill_n(packed->data(), packed->size(), 0.0f);
          for (int64_t k = 0; k < rows; ++k)
            for (int64_t m = 0; m < outputs; ++m)
              packed->data()[type.getElementOffset(k, m)] = w[k * outputs + m];
          LinearForm form = floatForm(builder, target);
          addArgmax(form);
          emitLinear(builder, "find", target, type, form);
          emitArgmaxMerge(builder, "merge");
        });
  }

  /// One row of the matrix alone, on so many threads.
  std::pair<int32_t, float> find(const std::vector<float> &row,
                                 int64_t threads) {
    // Behind other rows, which take part of a tile.
    constexpr int64_t others = 7;
    int64_t rows = others + 1, outputs = row.size();
    compile(1, outputs, row);
    std::vector<float> x(rows, 1.0f);
    std::vector<int64_t> findings(threads * rows + 1, 77);
    for (int64_t thread = 0; thread < threads; ++thread)
      kernel->get<FindFunction>("find")(
          x.data(), packed->data(), nullptr, rows, panels * thread / threads,
          panels * (thread + 1) / threads, findings.data() + thread * rows);
    EXPECT_EQ(findings.back(), 77);
    std::vector<int32_t> index(rows, -1);
    std::vector<float> largest(rows, 77);
    kernel->get<MergeFunction>("merge")(findings.data(), rows * 8, threads,
                                        others, rows, index.data(),
                                        largest.data());
    EXPECT_EQ(index[others - 1], -1);
    return {index[others], largest[others]};
  }

  std::unique_ptr<KernelJit> kernel;
  std::optional<GuardedBuffer> packed;
  int64_t panels = 0;
};

TEST_P(Argmax, FindsTheFirstOfTheLargest) {
  for (int64_t outputs : {1, 5, 64, 65, 333}) {
    for (int64_t place : {int64_t(0), outputs / 2, outputs - 1}) {
      std::vector<float> row = randomNumbers(outputs, 3);
      row[place] = 5;
      row.back() = 5;
      for (int64_t threads : {1, 2, 7})
        ASSERT_EQ(find(row, threads), std::pair(int32_t(place), 5.0f))
            << outputs << " outputs, " << threads << " threads";
    }
    std::vector<float> negative(outputs, -7);
    negative[outputs / 3] = -6;
    EXPECT_EQ(find(negative, 2), std::pair(int32_t(outputs / 3), -6.0f));
    // Nothing larger than minus infinity: the first.
    std::vector<float> none(outputs, -infinity);
    EXPECT_EQ(find(none, 3), std::pair(0, -infinity));
    none[outputs - 1] = infinity;
    EXPECT_EQ(find(none, 3), std::pair(int32_t(outputs - 1), infinity));
  }
}

TEST_P(Argmax, TheSmallestNumbersCount) {
  std::vector<float> row(100, -1e-45f);
  row[40] = 0.0f;
  row[70] = 0.0f;
  EXPECT_EQ(find(row, 2), std::pair(40, 0.0f));
}

TEST_P(Argmax, WhatIsNotANumberIsSeen) {
  std::vector<float> row = randomNumbers(200, 3);
  row[20] = infinity;
  row[77] = notANumber;
  row[130] = -notANumber;
  for (int64_t threads : {1, 2, 7}) {
    auto [index, largest] = find(row, threads);
    EXPECT_EQ(index, 77);
    EXPECT_TRUE(std::isnan(largest));
  }
}

TEST_P(Argmax, EveryRowHasItsOwn) {
  constexpr int64_t rows = 20, outputs = 150;
  std::vector<float> w = randomNumbers(rows * outputs, 3);
  compile(rows, outputs, w);
  std::vector<float> x(rows * rows, 0.0f);
  for (int64_t row = 0; row < rows; ++row)
    x[row * rows + row] = 1;
  std::vector<int64_t> findings(rows);
  std::vector<int32_t> index(rows);
  std::vector<float> largest(rows);
  GuardedBuffer y(rows * outputs);
  kernel->get<FindFunction>("find")(x.data(), packed->data(), y.data(), rows, 0,
                                    panels, findings.data());
  // What nobody wants to find is left alone; the result is what it is.
  EXPECT_TRUE(y.guardsIntact());
  EXPECT_TRUE(std::equal(w.begin(), w.end(), y.data()));
  std::fill_n(y.data(), y.size(), 77.0f);
  kernel->get<FindFunction>("find")(x.data(), packed->data(), y.data(), rows, 0,
                                    panels, nullptr);
  EXPECT_TRUE(std::equal(w.begin(), w.end(), y.data()));
  kernel->get<MergeFunction>("merge")(findings.data(), 0, 1, 0, rows,
                                      index.data(), largest.data());
  for (int64_t row = 0; row < rows; ++row) {
    auto begin = w.begin() + row * outputs;
    auto expected = std::max_element(begin, begin + outputs);
    EXPECT_EQ(index[row], expected - begin);
    EXPECT_EQ(largest[row], *expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, Argmax, testing::ValuesIn(testedCpus()),
                         [](const auto &info) {
                           return testNameOf(info.param);
                         });

} // namespace
