//===- TiledAttentionTest.cpp - Attention in one pass -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/TiledAttention.h"
#include "CudaEmulator.h"
#include "KernelJit.h"
#include "codegen/cuda/RowAttention.h"
#include "codegen/kernels/AttentionParts.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <sys/mman.h>
#include <unistd.h>

using namespace sinter;
using namespace sinter::test;

namespace {

constexpr float notANumber = std::numeric_limits<float>::quiet_NaN();
constexpr int64_t sequences = 3, positions = 600;

struct Shape {
  int64_t heads, keyHeads, keyWidth, valueHeads, valueWidth;
};

constexpr Shape shapes[] = {
    {1, 1, 1, 1, 1},   {2, 2, 3, 2, 5},     {4, 2, 16, 2, 16},
    {3, 1, 40, 1, 24}, {6, 3, 33, 3, 33},   {8, 2, 64, 2, 64},
    {8, 4, 20, 2, 12}, {2, 1, 128, 1, 128}, {1, 1, 200, 1, 72},
    {71, 1, 8, 1, 8},  {12, 6, 13, 4, 13}};

/// What becomes of scores: as text, and as a plain function of doubles.
struct Scores {
  const char *name;
  const char *arguments, *region;
  int64_t window;
};

/// Inputs of the regions below, for H heads, N tokens and P positions.
struct Inputs {
  std::vector<float> slopes;    // [H, 1, 1]
  std::vector<int32_t> places;  // [N, 1]
  std::vector<uint8_t> visible; // [N, P]
  std::vector<float> bias;      // [H, N, P]
};

const Scores allScores[] = {
    {"plain", "", "sinter.yield %s : !sinter.tensor<[H, N, P], f32>", 0},
    {"window", "", "sinter.yield %s : !sinter.tensor<[H, N, P], f32>", 7},
    {"capped", "", R"(
      %c = sinter.constant 2.0 : !sinter.tensor<[], f32>
      %0 = sinter.div %s, %c : !sinter.tensor<[H, N, P], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[H, N, P], f32>
      %1 = sinter.tanh %0 : !sinter.tensor<[H, N, P], f32>
      %2 = sinter.mul %1, %c : !sinter.tensor<[H, N, P], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[H, N, P], f32>
      sinter.yield %2 : !sinter.tensor<[H, N, P], f32>)",
     0},
    {"distance",
     ", %a = %slopes : !sinter.tensor<[H, 1, 1], f32>, %i = %places : "
     "!sinter.tensor<[N, 1], i32>",
     R"(
      %p = sinter.iota : !sinter.tensor<[P], i32>
      %0 = sinter.sub %i, %p : !sinter.tensor<[N, 1], i32>, !sinter.tensor<[P], i32> -> !sinter.tensor<[N, P], i32>
      %1 = sinter.convert %0 : !sinter.tensor<[N, P], i32> -> !sinter.tensor<[N, P], f32>
      %2 = sinter.mul %a, %1 : !sinter.tensor<[H, 1, 1], f32>, !sinter.tensor<[N, P], f32> -> !sinter.tensor<[H, N, P], f32>
      %3 = sinter.sub %s, %2 : !sinter.tensor<[H, N, P], f32>, !sinter.tensor<[H, N, P], f32> -> !sinter.tensor<[H, N, P], f32>
      sinter.yield %3 : !sinter.tensor<[H, N, P], f32>)",
     0},
    {"masked",
     ", %m = %visible : !sinter.tensor<[N, P], i1>, %b = %bias : "
     "!sinter.tensor<[H, N, P], f32>",
     R"(
      %never = sinter.constant 0xFFF0000000000000 : !sinter.tensor<[], f32>
      %0 = sinter.add %s, %b : !sinter.tensor<[H, N, P], f32>, !sinter.tensor<[H, N, P], f32> -> !sinter.tensor<[H, N, P], f32>
      %1 = sinter.select %m, %0, %never : !sinter.tensor<[N, P], i1>, !sinter.tensor<[H, N, P], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[H, N, P], f32>
      sinter.yield %1 : !sinter.tensor<[H, N, P], f32>)",
     0}};

/// How products are made, and what keys and values are kept in.
struct Kind {
  const char *name;
  bool isRounded, isBrain;
};

