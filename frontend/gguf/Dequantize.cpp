//===- Dequantize.cpp - Numbers of GGUF's blocks -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block of the simple types holds 32 elements: a scale d, perhaps an offset
// m, and the elements' bits. A block of the K types holds 256: groups of 16 or
// 32 have small scales of their own, which d multiplies.
//
//===----------------------------------------------------------------------===//

#include "frontend/gguf/Dequantize.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/ErrorHandling.h"

using namespace sinter;
using namespace llvm::support::endian;

// A product and a sum are two roundings, as in the reference.
#pragma STDC FP_CONTRACT OFF

static float half(const uint8_t *at) {
  float result = 0;
  StoredTensor{StoredType::F16, "F16", {1}, {at, 2}}.read(0, result);
  return result;
}

static void dequantizeQ4(const uint8_t *block, float *to, bool hasOffset) {
  float d = half(block), m = hasOffset ? half(block + 2) : 0;
  const uint8_t *quants = block + (hasOffset ? 4 : 2);
  for (int j = 0; j < 16; ++j)
    for (int upper = 0; upper < 2; ++upper) {
      int q = quants[j] >> (4 * upper) & 15;
      to[j + 16 * upper] = hasOffset ? static_cast<float>(q) * d + m
                                     : static_cast<float>(q - 8) * d;
    }
}

static void dequantizeQ5(const uint8_t *block, float *to, bool hasOffset) {
  float d = half(block), m = hasOffset ? half(block + 2) : 0;
  uint32_t fifth = read32le(block + (hasOffset ? 4 : 2));
  const uint8_t *quants = block + (hasOffset ? 8 : 6);
  for (int j = 0; j < 16; ++j)
    for (int upper = 0; upper < 2; ++upper) {
      int place = j + 16 * upper;
      int q = (quants[j] >> (4 * upper) & 15) | int(fifth >> place & 1) << 4;
      to[place] = hasOffset ? static_cast<float>(q) * d + m
                            : static_cast<float>(q - 16) * d;
    }
}

static void dequantizeQ8(const uint8_t *block, float *to) {
  float d = half(block);
  for (int j = 0; j < 32; ++j)
    to[j] = static_cast<float>(static_cast<int8_t>(block[2 + j])) * d;
}

static constexpr float iq4Values[16] = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

static void dequantizeIQ4(const uint8_t *block, float *to) {
  float d = half(block);
  for (int j = 0; j < 16; ++j) {
    to[j] = d * iq4Values[block[2 + j] & 15];
    to[j + 16] = d * iq4Values[block[2 + j] >> 4];
  }
}

namespace {

/// Whole numbers that a group of a K block multiplies the block's scale and its
/// least value with.
struct Factors {
  int scale, least = 0;
};

} // namespace

static Factors factorsQ2K(const uint8_t *block, int group) {
  return {block[group] & 15, block[group] >> 4};
}

/// Six bits: four in nibbles of 8 bytes, two in 4 bytes.
static Factors factorsQ3K(const uint8_t *block, int group) {
  const uint8_t *scales = block + 96;
  int low = group < 8 ? scales[group] & 15 : scales[group - 8] >> 4;
  int high = scales[8 + group % 4] >> (2 * (group / 4)) & 3;
  return {(low | high << 4) - 32};
}

/// Six bits each, of eight groups.
static Factors factorsQ45K(const uint8_t *block, int group) {
  const uint8_t *packed = block + 4;
  if (group < 4)
    return {packed[group] & 63, packed[group + 4] & 63};
  return {(packed[group + 4] & 15) | packed[group - 4] >> 6 << 4,
          packed[group + 4] >> 4 | packed[group] >> 6 << 4};
}

static Factors factorsQ6K(const uint8_t *block, int group) {
  return {static_cast<int8_t>(block[192 + group])};
}

static void dequantizeQ2K(const uint8_t *block, float *to) {
  const uint8_t *quants = block + 16;
  float d = half(block + 80), least = half(block + 82);
  for (int place = 0; place < 256; ++place) {
    // Four groups of 32 share 32 bytes, two bits each.
    int upper = place / 128, shift = place % 128 / 32 * 2;
    Factors factors = factorsQ2K(block, place / 16);
    int q = quants[32 * upper + place % 32] >> shift & 3;
    float step = d * static_cast<float>(factors.scale);
    float offset = least * static_cast<float>(factors.least);
    to[place] = step * static_cast<float>(q) - offset;
  }
}

