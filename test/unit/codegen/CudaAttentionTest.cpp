//===- CudaAttentionTest.cpp - Attention on tensor cores, emulated -*- C++ -*-//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaEmulator.h"
#include "KernelJit.h"
#include "codegen/cuda/MatrixAttention.h"
#include "codegen/cuda/RowAttention.h"
#include "mlir/Parser/Parser.h"
#include "passes/Scratch.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"
#include <bit>
#include <cmath>
#include <limits>

using namespace sinter;
using namespace sinter::test;

namespace {

constexpr int64_t positions = 300, sequences = 3;

struct Shape {
  int64_t heads, keyHeads, keyWidth, valueHeads, valueWidth, window;
  /// Whether scores are scaled, and a bias is added that falls with distance.
  bool isScored;
  /// Whether caches hold int8 in place of bf16.
  bool isQuantized = false;
};

std::string textOf(const Shape &shape) {
  std::string scores =
      llvm::formatv("!sinter.tensor<[{0}, N, P], f32>", shape.heads);
  std::string region = "sinter.yield %s : " + scores;
  if (shape.isScored)
    region = llvm::formatv(R"(
      %c = sinter.constant 0.25 : !sinter.tensor<[], f32>
      %p = sinter.iota : !sinter.tensor<[P], i32>
      %0 = sinter.sub %i, %p : !sinter.tensor<[N, 1], i32>, !sinter.tensor<[P], i32> -> !sinter.tensor<[N, P], i32>
      %1 = sinter.convert %0 : !sinter.tensor<[N, P], i32> -> !sinter.tensor<[N, P], f32>
      %2 = sinter.mul %a, %1 : !sinter.tensor<[{1}, 1, 1], f32>, !sinter.tensor<[N, P], f32> -> {0}
      %3 = sinter.mul %s, %c : {0}, !sinter.tensor<[], f32> -> {0}
      %4 = sinter.sub %3, %2 : {0}, {0} -> {0}
      sinter.yield %4 : {0})",
                           scores, shape.heads);
  return llvm::formatv(
      R"(
    func.func @f(%q: !sinter.tensor<[N, {0}, {2}], f32>, %k: !sinter.history<[{1}, {2}], {8}>, %v: !sinter.history<[{3}, {4}], {8}>, %n: !sinter.tensor<[N], i32>,
                 %slopes: !sinter.tensor<[{0}, 1, 1], f32>, %places: !sinter.tensor<[N, 1], i32>) {
      %o = sinter.attention %q, %k, %v, %n, %n{5} (%s : {6}, %a = %slopes : !sinter.tensor<[{0}, 1, 1], f32>, %i = %places : !sinter.tensor<[N, 1], i32>) : !sinter.tensor<[N, {0}, {2}], f32>, !sinter.history<[{1}, {2}], {8}>, !sinter.history<[{3}, {4}], {8}> -> !sinter.tensor<[N, {0}, {4}], f32> {
        {7}
      }
      return
    })",
      shape.heads, shape.keyHeads, shape.keyWidth, shape.valueHeads,
      shape.valueWidth,
      shape.window ? " window " + std::to_string(shape.window) : "", scores,
      region, shape.isQuantized ? "i8" : "bf16");
}

