//===- LinearTest.cpp - Contractions against a plain loop -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelJit.h"
#include "codegen/Target.h"
#include "codegen/kernels/FloatLinear.h"
#include "gtest/gtest.h"
#include <bit>
#include <cmath>

using namespace sinter;
using namespace sinter::test;

namespace {

using LinearFunction = void(const float *x, const float *w, float *y,
                            int64_t rows, int64_t panelBegin, int64_t panelEnd);

struct Shape {
  int64_t inputs, outputs;
};

class LinearTest : public testing::TestWithParam<std::string> {};

/// Packs as the type says, NaN where padding of outputs could reach a result.
GuardedBuffer pack(const std::vector<float> &w, PackedType type) {
  GuardedBuffer packed(type.getNumElements());
  std::fill_n(packed.data(), packed.size(), 0.0f);
  for (int64_t k = 0; k < type.getInputs(); ++k)
    for (int64_t m = 0; m < type.getOutputs(); ++m)
      packed.data()[type.getElementOffset(k, m)] = w[k * type.getOutputs() + m];
  return packed;
}

void check(KernelJit &kernel, llvm::StringRef name, Shape shape,
           GuardedBuffer &packed, const std::vector<float> &w, int64_t columns,
           int64_t rows, int64_t threads) {
  auto [inputs, outputs] = shape;
  std::vector<float> numbers = randomNumbers(rows * inputs, 7);
  GuardedBuffer x(rows * inputs), y(rows * outputs);
  std::copy(numbers.begin(), numbers.end(), x.data());
  int64_t panels = llvm::divideCeil(outputs, columns);
  for (int64_t thread = 0; thread < threads; ++thread)
    kernel.get<LinearFunction>(name)(x.data(), packed.data(), y.data(), rows,
                                     panels * thread / threads,
                                     panels * (thread + 1) / threads);
  EXPECT_TRUE(y.guardsIntact());
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t m = 0; m < outputs; ++m) {
      double expected = 0, magnitude = 0;
      for (int64_t k = 0; k < inputs; ++k) {
        double product =
            double(x.data()[row * inputs + k]) * w[k * outputs + m];
        expected += product;
        magnitude += std::fabs(product);
      }
      // Each of K roundings is at most half a unit in the last place of what is
      // summed so far.
      double tolerance = magnitude * inputs * 0x1p-24 + 1e-30;
      ASSERT_NEAR(y.data()[row * outputs + m], expected, tolerance)
          << "row " << row << " of " << rows << ", column " << m << " of "
          << outputs << ", " << inputs << " inputs, " << threads << " threads";
    }
}

TEST_P(LinearTest, EqualsPlainLoop) {
  const Shape shapes[] = {{1, 1},     {3, 3},   {33, 33}, {64, 64}, {65, 65},
                          {200, 200}, {7, 129}, {131, 6}, {64, 50}, {5, 256}};
  for (Shape shape : shapes)
    for (int64_t columns : {0, 16, 24, 64}) {
      // Panels of another machine's width: a few shapes say enough.
      if (columns != 0 && shape.inputs != 33 && shape.inputs != 7)
        continue;
      auto [inputs, outputs] = shape;
      std::vector<float> w = randomNumbers(inputs * outputs, 3);
      std::optional<GuardedBuffer> packed;
      KernelJit kernel(GetParam(), [&](KernelBuilder &builder,
                                       const TargetDescription &target) {
        if (columns == 0)
          columns = target.panelColumns(32);
        auto layout = PanelsAttr::get(builder.getContext(), columns, 1);
        auto type = PackedType::get(builder.getContext(), inputs, outputs,
                                    builder.getF32Type(), layout);
        packed.emplace(pack(w, type));
        emitLinear(builder, "kernel", target, type, floatForm(builder, target));
      });
      for (int64_t rows = 0; rows <= 20; ++rows)
        check(kernel, "kernel", shape, *packed, w, columns, rows, 1 + rows % 3);
      check(kernel, "kernel", shape, *packed, w, columns, 130, 2);
    }
}

