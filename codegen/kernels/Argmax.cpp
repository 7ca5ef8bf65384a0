//===- Argmax.cpp - The largest of a row of sums -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/Argmax.h"
#include "codegen/kernels/Elementwise.h"
#include "codegen/kernels/ScoreFunction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;
using namespace sinter;

static constexpr int32_t leastKey = std::numeric_limits<int32_t>::min();
static constexpr int32_t lastPlace = std::numeric_limits<int32_t>::max();

/// A number in all lanes, or a scalar without lanes.
static Value number(KernelBuilder &b, int32_t value, Type type) {
  TypedAttr attribute = b.getI32IntegerAttr(value);
  if (auto vector = dyn_cast<VectorType>(type))
    attribute = DenseElementsAttr::get(vector, value);
  return arith::ConstantOp::create(b, attribute);
}

/// Negative floats are ordered the other way round when read as integers: all
/// bits but the sign change. The same brings a key back.
static Value turnNegative(KernelBuilder &b, Value bits) {
  Type type = bits.getType();
  Value sign = arith::ShRSIOp::create(b, bits, number(b, 31, type));
  Value changed = arith::AndIOp::create(b, sign, number(b, lastPlace, type));
  return arith::XOrIOp::create(b, bits, changed);
}

/// i32s that are ordered as the elements are.
static Value keysOf(KernelBuilder &b, Value elements) {
  auto type = cast<VectorType>(elements.getType());
  auto keys = type.clone(b.getI32Type());
  // Zeros are equal whatever their sign.
  Value plain = arith::AddFOp::create(b, elements, b.zero(type));
  Value turned = turnNegative(b, arith::BitcastOp::create(b, keys, plain));
  Value isNumber =
      arith::CmpFOp::create(b, arith::CmpFPredicate::ORD, elements, elements);
  return arith::SelectOp::create(b, isNumber, turned,
                                 number(b, lastPlace, keys));
}

/// Lanes below `used`.
static Value lanesBelow(KernelBuilder &b, int64_t used, int64_t lanes) {
  SmallVector<bool> mask(lanes, false);
  std::fill_n(mask.begin(), used, true);
  return arith::ConstantOp::create(
      b, DenseElementsAttr::get(b.vectorType(lanes, b.getI1Type()),
                                ArrayRef<bool>(mask)));
}

static Value findingAt(KernelBuilder &b, Value findings, Value row) {
  return b.elementsFrom(findings, row, b.getI64Type());
}

/// Takes the elements of one row of a tile.
static void findInRow(KernelBuilder &b, ValueRange vectors,
                      const TilePlace &place) {
  int64_t lanes = place.lanes;
  VectorType type = b.vectorType(lanes, b.getI32Type());
  SmallVector<Value> keys;
  for (auto [i, vector] : llvm::enumerate(vectors)) {
    int64_t used = place.used - int64_t(i) * lanes;
    Value key = keysOf(b, vector);
    if (used < lanes)
      key = arith::SelectOp::create(b, lanesBelow(b, used, lanes), key,
                                    number(b, leastKey, type));
    keys.push_back(key);
  }
  Value most = keys.front();
  for (Value key : ArrayRef(keys).drop_front())
    most = arith::MaxSIOp::create(b, most, key);
  Value largest =
      vector::ReductionOp::create(b, vector::CombiningKind::MAXSI, most);
  Value finding = findingAt(b, place.extras.back(), place.row);
  Value shift = b.index(32);
  Value before =
      arith::ShRSIOp::create(b, b.load(b.getI64Type(), finding), shift);
  Value now = arith::ExtSIOp::create(b, b.getI64Type(), largest);
  // Columns come in their order: of equals, the first stays. Seldom is one
  // larger than all before.
  b.ifLess(before, now, [&] {
    Value first;
    for (auto [i, key] : llvm::enumerate(keys)) {
      Value column = b.add(place.column, b.index(int64_t(i) * lanes));
      Value isLargest =
          arith::CmpIOp::create(b, arith::CmpIPredicate::eq, key,
                                vector::BroadcastOp::create(b, type, largest));
      Value columns =
          arith::SelectOp::create(b, isLargest, emitCount(b, column, lanes),
                                  number(b, lastPlace, type));
      first = first ? arith::MinSIOp::create(b, first, columns) : columns;
    }
    first = vector::ReductionOp::create(b, vector::CombiningKind::MINSI, first);
    Value distance = arith::ExtUIOp::create(
        b, b.getI64Type(), b.sub(number(b, lastPlace, b.getI32Type()), first));
    b.store(
        arith::OrIOp::create(b, arith::ShLIOp::create(b, now, shift), distance),
        finding);
  });
}

void sinter::addArgmax(LinearForm &form) {
  ++form.extras;
  form.begin = [](KernelBuilder &b, Value rows, ValueRange extras) {
    b.ifGiven(extras.back(), [&] {
      Value nothing = b.index(std::numeric_limits<int64_t>::min());
      b.loop(b.index(0), rows, 1, [&](Value row) {
        b.store(nothing, findingAt(b, extras.back(), row));
      });
    });
  };
  form.take = [](KernelBuilder &b, ValueRange vectors, const TilePlace &place) {
    b.ifGiven(place.extras.back(), [&] { findInRow(b, vectors, place); });
  };
}

func::FuncOp sinter::emitArgmaxMerge(KernelBuilder &b, StringRef name) {
  Type pointer = b.pointerType(), index = b.indexType(), i32 = b.getI32Type();
  func::FuncOp function = b.beginFunction(
      name, {pointer, index, index, index, index, pointer, pointer});
  auto arguments = function.getArguments();
  Value stride = arguments[1];
  b.loop(arguments[3], arguments[4], 1, [&](Value row) {
    Value first = findingAt(b, arguments[0], row);
    Value nothing = b.index(std::numeric_limits<int64_t>::min());
    Value most = b.loop(b.index(0), arguments[2], 1, {nothing},
                        [&](Value number, ValueRange carried) {
                          Value at = b.bytesFrom(first, b.mul(number, stride));
                          return SmallVector<Value>{
                              b.max(carried[0], b.load(index, at))};
                        })[0];
    Value distance = arith::TruncIOp::create(b, i32, most);
    b.store(b.sub(number(b, lastPlace, i32), distance),
            b.elementsFrom(arguments[5], row, i32));
    Value key = arith::TruncIOp::create(
        b, i32, arith::ShRSIOp::create(b, most, b.index(32)));
    Value element =
        arith::BitcastOp::create(b, b.getF32Type(), turnNegative(b, key));
    b.store(element, b.elementsFrom(arguments[6], row, b.getF32Type()));
  });
  b.endFunction();
  return function;
}
