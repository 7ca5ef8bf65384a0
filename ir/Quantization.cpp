//===- Quantization.cpp - Numbers of few bits and their scales -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Quantization.h"
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>

using namespace sinter;

// The same bits on every machine: no product is fused with a sum.
#pragma STDC FP_CONTRACT OFF

/// Compiled for several vector widths; the machine takes the widest.
#if defined(__x86_64__) && defined(__linux__)
#define SINTER_VECTORIZED                                                      \
  __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SINTER_VECTORIZED
#endif

/// Columns that are quantized at the same time, each by itself.
static constexpr int64_t lanes = 16;

/// Adding it leaves the nearest whole number, ties to even, in the low bits of
/// a number below 2^22.
static constexpr float roundingNumber = 0x1.8p23f;

namespace {

/// A group of inputs of `lanes` columns: [inputs][lanes].
struct Block {
  const float *elements;
  int64_t inputs;
  /// How much each input counts.
  const float *importance;
};

/// One number for each column.
struct Columns {
  float at[lanes];
};

/// How a group's elements become numbers: the nearest to
/// (element - offset) * inverse in a range.
struct Mapping {
  Columns offset, inverse;
  float least, largest;
};

/// Sums over a group, each times what its input counts: of numbers, their
/// squares, elements, and products of the two.
struct Sums {
  Columns numbers, squares, elements, products;
};

} // namespace

//===----------------------------------------------------------------------===//
// 16 bits
//===----------------------------------------------------------------------===//

/// A NaN stays one.
static uint16_t brainBits(float number, bool up) {
  uint32_t bits = std::bit_cast<uint32_t>(number);
  if (std::isnan(number))
    return uint16_t(bits >> 16) | 0x40;
  return uint16_t((bits + (up ? 0xffff : 0x7fff + (bits >> 16 & 1))) >> 16);
}

static float fromBrainBits(uint16_t bits) {
  return std::bit_cast<float>(uint32_t(bits) << 16);
}

/// The nearest number of the type; with `up`, none of a smaller magnitude, but
/// the largest that the type has.
static float roundScale(mlir::Type type, float number, bool up = false) {
  if (type.isBF16())
    return fromBrainBits(brainBits(number, up));
  constexpr float largest = 65504;
  if (std::fabs(number) > largest)
    return std::copysign(largest, number);
  _Float16 half = static_cast<_Float16>(number);
  if (up && std::fabs(float(half)) < std::fabs(number))
    half = std::bit_cast<_Float16>(uint16_t(std::bit_cast<uint16_t>(half) + 1));
  return float(half);
}

uint16_t sinter::scaleBits(mlir::Type type, float scale) {
  if (type.isBF16())
    return brainBits(scale, /*up=*/false);
  return std::bit_cast<uint16_t>(static_cast<_Float16>(scale));
}

//===----------------------------------------------------------------------===//
// Passes over a block
//===----------------------------------------------------------------------===//

/// Smallest and largest element of each column, and 0, or NaN where one is not
/// finite.
SINTER_VECTORIZED static void findExtremes(const Block &block, Columns &least,
                                           Columns &largest, Columns &sound) {
  sound = {};
  for (int64_t j = 0; j < lanes; ++j)
    least.at[j] = largest.at[j] = block.elements[j];
  for (int64_t k = 0; k < block.inputs; ++k)
    for (int64_t j = 0; j < lanes; ++j) {
      float x = block.elements[k * lanes + j];
      least.at[j] = x < least.at[j] ? x : least.at[j];
      largest.at[j] = x > largest.at[j] ? x : largest.at[j];
      sound.at[j] += x * 0;
    }
}

static inline float numberOf(float x, const Mapping &mapping, int64_t j) {
  float scaled = (x - mapping.offset.at[j]) * mapping.inverse.at[j];
  scaled = scaled > mapping.least ? scaled : mapping.least;
  scaled = scaled < mapping.largest ? scaled : mapping.largest;
  return (scaled + roundingNumber) - roundingNumber;
}

SINTER_VECTORIZED static void sumUp(const Block &block, const Mapping &mapping,
                                    Sums &result) {
  Sums sums = {};
  for (int64_t k = 0; k < block.inputs; ++k) {
    const float counts = block.importance[k];
    for (int64_t j = 0; j < lanes; ++j) {
      float x = block.elements[k * lanes + j];
      float number = numberOf(x, mapping, j);
      sums.numbers.at[j] += counts * number;
      sums.squares.at[j] += counts * (number * number);
      sums.elements.at[j] += counts * x;
      sums.products.at[j] += counts * (x * number);
    }
  }
  result = sums;
}

