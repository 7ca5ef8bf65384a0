//===- RowAttention.cpp - Attention of few rows over a long past ----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/RowAttention.h"
#include "codegen/kernels/AttentionParts.h"
#include "codegen/kernels/Elementwise.h"
#include "codegen/kernels/ScoreFunction.h"
#include "codegen/kernels/VectorMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/Scratch.h"
#include <limits>

using namespace mlir;
using namespace sinter;

static constexpr double least = -std::numeric_limits<double>::infinity();

static_assert(RowAttention::positions == AttentionParts::positions,
              "plan-buffers makes room for a record of each stretch");

int64_t RowAttention::heads(AttentionOp op) {
  int64_t heads = std::min(op.getGroup(), mostHeads);
  while (op.getGroup() % heads != 0)
    --heads;
  return heads;
}

/// e to the x - base, 0 where x is minus infinity.
static Value emitWeight(CudaBuilder &b, Value x, Value base) {
  return b.elementOf(emitExponential(b, b.broadcast(b.sub(x, base), 1)), 0);
}

/// `maximum`, or 0 where nothing has been seen: what exponentials are relative
/// to.
static Value emitBase(CudaBuilder &b, Value maximum) {
  Value isNone = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, maximum,
                                       b.constant(least));
  return b.choose(isNone, b.constant(0), maximum);
}

/// 1 / total, or 0 where nothing has been seen.
static Value emitInverse(CudaBuilder &b, Value total) {
  Value isNone =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, total, b.constant(0));
  Value inverse = arith::DivFOp::create(b, b.constant(1), total);
  return b.choose(isNone, b.constant(0), inverse);
}

namespace {

class RowAttentionEmitter {
public:
  static constexpr int64_t threads = RowAttention::threads,
                           warps = threads / CudaBuilder::warpThreads;

  RowAttentionEmitter(CudaBuilder &b, AttentionOp op)
      : b(b), op(op), heads(RowAttention::heads(op)),
        keyWidth(op.getKeys().getType().getWidth()),
        valueWidth(op.getValues().getType().getWidth()),
        columns(valueWidth % 4 == 0 ? 4 : 1) {
    // Threads take columns of the values, and those that are left over other
    // positions.
    int64_t vectors = valueWidth / columns;
    slices = std::max<int64_t>(1, threads / vectors);
    turns = llvm::divideCeil(vectors, threads);
    int64_t floats = 0;
    auto reserve = [&](int64_t count) {
      int64_t begin = floats;
      floats += llvm::alignTo(count, 4);
      return begin * 4;
    };
    queryOffset = reserve(heads * keyWidth);
    scoresOffset = reserve(heads * threads);
    maximumOffset = reserve(heads);
    totalOffset = reserve(heads);
    factorOffset = reserve(heads);
    sumsOffset = reserve(slices * heads * valueWidth);
    bytes = floats * 4;
  }

  int64_t sharedBytes() const { return bytes; }

  void emit(Block::BlockArgListType arguments) {
    query = arguments[0], keys = arguments[1], values = arguments[2];
    result = arguments[5], partials = arguments[6];
    SmallVector<Value> inputs(arguments.drop_front(7).drop_back(5));
    ArrayRef<BlockArgument> numbers = arguments.take_back(5);
    tokens = numbers[0], past = numbers[1];
    token = b.block(0), part = b.block(2), thread = b.thread();
    firstHead = b.mul(b.block(1), heads);
    lane = b.rem(thread, b.index(CudaBuilder::warpThreads));
    warp = b.div(thread, b.index(CudaBuilder::warpThreads));
    Value sequence = b.loadInteger(arguments[3], token);
    end = b.loadInteger(arguments[4], token);
    begin = b.index(0);
    if (op.getWindow())
      begin = b.max(begin, b.sub(end, b.index(*op.getWindow())));
    keyRow = startOf(op.getKeys().getType(), keys, sequence, numbers[2]);
    valueRow = startOf(op.getValues().getType(), values, sequence, numbers[3]);
    for (int64_t i = 0; i < heads; ++i) {
      functions.emplace_back(b, op, inputs, tokens, past, /*lanes=*/1);
      functions.back().beginRow(b.add(firstHead, b.index(i)), token);
    }
    loadQuery();
    emitStretches(numbers[4]);
    finish(numbers[4]);
  }

private:
  Value shared(int64_t offset) { return b.shared(offset); }
  Value sharedAt(int64_t offset, Value index) {
    return b.elementsFrom(shared(offset), index, b.getF32Type());
  }
  Value loadShared(int64_t offset, Value index) {
    return b.load(b.getF32Type(), sharedAt(offset, index));
  }

