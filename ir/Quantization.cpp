//===- Quantization.cpp - Numbers of few bits and their scales -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Quantization.h"
#include <bit>
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
};

/// One number for each column.
struct Columns {
  float at[lanes] = {};
};

/// The range of numbers around 0.
struct Range {
  float least, largest;
};

/// Sums over a group of element times number, and of number squared.
struct Sums {
  Columns products, squares;
};

} // namespace

//===----------------------------------------------------------------------===//
// 16 bits
//===----------------------------------------------------------------------===//

/// A magnitude that no longer is a number stays none.
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

/// Largest and smallest element of each column, and whether all are finite.
SINTER_VECTORIZED static void findExtremes(const Block &block, Columns &least,
                                           Columns &largest, Columns &sound) {
  for (int64_t j = 0; j < lanes; ++j)
    least.at[j] = largest.at[j] = sound.at[j] = 0;
  for (int64_t k = 0; k < block.inputs; ++k)
    for (int64_t j = 0; j < lanes; ++j) {
      float x = block.elements[k * lanes + j];
      least.at[j] = x < least.at[j] ? x : least.at[j];
      largest.at[j] = x > largest.at[j] ? x : largest.at[j];
      sound.at[j] += x * 0; // NaN once an element is not finite
    }
}

/// The number of an element, around 0.
static inline float numberOf(float x, float inverse, const Range &range) {
  float scaled = x * inverse;
  scaled = scaled > range.least ? scaled : range.least;
  scaled = scaled < range.largest ? scaled : range.largest;
  return (scaled + roundingNumber) - roundingNumber;
}

SINTER_VECTORIZED static void sumProducts(const Block &block,
                                          const Columns &inverse,
                                          const Range &range, Sums &sums) {
  sums = {};
  for (int64_t k = 0; k < block.inputs; ++k)
    for (int64_t j = 0; j < lanes; ++j) {
      float x = block.elements[k * lanes + j];
      float number = numberOf(x, inverse.at[j], range);
      sums.products.at[j] += x * number;
      sums.squares.at[j] += number * number;
    }
}

/// The squared distance of a group to its numbers.
SINTER_VECTORIZED static void sumErrors(const Block &block,
                                        const Columns &scale,
                                        const Columns &inverse,
                                        const Range &range, Columns &errors) {
  errors = {};
  for (int64_t k = 0; k < block.inputs; ++k)
    for (int64_t j = 0; j < lanes; ++j) {
      float x = block.elements[k * lanes + j];
      float error = x - scale.at[j] * numberOf(x, inverse.at[j], range);
      errors.at[j] += error * error;
    }
}

SINTER_VECTORIZED static void writeNumbers(const Block &block,
                                           const Columns &inverse,
                                           const Range &range, float zero,
                                           uint8_t *numbers) {
  for (int64_t k = 0; k < block.inputs; ++k)
    for (int64_t j = 0; j < lanes; ++j) {
      float number =
          numberOf(block.elements[k * lanes + j], inverse.at[j], range);
      numbers[k * lanes + j] = uint8_t(int32_t(number + zero));
    }
}

//===----------------------------------------------------------------------===//
// Scales
//===----------------------------------------------------------------------===//

/// 1 over each scale; 0 where that is no number.
static Columns inverseOf(const Columns &scale) {
  Columns inverse;
  for (int64_t j = 0; j < lanes; ++j) {
    float quotient = 1 / scale.at[j];
    inverse.at[j] = std::isfinite(quotient) ? quotient : 0;
  }
  return inverse;
}

namespace {

/// The scales of one block of columns with numbers around 0.
class ScaleSearch {
public:
  ScaleSearch(QuantizedType type, const Block &block)
      : type(type), block(block),
        range{-float(type.getZero()),
              float(type.getLargest() - type.getZero())} {
    findExtremes(block, least, largest, sound);
    for (int64_t j = 0; j < lanes; ++j) {
      float magnitude = std::max(-least.at[j], largest.at[j]);
      scale.at[j] = std::isnan(sound.at[j])
                        ? sound.at[j]
                        : roundScale(type.getScale(), magnitude / range.largest,
                                     /*up=*/true);
    }
  }

