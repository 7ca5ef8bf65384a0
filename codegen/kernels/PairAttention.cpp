//===- PairAttention.cpp - Products of attention in pairs of bf16 -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/AttentionTile.h"
#include "codegen/kernels/ByteProducts.h"
#include "codegen/kernels/Elementwise.h"
#include "codegen/kernels/PairProducts.h"
#include "codegen/kernels/Transpose.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace sinter;

namespace {

/// Pairs are two bf16 in an i32, the first in its low bits. Where a width is
/// odd, the last pair's second is zero.
class PairAttention : public AttentionProducts {
public:
  explicit PairAttention(AttentionTile &tile)
      : t(tile), b(tile.b), i16(b.getI16Type()), i32(b.getI32Type()),
        keyPairs(llvm::divideCeil(t.keyWidth, 2)),
        valuePitch(llvm::alignTo(t.valueWidth, t.lanes)) {
    t.reserve(&queries, t.capacity * keyPairs * 4);
    t.reserve(&turned, keyPairs * keysOfBlock * 4);
    t.reserve(&values, keysOfBlock / 2 * valuePitch * 4);
  }

  /// Queries as pairs.
  void beginTile() override {
    b.loop(b.index(0), t.rows, 1, [&](Value row) {
      Value from = t.queryOf(row);
      Value to = b.elementsFrom(queries, b.mul(row, keyPairs), i32);
      if (t.keyWidth % 2)
        b.store(b.zero(i32), b.elementsFrom(to, keyPairs - 1, i32));
      int64_t d = 0;
      for (int64_t width : cutIntoVectors(t.keyWidth, t.lanes)) {
        Value loaded = b.load(t.vector(width), b.elementsFrom(from, d, t.f32));
        b.store(rounded(loaded), b.elementsFrom(to, d, i16));
        d += width;
      }
    });
  }

  void beginBlock(Value block, Value begin, Value end, Value vectors) override {
    turnKeys(block, begin, end, vectors);
    pairValues(block, begin, end);
  }

  /// scores[row..][..] = query[row..] . turned, some vectors of keys at once.
  void emitScores(Value row, int64_t size, Value vectors) override {
    Value rows = b.elementsFrom(queries, b.mul(row, keyPairs), i32);
    VectorType words = b.vectorType(t.lanes, i32);
    t.emitScores(row, size, vectors, [&](Value column, int64_t count) {
      Value source = b.elementsFrom(turned, column, i32);
      SmallVector<Value> products(size * count, b.zero(t.vector(t.lanes)));
      return b.loop(b.index(0), b.index(keyPairs), 1, products,
                    [&](Value d, ValueRange carried) {
                      SmallVector<Value> next(carried), loaded;
                      Value line = t.at(source, d, keysOfBlock);
                      for (int64_t j = 0; j < count; ++j)
                        loaded.push_back(b.load(
                            words, b.elementsFrom(line, j * t.lanes, i32),
                            t.vectorAlignment()));
                      for (int64_t i = 0; i < size; ++i) {
                        Value from = b.elementsFrom(rows, i * keyPairs, i32);
                        Value pair = b.broadcast(
                            b.load(i32, b.elementsFrom(from, d, i32)), t.lanes);
                        for (int64_t j = 0; j < count; ++j) {
                          Value &sum = next[i * count + j];
                          sum =
                              multiplyPairs(b, t.target, sum, pair, loaded[j]);
                        }
                      }
                      return next;
                    });
    });
  }