  /// The first position of a sequence.
  Value startOf(HistoryType type, Value history, Value sequence,
                Value positions) {
    return b.bytesFrom(history,
                       b.mul(b.mul(sequence, positions), type.getRowBytes()));
  }

  void loadQuery() {
    int64_t elements = heads * keyWidth;
    Value row = b.add(b.mul(b.mul(token, op.getHeads()), keyWidth),
                      b.mul(firstHead, keyWidth));
    b.loop(thread, b.index(elements), threads, [&](Value i) {
      b.store(b.load(b.getF32Type(),
                     b.elementsFrom(query, b.add(row, i), b.getF32Type())),
              sharedAt(queryOffset, i));
    });
    b.loop(thread, b.index(heads), threads, [&](Value i) {
      b.store(b.constant(least), sharedAt(maximumOffset, i));
      b.store(b.constant(0), sharedAt(totalOffset, i));
    });
    b.wait();
  }

  /// One stretch of the past after the other, as far as this part goes.
  void emitStretches(Value parts) {
    int64_t size = RowAttention::positions;
    Value first = b.max(b.div(begin, b.index(size)), part);
    Value last = b.div(b.add(end, b.index(size - 1)), b.index(size));
    Value isWhole = b.isLess(parts, b.index(2));
    last = b.choose(isWhole, last, b.min(last, b.add(part, b.index(1))));
    SmallVector<Value> none(turns * heads,
                            b.zero(b.vectorType(columns, b.getF32Type())));
    sums = b.loop(first, last, 1, none, [&](Value number, ValueRange carried) {
      Value base = b.mul(number, size);
      emitScores(base);
      b.wait();
      emitWeights();
      b.wait();
      SmallVector<Value> next = addValues(base, carried);
      b.wait();
      return next;
    });
  }

  /// A thread's position: its scores with all heads.
  void emitScores(Value base) {
    HistoryType type = op.getKeys().getType();
    Value position = b.add(base, thread);
    for (int64_t i = 0; i < heads; ++i)
      b.store(b.constant(least),
              sharedAt(scoresOffset, b.add(b.index(i * threads), thread)));
    b.ifLess(position, end, [&] {
      b.ifLess(b.sub(begin, b.index(1)), position, [&] {
        Value head = b.div(firstHead, b.index(op.getKeyGroup()));
        Value row = b.bytesFrom(keyRow, b.mul(position, type.getRowBytes()));
        Value from = b.bytesFrom(row, b.mul(head, type.getHeadBytes()));
        SmallVector<Value> scores = multiplyKey(type, from);
        for (int64_t i = 0; i < heads; ++i) {
          Value score = scores[i];
          if (type.isQuantized())
            score = b.mul(score, loadScale(type, row, head));
          Value logit = functions[i].emit(b.broadcast(score, 1), position);
          b.store(b.elementOf(logit, 0),
                  sharedAt(scoresOffset, b.add(b.index(i * threads), thread)));
        }
      });
    });
  }

  Value loadScale(HistoryType type, Value row, Value head) {
    Value scales = b.bytesFrom(row, type.getScalesOffset());
    return b.load(b.getF32Type(), b.elementsFrom(scales, head, b.getF32Type()));
  }

