//===- QuantizationTest.cpp - Numbers of few bits -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Quantization.h"
#include "KernelJit.h"
#include "codegen/QuantizedWeights.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace sinter;
using namespace sinter::test;

namespace {

class QuantizationTest : public testing::Test {
protected:
  QuantizationTest() { context.loadDialect<SinterDialect>(); }

  QuantizedType type(int64_t bits, int64_t group, bool half, bool minimum) {
    return QuantizedType::get(
        &context,
        mlir::IntegerType::get(&context, bits, mlir::IntegerType::Unsigned),
        half ? mlir::Type(mlir::Float16Type::get(&context))
             : mlir::Type(mlir::BFloat16Type::get(&context)),
        group, minimum);
  }

  /// Squared distances of each group, by column.
  static std::vector<double> errors(QuantizedType type, bool search,
                                    const std::vector<float> &w, int64_t inputs,
                                    int64_t outputs,
                                    const std::vector<float> &importance = {},
                                    bool isSearchedEvenly = false) {
    QuantizedMatrix matrix =
        quantizeMatrix(type, search, w, inputs, outputs,
                       isSearchedEvenly ? llvm::ArrayRef<float>()
                                        : llvm::ArrayRef<float>(importance));
    std::vector<double> sums(matrix.scales.size());
    for (int64_t k = 0; k < inputs; ++k)
      for (int64_t m = 0; m < outputs; ++m) {
        double error = w[k * outputs + m] -
                       dequantize(type, matrix, inputs, outputs, k, m);
        sums[k / type.getGroupOf(inputs) * outputs + m] +=
            error * error * (importance.empty() ? 1 : importance[k]);
      }
    return sums;
  }

