//===- TiledAttention.cpp - Attention in one pass over the past -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/TiledAttention.h"
#include "codegen/kernels/AttentionParts.h"
#include "codegen/kernels/AttentionTile.h"
#include "codegen/kernels/OnlineSoftmax.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sinter;

namespace {

class TiledAttentionEmitter {
public:
  TiledAttentionEmitter(KernelBuilder &b, const TargetDescription &target,
                        AttentionOp op)
      : b(b), op(op), tile(b, target, op),
        products(op.getRounded() ? makePairProducts(tile)
                                 : makeFloatProducts(tile)) {}

  void emit(Block::BlockArgListType arguments) {
    query = arguments[0], keys = arguments[1], values = arguments[2];
    sequence = arguments[3], extents = arguments[4], result = arguments[5];
    partials = arguments[6];
    for (size_t i = 0; i < op.getInputs().size(); ++i)
      inputs.push_back(arguments[7 + i]);
    auto sizes = arguments.drop_front(7 + inputs.size());
    tokens = sizes[0], past = sizes[1];
    keyPositions = sizes[2], valuePositions = sizes[3];
    tile.allocate();

    Value thread = sizes[4], threads = sizes[5];
    Value chunks = b.div(b.add(tokens, b.index(tile.tileTokens - 1)),
                         b.index(tile.tileTokens));
    Value groups = b.mul(chunks, tile.heads / tile.group);
    inParts = isInParts(b, tokens, past);
    // Parts of the past, where threads share them: one after the other, so that
    // all heads of a position, which stand together, are read together.
    Value parts = choose(inParts, partsBelow(b, past), b.index(1));
    // Heads of a tile: those of a group together, unless threads would idle.
    Value isFew = arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                                        b.mul(parts, groups), threads);
    headsOfTile = choose(inParts, b.index(tile.group),
                         choose(isFew, b.index(1), b.index(tile.group)));
    Value unitsOfPart = b.mul(chunks, b.div(b.index(tile.heads), headsOfTile));
    Value units = b.mul(parts, unitsOfPart);
    Value begin = b.div(b.mul(units, thread), threads);
    Value end = b.div(b.mul(units, b.add(thread, b.index(1))), threads);
    b.loop(begin, end, 1, [&](Value unit) {
      partOfUnit = b.div(unit, unitsOfPart);
      Value rest = b.rem(unit, unitsOfPart);
      firstHead = b.mul(b.div(rest, chunks), headsOfTile);
      Value first = b.mul(b.rem(rest, chunks), tile.tileTokens);
      emitChunk(first, b.min(tokens, b.add(first, b.index(tile.tileTokens))));
    });
  }

private:
  Value choose(Value condition, Value yes, Value no) {
    return arith::SelectOp::create(b, condition, yes, no);
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
      Value head = b.div(firstHead, b.index(tile.heads / type.getHeads()));
      Value row = b.bytesFrom(
          cache, b.mul(b.mul(ofSequence, positions), type.getRowBytes()));
      return HistoryHead{type,
                         b.bytesFrom(row, b.mul(head, type.getHeadBytes())),
                         b.bytesFrom(row, b.add(b.index(type.getScalesOffset()),
                                                b.mul(head, 4)))};
    };
    tile.keys = historyOf(keys, keyPositions, op.getKeys().getType());
    tile.values = historyOf(values, valuePositions, op.getValues().getType());
    tile.rows = b.mul(count, headsOfTile);
    auto [begin, end] = beginRows();
    findShared();
    products->beginTile();
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
        b.loop(b.index(0), tile.rows, 1, [&](Value row) {
          Value from = b.max(start, tile.load(tile.rowBegin, row));
          Value to = b.min(stop, tile.load(tile.rowEnd, row));
          b.ifLess(from, to, [&] { keepPart(row, part, use == 2); });
        });
      });
    });
    b.select(use, 0, 2, [&](int64_t use) {
      b.loop(b.index(0), tile.rows, 1, [&](Value row) {
        finish(row, use == 0 ? tile.ofPart : tile.ofAll);
      });
    });
  }

  /// Positions [begin, end), of one part, block by block.
  void emitPart(Value begin, Value end) {
    b.loop(b.index(0), tile.rows, 1,
           [&](Value row) { tile.records.reset(tile.recordAt(row)); });
    Value first = b.mul(b.div(begin, b.index(AttentionTile::keysOfBlock)),
                        AttentionTile::keysOfBlock);
    b.loop(first, end, AttentionTile::keysOfBlock, [&](Value block) {
      Value stop =
          b.min(end, b.add(block, b.index(AttentionTile::keysOfBlock)));
      Value vectors = b.div(b.add(b.sub(stop, block), b.index(tile.lanes - 1)),
                            b.index(tile.lanes));
      products->beginBlock(block, begin, end, vectors);
      tile.forRowTiles([&](Value row, int64_t size) {
        products->emitScores(row, size, vectors);
      });
      b.loop(b.index(0), tile.rows, 1,
             [&](Value row) { emitSoftmax(row, block, vectors); });
      Value start = b.max(begin, block);
      products->emitValues(block, start, stop);
    });
  }

  /// For a row that sees something of the part: the first one is copied.
  void keepPart(Value row, Value part, bool isHandedOn) {
    if (isHandedOn) {
      auto [head, token] = headAndToken(row);
      tile.records.copy(tile.recordAt(row),
                        partialAt(b, op, partials, tokens, part, token, head));
      return;
    }
    Value all = tile.at(tile.ofAll, row, tile.records.elements());
    Value first = partOf(b, tile.load(tile.rowBegin, row));
    b.ifLess(part, b.add(first, b.index(1)),
             [&] { tile.records.copy(tile.recordAt(row), all); });
    b.ifLess(first, part, [&] { tile.records.merge(tile.recordAt(row), all); });
  }

  std::pair<Value, Value> headAndToken(Value row) {
    return {b.add(firstHead, b.rem(row, headsOfTile)),
            b.add(firstToken, b.div(row, headsOfTile))};
  }

  /// Fills the tables; gives the positions that any row sees.
  std::pair<Value, Value> beginRows() {
    SmallVector<Value> range = b.loop(
        b.index(0), tile.rows, 1, {past, b.index(0)},
        [&](Value row, ValueRange carried) {
          auto [head, token] = headAndToken(row);
          Value place = b.add(b.mul(token, tile.heads), head);
          b.store(b.elementsFrom(query, b.mul(place, tile.keyWidth), tile.f32),
                  tile.numberAt(tile.rowQuery, row), 8);
          Value end = b.loadInteger(extents, token), begin = b.index(0);
          if (op.getWindow())
            begin = b.max(begin, b.sub(end, b.index(int64_t(*op.getWindow()))));
          b.store(begin, tile.numberAt(tile.rowBegin, row));
          b.store(end, tile.numberAt(tile.rowEnd, row));
          tile.records.reset(tile.at(tile.ofAll, row, tile.records.elements()));
          return SmallVector<Value>{b.min(carried[0], begin),
                                    b.max(carried[1], end)};
        });
    return {range[0], range[1]};
  }

  /// Fills the tables of positions that all rows of a row's tile see.
  void findShared() {
    b.loop(b.index(0), tile.rows, tile.registers.rows, [&](Value row) {
      Value behind = b.min(tile.rows, b.add(row, b.index(tile.registers.rows)));
      SmallVector<Value> shared =
          b.loop(row, behind, 1, {b.index(0), past},
                 [&](Value own, ValueRange carried) {
                   return SmallVector<Value>{
                       b.max(carried[0], tile.load(tile.rowBegin, own)),
                       b.min(carried[1], tile.load(tile.rowEnd, own))};
                 });
      Value end = b.max(shared[0], shared[1]);
      b.loop(row, behind, 1, [&](Value own) {
        b.store(shared[0], tile.numberAt(tile.sharedBegin, own));
        b.store(end, tile.numberAt(tile.sharedEnd, own));
      });
    });
  }

  //===--------------------------------------------------------------------===//
  // Softmax
  //===--------------------------------------------------------------------===//

  void emitSoftmax(Value row, Value block, Value vectors) {
    auto [head, token] = headAndToken(row);
    ScoreFunction function(b, op, inputs, tokens, past, tile.lanes);
    function.beginRow(head, token);
    Value begin;
    if (op.getWindow())
      begin = tile.load(tile.rowBegin, row);
    Value end = tile.load(tile.rowEnd, row);
    emitSoftmaxOfBlock(b, tile.target, op.getRounded(), function,
                       tile.scoresOf(row), vectors, tile.lanes, block, begin,
                       end,
                       {tile.records.maximum(tile.recordAt(row)),
                        tile.records.total(tile.recordAt(row)),
                        tile.at(tile.corrections, row)});
  }

  void finish(Value row, Value table) {
    auto [head, token] = headAndToken(row);
    Value place = b.mul(b.add(b.mul(token, tile.heads), head), tile.valueWidth);
    tile.records.finish(tile.at(table, row, tile.records.elements()),
                        b.elementsFrom(result, place, tile.f32));
  }

  KernelBuilder &b;
  AttentionOp op;
  AttentionTile tile;
  std::unique_ptr<AttentionProducts> products;
  // What the kernel takes.
  Value query, keys, values, sequence, extents, result, partials, tokens, past;
  Value keyPositions, valuePositions;
  SmallVector<Value> inputs;
  // The tile at hand.
  Value inParts, partOfUnit, headsOfTile, firstHead, firstToken;
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
