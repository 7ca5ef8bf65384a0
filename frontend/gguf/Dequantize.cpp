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

static void dequantizeQ2K(const uint8_t *block, float *to) {
  const uint8_t *scales = block, *quants = block + 16;
  float d = half(block + 80), least = half(block + 82);
  for (int place = 0; place < 256; ++place) {
    // Four groups of 32 share 32 bytes, two bits each.
    int upper = place / 128, shift = place % 128 / 32 * 2;
    uint8_t scale = scales[place / 16];
    int q = quants[32 * upper + place % 32] >> shift & 3;
    float step = d * static_cast<float>(scale & 15);
    float offset = least * static_cast<float>(scale >> 4);
    to[place] = step * static_cast<float>(q) - offset;
  }
}

static void dequantizeQ3K(const uint8_t *block, float *to) {
  const uint8_t *third = block, *quants = block + 32, *scales = block + 96;
  float d = half(block + 108);
  for (int place = 0; place < 256; ++place) {
    int group = place / 16;
    // Sixteen scales of six bits: four in nibbles of 8 bytes, two in 4 bytes.
    int low = group < 8 ? scales[group] & 15 : scales[group - 8] >> 4;
    int high = scales[8 + group % 4] >> (2 * (group / 4)) & 3;
    float step = d * static_cast<float>((low | high << 4) - 32);
    int upper = place / 128, quarter = place % 128 / 32;
    int q = quants[32 * upper + place % 32] >> (2 * quarter) & 3;
    bool set = third[place % 32] >> (4 * upper + quarter) & 1;
    to[place] = step * static_cast<float>(set ? q : q - 4);
  }
}

/// The scale and the offset of group j of eight, six bits each.
static std::pair<int, int> groupScale(const uint8_t *packed, int j) {
  if (j < 4)
    return {packed[j] & 63, packed[j + 4] & 63};
  return {(packed[j + 4] & 15) | packed[j - 4] >> 6 << 4,
          packed[j + 4] >> 4 | packed[j] >> 6 << 4};
}

static void dequantizeQ45K(const uint8_t *block, float *to, bool hasFifth) {
  float d = half(block), least = half(block + 2);
  const uint8_t *fifth = block + 16;
  const uint8_t *quants = block + (hasFifth ? 48 : 16);
  for (int group = 0; group < 8; ++group) {
    auto [scale, offset] = groupScale(block + 4, group);
    float step = d * static_cast<float>(scale);
    float below = least * static_cast<float>(offset);
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
    auto scale = static_cast<int8_t>(block[192 + place / 16]);
    to[place] = d * static_cast<float>(scale) * static_cast<float>(q - 32);
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
  auto numbers = [&](int64_t bits, bool hasLeast, bool isExact) {
    return StoredNumbers{bits, hasLeast, /*group=*/32, axis, isExact};
  };
  switch (type) {
  case GgufType::Q4_0:
    return numbers(4, false, true);
  case GgufType::Q4_1:
    return numbers(4, true, true);
  case GgufType::Q5_0:
  case GgufType::Q8_0:
  case GgufType::IQ4_NL:
    return numbers(8, false, true);
  case GgufType::Q5_1:
    return numbers(8, true, true);
  case GgufType::Q2_K:
  case GgufType::Q3_K:
  case GgufType::Q4_K:
  case GgufType::Q5_K:
  case GgufType::Q6_K:
    return numbers(8, false, false);
  default:
    return std::nullopt;
  }
}

/// A block's numbers are what it stands for where its scale is 1 and its least
/// value 0.
static void readNumbers(const GgufTypeInfo &type, const uint8_t *block,
                        float *to) {
  uint8_t copy[34];
  std::copy_n(block, type.bytes, copy);
  write16le(copy, 0x3c00);
  if (numbersOf(type.type, 0)->hasLeast)
    write16le(copy + 2, 0);
  dequantizeBlock(type.type, copy, to);
}

static void readBlock(const GgufTypeInfo &type, StoredPart part,
                      const uint8_t *block, float *to) {
  switch (part) {
  case StoredPart::Element:
    return dequantizeBlock(type.type, block, to);
  case StoredPart::Number:
    return readNumbers(type, block, to);
  case StoredPart::Scale:
    std::fill_n(to, type.elements, half(block));
    return;
  case StoredPart::Least:
    std::fill_n(to, type.elements,
                numbersOf(type.type, 0)->hasLeast ? half(block + 2) : 0);
    return;
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
  float elements[256];
  while (!result.empty()) {
    int64_t block = begin / type.elements, first = begin % type.elements;
    size_t count = std::min(size_t(type.elements - first), result.size());
    readBlock(type, part, tensor.bytes.data() + block * type.bytes, elements);
    std::copy_n(elements + first, count, result.begin());
    result = result.drop_front(count);
    begin += int64_t(count);
  }
}

void sinter::dequantize(const GgufTensor &tensor,
                        llvm::MutableArrayRef<float> result) {
  readParts(tensor, StoredPart::Element, 0, result);
}
