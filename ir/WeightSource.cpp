//===- WeightSource.cpp - Where the elements of weights come from -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/WeightSource.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/ErrorHandling.h"
#include <bit>
#include <cassert>

using namespace sinter;

WeightSource::~WeightSource() = default;
StoredBlocks::~StoredBlocks() = default;

std::optional<StoredNumbers> StoredNumbers::join(const StoredNumbers &left,
                                                 const StoredNumbers &right) {
  if (left.axis != right.axis)
    return std::nullopt;
  StoredNumbers both = left;
  both.bits = std::max(left.bits, right.bits);
  both.hasLeast = left.hasLeast || right.hasLeast;
  both.group = std::min(left.group, right.group);
  both.isExact = left.isExact && right.isExact && left.block == right.block &&
                 left.group % both.group == 0 && right.group % both.group == 0;
  both.isMixed = left.isMixed || right.isMixed || left.bits != right.bits ||
                 left.hasLeast != right.hasLeast || left.group != right.group;
  // Five bits stand in words of 32 inputs, which groups must fill.
  if (both.bits == 5 && both.group % 32 != 0)
    both.bits = 6;
  if (!both.isExact)
    return StoredNumbers{/*bits=*/8,        /*hasLeast=*/false,
                         /*group=*/32,
                         /*block=*/0,       left.axis,
                         /*isExact=*/false, both.isMixed};
  return both;
}

int64_t StoredTensor::getNumElements() const {
  int64_t elements = 1;
  for (int64_t size : shape)
    elements *= size;
  return elements;
}

static float fromHalf(uint16_t bits) {
  uint32_t sign = uint32_t(bits & 0x8000) << 16;
  uint32_t exponent = (bits >> 10) & 0x1f, fraction = bits & 0x3ff;
  if (exponent == 0) // zero and subnormal numbers: fraction * 2^-24
    return std::bit_cast<float>(
        sign | std::bit_cast<uint32_t>(float(fraction) * 0x1p-24f));
  uint32_t rebased = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | rebased << 23 | fraction << 13);
}

void StoredTensor::read(int64_t begin,
                        llvm::MutableArrayRef<float> result) const {
  assert(begin >= 0 && begin + int64_t(result.size()) <= getNumElements() &&
         type != StoredType::Other);
  using namespace llvm::support::endian;
  if (isTransposed) {
    StoredTensor matrix = *this;
    matrix.isTransposed = false;
    std::swap(matrix.shape[0], matrix.shape[1]);
    // All at once, for a block may be read for each element.
    std::vector<float> all;
    if (int64_t(result.size()) == getNumElements()) {
      all.resize(result.size());
      matrix.read(0, all);
    }
    for (auto [index, element] : llvm::enumerate(result)) {
      int64_t at = begin + int64_t(index);
      int64_t from = at % shape[1] * shape[0] + at / shape[1];
      if (all.empty())
        matrix.read(from, element);
      else
        element = all[from];
    }
    return;
  }
  auto readAll = [&](int64_t size, auto elementAt) {
    const uint8_t *from = bytes.data() + begin * size;
    for (float &element : result) {
      element = elementAt(from);
      from += size;
    }
  };
  switch (type) {
  case StoredType::F32:
    return readAll(4, [](const uint8_t *at) {
      return std::bit_cast<float>(read32le(at));
    });
  case StoredType::F16:
    return readAll(2, [](const uint8_t *at) { return fromHalf(read16le(at)); });
  case StoredType::BF16:
    return readAll(2, [](const uint8_t *at) {
      return std::bit_cast<float>(uint32_t(read16le(at)) << 16);
    });
  case StoredType::I8:
    return readAll(1, [](const uint8_t *at) { return float(int8_t(*at)); });
  case StoredType::U8:
    return readAll(1, [](const uint8_t *at) { return float(*at); });
  case StoredType::I32:
    return readAll(
        4, [](const uint8_t *at) { return float(int32_t(read32le(at))); });
  case StoredType::Blocks:
    return blocks->read(part, begin, result);
  case StoredType::Other:
    llvm_unreachable("no weight");
  }
}