constexpr Kind plain{"f32", false, false},
    brainCaches{"bf16 caches", false, true}, rounded{"rounded", true, false},
    pairs{"rounded, bf16 caches", true, true};

/// The nearest bf16, ties to even.
uint16_t brainBits(float number) {
  uint32_t bits = std::bit_cast<uint32_t>(number);
  if (std::isnan(number))
    return uint16_t(bits >> 16 | 0x40);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float brainFloat(float number) {
  return std::bit_cast<float>(uint32_t(brainBits(number)) << 16);
}

/// Bytes that end where memory does: a read behind them ends the test.
class AtTheEnd {
public:
  AtTheEnd(const void *from, size_t size) {
    size_t page = size_t(sysconf(_SC_PAGESIZE));
    size_t used = (size + page - 1) / page * page;
    length = used + page;
    memory = static_cast<char *>(mmap(nullptr, length, PROT_READ | PROT_WRITE,
                                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(memory + used, page, PROT_NONE);
    begin = memory + used - size;
    std::memcpy(begin, from, size);
  }
  AtTheEnd(const AtTheEnd &) = delete;
  ~AtTheEnd() { munmap(memory, length); }
  const void *data() const { return begin; }

private:
  char *memory, *begin;
  size_t length;
};

std::string replaced(std::string text, const std::string &from,
                     const std::string &to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos;
       at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::string textOf(Shape shape, const Scores &scores, Kind kind = plain) {
  std::string text = R"(
    func.func @f(%q: !sinter.tensor<[N, H, DK], f32>, %k: !sinter.history<[HK, DK], f32>, %v: !sinter.history<[HV, DV], f32>, %n: !sinter.tensor<[N], i32>,
                 %slopes: !sinter.tensor<[H, 1, 1], f32>, %places: !sinter.tensor<[N, 1], i32>, %visible: !sinter.tensor<[N, P], i1>, %bias: !sinter.tensor<[H, N, P], f32>) {
      %o = sinter.attention %q, %k, %v, %n, %nWINDOW (%s : !sinter.tensor<[H, N, P], f32>ARGUMENTS) : !sinter.tensor<[N, H, DK], f32>, !sinter.history<[HK, DK], f32>, !sinter.history<[HV, DV], f32> -> !sinter.tensor<[N, H, DV], f32> {
        REGION
      }
      return
    })";
  text = replaced(text, "ARGUMENTS", scores.arguments);
  text = replaced(text, "REGION", scores.region);
  text =
      replaced(text, "WINDOW",
               scores.window ? " window " + std::to_string(scores.window) : "");
  if (kind.isRounded)
    text = replaced(text, " (%s", " rounded (%s");
  if (kind.isBrain)
    for (const char *history : {"<[HK, DK], ", "<[HV, DV], "})
      text = replaced(text, std::string(history) + "f32",
                      std::string(history) + "bf16");
  text = replaced(text, "HK", std::to_string(shape.keyHeads));
  text = replaced(text, "HV", std::to_string(shape.valueHeads));
  text = replaced(text, "DK", std::to_string(shape.keyWidth));
  text = replaced(text, "DV", std::to_string(shape.valueWidth));
  text = replaced(text, "[H,", "[" + std::to_string(shape.heads) + ",");
  return replaced(text, " H,", " " + std::to_string(shape.heads) + ",");
}

/// Tokens of three sequences: a run, single ones, and one that sees nothing.
struct Call {
  std::vector<int32_t> sequence, extent;
  int64_t tokens() const { return sequence.size(); }
};

Call mixedCall() {
  Call call;
  for (int32_t i = 0; i < 70; ++i) { // more than a tile
    call.sequence.push_back(0);
    call.extent.push_back(i + 1);
  }
  for (int32_t extent : {600, 3, 64, 65, 128, 0, 129, 256, 257, 513}) {
    call.sequence.push_back(2);
    call.extent.push_back(extent);
  }
  call.sequence.push_back(1);
  call.extent.push_back(16);
  return call;
}

/// Kernels for this machine, or for a GPU that is emulated: "cuda".
class TiledAttention : public testing::TestWithParam<std::string> {
protected:
  bool isEmulated() const { return GetParam() == "cuda"; }
  /// Machines with an instruction for it, and this one, round.
  std::vector<Kind> kinds() const {
    if (isEmulated())
      return {plain};
    TargetDescription target = targetNamed(GetParam());
    if (target.dotProducts.bf16)
      return {rounded, pairs};
    if (GetParam() == "native")
      return {brainCaches, rounded, pairs};
    return {plain, brainCaches};
  }

  void compile(Shape shape, const Scores &scores, Kind ofKind = plain) {
    kind = ofKind;
    if (isEmulated())
      return compileForCuda(shape, scores);
    kernel = std::make_unique<KernelJit>(
        GetParam(),
        [&](KernelBuilder &builder, const TargetDescription &target) {
          auto module = mlir::parseSourceString<mlir::ModuleOp>(
              textOf(shape, scores, kind), builder.getContext());
          ASSERT_TRUE(module) << textOf(shape, scores, kind);
          module->walk([&](AttentionOp op) {
            emitTiledAttention(builder, "attention", target, op);
            emitAttentionMerge(builder, "merge", target, op);
            partialBytes = AttentionParts(op).bytes(8, positions);
          });
        });
  }

  void compileForCuda(Shape shape, const Scores &scores) {
    emulator = std::make_unique<CudaEmulator>([&](CudaBuilder &b) {
      auto module = mlir::parseSourceString<mlir::ModuleOp>(
          textOf(shape, scores), b.getContext());
      std::vector<CudaKernel> kernels;
      module->walk([&](AttentionOp op) {
        kernels = {emitRowAttention(b, "attention", op),
                   emitRowAttentionMerge(b, "merge", op)};
        headBlocks = RowAttention::headBlocks(op);
        partialBytes = AttentionParts(op).bytes(8, positions);
      });
      return kernels;
    });
  }

  /// Launches `call`, its past in parts where tokens are few; `seed` chooses an
  /// order of threads.
  void launch(Shape shape, const Call &call, std::vector<const void *> inputs,
              const void *const (&operands)[7], int64_t past, unsigned seed) {
    std::vector<uint64_t> arguments;
    for (const void *pointer : operands)
      arguments.push_back(reinterpret_cast<uintptr_t>(pointer));
    for (const void *pointer : inputs)
      arguments.push_back(reinterpret_cast<uintptr_t>(pointer));
    int64_t parts = 1, tokens = call.tokens();
    if (tokens <= AttentionParts::mostTokens)
      parts = llvm::divideCeil(past, AttentionParts::positions);
    for (int64_t number : {tokens, past, positions, positions, parts})
      arguments.push_back(number);
    ASSERT_EQ("", emulator->launch("attention", {tokens, headBlocks, parts},
                                   arguments, seed));
    if (parts > 1)
      ASSERT_EQ("", emulator->launch("merge", {tokens, shape.heads, 1},
                                     {arguments[6], arguments[4], arguments[5],
                                      uint64_t(tokens)},
                                     seed));
  }

  /// Runs `call` on `threads` threads, one after the other.
  std::vector<float> run(Shape shape, const Scores &scores, const Call &call,
                         const std::vector<float> &query,
                         const std::vector<float> &keys,
                         const std::vector<float> &values, const Inputs &inputs,
                         int64_t past, int64_t threads) {
    GuardedBuffer result(call.tokens() * shape.heads * shape.valueWidth);
    std::vector<const void *> pointers;
    if (scores.name == std::string("distance"))
      pointers = {inputs.slopes.data(), inputs.places.data()};
    if (scores.name == std::string("masked"))
      pointers = {inputs.visible.data(), inputs.bias.data()};
    using P = const void *;
    using I = int64_t;
    GuardedBuffer partials(partialBytes / 4);
    AtTheEnd keyCache = cacheOf(keys), valueCache = cacheOf(values);
    if (isEmulated()) {
      launch(shape, call, pointers,
             {query.data(), keys.data(), values.data(), call.sequence.data(),
              call.extent.data(), result.data(), partials.data()},
             past, threads);
      EXPECT_TRUE(partials.guardsIntact());
      EXPECT_TRUE(result.guardsIntact());
      return std::vector<float>(result.data(), result.data() + result.size());
    }
    for (int64_t thread = 0; thread < threads; ++thread) {
      if (pointers.empty())
        kernel->get<void(P, P, P, P, P, P, P, I, I, I, I, I, I)>("attention")(
            query.data(), keyCache.data(), valueCache.data(),
            call.sequence.data(), call.extent.data(), result.data(),
            partials.data(), call.tokens(), past, positions, positions, thread,
            threads);
      else
        kernel->get<void(P, P, P, P, P, P, P, P, P, I, I, I, I, I, I)>(
            "attention")(query.data(), keyCache.data(), valueCache.data(),
                         call.sequence.data(), call.extent.data(),
                         result.data(), partials.data(), pointers[0],
                         pointers[1], call.tokens(), past, positions, positions,
                         thread, threads);
    }
    // As the step does, when all have waited.
    if (call.tokens() <= AttentionParts::mostTokens &&
        past > AttentionParts::positions)
      for (int64_t thread = 0; thread < threads; ++thread)
        kernel->get<void(P, P, P, I, I, I)>("merge")(
            partials.data(), call.extent.data(), result.data(), call.tokens(),
            thread, threads);
    EXPECT_TRUE(partials.guardsIntact());
    EXPECT_TRUE(result.guardsIntact());
    return std::vector<float>(result.data(), result.data() + result.size());
  }

  AtTheEnd cacheOf(const std::vector<float> &numbers) {
    if (!kind.isBrain)
      return AtTheEnd(numbers.data(), numbers.size() * 4);
    std::vector<uint16_t> bits;
    for (float number : numbers)
      bits.push_back(brainBits(number));
    return AtTheEnd(bits.data(), bits.size() * 2);
  }

  Kind kind = plain;
  std::unique_ptr<KernelJit> kernel;
  std::unique_ptr<CudaEmulator> emulator;
  int64_t partialBytes = 0, headBlocks = 0;
};

/// The logit of one score.
double logit(const Scores &scores, const Inputs &inputs, double score,
             int64_t h, int64_t n, int64_t p, int64_t tokens, int64_t past) {
  std::string name = scores.name;
  if (name == "capped")
    return std::tanh(score / 2) * 2;
  if (name == "distance")
    return score - inputs.slopes[h] * (inputs.places[n] - p);
  if (name == "masked")
    return inputs.visible[n * past + p]
               ? score + inputs.bias[(h * tokens + n) * past + p]
               : -std::numeric_limits<double>::infinity();
  return score;
}

Inputs makeInputs(Shape shape, const Call &call, int64_t past) {
  Inputs inputs;
  inputs.slopes = randomNumbers(shape.heads, 4);
  for (int32_t extent : call.extent)
    inputs.places.push_back(extent - 1);
  inputs.bias = randomNumbers(shape.heads * call.tokens() * past, 5);
  for (int64_t n = 0; n < call.tokens(); ++n)
    for (int64_t p = 0; p < past; ++p) {
      // Rows 71 and on see nothing of their first block, but their last.
      bool isLast = p + 1 == call.extent[n];
      inputs.visible.push_back(isLast || (n < 71 ? (n + p) % 3 != 0 : p > 70));
    }
  return inputs;
}

/// Caches that hold what rows see, and NaN wherever none looks.
std::vector<float> makeCache(const Call &call, int64_t row, int64_t window,
                             uint32_t seed) {
  std::vector<float> numbers = randomNumbers(sequences * positions * row, seed);
  for (int64_t s = 0; s < sequences; ++s) {
    int64_t begin = positions, end = 0;
    for (int64_t n = 0; n < call.tokens(); ++n)
      if (call.sequence[n] == s) {
        int64_t extent = call.extent[n];
        end = std::max(end, extent);
        begin =
            std::min(begin, window ? std::max<int64_t>(0, extent - window) : 0);
      }
    for (int64_t p = 0; p < positions; ++p)
      if (p < begin || p >= end)
        std::fill_n(numbers.begin() + (s * positions + p) * row, row,
                    notANumber);
  }
  return numbers;
}

/// What numbers a kind of attention multiplies.
std::vector<float> multiplied(std::vector<float> numbers, bool isRounded) {
  if (isRounded)
    for (float &number : numbers)
      number = brainFloat(number);
  return numbers;
}

/// The rows of one head and token, by loops over doubles.
class PlainLoops {
public:
  PlainLoops(Shape shape, const Scores &scores, Kind kind, const Call &call,
             const Inputs &inputs, int64_t past, std::vector<float> query,
             std::vector<float> keys, std::vector<float> values)
      : shape(shape), scores(scores), kind(kind), call(call), inputs(inputs),
        past(past), query(multiplied(std::move(query), kind.isRounded)),
        keys(multiplied(std::move(keys), kind.isRounded || kind.isBrain)),
        values(multiplied(std::move(values), kind.isRounded || kind.isBrain)) {}

  std::vector<double> run(int64_t n, int64_t h) const {
    auto [heads, keyHeads, keyWidth, valueHeads, valueWidth] = shape;
    int64_t keyGroup = heads / keyHeads, valueGroup = heads / valueHeads;
    int64_t end = call.extent[n];
    int64_t begin =
        scores.window ? std::max<int64_t>(0, end - scores.window) : 0;
    int64_t base = call.sequence[n] * positions;
    std::vector<double> weights;
    double largest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (int64_t p = begin; p < end; ++p) {
      double score = 0;
      for (int64_t d = 0; d < keyWidth; ++d)
        score += double(query[(n * heads + h) * keyWidth + d]) *
                 keys[((base + p) * keyHeads + h / keyGroup) * keyWidth + d];
      weights.push_back(
          logit(scores, inputs, score, h, n, p, call.tokens(), past));
      largest = std::max(largest, weights.back());
    }
    if (kind.isRounded)
      largest = std::ceil(largest * std::numbers::log2e) * std::numbers::ln2;
    for (double &weight : weights) {
      weight = std::exp(weight - largest);
      sum += weight = kind.isRounded ? brainFloat(float(weight)) : weight;
    }
    std::vector<double> result(valueWidth);
    for (int64_t p = begin; p < end; ++p)
      for (int64_t e = 0; e < valueWidth; ++e)
        result[e] +=
            weights[p - begin] / sum *
            values[((base + p) * valueHeads + h / valueGroup) * valueWidth + e];
    return result;
  }

private:
  Shape shape;
  const Scores &scores;
  Kind kind;
  const Call &call;
  const Inputs &inputs;
  int64_t past;
  std::vector<float> query, keys, values;
};

TEST_P(TiledAttention, EqualsPlainLoops) {
  Call call = mixedCall();
  int64_t tokens = call.tokens(), past = positions;
  int64_t numbers = 0, apart = 0;
  for (size_t i = 0; i < std::size(shapes); ++i)
    // Every shape with two kinds of scores; every kind with four shapes.
    for (size_t j : {i, i + 2}) {
      Shape shape = shapes[i];
      const Scores &scores = allScores[j % std::size(allScores)];
      Kind kind = kinds()[(i + j) / 2 % kinds().size()];
      SCOPED_TRACE(std::string(scores.name) + ", " + kind.name + ", " +
                   std::to_string(shape.heads) + " over " +
                   std::to_string(shape.keyHeads) + " of " +
                   std::to_string(shape.keyWidth));
      compile(shape, scores, kind);
      std::vector<float> query =
          randomNumbers(tokens * shape.heads * shape.keyWidth, 1);
      auto keys =
          makeCache(call, shape.keyHeads * shape.keyWidth, scores.window, 2);
      auto values = makeCache(call, shape.valueHeads * shape.valueWidth,
                              scores.window, 3);
      Inputs inputs = makeInputs(shape, call, past);
      std::vector<float> result =
          run(shape, scores, call, query, keys, values, inputs, past, 1);
      PlainLoops loops(shape, scores, kind, call, inputs, past, query, keys,
                       values);
      // A weight whose exponential is half way between two of bf16 may become
      // the other of them: 1 in 256 away.
      double tolerance = kind.isRounded ? 5e-3 : 1e-5;
      for (int64_t n = 0; n < tokens; ++n)
        for (int64_t h = 0; h < shape.heads; ++h) {
          std::vector<double> expected = loops.run(n, h);
          for (int64_t e = 0; e < shape.valueWidth; ++e) {
            float actual = result[(n * shape.heads + h) * shape.valueWidth + e];
            ASSERT_NEAR(actual, expected[e], tolerance)
                << "token " << n << ", head " << h << ", element " << e;
            ++numbers;
            apart += std::fabs(actual - expected[e]) > 1e-5;
          }
        }
      for (int64_t threads : isEmulated() ? std::vector<int64_t>{2, 3}
                                          : std::vector<int64_t>{2, 3, 8, 200})
        ASSERT_EQ(result, run(shape, scores, call, query, keys, values, inputs,
                              past, threads))
            << threads << " threads";
    }
  // Which happens to few.
  EXPECT_LT(apart, numbers / 20);
}

TEST_P(TiledAttention, RowsDoNotDependOnTheirCompany) {
  Call call = mixedCall();
  int64_t tokens = call.tokens(), past = positions;
  Shape shape{6, 3, 20, 3, 20};
  const Scores &scores = allScores[0];
  compile(shape, scores, kinds().back());
  int64_t row = shape.heads * shape.keyWidth;
  std::vector<float> query = randomNumbers(tokens * row, 1);
  auto keys = makeCache(call, shape.keyHeads * shape.keyWidth, 0, 2);
  auto values = makeCache(call, shape.valueHeads * shape.valueWidth, 0, 3);
  std::vector<float> together =
      run(shape, scores, call, query, keys, values, {}, past, 1);
  for (int64_t n = 0; n < tokens; ++n) {
    Call alone{{call.sequence[n]}, {call.extent[n]}};
    std::vector<float> own(query.begin() + n * row,
                           query.begin() + (n + 1) * row);
    std::vector<float> result = run(shape, scores, alone, own, keys, values, {},
                                    std::max(1, call.extent[n]), 2);
    // A GPU puts parts together in another way than it goes over a whole past.
    if (isEmulated() && call.extent[n] > AttentionParts::positions) {
      for (int64_t e = 0; e < row; ++e)
        ASSERT_NEAR(result[e], together[n * row + e], 1e-6) << "token " << n;
      continue;
    }
    ASSERT_EQ(0, std::memcmp(result.data(), together.data() + n * row,
                             row * sizeof(float)))
        << "token " << n;
  }
}

/// What a row does not see changes nothing of it, however large it is: rows of
/// its tile that see it are others.
TEST_P(TiledAttention, WhatIsNotSeenHasNoEffect) {
  Call call = mixedCall();
  int64_t tokens = call.tokens(), past = positions;
  Shape shape{6, 3, 20, 3, 20};
  constexpr float infinity = std::numeric_limits<float>::infinity();
  constexpr int64_t hidden[] = {21, 30, 31, 66, 128};
  for (const Scores &scores : {allScores[0], allScores[1]}) {
    SCOPED_TRACE(scores.name);
    compile(shape, scores, kinds().back());
    int64_t row = shape.heads * shape.valueWidth;
    std::vector<float> query = randomNumbers(tokens * row, 1);
    int64_t width = shape.keyHeads * shape.keyWidth;
    auto keys = makeCache(call, width, scores.window, 2);
    auto values = makeCache(call, width, scores.window, 3);
    std::vector<float> expected =
        run(shape, scores, call, query, keys, values, {}, past, 1);
    for (int64_t s = 0; s < sequences; ++s)
      for (int64_t position : hidden) {
        auto place = (s * positions + position) * width;
        std::fill_n(keys.begin() + place, width,
                    position % 2 ? notANumber : -infinity);
        std::fill_n(values.begin() + place, width,
                    position % 2 ? -infinity : notANumber);
      }
    std::vector<float> result =
        run(shape, scores, call, query, keys, values, {}, past, 1);
    int64_t unaffected = 0;
    for (int64_t n = 0; n < tokens; ++n) {
      int64_t end = call.extent[n];
      int64_t begin = scores.window ? end - scores.window : 0;
      bool sees = false;
      for (int64_t position : hidden)
        sees |= begin <= position && position < end;
      bool isSame = std::memcmp(result.data() + n * row,
                                expected.data() + n * row, row * 4) == 0;
      ASSERT_EQ(isSame, !sees) << "token " << n;
      unaffected += isSame;
    }
    EXPECT_GE(unaffected, 24);
  }
}

std::vector<std::string> targets() {
  std::vector<std::string> targets = cpusWithDotProducts();
  targets.push_back("cuda");
  return targets;
}

INSTANTIATE_TEST_SUITE_P(Targets, TiledAttention, testing::ValuesIn(targets()),
                         [](const auto &info) {
                           return testNameOf(info.param);
                         });

} // namespace
