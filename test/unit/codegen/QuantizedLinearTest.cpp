//===- QuantizedLinearTest.cpp - Contractions of bytes -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/QuantizedLinear.h"
#include "KernelJit.h"
#include "StoredBlocks.h"
#include "codegen/QuantizedWeights.h"
#include "codegen/Target.h"
#include "ir/Quantization.h"
#include "passes/Scratch.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace sinter;
using namespace sinter::test;

namespace {

/// What a weight is stored as; a group of 0 inputs is all of a column.
struct Format {
  int64_t bits, group;
  bool scalesInHalf, minimum;
  /// Of several groups, which then have factors; 0: none.
  int64_t block = 0;
};

struct Shape {
  int64_t inputs, outputs;
};

using QuantizeFunction = void(const float *x, void *q, int64_t rows);
using LinearFunction = void(const void *q, const void *w, float *y,
                            int64_t rows, int64_t panelBegin, int64_t panelEnd);

/// Memory that starts at a multiple of 64 bytes.
template <typename Element> class Aligned {
public:
  explicit Aligned(int64_t size) : storage(size + 64 / sizeof(Element)) {}
  Element *data() {
    return reinterpret_cast<Element *>(
        llvm::alignTo(uintptr_t(storage.data()), 64));
  }

private:
  std::vector<Element> storage;
};

PackedType typeOf(KernelBuilder &builder, const TargetDescription &target,
                  Format format, Shape shape) {
  mlir::MLIRContext *context = builder.getContext();
  auto element = QuantizedType::get(context, format.bits,
                                    format.scalesInHalf
                                        ? mlir::Type(builder.getF16Type())
                                        : mlir::Type(builder.getBF16Type()),
                                    format.group, format.minimum, format.block);
  int64_t columns =
      target.quantizedTile(format.group).vectors * target.vectorLanes(32);
  return PackedType::get(context, shape.inputs, shape.outputs, element,
                         PanelsAttr::get(context, columns, element.getDepth()));
}

/// What rows and weights are made of: of the largest magnitude alone, in
/// columns and rows of one sign each, or anything.
enum class Numbers { Random, Largest };

/// 1 and -1 in turns, `period` of each.
std::vector<float> alternating(int64_t count, int64_t period) {
  std::vector<float> numbers(count);
  for (int64_t i = 0; i < count; ++i)
    numbers[i] = i / period % 2 ? -1 : 1;
  return numbers;
}

/// A kernel's results for some rows, and what the numbers that rows and weights
/// are rounded to say they should be.
class Experiment {
public:
  Experiment(const std::string &cpu, Format format, Shape shape,
             Numbers numbers = Numbers::Random)
      : shape(shape), hasMinimum(format.minimum), numbers(numbers),
        w(numbers == Numbers::Random
              ? randomNumbers(shape.inputs * shape.outputs, 3)
              : alternating(shape.inputs * shape.outputs, 1)),
        kernel(cpu, [&](KernelBuilder &builder,
                        const TargetDescription &target) {
          PackedType type = typeOf(builder, target, format, shape);
          QuantizedType element = type.getQuantized();
          panels = type.getPanelCount();
          rowBytes = QuantizedRowLayout(type).bytes;
          group = element.getGroupOf(shape.inputs);
          emitQuantizeRows(builder, "rows", target, type);
          emitLinear(builder, "kernel", target, type,
                     quantizedForm(builder, target, type));
          if (format.block) {
            StoredBlocks blocks(type, numbers == Numbers::Largest);
            w = blocks.elements();
            packed = blocks.packed();
            return;
          }
          std::vector<float> elements(floatPanels(type).getNumElements());
          for (int64_t k = 0; k < shape.inputs; ++k)
            for (int64_t m = 0; m < shape.outputs; ++m)
              elements[floatPanels(type).getElementOffset(k, m)] =
                  w[k * shape.outputs + m];
          packed.resize(type.getBytes());
          int64_t ofPanel = floatPanels(type).getPanelElements();
          for (int64_t panel = 0; panel < panels; ++panel)
            quantizePanel(
                type, /*search=*/true,
                llvm::ArrayRef(elements).slice(panel * ofPanel, ofPanel), {},
                packed.data() + panel * type.getPanelBytes());
          QuantizedMatrix matrix = quantizeMatrix(element, /*search=*/true, w,
                                                  shape.inputs, shape.outputs);
          for (int64_t k = 0; k < shape.inputs; ++k)
            for (int64_t m = 0; m < shape.outputs; ++m)
              w[k * shape.outputs + m] = dequantize(
                  element, matrix, shape.inputs, shape.outputs, k, m);
        }) {}