uint16_t brainFloat(float number) {
  uint32_t bits = std::bit_cast<uint32_t>(number);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float asFloat(uint16_t bits) {
  return std::bit_cast<float>(uint32_t(bits) << 16);
}

/// A cache, NaN where no token of any sequence looks: its bytes, and what they
/// stand for.
struct Cache {
  std::vector<uint8_t> bytes;
  std::vector<float> numbers;

  Cache(int64_t heads, int64_t width, int32_t longest, uint32_t seed,
        bool isQuantized)
      : numbers(randomNumbers(sequences * positions * heads * width, seed)) {
    auto append = [&](auto number) {
      auto *from = reinterpret_cast<const uint8_t *>(&number);
      bytes.insert(bytes.end(), from, from + sizeof number);
    };
    for (int64_t row = 0; row < sequences * positions; ++row) {
      bool isSeen = row % positions < longest;
      auto scaleOf = [&](int64_t head) {
        return isSeen ? float(1 + (row + head) % 3) / 381 : NAN;
      };
      for (int64_t i = 0; i < heads * width; ++i) {
        float &number = numbers[row * heads * width + i];
        if (isQuantized) {
          auto whole = int8_t(std::lround(number * 127));
          number = float(whole) * scaleOf(i / width);
          append(whole);
        } else {
          uint16_t bits = isSeen ? brainFloat(number) : uint16_t(0x7fc0);
          number = asFloat(bits);
          append(bits);
        }
      }
      for (int64_t head = 0; isQuantized && head < heads; ++head)
        append(scaleOf(head));
    }
  }
};

/// A prompt, tokens of another sequence, and one that sees nothing.
struct Call {
  std::vector<int32_t> sequence, extent;
  Call() {
    for (int32_t i = 0; i < 70; ++i)
      add(1, 60 + i);
    for (int32_t i : {200, 1, 64, 65})
      add(i % 2 ? 2 : 0, i);
    add(2, 0);
  }
  void add(int32_t of, int32_t seen) {
    sequence.push_back(of);
    extent.push_back(seen);
  }
  int64_t tokens() const { return sequence.size(); }
};

void check(const Shape &shape, bool isMatrix, unsigned seed) {
  std::string text = textOf(shape);
  SCOPED_TRACE(text);
  int64_t headBlocks = 0;
  CudaEmulator kernels([&](CudaBuilder &b) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, b.getContext());
    std::vector<CudaKernel> emitted;
    module->walk([&](AttentionOp op) {
      EXPECT_TRUE(MatrixAttention::fits(op));
      headBlocks = RowAttention::headBlocks(op);
      emitted = {isMatrix ? emitMatrixAttention(b, "attention", op)
                          : emitRowAttention(b, "attention", op)};
    });
    return emitted;
  });
  Call call;
  int64_t tokens = call.tokens(), past = 201;
  auto [heads, keyHeads, keyWidth, valueHeads, valueWidth, window, isScored,
        isQuantized] = shape;
  std::vector<float> query = randomNumbers(tokens * heads * keyWidth, 1);
  for (float &number : query)
    number = asFloat(brainFloat(number));
  Cache keys(keyHeads, keyWidth, 200, 2, isQuantized),
      values(valueHeads, valueWidth, 200, 3, isQuantized);
  std::vector<float> slopes = randomNumbers(heads, 4);
  for (float &slope : slopes)
    slope *= 0.05f;
  std::vector<int32_t> places;
  for (int32_t extent : call.extent)
    places.push_back(extent - 1);
  GuardedBuffer result(tokens * heads * valueWidth);
  auto address = [](const auto *pointer) {
    return uint64_t(reinterpret_cast<uintptr_t>(pointer));
  };
  std::vector<uint64_t> arguments{
      address(query.data()),        address(keys.bytes.data()),
      address(values.bytes.data()), address(call.sequence.data()),
      address(call.extent.data()),  address(result.data())};
  if (!isMatrix)
    arguments.push_back(0);
  arguments.push_back(address(slopes.data()));
  arguments.push_back(address(places.data()));
  for (int64_t number : {tokens, past, positions, positions})
    arguments.push_back(number);
  if (!isMatrix)
    arguments.push_back(1);
  if (isMatrix)
    ASSERT_EQ("", kernels.launch(
                      "attention",
                      {int64_t(llvm::divideCeil(tokens, MatrixAttention::rows)),
                       heads, 1},
                      arguments, seed));
  else
    ASSERT_EQ("", kernels.launch("attention", {tokens, headBlocks, 1},
                                 arguments, seed));
  ASSERT_TRUE(result.guardsIntact());

  for (int64_t n = 0; n < tokens; ++n)
    for (int64_t h = 0; h < heads; ++h) {
      int64_t end = call.extent[n];
      int64_t begin = window ? std::max<int64_t>(0, end - window) : 0;
      int64_t base = call.sequence[n] * positions;
      std::vector<double> weights;
      double largest = -std::numeric_limits<double>::infinity(), sum = 0;
      for (int64_t p = begin; p < end; ++p) {
        double score = 0;
        int64_t key = h / (heads / keyHeads);
        for (int64_t d = 0; d < keyWidth; ++d)
          score += double(query.data()[(n * heads + h) * keyWidth + d]) *
                   keys.numbers[((base + p) * keyHeads + key) * keyWidth + d];
        if (isScored)
          score = score * 0.25 - double(slopes[h]) * (places[n] - p);
        weights.push_back(score);
        largest = std::max(largest, score);
      }
      for (double &weight : weights)
        sum += weight = std::exp(weight - largest);
      int64_t value = h / (heads / valueHeads);
      for (int64_t e = 0; e < valueWidth; ++e) {
        double expected = 0;
        for (int64_t p = begin; p < end; ++p)
          expected +=
              weights[p - begin] / sum *
              values
                  .numbers[((base + p) * valueHeads + value) * valueWidth + e];
        // A weight is rounded to eight bits where tensor cores take it, and so
        // is what a cache of int8 holds.
        ASSERT_NEAR(result.data()[(n * heads + h) * valueWidth + e], expected,
                    isMatrix ? (isQuantized ? 8e-3 : 4e-3) : 1e-5)
            << "token " << n << ", head " << h << ", element " << e;
      }
    }
}

void checkAll(llvm::ArrayRef<Shape> shapes) {
  unsigned seed = 0;
  for (const Shape &shape : shapes)
    for (bool isMatrix : {true, false}) {
      check(shape, isMatrix, seed++);
      if (testing::Test::HasFatalFailure())
        return;
    }
}

TEST(CudaAttention, OverBrainFloats) {
  const Shape shapes[] = {{4, 2, 64, 2, 64, 0, true},
                          {2, 2, 16, 2, 32, 0, false},
                          {2, 1, 80, 1, 48, 33, true},
                          {6, 3, 128, 1, 16, 100, false}};
  checkAll(shapes);
}

/// Rows of an odd number of heads begin at multiples of 4 bytes only.
TEST(CudaAttention, OverBytes) {
  const Shape shapes[] = {{4, 2, 64, 2, 64, 0, true, true},
                          {3, 3, 16, 1, 32, 33, false, true}};
  checkAll(shapes);
}

} // namespace
