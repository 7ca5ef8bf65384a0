//===- RowArgmax.cpp - The largest of each row ----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/RowArgmax.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <limits>

using namespace mlir;
using namespace sinter;

/// A number and where it stands, as an i64 that is larger where the number is,
/// or, of equal ones, the place is further in front.
static Value emitOrder(CudaBuilder &b, Value number, Value place) {
  Type i32 = b.getI32Type();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(b, value, 32);
  };
  // Both zeros are one.
  Value sum = b.add(number, b.constant(0));
  Value bits = arith::BitcastOp::create(b, i32, sum);
  // Negative numbers have more bits the smaller they are.
  Value sign = arith::ShRSIOp::create(b, bits, constant(31));
  Value flipped = arith::XOrIOp::create(
      b, bits, arith::AndIOp::create(b, sign, constant(0x7fffffff)));
  // What is not a number is larger than all.
  Value isNumber =
      arith::CmpFOp::create(b, arith::CmpFPredicate::ORD, number, number);
  Value key = b.choose(isNumber, flipped, constant(0x7fffffff));
  Value upper = arith::ShLIOp::create(
      b, arith::ExtSIOp::create(b, b.indexType(), key), b.index(32));
  return arith::OrIOp::create(b, upper, b.sub(b.index(0xffffffff), place));
}

static Value emitExchange(CudaBuilder &b, Value wide, int64_t mask) {
  Value upper = arith::ShRUIOp::create(b, wide, b.index(32));
  Value otherUpper = b.exchange(b.asInteger(upper), mask);
  Value otherLower = b.exchange(b.asInteger(wide), mask);
  auto widen = [&](Value value) -> Value {
    return arith::ExtUIOp::create(b, b.indexType(), value);
  };
  return arith::OrIOp::create(
      b, arith::ShLIOp::create(b, widen(otherUpper), b.index(32)),
      widen(otherLower));
}

CudaKernel sinter::emitRowArgmax(CudaBuilder &b, StringRef name,
                                 int64_t width) {
  constexpr int64_t warps = 16, threads = warps * CudaBuilder::warpThreads;
  Type pointer = b.pointerType(), f32 = b.getF32Type();
  func::FuncOp kernel =
      b.beginKernel(name, {pointer, pointer, pointer}, threads);
  Value row = b.block(), thread = b.thread();
  Value x = b.elementsFrom(kernel.getArgument(0), b.mul(row, width), f32);
  Value none = b.index(std::numeric_limits<int64_t>::min());
  Value best = b.loop(thread, b.index(width), threads, {none},
                      [&](Value place, ValueRange carried) {
                        Value number =
                            b.load(f32, b.elementsFrom(x, place, f32));
                        return SmallVector<Value>{
                            b.max(carried[0], emitOrder(b, number, place))};
                      })
                   .front();
  for (int64_t mask = CudaBuilder::warpThreads / 2; mask > 0; mask /= 2)
    best = b.max(best, emitExchange(b, best, mask));
  auto ofWarp = [&](Value warp) {
    return b.elementsFrom(b.shared(), warp, b.indexType());
  };
  Value lane = b.rem(thread, b.index(CudaBuilder::warpThreads));
  b.ifEqual(lane, b.index(0), [&] {
    b.store(best, ofWarp(b.div(thread, b.index(CudaBuilder::warpThreads))), 8);
  });
  b.wait();
  b.ifEqual(thread, b.index(0), [&] {
    Value all = b.load(b.indexType(), ofWarp(b.index(0)), 8);
    for (int64_t i = 1; i < warps; ++i)
      all = b.max(all, b.load(b.indexType(), ofWarp(b.index(i)), 8));
    Value lower = arith::AndIOp::create(b, all, b.index(0xffffffff));
    Value place = b.sub(b.index(0xffffffff), lower);
    b.store(b.asInteger(place),
            b.elementsFrom(kernel.getArgument(1), row, b.getI32Type()));
    b.store(b.load(f32, b.elementsFrom(x, place, f32)),
            b.elementsFrom(kernel.getArgument(2), row, f32));
  });
  b.endFunction();
  return {kernel, threads, warps * 8};
}
