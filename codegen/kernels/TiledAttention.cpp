//===- TiledAttention.cpp - Attention in one pass over the past -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/TiledAttention.h"
#include "codegen/kernels/AttentionParts.h"
#include "codegen/kernels/Elementwise.h"
#include "codegen/kernels/OnlineSoftmax.h"
#include "codegen/kernels/Transpose.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace sinter;

namespace {

/// Rows of a tile that all heads of a group make, about: enough to make up for
/// turning a block of keys, few enough to stay in the cache near the core.
constexpr int64_t rowsOfTile = 48;
/// Keys of a block: whole vectors on every machine.
constexpr int64_t keysOfBlock = 64;

class TiledAttentionEmitter {
public:
  TiledAttentionEmitter(KernelBuilder &b, const TargetDescription &target,
                        AttentionOp op)
      : b(b), op(op), f32(b.getF32Type()), tile(target.tile),
        lanes(target.vectorLanes(32)), records(b, op, lanes),
        heads(op.getHeads()), group(op.getGroup()),
        keyWidth(op.getKeys().getType().getWidth()),
        valueWidth(op.getValues().getType().getWidth()),
        tileTokens(std::max<int64_t>(1, rowsOfTile / group)),
        capacity(tileTokens * group) {}

  void emit(Block::BlockArgListType arguments) {
    query = arguments[0], keys = arguments[1], values = arguments[2];
    sequence = arguments[3], extents = arguments[4], result = arguments[5];
    partials = arguments[6];
    for (size_t i = 0; i < op.getInputs().size(); ++i)
      inputs.push_back(arguments[7 + i]);
    auto sizes = arguments.drop_front(7 + inputs.size());
    tokens = sizes[0], past = sizes[1];
    keyPositions = sizes[2], valuePositions = sizes[3];
    allocate();

    Value thread = sizes[4], threads = sizes[5];
    Value chunks =
        b.div(b.add(tokens, b.index(tileTokens - 1)), b.index(tileTokens));
    Value groups = b.mul(chunks, heads / group);
    inParts = isInParts(b, tokens, past);
    // Parts of the past, where threads share them: one after the other, so that
    // all heads of a position, which stand together, are read together.
    Value parts = choose(inParts, partsBelow(b, past), b.index(1));
    // Heads of a tile: those of a group together, unless threads would idle.
    Value isFew = arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                                        b.mul(parts, groups), threads);
    headsOfTile = choose(inParts, b.index(group),
                         choose(isFew, b.index(1), b.index(group)));
    Value unitsOfPart = b.mul(chunks, b.div(b.index(heads), headsOfTile));
    Value units = b.mul(parts, unitsOfPart);
    Value begin = b.div(b.mul(units, thread), threads);
    Value end = b.div(b.mul(units, b.add(thread, b.index(1))), threads);
    b.loop(begin, end, 1, [&](Value unit) {
      partOfUnit = b.div(unit, unitsOfPart);
      Value rest = b.rem(unit, unitsOfPart);
      firstHead = b.mul(b.div(rest, chunks), headsOfTile);
      Value first = b.mul(b.rem(rest, chunks), tileTokens);
      emitChunk(first, b.min(tokens, b.add(first, b.index(tileTokens))));
    });
  }

private:
  //===--------------------------------------------------------------------===//
  // Memory of a tile
  //===--------------------------------------------------------------------===//

  /// Cut from one block of the stack, each part aligned to a cache line.
  void allocate() {
    int64_t total = 0;
    SmallVector<std::pair<Value *, int64_t>> parts;
    auto part = [&](Value *pointer, int64_t bytes) {
      parts.emplace_back(pointer, total);
      total += llvm::alignTo(bytes, 64);
    };
    part(&turned, keyWidth * keysOfBlock * 4);
    part(&scores, capacity * keysOfBlock * 4);
    part(&ofPart, capacity * records.elements() * 4);
    part(&ofAll, capacity * records.elements() * 4);
    part(&corrections, capacity * 4);
    for (Value *table :
         {&rowQuery, &rowBegin, &rowEnd, &sharedBegin, &sharedEnd})
      part(table, capacity * 8);
    Value memory = LLVM::AllocaOp::create(b, b.pointerType(), b.getI8Type(),
                                          b.index(total), /*alignment=*/64);
    for (auto [pointer, offset] : parts)
      *pointer = b.bytesFrom(memory, offset);
  }

