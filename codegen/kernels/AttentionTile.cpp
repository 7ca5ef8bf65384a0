//===- AttentionTile.cpp - What a tile of attention knows -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/AttentionTile.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sinter;

Value HistoryHead::placeOf(KernelBuilder &b, Value position) const {
  return b.bytesFrom(elements, b.mul(position, type.getRowBytes()));
}

Value HistoryHead::scaleOf(KernelBuilder &b, Value position) const {
  return b.load(b.getF32Type(),
                b.bytesFrom(scale, b.mul(position, type.getRowBytes())),
                /*alignment=*/1);
}

AttentionTile::AttentionTile(KernelBuilder &b, const TargetDescription &target,
                             AttentionOp op)
    : b(b), target(target), op(op), f32(b.getF32Type()), registers(target.tile),
      lanes(target.vectorLanes(32)), records(b, op, lanes),
      heads(op.getHeads()), group(op.getGroup()),
      keyWidth(op.getKeys().getType().getWidth()),
      valueWidth(op.getValues().getType().getWidth()),
      tileTokens(std::max<int64_t>(1, rowsOfTile / group)),
      capacity(tileTokens * group) {
  reserve(&scores, capacity * keysOfBlock * 4);
  reserve(&ofPart, capacity * records.elements() * 4);
  reserve(&ofAll, capacity * records.elements() * 4);
  reserve(&corrections, capacity * 4);
  for (Value *table : {&rowQuery, &rowBegin, &rowEnd, &sharedBegin, &sharedEnd})
    reserve(table, capacity * 8);
}

void AttentionTile::reserve(Value *pointer, int64_t size) {
  reserved.emplace_back(pointer, bytes);
  bytes += llvm::alignTo(size, 64);
}

void AttentionTile::allocate() {
  Value memory = LLVM::AllocaOp::create(b, b.pointerType(), b.getI8Type(),
                                        b.index(bytes), /*alignment=*/64);
  for (auto [pointer, offset] : reserved)
    *pointer = b.bytesFrom(memory, offset);
}

void AttentionTile::forRowTiles(
    llvm::function_ref<void(Value row, int64_t size)> body) {
  Value rest = b.rem(rows, b.index(registers.rows));
  Value tiled = b.sub(rows, rest);
  b.loop(b.index(0), tiled, registers.rows,
         [&](Value row) { body(row, registers.rows); });
  b.select(rest, 1, registers.rows, [&](int64_t size) { body(tiled, size); });
}

void AttentionTile::emitScores(
    Value row, int64_t size, Value vectors,
    llvm::function_ref<SmallVector<Value>(Value column, int64_t count)> body) {
  auto emit = [&](Value vector, int64_t count) {
    Value column = b.mul(vector, lanes);
    SmallVector<Value> products = body(column, count);
    for (int64_t i = 0; i < size; ++i) {
      Value line =
          b.elementsFrom(scoresOf(b.add(row, b.index(i))), column, f32);
      for (int64_t j = 0; j < count; ++j)
        b.store(products[i * count + j], b.elementsFrom(line, j * lanes, f32),
                vectorAlignment());
    }
  };
  Value rest = b.rem(vectors, b.index(registers.vectors));
  Value tiled = b.sub(vectors, rest);
  b.loop(b.index(0), tiled, registers.vectors,
         [&](Value vector) { emit(vector, registers.vectors); });
  b.loop(tiled, vectors, 1, [&](Value vector) { emit(vector, 1); });
}

void AttentionTile::addToRecords(
    Value row, int64_t size, bool isFirst,
    llvm::function_ref<SmallVector<Value>(
        int64_t column, ArrayRef<int64_t> widths, ValueRange sums)>
        body) {
  SmallVector<Value> factors;
  for (int64_t i = 0; isFirst && i < size; ++i)
    factors.push_back(b.load(f32, at(corrections, b.add(row, b.index(i)))));
  SmallVector<int64_t> cut = cutIntoVectors(valueWidth, lanes);
  int64_t column = 0;
  for (ArrayRef<int64_t> rest = cut; !rest.empty();) {
    ArrayRef<int64_t> widths = rest.take_front(registers.vectors);
    rest = rest.drop_front(widths.size());
    auto forVectors = [&](auto body) {
      for (int64_t i = 0; i < size; ++i) {
        Value place =
            b.elementsFrom(recordAt(b.add(row, b.index(i))), column, f32);
        int64_t offset = 0;
        for (auto [j, width] : llvm::enumerate(widths)) {
          body(i, i * widths.size() + j, width,
               b.elementsFrom(place, offset, f32));
          offset += width;
        }
      }
    };
    SmallVector<Value> sums;
    forVectors([&](int64_t i, size_t, int64_t width, Value place) {
      Value sum = b.load(vector(width), place);
      sums.push_back(isFirst ? b.mul(sum, b.broadcast(factors[i], width))
                             : sum);
    });
    sums = body(column, widths, sums);
    forVectors([&](int64_t, size_t index, int64_t, Value place) {
      b.store(sums[index], place);
    });
    for (int64_t width : widths)
      column += width;
  }
}