/// The squared distance of a group to what its numbers stand for, as its inputs
/// count.
SINTER_VECTORIZED static void sumErrors(const Block &block,
                                        const Mapping &mapping,
                                        const Columns &scale, Columns &result) {
  Columns errors = {};
  for (int64_t k = 0; k < block.inputs; ++k)
    for (int64_t j = 0; j < lanes; ++j) {
      float x = block.elements[k * lanes + j];
      float error =
          x - (mapping.offset.at[j] + scale.at[j] * numberOf(x, mapping, j));
      errors.at[j] += block.importance[k] * (error * error);
    }
  result = errors;
}

SINTER_VECTORIZED static void writeNumbers(const Block &block,
                                           const Mapping &mapping, float zero,
                                           uint8_t *numbers) {
  for (int64_t k = 0; k < block.inputs; ++k)
    for (int64_t j = 0; j < lanes; ++j) {
      float number = numberOf(block.elements[k * lanes + j], mapping, j);
      numbers[k * lanes + j] = uint8_t(int32_t(number + zero));
    }
}

//===----------------------------------------------------------------------===//
// Scales
//===----------------------------------------------------------------------===//

/// 1 over a number; 0 where that is none.
static float inverseOf(float number) {
  float inverse = 1 / number;
  return std::isfinite(inverse) ? inverse : 0;
}

namespace {

/// The scales and least values of one block of columns.
class ScaleSearch {
public:
  ScaleSearch(QuantizedType type, const Block &block)
      : type(type), block(block), zero(type.getZero()) {
    for (int64_t k = 0; k < block.inputs; ++k)
      count += block.importance[k];
    mapping.least = -zero;
    mapping.largest = float(type.getLargest()) - zero;
    findExtremes(block, least, largest, sound);
    for (int64_t j = 0; j < lanes; ++j) {
      float range = std::max(-least.at[j], largest.at[j]);
      if (type.getMinimum()) {
        offset.at[j] = roundDown(least.at[j]);
        range = largest.at[j] - offset.at[j];
      }
      scale.at[j] = std::isnan(sound.at[j])
                        ? sound.at[j]
                        : roundScale(type.getScale(), range / mapping.largest,
                                     /*up=*/true);
    }
    map(scale, offset);
  }

  /// Takes the scale, and the least value, of the smallest squared error. The
  /// first is the nearest that cuts nothing off; each other is the best for the
  /// numbers that a trial gives.
  void improve() {
    sumErrors(block, mapping, scale, errors);
    tryNumbers();
    // With many numbers, the ends of the range make little difference.
    int trials = type.getBits() < 8 ? 16 : 2;
    for (int trial = 0; trial < trials; ++trial) {
      setTrial(float(trial - trials / 2));
      tryNumbers();
    }
    map(scale, offset);
    tryNumbers();
    map(scale, offset);
  }

  void write(uint8_t *numbers) { writeNumbers(block, mapping, zero, numbers); }

  Columns scale = {}, offset = {};

private:
  float roundDown(float number) {
    float rounded = roundScale(type.getScale(), number);
    if (rounded > number)
      rounded =
          roundScale(type.getScale(), number - std::fabs(number) * 0x1p-7f);
    return rounded;
  }

  void map(const Columns &scale, const Columns &offset) {
    mapping.offset = offset;
    for (int64_t j = 0; j < lanes; ++j)
      mapping.inverse.at[j] = inverseOf(scale.at[j]);
  }

  /// Ranges that are a little narrower or wider. Without a least value, one
  /// number more lies on the negative side: the largest magnitude goes there,
  /// which may turn the scale negative.
  void setTrial(float step) {
    for (int64_t j = 0; j < lanes; ++j) {
      float extreme =
          largest.at[j] > -least.at[j] ? largest.at[j] : least.at[j];
      float numbers = mapping.least * (1 + 0.0125f * step);
      if (type.getMinimum()) {
        extreme = largest.at[j] - least.at[j];
        numbers = mapping.largest + 0.125f * step;
        mapping.offset.at[j] = least.at[j];
      }
      mapping.inverse.at[j] = numbers * inverseOf(extreme);
    }
  }

  /// Tries what suits the numbers of the mapping best.
  void tryNumbers() {
    Sums sums = {};
    sumUp(block, mapping, sums);
    Columns tried = {}, least = offset, error = {};
    for (int64_t j = 0; j < lanes; ++j)
      fit(sums, j, tried.at[j], least.at[j]);
    map(tried, least);
    sumErrors(block, mapping, tried, error);
    for (int64_t j = 0; j < lanes; ++j)
      if (error.at[j] < errors.at[j]) {
        errors.at[j] = error.at[j];
        scale.at[j] = tried.at[j];
        offset.at[j] = least.at[j];
      }
  }