  /// Elements that are loaded at once, 16 bytes where heads begin at multiples
  /// of that.
  static int64_t elementsAtOnce(HistoryType type) {
    int64_t size = elementBytes(type.getElementType());
    bool isAligned =
        type.getHeadBytes() % 16 == 0 && type.getRowBytes() % 16 == 0;
    return isAligned ? 16 / size : 1;
  }

  SmallVector<Value> multiplyKey(HistoryType type, Value from) {
    int64_t count = elementsAtOnce(type);
    Type element = type.getElementType();
    SmallVector<Value> products(heads, b.constant(0));
    return b.loop(
        b.index(0), b.index(keyWidth), count, products,
        [&](Value d, ValueRange carried) {
          Value key = loadWidened(b, element, b.elementsFrom(from, d, element),
                                  count, count * elementBytes(element));
          SmallVector<Value> next(carried);
          for (int64_t i = 0; i < heads; ++i) {
            Value from = sharedAt(queryOffset, b.add(b.index(i * keyWidth), d));
            Value query = b.load(b.vectorType(count, b.getF32Type()), from,
                                 count % 4 == 0 && keyWidth % 4 == 0 ? 16 : 4);
            for (int64_t j = 0; j < count; ++j)
              next[i] = b.elementOf(
                  b.fusedMultiplyAdd(b.broadcast(b.elementOf(query, j), 1),
                                     b.broadcast(b.elementOf(key, j), 1),
                                     b.broadcast(next[i], 1)),
                  0);
          }
          return next;
        });
  }

  /// A warp takes a head: its largest score, and weights relative to that.
  void emitWeights() {
    b.loop(warp, b.index(heads), warps, [&](Value head) {
      constexpr int64_t ofLane = threads / CudaBuilder::warpThreads;
      Value row = b.mul(head, threads);
      auto placeOf = [&](int64_t i) {
        return sharedAt(
            scoresOffset,
            b.add(row, b.add(lane, b.index(i * CudaBuilder::warpThreads))));
      };
      SmallVector<Value> scores;
      Value largest = b.constant(least);
      for (int64_t i = 0; i < ofLane; ++i) {
        scores.push_back(b.load(b.getF32Type(), placeOf(i)));
        largest = arith::MaxNumFOp::create(b, largest, scores.back());
      }
      Value before = loadShared(maximumOffset, head);
      Value now =
          arith::MaxNumFOp::create(b, before, b.maximumOfLanes(largest));
      Value base = emitBase(b, now), total = b.constant(0);
      for (int64_t i = 0; i < ofLane; ++i) {
        Value weight = emitWeight(b, scores[i], base);
        b.store(weight, placeOf(i));
        total = b.add(total, weight);
      }
      total = b.sumOfLanes(total);
      b.ifEqual(lane, b.index(0), [&] {
        Value factor = emitWeight(b, before, base);
        b.store(factor, sharedAt(factorOffset, head));
        b.store(now, sharedAt(maximumOffset, head));
        b.store(b.add(b.mul(loadShared(totalOffset, head), factor), total),
                sharedAt(totalOffset, head));
      });
    });
  }

  /// The first column of a thread's turn, and the first position.
  Value columnOf(int64_t turn) {
    int64_t vectors = valueWidth / columns;
    Value vector = turns > 1 ? b.add(thread, b.index(turn * threads))
                             : b.rem(thread, b.index(vectors));
    return b.mul(vector, columns);
  }
  Value sliceOf() {
    int64_t vectors = valueWidth / columns;
    return turns > 1 ? b.index(0) : b.div(thread, b.index(vectors));
  }

  /// Runs `body` for threads that have a column and a slice.
  void ifTakesPart(Value column, llvm::function_ref<void()> body) {
    b.ifLess(column, b.index(valueWidth),
             [&] { b.ifLess(sliceOf(), b.index(slices), body); });
  }