static void dequantizeQ3K(const uint8_t *block, float *to) {
  const uint8_t *third = block, *quants = block + 32;
  float d = half(block + 108);
  for (int place = 0; place < 256; ++place) {
    float step = d * static_cast<float>(factorsQ3K(block, place / 16).scale);
    int upper = place / 128, quarter = place % 128 / 32;
    int q = quants[32 * upper + place % 32] >> (2 * quarter) & 3;
    bool set = third[place % 32] >> (4 * upper + quarter) & 1;
    to[place] = step * static_cast<float>(set ? q : q - 4);
  }
}

static void dequantizeQ45K(const uint8_t *block, float *to, bool hasFifth) {
  float d = half(block), least = half(block + 2);
  const uint8_t *fifth = block + 16;
  const uint8_t *quants = block + (hasFifth ? 48 : 16);
  for (int group = 0; group < 8; ++group) {
    Factors factors = factorsQ45K(block, group);
    float step = d * static_cast<float>(factors.scale);
    float below = least * static_cast<float>(factors.least);
    for (int l = 0; l < 32; ++l) {
      int q = quants[32 * (group / 2) + l] >> (4 * (group % 2)) & 15;
      if (hasFifth)
        q |= (fifth[l] >> group & 1) << 4;
      to[32 * group + l] = step * static_cast<float>(q) - below;
    }
  }
}

static void dequantizeQ6K(const uint8_t *block, float *to) {
  float d = half(block + 208);
  for (int place = 0; place < 256; ++place) {
    int upper = place / 128, quarter = place % 128 / 32, l = place % 32;
    const uint8_t *low = block + 64 * upper + 32 * (quarter % 2);
    const uint8_t *high = block + 128 + 32 * upper;
    int q = (low[l] >> (4 * (quarter / 2)) & 15) |
            (high[l] >> (2 * quarter) & 3) << 4;
    float step = d * static_cast<float>(factorsQ6K(block, place / 16).scale);
    to[place] = step * static_cast<float>(q - 32);
  }
}

bool sinter::isGgufNumber(GgufType type) {
  switch (type) {
  case GgufType::I8:
  case GgufType::I16:
  case GgufType::I32:
  case GgufType::I64:
  case GgufType::F64:
    return false;
  default:
    return true;
  }
}

static void dequantizeBlock(GgufType type, const uint8_t *block, float *to) {
  switch (type) {
  case GgufType::Q4_0:
    return dequantizeQ4(block, to, false);
  case GgufType::Q4_1:
    return dequantizeQ4(block, to, true);
  case GgufType::Q5_0:
    return dequantizeQ5(block, to, false);
  case GgufType::Q5_1:
    return dequantizeQ5(block, to, true);
  case GgufType::Q8_0:
    return dequantizeQ8(block, to);
  case GgufType::IQ4_NL:
    return dequantizeIQ4(block, to);
  case GgufType::Q2_K:
    return dequantizeQ2K(block, to);
  case GgufType::Q3_K:
    return dequantizeQ3K(block, to);
  case GgufType::Q4_K:
    return dequantizeQ45K(block, to, false);
  case GgufType::Q5_K:
    return dequantizeQ45K(block, to, true);
  case GgufType::Q6_K:
    return dequantizeQ6K(block, to);
  default:
    llvm_unreachable("no type of blocks");
  }
}

//===----------------------------------------------------------------------===//
// Numbers and scales
//===----------------------------------------------------------------------===//

std::optional<StoredNumbers> sinter::numbersOf(GgufType type, int64_t axis) {
  auto numbers = [&](int64_t bits, bool hasLeast, int64_t group = 32,
                     int64_t block = 0) {
    return StoredNumbers{bits, hasLeast, group, block, axis};
  };
  constexpr int64_t blockK = 256;
  switch (type) {
  case GgufType::Q4_0:
    return numbers(4, false);
  case GgufType::Q4_1:
    return numbers(4, true);
  case GgufType::Q5_0:
    return numbers(5, false);
  case GgufType::Q5_1:
    return numbers(5, true);
  case GgufType::Q8_0:
  case GgufType::IQ4_NL:
    return numbers(8, false);
  case GgufType::Q2_K:
    return numbers(2, true, 16, blockK);
  case GgufType::Q3_K:
    return numbers(4, false, 16, blockK);
  case GgufType::Q4_K:
    return numbers(4, true, 32, blockK);
  case GgufType::Q5_K:
    return numbers(5, true, 32, blockK);
  case GgufType::Q6_K:
    return numbers(6, false, 16, blockK);
  default:
    return std::nullopt;
  }
}