  mlir::MLIRContext context;
};

/// Numbers as weights have them: most are small, some are not.
std::vector<float> weights(int64_t size, uint32_t seed) {
  std::mt19937 random(seed);
  std::student_t_distribution<float> spread(4);
  std::vector<float> numbers(size);
  for (float &number : numbers)
    number = 0.02f * spread(random);
  return numbers;
}

/// Each group of the search is at least as near as without it, and all together
/// are nearer.
TEST_F(QuantizationTest, SearchIsNeverWorse) {
  constexpr int64_t inputs = 200, outputs = 37;
  for (int64_t bits : {4, 8})
    for (int64_t group : {0, 32, 64, 128})
      for (bool half : {false, true})
        for (bool minimum : {false, true})
          for (uint32_t seed = 1; seed <= 8; ++seed) {
            std::vector<float> w = weights(inputs * outputs, seed);
            // Groups of one sign, of one number, and of nothing.
            for (int64_t k = 0; k < inputs; ++k) {
              w[k * outputs] = std::fabs(w[k * outputs]) + 0.1f;
              w[k * outputs + 1] = -0.3f;
              w[k * outputs + 2] = 0;
            }
            QuantizedType of = type(bits, group, half, minimum);
            std::vector<double> found = errors(of, true, w, inputs, outputs);
            std::vector<double> nearest = errors(of, false, w, inputs, outputs);
            double all = 0, allNearest = 0;
            for (size_t i = 0; i < found.size(); ++i) {
              // Sums of f32 decide; here they are taken in f64.
              EXPECT_LE(found[i], nearest[i] * (1 + 1e-4) + 1e-12)
                  << bits << " bits, groups of " << group << ", number " << i;
              all += found[i];
              allNearest += nearest[i];
            }
            EXPECT_LT(all, allNearest);
          }
}

/// Where inputs count differently, the search for that sum finds better ones of
/// it than the search for the even one.
TEST_F(QuantizationTest, SearchGoesByWhatInputsCount) {
  constexpr int64_t inputs = 200, outputs = 37;
  std::vector<float> importance = weights(inputs, 11);
  for (float &counts : importance)
    counts = 1e4f * counts * counts;
  importance[5] = 0;
  std::fill_n(importance.begin() + 64, 32, 0.0f); // a group that counts nothing
  for (int64_t bits : {4, 8})
    for (int64_t group : {0, 32, 128})
      for (bool minimum : {false, true}) {
        std::vector<float> w = weights(inputs * outputs, 4);
        QuantizedType of = type(bits, group, false, minimum);
        double all = 0, allEvenly = 0, allNearest = 0;
        for (double error : errors(of, true, w, inputs, outputs, importance))
          all += error;
        for (double error :
             errors(of, true, w, inputs, outputs, importance, true))
          allEvenly += error;
        for (double error : errors(of, false, w, inputs, outputs, importance))
          allNearest += error;
        EXPECT_LT(all, allEvenly);
        EXPECT_LT(all, allNearest);
      }
  // All alike, it is the search without.
  std::vector<float> w = weights(inputs * outputs, 4);
  QuantizedType of = type(4, 32, false, false);
  EXPECT_EQ(quantizeMatrix(of, true, w, inputs, outputs).scales,
            quantizeMatrix(of, true, w, inputs, outputs,
                           std::vector<float>(inputs, 1))
                .scales);
}

/// Without a search, nothing is further away than half a step, nor is the
/// largest magnitude cut off.
TEST_F(QuantizationTest, NearestIsWithinHalfAStep) {
  constexpr int64_t inputs = 96, outputs = 5;
  std::vector<float> w = weights(inputs * outputs, 3);
  for (int64_t bits : {4, 8})
    for (bool half : {false, true})
      for (bool minimum : {false, true}) {
        QuantizedType of = type(bits, 32, half, minimum);
        QuantizedMatrix matrix = quantizeMatrix(of, false, w, inputs, outputs);
        for (int64_t k = 0; k < inputs; ++k)
          for (int64_t m = 0; m < outputs; ++m)
            EXPECT_LE(std::fabs(w[k * outputs + m] -
                                dequantize(of, matrix, inputs, outputs, k, m)),
                      0.501f * matrix.scales[k / 32 * outputs + m]);
      }
}

/// What is not finite does not become a number.
TEST_F(QuantizationTest, NotANumberStaysNone) {
  constexpr int64_t inputs = 8, outputs = 3;
  std::vector<float> w = weights(inputs * outputs, 3);
  w[1] = NAN;
  w[5] = INFINITY;
  for (bool search : {false, true})
    for (bool minimum : {false, true}) {
      QuantizedType of = type(8, 0, false, minimum);
      QuantizedMatrix matrix = quantizeMatrix(of, search, w, inputs, outputs);
      EXPECT_TRUE(std::isfinite(matrix.scales[0]));
      EXPECT_TRUE(std::isnan(matrix.scales[1]));
      EXPECT_TRUE(std::isnan(matrix.scales[2]));
    }
}

/// Where each number and scale stands: a panel of two groups, of which the last
/// is short, with nibbles.
TEST_F(QuantizationTest, PanelsAreOneStream) {
  constexpr int64_t inputs = 44, outputs = 3, columns = 16;
  QuantizedType of = type(4, 32, true, true);
  auto packed = PackedType::get(&context, inputs, outputs, of,
                                PanelsAttr::get(&context, columns, 8));
  // Scales and least values of 16 columns, and 4 and 2 steps of 4 bytes each.
  ASSERT_EQ(packed.getScaleBytes(), 64);
  ASSERT_EQ(packed.getBlockBytes(), 64 + 4 * 64);
  ASSERT_EQ(packed.getBytes(), 64 + 4 * 64 + 64 + 2 * 64);
  std::vector<float> w = weights(inputs * columns, 5);
  for (int64_t k = 0; k < inputs; ++k)
    std::fill_n(w.begin() + k * columns + outputs, columns - outputs, 0.0f);
  QuantizedMatrix matrix = quantizeMatrix(of, true, w, inputs, columns);
  std::vector<uint8_t> bytes(packed.getBytes());
  quantizePanel(packed, true, w, {}, bytes.data());
  for (int64_t k = 0; k < inputs; ++k)
    for (int64_t m = 0; m < outputs; ++m) {
      int64_t group = k / 32, inGroup = k % 32;
      const uint8_t *start = bytes.data() + group * packed.getBlockBytes();
      auto half = [&](int64_t at) {
        return uint16_t(start[2 * at] | start[2 * at + 1] << 8);
      };
      EXPECT_EQ(half(m),
                scaleBits(of.getScale(), matrix.scales[group * columns + m]));
      EXPECT_EQ(half(columns + m),
                scaleBits(of.getScale(), matrix.minima[group * columns + m]));
      uint8_t byte = start[64 + inGroup / 8 * 64 + m * 4 + inGroup % 4];
      EXPECT_EQ(inGroup % 8 < 4 ? byte & 15 : byte >> 4,
                matrix.numbers[k * columns + m]);
    }
}

} // namespace