  /// In pairs of positions: a row takes the same pairs in the same way,
  /// whatever the others of its tile see. Of a pair that the tile does not see
  /// as a whole, values that a row does not see are zero for it.
  void emitValues(Value block, Value start, Value stop) override {
    // Within the block.
    auto first = [&](Value table, Value row) {
      return b.sub(b.max(start, t.load(table, row)), block);
    };
    auto last = [&](Value table, Value row) {
      return b.max(b.index(0), b.sub(b.min(stop, t.load(table, row)), block));
    };
    auto below = [&](Value position) { return b.div(position, b.index(2)); };
    auto above = [&](Value position) {
      return b.div(b.add(position, b.index(1)), b.index(2));
    };
    bool hasBegin = t.op.getWindow().has_value();
    Value whole = below(b.sub(start, block));
    // Pairs [begin, end) are what the tile sees as a whole.
    auto shared = [&](Value row) {
      Value begin = hasBegin ? above(first(t.sharedBegin, row)) : whole;
      return std::pair(begin, b.max(begin, below(last(t.sharedEnd, row))));
    };
    if (hasBegin)
      b.loop(b.index(0), t.rows, 1, [&](Value row) {
        Value from = first(t.rowBegin, row), to = last(t.rowEnd, row);
        addPartly(row, from, to, below(from),
                  b.min(above(to), shared(row).first), /*isFirst=*/true);
      });
    t.forRowTiles([&](Value row, int64_t size) {
      auto [begin, end] = shared(row);
      addValues(row, size, begin, end, /*isFirst=*/!hasBegin);
    });
    b.loop(b.index(0), t.rows, 1, [&](Value row) {
      Value from = hasBegin ? first(t.rowBegin, row) : b.sub(start, block);
      Value to = last(t.rowEnd, row);
      Value begin = b.max(shared(row).second, below(from)), end = above(to);
      b.ifLess(begin, end, [&] {
        addPartly(row, from, to, begin, end, /*isFirst=*/false);
      });
    });
  }

private:
  static constexpr int64_t keysOfBlock = AttentionTile::keysOfBlock;

  Value rounded(Value floats) { return roundToPairs(b, t.target, floats); }

  /// `width` elements of a history as bf16.
  Value loadRounded(Type element, Value pointer, int64_t width) {
    return element.isBF16() ? b.load(b.vectorType(width, i16), pointer)
                            : rounded(b.load(t.vector(width), pointer));
  }

  /// `lanes` pairs, of which `used` are read.
  Value loadPairs(Type element, Value pointer, int64_t used) {
    bool isAll = used == t.lanes;
    VectorType words = b.vectorType(t.lanes, i32);
    if (!element.isBF16())
      return withElements(
          b,
          rounded(isAll ? b.load(t.vector(2 * t.lanes), pointer)
                        : loadMasked(b, element, pointer,
                                     b.firstLanes(2 * used, 2 * t.lanes))),
          i32);
    if (isAll)
      return b.load(words, pointer, /*alignment=*/2);
    return LLVM::MaskedLoadOp::create(b, words, pointer,
                                      b.firstLanes(used, t.lanes),
                                      b.zero(words), /*alignment=*/2);
  }

  /// turned[d / 2][key - block] = the pair keys[key][d..].
  void turnKeys(Value block, Value begin, Value end, Value vectors) {
    const HistoryHead &keys = t.keys;
    Type element = keys.type.getElementType();
    Value last = b.sub(end, b.index(1));
    auto placeOf = [&](Value key) {
      return keys.placeOf(b, b.min(last, b.max(begin, b.add(block, key))));
    };
    b.loop(b.index(0), vectors, 1, [&](Value vector) {
      Value first = b.mul(vector, t.lanes);
      SmallVector<Value> places;
      for (int64_t i = 0; i < t.lanes; ++i)
        places.push_back(placeOf(b.add(first, b.index(i))));
      turnRows(b, t.lanes, t.keyWidth / 2, b.elementsFrom(turned, first, i32),
               keysOfBlock, [&](int64_t row, Value d, int64_t used) {
                 return loadPairs(
                     element, b.elementsFrom(places[row], b.mul(d, 2), element),
                     used);
               });
    });
    if (t.keyWidth % 2 == 0)
      return;
    Value line = b.elementsFrom(turned, (keyPairs - 1) * keysOfBlock, i32);
    b.loop(b.index(0), b.mul(vectors, t.lanes), 1, [&](Value key) {
      Value only = loadRounded(
          element, b.elementsFrom(placeOf(key), t.keyWidth - 1, element), 1);
      b.store(arith::ExtUIOp::create(b, b.vectorType(1, i32), only),
              b.elementsFrom(line, key, i32));
    });
  }

