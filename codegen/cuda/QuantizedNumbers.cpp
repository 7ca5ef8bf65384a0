//===- QuantizedNumbers.cpp - Numbers of few bits as bf16 -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/QuantizedNumbers.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sinter;

/// Two bf16 of 128: whose last seven bits count by one. So numbers become
/// floats without a conversion (Kim et al. 2022, arXiv 2211.10017,
/// does it with f16).
static constexpr uint32_t magic = 0x43004300;

/// A bf16 twice: 128 and more are multiples of 1 below 256.
static uint32_t bothHalves(int64_t number) {
  uint32_t bits = uint32_t(
      llvm::APFloat(float(number)).bitcastToAPInt().getZExtValue() >> 16);
  return bits << 16 | bits;
}

/// Seven bits become the last of a bf16 between 128 and 255; 128 is taken off
/// that, and another 128 where the sign's bit is set: their bf16 differ by it.
static Value widenBytesAt(CudaBuilder &b, Value word, Value sign,
                          int64_t shift) {
  return b.multiplyAddPairs(
      b.takeBits(word, shift, 0x007f007f, magic), b.integer(bothHalves(1)),
      b.takeBits(sign, shift, 0x00800080, bothHalves(-128)));
}

std::pair<Value, Value> sinter::widenSignedBytes(CudaBuilder &b, Value word) {
  Value even = widenBytesAt(b, word, word, 0);
  return {even, widenBytesAt(b, word, word, 8)};
}

bool QuantizedNumbers::fits(PackedType weight) {
  QuantizedType type = weight.getQuantized();
  return type && (type.getBits() == 4 || type.getBits() == 8) &&
         !type.getBlock() &&
         (type.getGroupCount(weight.getInputs()) == 1 ||
          type.getGroup() % chunk == 0);
}

Value QuantizedNumbers::scalesAt(Value chunkNumber) {
  if (hasOneGroup())
    return b.index(0);
  return b.mul(b.div(chunkNumber, b.index(chunksOfGroup())),
               weight.getBlockBytes());
}

Value QuantizedNumbers::wordsAt(Value chunkNumber) {
  int64_t bytes = chunk / type.getDepth() * wordStride();
  Value start = b.add(scalesAt(chunkNumber), b.index(weight.getScaleBytes()));
  if (!hasOneGroup())
    chunkNumber = b.rem(chunkNumber, b.index(chunksOfGroup()));
  return b.add(start, b.mul(chunkNumber, bytes));
}

QuantizedNumbers::Scales QuantizedNumbers::loadScales(Value place,
                                                      int64_t columns) {
  Type halves = b.vectorType(columns, type.getScale());
  Scales loaded;
  loaded.scales = b.loadConstant(halves, place, columns * 2);
  if (type.getMinimum())
    loaded.minima = b.loadConstant(
        halves, b.bytesFrom(place, weight.getLayout().getColumns() * 2),
        columns * 2);
  return loaded;
}

/// Of bytes 0 and 2, or with a shift of 8, 1 and 3.
Value QuantizedNumbers::widenBytes(Value word, int64_t shift) {
  Value inverted = arith::XOrIOp::create(b, word, b.integer(0xffffffff));
  if (!type.getMinimum())
    return widenBytesAt(b, word, inverted, shift);
  // Nothing is less than 0: where the eighth bit is set, 128 stay.
  Value isSmall = b.takeBits(inverted, shift + 7, 0x00010001, 0);
  return b.multiplyAddPairs(
      b.takeBits(word, shift, 0x007f007f, magic), b.integer(bothHalves(1)),
      b.mul(isSmall, b.integer(bothHalves(-128) & 0xffff)));
}

SmallVector<Value> QuantizedNumbers::widen(ValueRange words) {
  SmallVector<Value> pairs;
  if (type.getBits() == 8) {
    for (Value word : words)
      for (int64_t shift : {0, 8})
        pairs.push_back(widenBytes(word, shift));
    return pairs;
  }
  // Byte i has input i in its lower half, and i + 4 in its upper one.
  Value taken = b.integer(bothHalves(-128 - type.getZero()));
  for (int64_t shift : {0, 8, 4, 12})
    pairs.push_back(
        b.multiplyAddPairs(b.takeBits(words.front(), shift, 0x000f000f, magic),
                           b.integer(bothHalves(1)), taken));
  return pairs;
}
