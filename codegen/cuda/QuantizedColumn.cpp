//===- QuantizedColumn.cpp - A column of few bits into a tile -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/QuantizedColumn.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace sinter;

QuantizedColumn::QuantizedColumn(CudaBuilder &b, PackedType weight, Value panel,
                                 Value column)
    : b(b), weight(weight), type(weight.getQuantized()), numbers(b, weight),
      scales(b.bytesFrom(panel, b.mul(column, 2))),
      words(b.bytesFrom(panel, b.mul(column, 4))) {}

SmallVector<Value> QuantizedColumn::load(Value first, int64_t inputs) const {
  constexpr int64_t chunk = QuantizedNumbers::chunk;
  int64_t depth = type.getDepth(), all = weight.getInputs();
  SmallVector<Value> registers;
  for (int64_t i = 0; i < inputs; i += ofChunk(inputs)) {
    Value input = b.add(first, b.index(i));
    Value number = b.div(input, b.index(chunk));
    if (llvm::alignTo(all, std::max(chunk, inputs)) !=
        llvm::alignTo(all, chunk))
      number = b.min(number, b.index(numbers.chunks() - 1));
    Value start = numbers.wordsAt(number);
    for (int64_t word = 0; word < ofChunk(inputs) / depth; ++word) {
      Value at = b.add(input, b.index(word * depth));
      Value place =
          b.add(start, b.mul(b.div(b.rem(at, b.index(chunk)), b.index(depth)),
                             numbers.wordStride()));
      if (all % chunk != 0)
        place = b.choose(b.isLess(at, b.index(all)), place, start);
      registers.push_back(
          b.loadConstant(b.getI32Type(), b.bytesFrom(words, place), 4));
    }
    QuantizedNumbers::Scales stored = numbers.loadScales(
        b.bytesFrom(scales, numbers.scalesAt(number)), /*columns=*/1);
    registers.push_back(b.elementOf(stored.scales, 0));
    if (stored.minima)
      registers.push_back(b.elementOf(stored.minima, 0));
  }
  return registers;
}

SmallVector<Value> QuantizedColumn::widen(ValueRange registers,
                                          int64_t inputs) const {
  SmallVector<Value> runs;
  int64_t ofRun = numbers.wordsOfRun();
  int64_t count = ofChunk(inputs) / QuantizedNumbers::run * ofRun;
  while (!registers.empty()) {
    ValueRange ofChunk = registers.take_front(count + scalesOfChunk());
    registers = registers.drop_front(ofChunk.size());
    Value factor = ofChunk[count],
          least = type.getMinimum() ? ofChunk[count + 1] : Value();
    for (int64_t word = 0; word < count; word += ofRun) {
      SmallVector<Value> run = numbers.widen(ofChunk.slice(word, ofRun));
      SmallVector<Value> sorted;
      for (int64_t i = 0; i < 4; i += 2) {
        auto [lower, upper] = b.sortHalves(scale(run[i], factor, least),
                                           scale(run[i + 1], factor, least));
        sorted.append({lower, upper});
      }
      runs.push_back(b.vectorOf(sorted));
    }
  }
  return runs;
}

/// What a pair of numbers stands for, rounded once.
Value QuantizedColumn::scale(Value pairs, Value factor, Value least) const {
  if (type.getScale().isBF16()) {
    auto twice = [&](Value number) -> Value {
      return LLVM::BitcastOp::create(b, b.getI32Type(),
                                     b.vectorOf({number, number}));
    };
    return b.multiplyAddPairs(pairs, twice(factor),
                              least ? twice(least) : b.integer(0x80008000));
  }
  // An f16 has more digits than bf16: products are taken in f32.
  auto wide = [&](Value number) -> Value {
    return arith::ExtFOp::create(b, b.getF32Type(), number);
  };
  auto product = [&](Value bits) -> Value {
    Value number = arith::BitcastOp::create(b, b.getF32Type(), bits);
    return LLVM::FMAOp::create(b, number, wide(factor),
                               least ? wide(least) : b.constant(-0.0));
  };
  Value lower = arith::ShLIOp::create(b, pairs, b.integer(16));
  Value upper = b.takeBits(pairs, 0, 0xffff0000, 0);
  return b.packBrainFloats(product(lower), product(upper));
}
