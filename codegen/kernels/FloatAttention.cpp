//===- FloatAttention.cpp - Products of attention in f32 -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/AttentionTile.h"
#include "codegen/kernels/Elementwise.h"
#include "codegen/kernels/Transpose.h"

using namespace mlir;
using namespace sinter;

namespace {

class FloatAttention : public AttentionProducts {
public:
  explicit FloatAttention(AttentionTile &tile) : t(tile), b(tile.b) {
    t.reserve(&turned, t.keyWidth * AttentionTile::keysOfBlock * 4);
  }

  /// turned[d][key - block] = keys[key][d].
  void beginBlock(Value block, Value begin, Value end, Value vectors) override {
    const HistoryHead &keys = t.keys;
    Type element = keys.type.getElementType();
    Value last = b.sub(end, b.index(1));
    b.loop(b.index(0), vectors, 1, [&](Value vector) {
      Value first = b.mul(vector, t.lanes);
      SmallVector<Value> places, scales;
      for (int64_t i = 0; i < t.lanes; ++i) {
        Value key = b.add(b.add(block, first), b.index(i));
        key = b.min(last, b.max(begin, key));
        places.push_back(keys.placeOf(b, key));
        if (keys.type.isQuantized())
          scales.push_back(b.broadcast(keys.scaleOf(b, key), t.lanes));
      }
      turnRows(b, t.lanes, t.keyWidth, b.elementsFrom(turned, first, t.f32),
               AttentionTile::keysOfBlock,
               [&](int64_t row, Value d, int64_t used) {
                 Value from = b.elementsFrom(places[row], d, element);
                 Value loaded = used < t.lanes
                                    ? loadWidened(b, element, from,
                                                  b.firstLanes(used, t.lanes))
                                    : loadWidened(b, element, from, t.lanes);
                 return scales.empty() ? loaded : b.mul(loaded, scales[row]);
               });
    });
  }

  /// scores[row..][..] = query[row..] . turned, some vectors of keys at once.
  void emitScores(Value row, int64_t size, Value vectors) override {
    SmallVector<Value> queries;
    for (int64_t i = 0; i < size; ++i)
      queries.push_back(t.queryOf(b.add(row, b.index(i))));
    t.emitScores(row, size, vectors, [&](Value column, int64_t count) {
      Value source = b.elementsFrom(turned, column, t.f32);
      SmallVector<Value> products(size * count, b.zero(t.vector(t.lanes)));
      return b.loop(
          b.index(0), b.index(t.keyWidth), 1, products,
          [&](Value d, ValueRange carried) {
            SmallVector<Value> next(carried), loaded;
            Value line = t.at(source, d, AttentionTile::keysOfBlock);
            for (int64_t j = 0; j < count; ++j)
              loaded.push_back(b.load(t.vector(t.lanes),
                                      b.elementsFrom(line, j * t.lanes, t.f32),
                                      t.vectorAlignment()));
            for (int64_t i = 0; i < size; ++i) {
              Value element = b.broadcast(
                  b.load(t.f32, b.elementsFrom(queries[i], d, t.f32)), t.lanes);
              for (int64_t j = 0; j < count; ++j)
                next[i * count + j] =
                    b.fusedMultiplyAdd(element, loaded[j], next[i * count + j]);
            }
            return next;
          });
    });
  }

  void emitValues(Value block, Value start, Value stop) override {
    auto first = [&](Value table, Value row) {
      return b.max(start, t.load(table, row));
    };
    auto last = [&](Value table, Value row) {
      return b.min(stop, t.load(table, row));
    };
    bool hasBegin = t.op.getWindow().has_value();
    if (hasBegin)
      b.loop(b.index(0), t.rows, 1, [&](Value row) {
        Value end = b.min(last(t.rowEnd, row), last(t.sharedBegin, row));
        addValues(row, 1, block, first(t.rowBegin, row), end, /*isFirst=*/true);
      });
    t.forRowTiles([&](Value row, int64_t size) {
      addValues(row, size, block, hasBegin ? first(t.sharedBegin, row) : start,
                last(t.sharedEnd, row), /*isFirst=*/!hasBegin);
    });
    b.loop(b.index(0), t.rows, 1, [&](Value row) {
      Value begin = first(t.sharedEnd, row);
      if (hasBegin)
        begin = b.max(begin, first(t.rowBegin, row));
      Value end = last(t.rowEnd, row);
      b.ifLess(begin, end, [&] {
        addValues(row, 1, block, begin, end, /*isFirst=*/false);
      });
    });
  }

private:
  /// For `size` rows that see all of [start, stop).
  void addValues(Value row, int64_t size, Value block, Value start, Value stop,
                 bool isFirst) {
    HistoryType type = t.op.getValues().getType();
    SmallVector<Value> weights;
    for (int64_t i = 0; i < size; ++i)
      weights.push_back(t.scoresOf(b.add(row, b.index(i))));
    t.addToRecords(
        row, size, isFirst,
        [&](int64_t column, ArrayRef<int64_t> widths, ValueRange sums) {
          return b.loop(
              start, stop, 1, sums, [&](Value position, ValueRange carried) {
                Type element = type.getElementType();
                Value line = b.elementsFrom(t.values.placeOf(b, position),
                                            column, element);
                Value scale = type.isQuantized() ? t.values.scaleOf(b, position)
                                                 : Value();
                SmallVector<Value> loaded, next(carried);
                int64_t offset = 0;
                for (int64_t width : widths) {
                  Value part = loadWidened(
                      b, element, b.elementsFrom(line, offset, element), width);
                  loaded.push_back(
                      scale ? b.mul(part, b.broadcast(scale, width)) : part);
                  offset += width;
                }
                Value index = b.sub(position, block);
                for (int64_t i = 0; i < size; ++i) {
                  Value weight =
                      b.load(t.f32, b.elementsFrom(weights[i], index, t.f32));
                  for (auto [j, width] : llvm::enumerate(widths)) {
                    Value &sum = next[i * widths.size() + j];
                    sum = b.fusedMultiplyAdd(b.broadcast(weight, width),
                                             loaded[j], sum);
                  }
                }
                return next;
              });
        });
  }

  AttentionTile &t;
  KernelBuilder &b;
  /// A block of keys, [d][key].
  Value turned;
};

} // namespace

std::unique_ptr<AttentionProducts>
sinter::makeFloatProducts(AttentionTile &tile) {
  return std::make_unique<FloatAttention>(tile);
}