  void check(int64_t rows, const std::string &what) {
    auto [inputs, outputs] = shape;
    std::vector<float> x = inputsOf(rows);
    Aligned<uint8_t> weights(packed.size()), q(rows * rowBytes);
    std::copy(packed.begin(), packed.end(), weights.data());
    GuardedBuffer y(rows * outputs);
    kernel.get<QuantizeFunction>("rows")(x.data(), q.data(), rows);
    for (int64_t thread = 0; thread < 3; ++thread)
      kernel.get<LinearFunction>("kernel")(q.data(), weights.data(), y.data(),
                                           rows, panels * thread / 3,
                                           panels * (thread + 1) / 3);
    EXPECT_TRUE(y.guardsIntact());
    for (int64_t row = 0; row < rows; ++row) {
      QuantizedRow rounded =
          quantizeRow(llvm::ArrayRef(x).slice(row * inputs, inputs), group);
      for (int64_t k = 0; k < inputs; ++k)
        ASSERT_EQ(int(rounded.numbers[k]),
                  int(int8_t(q.data()[row * rowBytes + k])))
            << what << ", input " << k << " of row " << row;
      for (int64_t m = 0; m < outputs; ++m) {
        double expected = 0, magnitude = 0;
        for (int64_t k = 0; k < inputs; ++k) {
          double product = double(rounded.scaleOf(k / group)) *
                           rounded.numbers[k] * w[k * outputs + m];
          expected += product;
          magnitude += std::fabs(product);
        }
        // With least values, what is summed up is larger than the sum.
        double precision = hasMinimum ? 5e-5 : 1e-6;
        ASSERT_NEAR(y.data()[row * outputs + m], expected,
                    magnitude * precision + 1e-30)
            << what << ", row " << row << " of " << rows << ", column " << m;
      }
    }
  }

private:
  std::vector<float> inputsOf(int64_t rows) const {
    int64_t count = rows * shape.inputs;
    if (numbers == Numbers::Largest)
      return alternating(count, shape.inputs);
    std::vector<float> x = randomNumbers(count, 7);
    // One group of nothing, and some of very different sizes.
    for (int64_t k = 0; k < std::min(group, shape.inputs); ++k)
      x[k] = 0;
    for (size_t k = x.size() - x.size() / 3; k < x.size(); ++k)
      x[k] *= 1e-5f;
    x.back() *= 1e8f;
    return x;
  }