  SmallVector<Value> addValues(Value base, ValueRange carried) {
    HistoryType type = op.getValues().getType();
    Type element = type.getElementType();
    bool isAligned =
        columns * elementBytes(element) % 4 == 0 &&
        type.getRowBytes() % (columns * elementBytes(element)) == 0;
    Value head = b.div(firstHead, b.index(op.getValueGroup()));
    Value count = b.min(b.sub(end, base), b.index(RowAttention::positions));
    Value skipped = b.max(b.sub(begin, base), b.index(0));
    SmallVector<Value> next(carried);
    for (int64_t turn = 0; turn < turns; ++turn) {
      Value column = columnOf(turn);
      // Threads without a column go over no position.
      Value takes = b.isLess(column, b.index(valueWidth));
      Value last = b.choose(takes, count, b.index(0));
      Value first = b.add(skipped, sliceOf());
      if (turns == 1)
        last = b.choose(b.isLess(sliceOf(), b.index(slices)), last, b.index(0));
      SmallVector<Value> scaled;
      for (int64_t i = 0; i < heads; ++i) {
        Value factor = loadShared(factorOffset, b.index(i));
        scaled.push_back(
            b.mul(next[turn * heads + i], b.broadcast(factor, columns)));
      }
      SmallVector<Value> added =
          b.loop(first, last, slices, scaled, [&](Value i, ValueRange sums) {
            Value row = b.bytesFrom(valueRow,
                                    b.mul(b.add(base, i), type.getRowBytes()));
            Value from = b.elementsFrom(
                b.bytesFrom(row, b.mul(head, type.getHeadBytes())), column,
                element);
            Value value =
                loadWidened(b, element, from, columns,
                            isAligned ? columns * elementBytes(element) : 0);
            if (type.isQuantized())
              value = b.mul(value,
                            b.broadcast(loadScale(type, row, head), columns));
            SmallVector<Value> more;
            for (int64_t j = 0; j < heads; ++j) {
              Value weight =
                  loadShared(scoresOffset, b.add(b.index(j * threads), i));
              more.push_back(b.fusedMultiplyAdd(b.broadcast(weight, columns),
                                                value, sums[j]));
            }
            return more;
          });
      for (int64_t i = 0; i < heads; ++i)
        next[turn * heads + i] = added[i];
    }
    return next;
  }

  /// Adds what slices have of a column, and hands it out.
  void finish(Value parts) {
    for (int64_t turn = 0; turn < turns; ++turn) {
      Value column = columnOf(turn);
      ifTakesPart(column, [&] {
        for (int64_t i = 0; i < heads; ++i) {
          Value at = b.add(
              b.mul(b.add(b.mul(sliceOf(), heads), b.index(i)), valueWidth),
              column);
          b.store(sums[turn * heads + i], sharedAt(sumsOffset, at),
                  columns * 4);
        }
      });
    }
    b.wait();
    Value isWhole = b.isLess(parts, b.index(2));
    AttentionParts records(op);
    b.loop(thread, b.index(heads * valueWidth), threads, [&](Value i) {
      Value inBlock = b.div(i, b.index(valueWidth));
      Value column = b.rem(i, b.index(valueWidth));
      Value head = b.add(firstHead, inBlock);
      Value sum = loadShared(sumsOffset, i);
      for (int64_t slice = 1; slice < slices; ++slice)
        sum = b.add(sum,
                    loadShared(sumsOffset,
                               b.add(b.index(slice * heads * valueWidth), i)));
      Value total = loadShared(totalOffset, inBlock);
      b.ifTrue(isWhole, [&] {
        Value place =
            b.add(b.mul(b.add(b.mul(token, op.getHeads()), head), valueWidth),
                  column);
        b.store(b.mul(sum, emitInverse(b, total)),
                b.elementsFrom(result, place, b.getF32Type()));
      });
      b.ifLess(b.index(1), parts, [&] {
        Value record = partialAt(b, op, partials, tokens, part, token, head);
        b.store(sum, b.elementsFrom(record, column, b.getF32Type()));
        b.ifEqual(column, b.index(0), [&] {
          b.store(total,
                  b.elementsFrom(record, records.total(), b.getF32Type()));
          b.store(loadShared(maximumOffset, inBlock),
                  b.elementsFrom(record, records.maximum(), b.getF32Type()));
        });
      });
    });
  }