  /// values[p / 2][e] = the pair values[block + p..][e].
  void pairValues(Value block, Value begin, Value end) {
    Type element = t.values.type.getElementType();
    Value last = b.sub(end, b.index(1));
    auto from = b.div(b.sub(b.max(begin, block), block), b.index(2));
    auto to =
        b.div(b.add(b.min(b.sub(end, block), b.index(keysOfBlock)), b.index(1)),
              b.index(2));
    b.loop(from, to, 1, [&](Value pair) {
      Value position = b.add(block, b.mul(pair, 2));
      auto placeOf = [&](Value position) {
        return t.values.placeOf(b, b.min(last, b.max(begin, position)));
      };
      Value even = placeOf(position),
            odd = placeOf(b.add(position, b.index(1)));
      Value line = b.elementsFrom(values, b.mul(pair, valuePitch), i32);
      int64_t e = 0;
      for (int64_t width : cutIntoVectors(t.valueWidth, t.lanes)) {
        VectorType words = b.vectorType(width, i32);
        auto load = [&](Value place) -> Value {
          return arith::ExtUIOp::create(
              b, words,
              loadRounded(element, b.elementsFrom(place, e, element), width));
        };
        Value low = load(even), high = load(odd);
        high = arith::ShLIOp::create(b, high, integers(b, words, 16));
        b.store(arith::OrIOp::create(b, low, high),
                b.elementsFrom(line, e, i32));
        e += width;
      }
    });
  }

  /// For `size` rows that see all of the pairs [begin, end) of the block; what
  /// `visible` gives of a pair is taken out of its values.
  void addValues(Value row, int64_t size, Value begin, Value end, bool isFirst,
                 llvm::function_ref<Value(Value pair)> visible = nullptr) {
    SmallVector<Value> weights;
    for (int64_t i = 0; i < size; ++i)
      weights.push_back(t.scoresOf(b.add(row, b.index(i))));
    t.addToRecords(
        row, size, isFirst,
        [&](int64_t column, ArrayRef<int64_t> widths, ValueRange sums) {
          Value source = b.elementsFrom(values, column, i32);
          return b.loop(
              begin, end, 1, sums, [&](Value pair, ValueRange carried) {
                Value line =
                    b.elementsFrom(source, b.mul(pair, valuePitch), i32);
                Value mask = visible ? visible(pair) : Value();
                SmallVector<Value> loaded, next(carried);
                int64_t offset = 0;
                for (int64_t width : widths) {
                  Value part = b.load(b.vectorType(width, i32),
                                      b.elementsFrom(line, offset, i32));
                  if (mask)
                    part = arith::AndIOp::create(b, part,
                                                 b.broadcast(mask, width));
                  loaded.push_back(part);
                  offset += width;
                }
                for (int64_t i = 0; i < size; ++i) {
                  Value weight =
                      b.load(i32, b.elementsFrom(weights[i], pair, i32));
                  for (auto [j, width] : llvm::enumerate(widths)) {
                    Value &sum = next[i * widths.size() + j];
                    sum = multiplyPairs(b, t.target, sum,
                                        b.broadcast(weight, width), loaded[j]);
                  }
                }
                return next;
              });
        });
  }

  /// The pairs [begin, end) for a row that sees the positions [from, to).
  void addPartly(Value row, Value from, Value to, Value begin, Value end,
                 bool isFirst) {
    addValues(row, 1, begin, end, isFirst, [&](Value pair) {
      Value bits;
      for (int64_t which = 0; which < 2; ++which) {
        Value position = b.add(b.mul(pair, 2), b.index(which));
        Value isSeen = arith::AndIOp::create(
            b,
            arith::CmpIOp::create(b, arith::CmpIPredicate::sle, from, position),
            arith::CmpIOp::create(b, arith::CmpIPredicate::slt, position, to));
        auto constant = [&](uint32_t value) -> Value {
          return arith::ConstantOp::create(b,
                                           b.getI32IntegerAttr(int32_t(value)));
        };
        Value half = arith::SelectOp::create(
            b, isSeen, constant(0xffffu << (16 * which)), constant(0));
        bits = bits ? Value(arith::OrIOp::create(b, bits, half)) : half;
      }
      return bits;
    });
  }

  AttentionTile &t;
  KernelBuilder &b;
  Type i16, i32;
  int64_t keyPairs, valuePitch;
  /// Pairs: [row][d / 2], [d / 2][key] and [position / 2][e].
  Value queries, turned, values;
};

} // namespace

std::unique_ptr<AttentionProducts>
sinter::makePairProducts(AttentionTile &tile) {
  return std::make_unique<PairAttention>(tile);
}