  /// The line through elements over numbers of the smallest squared error: of
  /// one that goes through 0 where there is no least value.
  void fit(const Sums &sums, int64_t j, float &scale, float &least) {
    double numbers = sums.numbers.at[j], squares = sums.squares.at[j],
           elements = sums.elements.at[j], products = sums.products.at[j];
    if (!type.getMinimum()) {
      scale = roundScale(type.getScale(), float(products / squares));
      return;
    }
    double spread = count * squares - numbers * numbers;
    scale = roundScale(type.getScale(),
                       float((count * products - elements * numbers) / spread));
    least = roundScale(type.getScale(),
                       float((elements - scale * numbers) / count));
  }

  QuantizedType type;
  Block block;
  float zero;
  /// What all inputs count together.
  double count = 0;
  Mapping mapping = {};
  Columns least = {}, largest = {}, sound = {}, errors = {};
};

} // namespace

QuantizedMatrix sinter::quantizeMatrix(QuantizedType type, bool search,
                                       llvm::ArrayRef<float> elements,
                                       int64_t inputs, int64_t outputs,
                                       llvm::ArrayRef<float> importance) {
  assert(!type.getBlock() && "blocks are not searched");
  int64_t group = type.getGroupOf(inputs), groups = type.getGroupCount(inputs);
  std::vector<float> counts(inputs, 1.0f);
  for (auto [count, given] : llvm::zip(counts, importance))
    count = given > 0 ? given : 0;
  QuantizedMatrix result;
  result.numbers.resize(inputs * outputs);
  result.scales.resize(groups * outputs);
  if (type.getMinimum())
    result.minima.resize(groups * outputs);
  std::vector<float> block(group * lanes);
  std::vector<uint8_t> numbers(group * lanes);
  for (int64_t first = 0; first < outputs; first += lanes) {
    int64_t count = std::min(lanes, outputs - first);
    for (int64_t number = 0; number < groups; ++number) {
      int64_t begin = number * group, size = std::min(group, inputs - begin);
      for (int64_t k = 0; k < size; ++k)
        for (int64_t j = 0; j < lanes; ++j)
          block[k * lanes + j] =
              j < count ? elements[(begin + k) * outputs + first + j] : 0;
      ScaleSearch columns(type, {block.data(), size, &counts[begin]});
      if (search)
        columns.improve();
      columns.write(numbers.data());
      auto shared = number * outputs + first;
      std::copy_n(columns.scale.at, count, &result.scales[shared]);
      if (type.getMinimum())
        std::copy_n(columns.offset.at, count, &result.minima[shared]);
      for (int64_t k = 0; k < size; ++k)
        std::copy_n(&numbers[k * lanes], count,
                    &result.numbers[(begin + k) * outputs + first]);
    }
  }
  return result;
}

float sinter::dequantize(QuantizedType type, const QuantizedMatrix &matrix,
                         int64_t inputs, int64_t outputs, int64_t row,
                         int64_t column) {
  int64_t shared = row / type.getBlockOf(inputs) * outputs + column;
  int64_t number = matrix.numbers[row * outputs + column] - type.getZero();
  float scale = matrix.scales[shared];
  float least = type.getMinimum() ? matrix.minima[shared] : 0;
  if (type.getBlock()) {
    int64_t group = row / type.getGroup() * outputs + column;
    scale *= matrix.factors[group];
    if (type.getMinimum())
      least *= matrix.leastFactors[group];
  }
  return least + scale * float(number);
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

/// The largest magnitude's bits: a NaN's are larger than all numbers'.
static uint32_t largestBits(llvm::ArrayRef<float> elements) {
  uint32_t bits = 0;
  for (float x : elements)
    bits = std::max(bits, std::bit_cast<uint32_t>(x) & 0x7fffffff);
  return bits;
}

float QuantizedRow::scaleOf(int64_t group) const {
  return std::ldexp(scale, -halvings[group]);
}

QuantizedRow sinter::quantizeRow(llvm::ArrayRef<float> row, int64_t group) {
  QuantizedRow result;
  result.numbers.reserve(row.size());
  const uint32_t bits = largestBits(row);
  const float largest = std::bit_cast<float>(bits);
  const bool isNothing = largest < smallestMagnitude;
  const float inverse = isNothing ? 0 : 127 / largest;
  // What is not finite leaves no number behind.
  result.scale = isNothing ? 0 : largest * (1.0f / 127) + (largest - largest);
  for (size_t begin = 0; begin < row.size(); begin += group) {
    llvm::ArrayRef<float> part =
        row.slice(begin, std::min<size_t>(group, row.size() - begin));
    const int halvings = std::min<int>(
        mostHalvings, static_cast<int>((bits - largestBits(part)) >> 23));
    result.halvings.push_back(halvings);
    const float factor = std::ldexp(inverse, halvings);
    for (float x : part) {
      float product = std::fma(x, factor, roundingNumber);
      result.numbers.push_back(int8_t(std::bit_cast<uint32_t>(product)));
    }
  }
  return result;
}
