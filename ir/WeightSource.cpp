//===- WeightSource.cpp - Where the elements of weights come from -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/WeightSource.h"
#include "llvm/Support/Endian.h"
#include <bit>
#include <cassert>

using namespace sinter;

WeightSource::~WeightSource() = default;

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
  const uint8_t *from =
      bytes.data() + begin * (type == StoredType::F32 ? 4 : 2);
  for (float &element : result) {
    if (type == StoredType::F32) {
      element = std::bit_cast<float>(read32le(from));
      from += 4;
      continue;
    }
    uint16_t bits = read16le(from);
    element = type == StoredType::F16
                  ? fromHalf(bits)
                  : std::bit_cast<float>(uint32_t(bits) << 16);
    from += 2;
  }
}