/// Where a block's scale stands, and its least value; -1: nowhere. A K block
/// takes its least value off.
static std::pair<int, int> placesOfHalves(GgufType type) {
  switch (type) {
  case GgufType::Q4_1:
  case GgufType::Q5_1:
  case GgufType::Q4_K:
  case GgufType::Q5_K:
    return {0, 2};
  case GgufType::Q2_K:
    return {80, 82};
  case GgufType::Q3_K:
    return {108, -1};
  case GgufType::Q6_K:
    return {208, -1};
  default:
    return {0, -1};
  }
}

static Factors factorsOf(GgufType type, const uint8_t *block, int group) {
  switch (type) {
  case GgufType::Q2_K:
    return factorsQ2K(block, group);
  case GgufType::Q3_K:
    return factorsQ3K(block, group);
  case GgufType::Q4_K:
  case GgufType::Q5_K:
    return factorsQ45K(block, group);
  case GgufType::Q6_K:
    return factorsQ6K(block, group);
  default:
    return {1, 1};
  }
}

/// Makes all factors of scales 1. Those of least values are what they may be:
/// the values are 0.
static void setFactorsToOne(GgufType type, uint8_t *block) {
  switch (type) {
  case GgufType::Q2_K:
    std::fill_n(block, 16, 1);
    return;
  case GgufType::Q3_K: // 33, whose lower four bits are 1 and upper two 2
    std::fill_n(block + 96, 8, 0x11);
    std::fill_n(block + 104, 4, 0xaa);
    return;
  case GgufType::Q4_K:
  case GgufType::Q5_K:
    std::fill_n(block + 4, 12, 1);
    return;
  case GgufType::Q6_K:
    std::fill_n(block + 192, 16, 1);
    return;
  default:
    return;
  }
}

/// A block's numbers are what it stands for where its scales are 1 and its
/// least values 0.
static void readNumbers(const GgufTypeInfo &type, const uint8_t *block,
                        float *to) {
  uint8_t copy[256];
  std::copy_n(block, type.bytes, copy);
  auto [scale, least] = placesOfHalves(type.type);
  write16le(copy + scale, 0x3c00);
  if (least >= 0)
    write16le(copy + least, 0);
  setFactorsToOne(type.type, copy);
  dequantizeBlock(type.type, copy, to);
}

/// What element `place` of a block shares with others.
static float sharedPart(GgufType type, StoredPart part, const uint8_t *block,
                        int64_t place) {
  auto [scale, least] = placesOfHalves(type);
  StoredNumbers numbers = *numbersOf(type, 0);
  Factors factors = factorsOf(type, block, int(place / numbers.group));
  switch (part) {
  case StoredPart::Scale:
    return half(block + scale);
  case StoredPart::Least: {
    float value = least >= 0 ? half(block + least) : 0;
    return numbers.block ? -value : value;
  }
  case StoredPart::ScaleFactor:
    return float(factors.scale);
  case StoredPart::LeastFactor:
    return float(factors.least);
  default:
    llvm_unreachable("no part that is shared");
  }
}

void sinter::readParts(const GgufTensor &tensor, StoredPart part, int64_t begin,
                       llvm::MutableArrayRef<float> result) {
  const GgufTypeInfo &type = *tensor.type;
  if (type.elements == 1) {
    StoredType stored = type.type == GgufType::F32   ? StoredType::F32
                        : type.type == GgufType::F16 ? StoredType::F16
                                                     : StoredType::BF16;
    StoredTensor{stored, type.name, tensor.shape, tensor.bytes}.read(begin,
                                                                     result);
    return;
  }
  if (part != StoredPart::Element && part != StoredPart::Number) {
    for (float &shared : result) {
      shared =
          sharedPart(type.type, part,
                     tensor.bytes.data() + begin / type.elements * type.bytes,
                     begin % type.elements);
      ++begin;
    }
    return;
  }
  float elements[256];
  while (!result.empty()) {
    int64_t block = begin / type.elements, first = begin % type.elements;
    size_t count = std::min(size_t(type.elements - first), result.size());
    const uint8_t *bytes = tensor.bytes.data() + block * type.bytes;
    if (part == StoredPart::Number)
      readNumbers(type, bytes, elements);
    else
      dequantizeBlock(type.type, bytes, elements);
    std::copy_n(elements + first, count, result.begin());
    result = result.drop_front(count);
    begin += int64_t(count);
  }
}

void sinter::dequantize(const GgufTensor &tensor,
                        llvm::MutableArrayRef<float> result) {
  readParts(tensor, StoredPart::Element, 0, result);
}