TEST_P(LinearTest, ResultDoesNotDependOnOtherRows) {
  // Row 0 alone and in company goes through different tiles.
  constexpr int64_t inputs = 77, outputs = 90, rows = 9;
  std::vector<float> w = randomNumbers(inputs * outputs, 3);
  std::optional<GuardedBuffer> packed;
  int64_t panels = 0;
  KernelJit kernel(
      GetParam(), [&](KernelBuilder &builder, const TargetDescription &target) {
        auto layout =
            PanelsAttr::get(builder.getContext(), target.panelColumns(32), 1);
        auto type = PackedType::get(builder.getContext(), inputs, outputs,
                                    builder.getF32Type(), layout);
        panels = type.getPanelCount();
        packed.emplace(pack(w, type));
        emitLinear(builder, "kernel", target, type, floatForm(builder, target));
      });
  std::vector<float> x = randomNumbers(rows * inputs, 5);
  std::vector<float> together(rows * outputs), alone(outputs);
  auto *function = kernel.get<LinearFunction>("kernel");
  function(x.data(), packed->data(), together.data(), rows, 0, panels);
  for (int64_t row = 0; row < rows; ++row) {
    function(x.data() + row * inputs, packed->data(), alone.data(), 1, 0,
             panels);
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(),
                           together.begin() + row * outputs))
        << "row " << row;
  }
}

/// Parts of the outputs share panels, in one span or several: each result
/// stands where it always does. Joined, there is one for all parts.
TEST_P(LinearTest, PartsStandSideBySide) {
  struct Parts {
    int64_t outputs, parts, span;
  };
  constexpr int64_t inputs = 21;
  for (auto [outputs, parts, span] :
       {Parts{10, 2, 0}, Parts{106, 2, 0}, Parts{256, 2, 0}, Parts{132, 4, 0},
        Parts{384, 2, 128}, Parts{64, 2, 64}}) {
    std::vector<float> w = randomNumbers(inputs * outputs, 3);
    std::optional<GuardedBuffer> packed;
    int64_t panels = 0;
    KernelJit kernel(GetParam(), [&](KernelBuilder &builder,
                                     const TargetDescription &target) {
      // Several tiles wide for some machines.
      auto layout = PanelsAttr::get(builder.getContext(), 64, 1, parts, span);
      auto type = PackedType::get(builder.getContext(), inputs, outputs,
                                  builder.getF32Type(), layout);
      panels = type.getPanelCount();
      packed.emplace(pack(w, type));
      LinearForm form = floatForm(builder, target);
      emitLinear(builder, "parts", target, type, form);
      if (span != 0)
        return;
      form.join = [](KernelBuilder &b, mlir::ValueRange parts,
                     const TilePlace &) {
        mlir::Value sum = parts[0];
        for (mlir::Value part : parts.drop_front())
          sum = b.sub(sum, part);
        return sum;
      };
      emitLinear(builder, "joined", target, type, form);
    });
    for (int64_t rows : {1, 5, 6, 13}) {
      std::vector<float> x = randomNumbers(rows * inputs, 5);
      GuardedBuffer y(rows * outputs), z(rows * outputs / parts);
      auto *function = kernel.get<LinearFunction>("parts");
      for (int64_t thread = 0; thread < 3; ++thread)
        function(x.data(), packed->data(), y.data(), rows, panels * thread / 3,
                 panels * (thread + 1) / 3);
      if (span == 0)
        kernel.get<LinearFunction>("joined")(x.data(), packed->data(), z.data(),
                                             rows, 0, panels);
      EXPECT_TRUE(y.guardsIntact() && z.guardsIntact());
      for (int64_t row = 0; row < rows; ++row) {
        std::vector<double> sums(outputs);
        for (int64_t m = 0; m < outputs; ++m) {
          for (int64_t k = 0; k < inputs; ++k)
            sums[m] += double(x[row * inputs + k]) * w[k * outputs + m];
          ASSERT_NEAR(y.data()[row * outputs + m], sums[m], 1e-5)
              << "row " << row << ", column " << m << " of " << outputs;
        }
        int64_t size = outputs / parts;
        for (int64_t m = 0; span == 0 && m < size; ++m) {
          double joined = sums[m];
          for (int64_t part = 1; part < parts; ++part)
            joined -= sums[part * size + m];
          ASSERT_NEAR(z.data()[row * size + m], joined, 1e-5)
              << "row " << row << ", column " << m << " of " << size;
        }
      }
    }
  }
}