  /// Takes the scale of the smallest squared error. The first is the nearest
  /// that cuts nothing off; each other is the best for the numbers that a
  /// trial gives. One number lies only on the negative side: the trials put the
  /// largest magnitude there, which may turn the scale negative.
  void improve() {
    sumErrors(block, scale, inverseOf(scale), range, errors);
    tryNumbersOf(inverseOf(scale));
    // With many numbers, the ends of the range make no difference.
    int trials = type.getBits() < 8 ? 16 : 2;
    for (int trial = 0; trial < trials; ++trial) {
      Columns inverse;
      for (int64_t j = 0; j < lanes; ++j) {
        float extreme =
            largest.at[j] > -least.at[j] ? largest.at[j] : least.at[j];
        float wanted = range.least * (1 + 0.0125f * float(trial - trials / 2));
        inverse.at[j] = extreme == 0 ? 0 : wanted / extreme;
      }
      tryNumbersOf(inverse);
    }
    tryNumbersOf(inverseOf(scale));
  }

  void write(uint8_t *numbers) {
    writeNumbers(block, inverseOf(scale), range, float(type.getZero()),
                 numbers);
  }

  Columns scale;

private:
  /// Tries the scale that suits the numbers of `inverse` best.
  void tryNumbersOf(const Columns &inverse) {
    Sums sums;
    sumProducts(block, inverse, range, sums);
    Columns tried, error;
    for (int64_t j = 0; j < lanes; ++j)
      tried.at[j] =
          roundScale(type.getScale(), sums.products.at[j] / sums.squares.at[j]);
    sumErrors(block, tried, inverseOf(tried), range, error);
    for (int64_t j = 0; j < lanes; ++j)
      if (error.at[j] < errors.at[j]) {
        errors.at[j] = error.at[j];
        scale.at[j] = tried.at[j];
      }
  }

  QuantizedType type;
  Block block;
  Range range;
  Columns least, largest, sound, errors;
};

} // namespace

QuantizedMatrix sinter::quantizeMatrix(QuantizedType type, bool search,
                                       llvm::ArrayRef<float> elements,
                                       int64_t inputs, int64_t outputs) {
  int64_t group = type.getGroupOf(inputs), groups = type.getGroupCount(inputs);
  QuantizedMatrix result;
  result.numbers.resize(inputs * outputs);
  result.scales.resize(groups * outputs);
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
      ScaleSearch columns(type, {block.data(), size});
      if (search)
        columns.improve();
      columns.write(numbers.data());
      for (int64_t j = 0; j < count; ++j)
        result.scales[number * outputs + first + j] = columns.scale.at[j];
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
  int64_t shared = row / type.getGroupOf(inputs) * outputs + column;
  int64_t number = matrix.numbers[row * outputs + column] - type.getZero();
  return matrix.scales[shared] * float(number);
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

QuantizedRow sinter::quantizeRow(llvm::ArrayRef<float> row, int64_t group) {
  QuantizedRow result;
  result.numbers.reserve(row.size());
  for (size_t begin = 0; begin < row.size(); begin += group) {
    llvm::ArrayRef<float> part =
        row.slice(begin, std::min<size_t>(group, row.size() - begin));
    // As bits, a NaN is larger than all numbers.
    uint32_t bits = 0;
    for (float x : part)
      bits = std::max(bits, std::bit_cast<uint32_t>(x) & 0x7fffffff);
    float largest = std::bit_cast<float>(bits);
    bool isNothing = largest < smallestMagnitude;
    float inverse = isNothing ? 0 : 127 / largest;
    result.scales.push_back(isNothing ? 0 : largest * (1.0f / 127));
    for (float x : part) {
      float product = std::fma(x, inverse, roundingNumber);
      result.numbers.push_back(int8_t(std::bit_cast<uint32_t>(product)));
    }
  }
  return result;
}