  Value at(Value table, Value row, int64_t elements = 1) {
    return b.elementsFrom(table, b.mul(row, elements), f32);
  }
  Value numberAt(Value table, Value row) {
    return b.elementsFrom(table, row, b.indexType());
  }
  Value load(Value table, Value row) {
    return b.load(b.indexType(), numberAt(table, row));
  }
  /// What a row makes of the part at hand.
  Value recordAt(Value row) { return at(ofPart, row, records.elements()); }
  Value choose(Value condition, Value yes, Value no) {
    return arith::SelectOp::create(b, condition, yes, no);
  }
  VectorType vector(int64_t size) { return b.vectorType(size, f32); }
  Value splat(float number, int64_t size) {
    return emitConstant(b, number, f32, size);
  }

  //===--------------------------------------------------------------------===//
  // Tiles
  //===--------------------------------------------------------------------===//

  /// Tokens [begin, end): runs of the same sequence are tiles.
  void emitChunk(Value begin, Value end) {
    b.loop(begin, end, 1, [&](Value token) {
      Value own = b.loadInteger(sequence, token);
      Value before = b.max(begin, b.sub(token, b.index(1)));
      Value isFirst = arith::OrIOp::create(
          b, arith::CmpIOp::create(b, arith::CmpIPredicate::eq, token, begin),
          arith::CmpIOp::create(b, arith::CmpIPredicate::ne, own,
                                b.loadInteger(sequence, before)));
      Value one = b.index(1), zero = b.index(0);
      // Counts until the first token of another sequence.
      SmallVector<Value> run = b.loop(
          b.add(token, one), end, 1, {one, one},
          [&](Value next, ValueRange carried) {
            Value same = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, own,
                                               b.loadInteger(sequence, next));
            Value open = arith::SelectOp::create(b, same, carried[1], zero);
            return SmallVector<Value>{b.add(carried[0], open), open};
          });
      Value count = arith::SelectOp::create(b, isFirst, run[0], zero);
      b.ifLess(zero, count, [&] { emitTile(own, token, count); });
    });
  }

  void emitTile(Value ofSequence, Value token, Value count) {
    firstToken = token;
    auto historyOf = [&](Value cache, Value positions, HistoryType type) {
      Value keptHead = b.div(firstHead, b.index(heads / type.getHeads()));
      Value row = b.mul(b.mul(ofSequence, positions),
                        type.getHeads() * type.getWidth());
      return b.elementsFrom(cache, b.add(row, b.mul(keptHead, type.getWidth())),
                            type.getElementType());
    };
    keyHistory = historyOf(keys, keyPositions, op.getKeys().getType());
    valueHistory = historyOf(values, valuePositions, op.getValues().getType());
    rows = b.mul(count, headsOfTile);
    auto [begin, end] = beginRows();
    findShared();
    Value one = b.index(1), first = partOf(b, begin), last = partsBelow(b, end);
    first = choose(inParts, b.max(first, partOfUnit), first);
    last = choose(inParts, b.min(last, b.add(partOfUnit, one)), last);
    // What becomes of a part: it is all, it is added to all, it is handed on.
    Value isOne = arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                        b.add(first, one), last);
    Value use = choose(inParts, b.index(2), choose(isOne, b.index(0), one));
    b.loop(first, last, 1, [&](Value part) {
      Value start = b.mul(part, AttentionParts::positions);
      Value stop = b.add(start, b.index(AttentionParts::positions));
      emitPart(b.max(begin, start), b.min(end, stop));
      b.select(use, 1, 3, [&](int64_t use) {
        b.loop(b.index(0), rows, 1, [&](Value row) {
          Value from = b.max(start, load(rowBegin, row));
          Value to = b.min(stop, load(rowEnd, row));
          b.ifLess(from, to, [&] { keepPart(row, part, use == 2); });
        });
      });
    });
    b.select(use, 0, 2, [&](int64_t use) {
      b.loop(b.index(0), rows, 1,
             [&](Value row) { finish(row, use == 0 ? ofPart : ofAll); });
    });
  }

  /// Positions [begin, end), of one part, block by block.
  void emitPart(Value begin, Value end) {
    b.loop(b.index(0), rows, 1,
           [&](Value row) { records.reset(recordAt(row)); });
    Value first = b.mul(b.div(begin, b.index(keysOfBlock)), keysOfBlock);
    b.loop(first, end, keysOfBlock, [&](Value block) {
      Value stop = b.min(end, b.add(block, b.index(keysOfBlock)));
      Value vectors =
          b.div(b.add(b.sub(stop, block), b.index(lanes - 1)), b.index(lanes));
      turnKeys(block, begin, end, vectors);
      forRowTiles(
          [&](Value row, int64_t size) { emitScores(row, size, vectors); });
      b.loop(b.index(0), rows, 1,
             [&](Value row) { emitSoftmax(row, block, vectors); });
      Value start = b.max(begin, block);
      emitValues(block, start, stop);
    });
  }

  /// For a row that sees something of the part: the first one is copied.
  void keepPart(Value row, Value part, bool isHandedOn) {
    if (isHandedOn) {
      auto [head, token] = headAndToken(row);
      records.copy(recordAt(row),
                   partialAt(b, op, partials, tokens, part, token, head));
      return;
    }
    Value all = at(ofAll, row, records.elements());
    Value first = partOf(b, load(rowBegin, row));
    b.ifLess(part, b.add(first, b.index(1)),
             [&] { records.copy(recordAt(row), all); });
    b.ifLess(first, part, [&] { records.merge(recordAt(row), all); });
  }

  std::pair<Value, Value> headAndToken(Value row) {
    return {b.add(firstHead, b.rem(row, headsOfTile)),
            b.add(firstToken, b.div(row, headsOfTile))};
  }

  /// Fills the tables; gives the positions that any row sees.
  std::pair<Value, Value> beginRows() {
    SmallVector<Value> range = b.loop(
        b.index(0), rows, 1, {past, b.index(0)},
        [&](Value row, ValueRange carried) {
          auto [head, token] = headAndToken(row);
          Value place = b.add(b.mul(token, heads), head);
          b.store(b.elementsFrom(query, b.mul(place, keyWidth), f32),
                  numberAt(rowQuery, row), 8);
          Value end = b.loadInteger(extents, token), begin = b.index(0);
          if (op.getWindow())
            begin = b.max(begin, b.sub(end, b.index(int64_t(*op.getWindow()))));
          b.store(begin, numberAt(rowBegin, row));
          b.store(end, numberAt(rowEnd, row));
          records.reset(at(ofAll, row, records.elements()));
          return SmallVector<Value>{b.min(carried[0], begin),
                                    b.max(carried[1], end)};
        });
    return {range[0], range[1]};
  }

  /// Fills the tables of positions that all rows of a row's tile see.
  void findShared() {
    b.loop(b.index(0), rows, tile.rows, [&](Value row) {
      Value behind = b.min(rows, b.add(row, b.index(tile.rows)));
      SmallVector<Value> shared = b.loop(
          row, behind, 1, {b.index(0), past},
          [&](Value own, ValueRange carried) {
            return SmallVector<Value>{b.max(carried[0], load(rowBegin, own)),
                                      b.min(carried[1], load(rowEnd, own))};
          });
      Value end = b.max(shared[0], shared[1]);
      b.loop(row, behind, 1, [&](Value own) {
        b.store(shared[0], numberAt(sharedBegin, own));
        b.store(end, numberAt(sharedEnd, own));
      });
    });
  }

  /// All rows, in tiles of `tile.rows` and one smaller tile for the rest.
  void forRowTiles(llvm::function_ref<void(Value row, int64_t size)> body) {
    Value rest = b.rem(rows, b.index(tile.rows));
    Value tiled = b.sub(rows, rest);
    b.loop(b.index(0), tiled, tile.rows,
           [&](Value row) { body(row, tile.rows); });
    b.select(rest, 1, tile.rows, [&](int64_t size) { body(tiled, size); });
  }

  //===--------------------------------------------------------------------===//
  // Scores
  //===--------------------------------------------------------------------===//

  /// turned[d][key - block] = keys[key][d]. Behind the end the last key is
  /// taken again: what comes of it is masked.
  void turnKeys(Value block, Value begin, Value end, Value vectors) {
    HistoryType type = op.getKeys().getType();
    Value last = b.sub(end, b.index(1));
    b.loop(b.index(0), vectors, 1, [&](Value vector) {
      Value first = b.mul(vector, lanes);
      SmallVector<Value> places;
      for (int64_t i = 0; i < lanes; ++i) {
        Value key = b.add(b.add(block, first), b.index(i));
        key = b.min(last, b.max(begin, key));
        places.push_back(b.elementsFrom(
            keyHistory, b.mul(key, type.getHeads() * type.getWidth()),
            type.getElementType()));
      }
      Value target = b.elementsFrom(turned, first, f32);
      int64_t whole = keyWidth / lanes * lanes;
      b.loop(b.index(0), b.index(whole), lanes,
             [&](Value d) { turnSquare(places, target, d, lanes); });
      if (whole < keyWidth)
        turnSquare(places, target, b.index(whole), keyWidth - whole);
    });
  }

  /// `used` columns from `d` on of `lanes` rows, as rows.
  void turnSquare(ArrayRef<Value> places, Value target, Value d, int64_t used) {
    SmallVector<bool> bits(lanes, false);
    std::fill_n(bits.begin(), used, true);
    Value mask;
    if (used < lanes)
      mask = arith::ConstantOp::create(
          b, DenseElementsAttr::get(b.vectorType(lanes, b.getI1Type()), bits));
    SmallVector<Value> square;
    Type keyType = op.getKeys().getType().getElementType();
    for (Value place : places) {
      Value from = b.elementsFrom(place, d, keyType);
      square.push_back(mask ? loadWidened(b, keyType, from, mask)
                            : loadWidened(b, keyType, from, lanes));
    }
    transposeSquare(b, square);
    for (int64_t i = 0; i < used; ++i)
      b.store(square[i], at(target, b.add(d, b.index(i)), keysOfBlock));
  }

  /// scores[row..][..] = query[row..] . turned, some vectors of keys at once.
  void emitScores(Value row, int64_t size, Value vectors) {
    SmallVector<Value> queries;
    for (int64_t i = 0; i < size; ++i)
      queries.push_back(
          b.load(b.pointerType(), numberAt(rowQuery, b.add(row, b.index(i)))));
    auto emit = [&](Value vector, int64_t count) {
      Value column = b.mul(vector, lanes);
      Value source = b.elementsFrom(turned, column, f32);
      SmallVector<Value> products(size * count, splat(0, lanes));
      products = b.loop(
          b.index(0), b.index(keyWidth), 1, products,
          [&](Value d, ValueRange carried) {
            SmallVector<Value> next(carried), loaded;
            Value line = at(source, d, keysOfBlock);
            for (int64_t j = 0; j < count; ++j)
              loaded.push_back(b.load(this->vector(lanes),
                                      b.elementsFrom(line, j * lanes, f32),
                                      vectorAlignment()));
            for (int64_t i = 0; i < size; ++i) {
              Value element = b.broadcast(
                  b.load(f32, b.elementsFrom(queries[i], d, f32)), lanes);
              for (int64_t j = 0; j < count; ++j)
                next[i * count + j] =
                    b.fusedMultiplyAdd(element, loaded[j], next[i * count + j]);
            }
            return next;
          });
      for (int64_t i = 0; i < size; ++i) {
        Value line = b.elementsFrom(
            at(scores, b.add(row, b.index(i)), keysOfBlock), column, f32);
        for (int64_t j = 0; j < count; ++j)
          b.store(products[i * count + j], b.elementsFrom(line, j * lanes, f32),
                  vectorAlignment());
      }
    };
    Value rest = b.rem(vectors, b.index(tile.vectors));
    Value tiled = b.sub(vectors, rest);
    b.loop(b.index(0), tiled, tile.vectors,
           [&](Value vector) { emit(vector, tile.vectors); });
    b.loop(tiled, vectors, 1, [&](Value vector) { emit(vector, 1); });
  }

  int64_t vectorAlignment() { return lanes * 4; }

  //===--------------------------------------------------------------------===//
  // Softmax
  //===--------------------------------------------------------------------===//

  void emitSoftmax(Value row, Value block, Value vectors) {
    auto [head, token] = headAndToken(row);
    ScoreFunction function(b, op, inputs, tokens, past, lanes);
    function.beginRow(head, token);
    Value begin;
    if (op.getWindow())
      begin = b.load(b.indexType(), numberAt(rowBegin, row));
    Value end = b.load(b.indexType(), numberAt(rowEnd, row));
    emitSoftmaxOfBlock(b, function, at(scores, row, keysOfBlock), vectors,
                       lanes, block, begin, end,
                       {records.maximum(recordAt(row)),
                        records.total(recordAt(row)), at(corrections, row)});
  }

  //===--------------------------------------------------------------------===//
  // Values
  //===--------------------------------------------------------------------===//

  /// Adds the values of positions [start, stop), weighted, to all rows' sums.
  /// Positions that a tile of rows sees as a whole are taken for all of them at
  /// once. Those that only some see are taken row by row: a weight of 0 would
  /// not hide from the others a value that is infinite or NaN.
  void emitValues(Value block, Value start, Value stop) {
    auto first = [&](Value table, Value row) {
      return b.max(start, load(table, row));
    };
    auto last = [&](Value table, Value row) {
      return b.min(stop, b.load(b.indexType(), numberAt(table, row)));
    };
    bool hasBegin = op.getWindow().has_value();
    if (hasBegin)
      b.loop(b.index(0), rows, 1, [&](Value row) {
        Value end = b.min(last(rowEnd, row), last(sharedBegin, row));
        addValues(row, 1, block, first(rowBegin, row), end, /*isFirst=*/true);
      });
    forRowTiles([&](Value row, int64_t size) {
      addValues(row, size, block, hasBegin ? first(sharedBegin, row) : start,
                last(sharedEnd, row), /*isFirst=*/!hasBegin);
    });
    b.loop(b.index(0), rows, 1, [&](Value row) {
      Value begin = first(sharedEnd, row);
      if (hasBegin)
        begin = b.max(begin, first(rowBegin, row));
      Value end = last(rowEnd, row);
      b.ifLess(begin, end, [&] {
        addValues(row, 1, block, begin, end, /*isFirst=*/false);
      });
    });
  }

  /// For `size` rows that see all of [start, stop): part of the width at a
  /// time, so that sums stay in registers. The first to add to a block's sums
  /// brings them to the block's maximum.
  void addValues(Value row, int64_t size, Value block, Value start, Value stop,
                 bool isFirst) {
    HistoryType type = op.getValues().getType();
    SmallVector<Value> weights, factors;
    for (int64_t i = 0; i < size; ++i) {
      Value own = b.add(row, b.index(i));
      weights.push_back(at(scores, own, keysOfBlock));
      factors.push_back(isFirst ? b.load(f32, at(corrections, own)) : Value());
    }
    SmallVector<int64_t> cut = cutIntoVectors(valueWidth, lanes);
    int64_t column = 0;
    for (ArrayRef<int64_t> rest = cut; !rest.empty();) {
      ArrayRef<int64_t> sizes = rest.take_front(tile.vectors);
      rest = rest.drop_front(sizes.size());
      auto forPart = [&](auto body) {
        for (int64_t i = 0; i < size; ++i) {
          Value place =
              b.elementsFrom(recordAt(b.add(row, b.index(i))), column, f32);
          int64_t offset = 0;
          for (auto [j, width] : llvm::enumerate(sizes)) {
            body(i, i * sizes.size() + j, width,
                 b.elementsFrom(place, offset, f32));
            offset += width;
          }
        }
      };
      SmallVector<Value> parts;
      forPart([&](int64_t i, size_t, int64_t width, Value place) {
        Value sum = b.load(vector(width), place);
        parts.push_back(isFirst ? b.mul(sum, b.broadcast(factors[i], width))
                                : sum);
      });
      parts = b.loop(
          start, stop, 1, parts, [&](Value position, ValueRange carried) {
            Type element = type.getElementType();
            Value place =
                b.add(b.mul(position, type.getHeads() * type.getWidth()),
                      b.index(column));
            Value line = b.elementsFrom(valueHistory, place, element);
            SmallVector<Value> loaded, next(carried);
            int64_t offset = 0;
            for (int64_t width : sizes) {
              loaded.push_back(loadWidened(
                  b, element, b.elementsFrom(line, offset, element), width));
              offset += width;
            }
            Value index = b.sub(position, block);
            for (int64_t i = 0; i < size; ++i) {
              Value weight =
                  b.load(f32, b.elementsFrom(weights[i], index, f32));
              for (auto [j, width] : llvm::enumerate(sizes)) {
                Value &sum = next[i * sizes.size() + j];
                sum = b.fusedMultiplyAdd(b.broadcast(weight, width), loaded[j],
                                         sum);
              }
            }
            return next;
          });
      forPart([&](int64_t, size_t part, int64_t, Value place) {
        b.store(parts[part], place);
      });
      for (int64_t width : sizes)
        column += width;
    }
  }

  void finish(Value row, Value table) {
    auto [head, token] = headAndToken(row);
    Value place = b.mul(b.add(b.mul(token, heads), head), valueWidth);
    records.finish(at(table, row, records.elements()),
                   b.elementsFrom(result, place, f32));
  }

  KernelBuilder &b;
  AttentionOp op;
  Type f32;
  RegisterTile tile;
  int64_t lanes;
  PartRecords records;
  int64_t heads, group, keyWidth, valueWidth, tileTokens, capacity;
  // What the kernel takes.
  Value query, keys, values, sequence, extents, result, partials, tokens, past;
  Value keyPositions, valuePositions;
  SmallVector<Value> inputs;
  // A tile's memory: a block of keys as [d][key], [row][key], a record for each
  // row of the part at hand and of all parts so far, [row].
  Value turned, scores, ofPart, ofAll, corrections;
  Value rowQuery, rowBegin, rowEnd, sharedBegin, sharedEnd;
  // The tile at hand.
  Value inParts, partOfUnit;
  Value headsOfTile, firstHead, firstToken, rows, keyHistory, valueHistory;
};

} // namespace

func::FuncOp sinter::emitTiledAttention(KernelBuilder &builder, StringRef name,
                                        const TargetDescription &target,
                                        AttentionOp op) {
  SmallVector<Type> types(7 + op.getInputs().size(), builder.pointerType());
  types.append(6, builder.indexType());
  func::FuncOp function = builder.beginFunction(name, types);
  TiledAttentionEmitter(builder, target, op).emit(function.getArguments());
  builder.endFunction();
  return function;
}