  CudaBuilder &b;
  AttentionOp op;
  int64_t heads, keyWidth, valueWidth;
  /// Columns that a thread sums at once, threads that share a column, and how
  /// many columns a thread has where they are more than threads.
  int64_t columns, slices, turns;
  int64_t queryOffset, scoresOffset, maximumOffset, totalOffset, factorOffset,
      sumsOffset, bytes;
  Value query, keys, values, result, partials, tokens, past;
  Value token, part, thread, lane, warp, firstHead, begin, end, keyRow,
      valueRow;
  SmallVector<ScoreFunction, 0> functions;
  SmallVector<Value> sums;
};

} // namespace

CudaKernel sinter::emitRowAttention(CudaBuilder &b, StringRef name,
                                    AttentionOp op) {
  SmallVector<Type> types(7 + op.getInputs().size(), b.pointerType());
  types.append(5, b.indexType());
  func::FuncOp kernel =
      b.beginKernel(name, types, RowAttention::threads, /*blocks=*/2);
  RowAttentionEmitter emitter(b, op);
  emitter.emit(kernel.getArguments());
  b.endFunction();
  return {kernel, RowAttention::threads, emitter.sharedBytes()};
}

CudaKernel sinter::emitRowAttentionMerge(CudaBuilder &b, StringRef name,
                                         AttentionOp op) {
  constexpr int64_t threads = 64;
  Type pointer = b.pointerType(), f32 = b.getF32Type();
  func::FuncOp kernel =
      b.beginKernel(name, {pointer, pointer, pointer, b.indexType()}, threads);
  Value partials = kernel.getArgument(0), tokens = kernel.getArgument(3);
  Value token = b.block(0), head = b.block(1);
  AttentionParts records(op);
  int64_t width = op.getValues().getType().getWidth();
  Value end = b.loadInteger(kernel.getArgument(1), token), first = b.index(0);
  if (op.getWindow())
    first = partOf(b, b.max(b.index(0), b.sub(end, b.index(*op.getWindow()))));
  Value last = partsBelow(b, end);
  auto load = [&](Value part, Value offset) {
    Value record = partialAt(b, op, partials, tokens, part, token, head);
    return b.load(f32, b.elementsFrom(record, offset, f32));
  };
  Value largest = b.loop(first, last, 1, {b.constant(least)},
                         [&](Value part, ValueRange carried) {
                           Value own = load(part, b.index(records.maximum()));
                           return SmallVector<Value>{
                               arith::MaxNumFOp::create(b, carried[0], own)};
                         })
                      .front();
  Value base = emitBase(b, largest);
  b.loop(b.thread(), b.index(width), threads, [&](Value column) {
    SmallVector<Value> both = b.loop(
        first, last, 1, {b.constant(0), b.constant(0)},
        [&](Value part, ValueRange carried) {
          Value weight =
              emitWeight(b, load(part, b.index(records.maximum())), base);
          Value sum = b.mul(load(part, column), weight);
          Value total = b.mul(load(part, b.index(records.total())), weight);
          return SmallVector<Value>{b.add(carried[0], sum),
                                    b.add(carried[1], total)};
        });
    Value place =
        b.add(b.mul(b.add(b.mul(token, op.getHeads()), head), width), column);
    b.store(b.mul(both[0], emitInverse(b, both[1])),
            b.elementsFrom(kernel.getArgument(2), place, f32));
  });
  b.endFunction();
  return {kernel, threads, 0};
}