  Shape shape;
  bool hasMinimum;
  Numbers numbers;
  std::vector<float> w;
  std::vector<uint8_t> packed;
  int64_t panels = 0, rowBytes = 0, group = 0;
  KernelJit kernel;
};

class QuantizedLinearTest : public testing::TestWithParam<std::string> {};

TEST_P(QuantizedLinearTest, EqualsPlainLoop) {
  const Format formats[] = {{8, 0, false, false}, {8, 32, false, false},
                            {8, 64, true, false}, {4, 32, false, false},
                            {4, 0, true, false},  {4, 32, false, true}};
  const Shape shapes[] = {{1, 1}, {3, 64}, {33, 33}, {64, 130}, {200, 70}};
  for (Format format : formats)
    for (Shape shape : shapes) {
      Experiment experiment(GetParam(), format, shape);
      for (int64_t rows : {1, 2, 4, 6, 8, 13})
        experiment.check(rows, std::to_string(format.bits) +
                                   " bits, groups of " +
                                   std::to_string(format.group) + ", [" +
                                   std::to_string(shape.inputs) + ", " +
                                   std::to_string(shape.outputs) + "]");
    }
}

std::string describe(const Format &format) {
  return std::to_string(format.bits) + " bits, groups of " +
         std::to_string(format.group) + (format.block ? " in blocks" : "") +
         (format.minimum ? ", least values" : "");
}

/// Numbers of other bits stand in several planes; and those of checkpoints in
/// blocks.
TEST_P(QuantizedLinearTest, EqualsPlainLoopWithPlanesAndBlocks) {
  for (Format format : {Format{5, 32, true, false}, Format{5, 32, true, true},
                        Format{6, 0, true, false}, Format{6, 16, true, true},
                        Format{2, 32, true, true}})
    for (Shape shape : {Shape{1, 1}, Shape{33, 33}, Shape{200, 70}}) {
      Experiment experiment(GetParam(), format, shape);
      for (int64_t rows : {1, 3, 9})
        experiment.check(rows, describe(format));
    }
  for (Format format :
       {Format{2, 16, true, true, 256}, Format{4, 16, true, false, 256},
        Format{4, 16, true, true, 256}, Format{4, 32, true, true, 256},
        Format{5, 32, true, true, 256}, Format{6, 16, true, false, 256},
        Format{6, 16, true, true, 256}})
    for (Shape shape : {Shape{256, 33}, Shape{768, 70}}) {
      Experiment experiment(GetParam(), format, shape);
      for (int64_t rows : {1, 3, 9})
        experiment.check(rows, describe(format));
    }
}

/// Sums of products may go through 16 bits, which they must not leave.
TEST_P(QuantizedLinearTest, LargestNumbersFit) {
  // An odd number of columns, so that columns alternate row by row, too.
  for (Format format : {Format{4, 32, false, false},
                        {4, 128, false, false},
                        {4, 0, false, false},
                        {4, 64, false, true},
                        {8, 32, false, false},
                        {8, 0, false, false},
                        {8, 32, false, true}})
    for (int64_t outputs : {16, 17})
      Experiment(GetParam(), format, {300, outputs}, Numbers::Largest)
          .check(5, std::to_string(format.bits) + " bits, groups of " +
                        std::to_string(format.group));
  for (Format format :
       {Format{2, 16, true, true, 256}, Format{4, 32, true, true, 256},
        Format{5, 32, true, true, 256}, Format{6, 16, true, false, 256},
        Format{6, 16, true, true, 256}})
    Experiment(GetParam(), format, {256, 17}, Numbers::Largest)
        .check(5, describe(format));
}

/// Sums of a whole column go through 32 bits, which may overflow on the way.
TEST_P(QuantizedLinearTest, LongColumnsFit) {
  Experiment({GetParam()}, {8, 0, false, false}, {65536, 3})
      .check(2, "a column of 65536");
}

/// A row that is no number, or not finite, is none behind the contraction; its
/// neighbours are as they were.
TEST_P(QuantizedLinearTest, NotANumberShows) {
  constexpr int64_t inputs = 40;
  int64_t rowBytes = 0, place = 0;
  KernelJit kernel(
      GetParam(), [&](KernelBuilder &builder, const TargetDescription &target) {
        PackedType type =
            typeOf(builder, target, {8, 32, false, false}, {inputs, 1});
        rowBytes = QuantizedRowLayout(type).bytes;
        place = QuantizedRowLayout(type).scale;
        emitQuantizeRows(builder, "rows", target, type);
      });
  std::vector<float> x = randomNumbers(5 * inputs, 7);
  x[inputs + 5] = -NAN;
  x[3 * inputs + 35] = -INFINITY;
  Aligned<uint8_t> q(5 * rowBytes);
  kernel.get<QuantizeFunction>("rows")(x.data(), q.data(), 5);
  for (int64_t row = 0; row < 5; ++row) {
    float scale;
    std::memcpy(&scale, q.data() + row * rowBytes + place, 4);
    EXPECT_EQ(std::isnan(scale), row == 1 || row == 3) << "row " << row;
    EXPECT_FALSE(std::isinf(scale)) << "row " << row;
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, QuantizedLinearTest,
                         testing::ValuesIn(cpusWithDotProducts()),
                         [](const auto &info) {
                           return testNameOf(info.param);
                         });

} // namespace