/// The nearest bf16, ties to even, as its bits.
uint16_t brainFloat(float number) {
  uint32_t bits = std::bit_cast<uint32_t>(number);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float asFloat(uint16_t bits) {
  return std::bit_cast<float>(uint32_t(bits) << 16);
}

std::vector<uint16_t> brainFloats(const std::vector<float> &numbers) {
  std::vector<uint16_t> bits;
  for (float number : numbers)
    bits.push_back(brainFloat(number));
  return bits;
}

/// Weights in bf16, as a kernel takes them: pairs, and zeros for padding.
std::vector<uint16_t> packPairs(const std::vector<uint16_t> &w,
                                PackedType type) {
  std::vector<uint16_t> packed(type.getNumElements() + 32);
  // 64-byte aligned.
  size_t skipped = (64 - uintptr_t(packed.data()) % 64) % 64 / 2;
  std::rotate(packed.begin(), packed.end() - skipped, packed.end());
  for (int64_t k = 0; k < type.getInputs(); ++k)
    for (int64_t m = 0; m < type.getOutputs(); ++m)
      packed[skipped + type.getElementOffset(k, m)] =
          w[k * type.getOutputs() + m];
  return packed;
}

/// Rows and weights in bf16 by a kernel on a target, against sums of exact
/// products. Rows are bf16 as they are for the kernel if `isRounded`, else f32.
template <typename Element>
void checkPairs(const std::string &cpu, Shape shape, int64_t rows) {
  auto [inputs, outputs] = shape;
  constexpr bool isRounded = sizeof(Element) == 2;
  std::vector<uint16_t> w = brainFloats(randomNumbers(inputs * outputs, 3));
  std::vector<float> numbers = randomNumbers(rows * inputs, 7);
  std::vector<uint16_t> packed;
  int64_t panels = 0;
  KernelJit kernel(cpu, [&, outputs = outputs,
                         inputs = inputs](KernelBuilder &builder,
                                          const TargetDescription &target) {
    auto layout =
        PanelsAttr::get(builder.getContext(), target.panelColumns(32), 2);
    auto type = PackedType::get(builder.getContext(), inputs, outputs,
                                builder.getBF16Type(), layout);
    panels = type.getPanelCount();
    packed = packPairs(w, type);
    mlir::Type element = isRounded ? mlir::Type(builder.getBF16Type())
                                   : mlir::Type(builder.getF32Type());
    emitLinear(builder, "kernel", target, type,
               brainFloatForm(builder, target, element));
  });
  const auto *aligned = reinterpret_cast<const uint16_t *>(
      llvm::alignTo(uintptr_t(packed.data()), 64));
  // A number behind the last row would show if a group took it.
  std::vector<Element> x(rows * inputs + 1);
  for (int64_t i = 0; i < rows * inputs; ++i) {
    if constexpr (isRounded) {
      x[i] = brainFloat(numbers[i]);
      numbers[i] = asFloat(x[i]);
    } else {
      x[i] = numbers[i];
    }
  }
  x.back() = isRounded ? Element(0x7fc0) : Element(NAN);
  GuardedBuffer y(rows * outputs);
  using PairsFunction = void(const Element *, const uint16_t *, float *,
                             int64_t, int64_t, int64_t);
  for (int64_t panel = 0; panel < panels; ++panel)
    kernel.get<PairsFunction>("kernel")(x.data(), aligned, y.data(), rows,
                                        panel, panel + 1);
  EXPECT_TRUE(y.guardsIntact());
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t m = 0; m < outputs; ++m) {
      double expected = 0, magnitude = 0;
      for (int64_t k = 0; k < inputs; ++k) {
        double product =
            double(numbers[row * inputs + k]) * asFloat(w[k * outputs + m]);
        expected += product;
        magnitude += std::fabs(product);
      }
      ASSERT_NEAR(y.data()[row * outputs + m], expected,
                  magnitude * inputs * 0x1p-23 + 1e-30)
          << cpu << ", row " << row << " of " << rows << ", column " << m
          << " of " << outputs << ", " << inputs << " inputs";
    }
}

TEST(PairsTest, EqualPlainLoop) {
  const Shape shapes[] = {{1, 1},    {2, 3},    {3, 64},  {33, 33},
                          {64, 130}, {200, 70}, {131, 6}, {7, 129}};
  for (const std::string &cpu : cpusWithDotProducts())
    for (Shape shape : shapes)
      for (int64_t rows : {1, 2, 6, 13}) {
        checkPairs<uint16_t>(cpu, shape, rows);
        checkPairs<float>(cpu, shape, rows);
      }
}

INSTANTIATE_TEST_SUITE_P(Targets, LinearTest, testing::ValuesIn(testedCpus()),
                         [](const auto &info) {
                           return testNameOf(info.param);
                         });

} // namespace
