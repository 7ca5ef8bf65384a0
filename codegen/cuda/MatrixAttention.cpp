//===- MatrixAttention.cpp - Attention of many rows on tensor cores -------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/MatrixAttention.h"
#include "codegen/cuda/QuantizedNumbers.h"
#include "codegen/kernels/ScoreFunction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include <limits>

using namespace mlir;
using namespace sinter;

bool MatrixAttention::fits(AttentionOp op) {
  auto isWhole = [](HistoryType type) {
    return (type.getElementType().isBF16() || type.isQuantized()) &&
           type.getWidth() % 16 == 0 && type.getWidth() <= 256;
  };
  return isWhole(op.getKeys().getType()) && isWhole(op.getValues().getType()) &&
         op.getQuery().getType().getElementType().isF32();
}

namespace {

/// Rows of one history in shared memory: 16 bytes of eight elements are a run.
/// Runs of a row stand in an order that depends on the row, so that neither
/// those of a row nor the same ones of eight rows share banks.
struct Rows {
  int64_t width, offset;

  int64_t runs() const { return width / 8; }
  int64_t pitch() const { return llvm::alignTo(width, 64) * 2; }
  int64_t bytes() const { return MatrixAttention::positions * pitch(); }
};

constexpr double least = -std::numeric_limits<double>::infinity();

class MatrixAttentionEmitter {
public:
  MatrixAttentionEmitter(CudaBuilder &b, AttentionOp op)
      : b(b), op(op), keyType(op.getKeys().getType()),
        valueType(op.getValues().getType()),
        keys{keyType.getWidth(), placesBytes},
        values{valueType.getWidth(), placesBytes + keys.bytes()} {}

  int64_t sharedBytes() const { return placesBytes + 2 * stageBytes(); }

  void emit(Block::BlockArgListType arguments) {
    query = arguments[0], keyCache = arguments[1], valueCache = arguments[2];
    sequence = arguments[3], extent = arguments[4], result = arguments[5];
    SmallVector<Value> inputs(arguments.drop_front(6).drop_back(4));
    ArrayRef<BlockArgument> numbers = arguments.take_back(4);
    tokens = numbers[0], past = numbers[1];
    keyPositions = numbers[2], valuePositions = numbers[3];
    thread = b.thread(), head = b.block(1);
    firstToken = b.mul(b.block(0), MatrixAttention::rows);
    Value lane = b.rem(thread, b.index(CudaBuilder::warpThreads));
    warp = b.div(thread, b.index(CudaBuilder::warpThreads));
    group = b.div(lane, b.index(4)), inGroup = b.rem(lane, b.index(4));
    eighth = b.rem(lane, b.index(8));
    isOdd = b.rem(b.div(lane, b.index(8)), b.index(2));
    isUpper = b.div(lane, b.index(16));
    rowsOfTile =
        b.min(b.sub(tokens, firstToken), b.index(MatrixAttention::rows));
    loadPlaces();
    for (int64_t half = 0; half < 2; ++half) {
      rows[half] = b.add(b.mul(warp, 16), b.add(group, b.index(half * 8)));
      clamped[half] =
          b.add(firstToken, b.min(rows[half], b.sub(rowsOfTile, b.index(1))));
      functions.emplace_back(b, op, inputs, tokens, past, /*lanes=*/2);
      functions.back().beginRow(head, clamped[half]);
    }
    loadQuery();
    emitRuns();
  }

private:
  /// Sequences and extents of the tile's tokens.
  static constexpr int64_t placesBytes = 2 * MatrixAttention::rows * 4;
  /// Matrices of eight positions of a block, and of eight columns of values.
  static constexpr int64_t positionTiles = MatrixAttention::positions / 8;
  int64_t columnTiles() const { return values.width / 8; }
  int64_t stageBytes() const { return keys.bytes() + values.bytes(); }

  Value placeAt(int64_t which, Value row) {
    return b.elementsFrom(b.shared(which * MatrixAttention::rows * 4), row,
                          b.getI32Type());
  }
  Value loadPlace(int64_t which, Value row) {
    return arith::ExtSIOp::create(b, b.indexType(),
                                  b.load(b.getI32Type(), placeAt(which, row)));
  }

  void loadPlaces() {
    b.ifLess(thread, rowsOfTile, [&] {
      Value token = b.add(firstToken, thread);
      const Value pointers[] = {sequence, extent};
      for (auto [which, pointer] : llvm::enumerate(pointers))
        b.store(b.load(b.getI32Type(),
                       b.elementsFrom(pointer, token, b.getI32Type())),
                placeAt(which, thread));
    });
    b.wait();
  }

  /// Sixteen rows of a warp as left operands, for each sixteen elements of a
  /// head.
  void loadQuery() {
    Type pair = b.vectorType(2, b.getF32Type());
    for (int64_t k = 0; k < keys.width; k += 16) {
      SmallVector<Value> registers;
      for (int64_t i = 0; i < 4; ++i) {
        Value row = b.add(b.mul(clamped[i % 2], op.getHeads()), head);
        Value at = b.add(b.mul(row, keys.width),
                         b.add(b.index(k + i / 2 * 8), b.mul(inGroup, 2)));
        Value two = b.load(pair, b.elementsFrom(query, at, b.getF32Type()), 8);
        registers.push_back(
            b.packBrainFloats(b.elementOf(two, 0), b.elementOf(two, 1)));
      }
      queries.push_back(registers);
    }
  }

  //===--------------------------------------------------------------------===//
  // Runs of tokens of one sequence
  //===--------------------------------------------------------------------===//

  /// Sums of values, then the largest logit of each of a lane's two rows, then
  /// their totals.
  SmallVector<Value> beginSums() {
    SmallVector<Value> sums(columnTiles() * 4, b.constant(0));
    sums.append(2, b.constant(least));
    sums.append(2, b.constant(0));
    return sums;
  }

  void emitRuns() {
    SmallVector<Value> carried{b.index(0)};
    llvm::append_range(carried, beginSums());
    // Most rows begin no run: they go over no positions.
    carried = b.loop(
        b.index(0), rowsOfTile, 1, carried,
        [&](Value row, ValueRange before) {
          Value isStart = arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                                row, before.front());
          Value limit = b.choose(isStart, rowsOfTile, row);
          // Its end, and the positions that its rows see.
          Value ofRun = loadPlace(0, row);
          SmallVector<Value> run = b.loop(
              row, limit, 1, {row, b.index(int64_t(1) << 40), b.index(0)},
              [&](Value other, ValueRange so) {
                Value isNext = arith::AndIOp::create(
                    b,
                    arith::CmpIOp::create(b, arith::CmpIPredicate::eq, other,
                                          so[0]),
                    arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                          loadPlace(0, other), ofRun));
                auto [begin, end] = seenBy(other);
                return SmallVector<Value>{
                    b.choose(isNext, b.add(other, b.index(1)), so[0]),
                    b.choose(isNext, b.min(so[1], begin), so[1]),
                    b.choose(isNext, b.max(so[2], end), so[2])};
              });
          runBegin = row, runEnd = run[0];
          firstSeen = run[1], lastSeen = run[2];
          Value next = b.choose(isStart, run[0], before.front());
          SmallVector<Value> sums =
              emitBlocks(ofRun, SmallVector<Value>(before.drop_front()));
          SmallVector<Value> after{next};
          llvm::append_range(after, sums);
          return after;
        },
        /*keepRolled=*/true);
    finish(ArrayRef(carried).drop_front());
  }

  /// The positions that a row sees.
  std::pair<Value, Value> seenBy(Value row) {
    Value end = loadPlace(1, row), begin = b.index(0);
    if (op.getWindow())
      begin = b.max(begin, b.sub(end, b.index(*op.getWindow())));
    return {begin, end};
  }

  /// A run's blocks of positions. Rows of other runs see none of them.
  SmallVector<Value> emitBlocks(Value ofRun, ArrayRef<Value> carried) {
    int64_t size = MatrixAttention::positions;
    Value last = b.div(b.add(lastSeen, b.index(size - 1)), b.index(size));
    Value first = b.min(b.div(firstSeen, b.index(size)), last);
    for (int64_t half = 0; half < 2; ++half) {
      auto [begin, end] = seenBy(b.sub(clamped[half], firstToken));
      Value isIn = arith::AndIOp::create(
          b, b.isLess(b.sub(runBegin, b.index(1)), rows[half]),
          b.isLess(rows[half], runEnd));
      begins[half] = begin;
      ends[half] = b.choose(isIn, end, b.index(0));
    }
    Value keyStart = b.bytesFrom(
        keyCache, b.mul(b.mul(ofRun, keyPositions), keyType.getRowBytes()));
    Value valueStart =
        b.bytesFrom(valueCache, b.mul(b.mul(ofRun, valuePositions),
                                      valueType.getRowBytes()));
    Value keyHead = b.div(head, b.index(op.getKeyGroup())),
          valueHead = b.div(head, b.index(op.getValueGroup()));
    auto copy = [&](Value block) {
      Value stage = stageOf(block);
      copyRows(keys, keyType, keyStart, keyHead, block, stage);
      copyRows(values, valueType, valueStart, valueHead, block, stage);
    };
    b.ifLess(first, last, [&] { copy(first); });
    b.endCopies();
    SmallVector<Value> sums = b.loop(
        first, last, 1, carried,
        [&](Value block, ValueRange before) {
          Value next = b.add(block, b.index(1));
          b.ifLess(next, last, [&] { copy(next); });
          b.endCopies();
          b.waitForCopies(1);
          b.wait();
          SmallVector<Value> after = addBlock(block, before);
          // All have read what is filled next.
          b.wait();
          return after;
        },
        /*keepRolled=*/true);
    b.waitForCopies(0);
    return sums;
  }

  Value stageOf(Value block) {
    return b.bytesFrom(b.shared(),
                       b.mul(b.rem(block, b.index(2)), stageBytes()));
  }

  static Value runPlace(CudaBuilder &b, const Rows &of, Value row, Value run) {
    Value swizzled = arith::XOrIOp::create(b, run, b.rem(row, b.index(8)));
    return b.add(b.mul(row, of.pitch()), b.mul(swizzled, 16));
  }

  /// Begins to copy the positions of a block; zeros for those that no row of
  /// the run sees, for there may be anything. What has to be widened comes
  /// through registers.
  void copyRows(const Rows &of, HistoryType type, Value start, Value ofHead,
                Value block, Value stage) {
    Value base = b.mul(block, MatrixAttention::positions);
    int64_t count = MatrixAttention::positions * of.runs();
    b.loop(thread, b.index(count), MatrixAttention::threads, [&](Value i) {
      Value row = b.div(i, b.index(of.runs()));
      Value run = b.rem(i, b.index(of.runs()));
      Value position = b.add(base, row);
      Value isSeen = arith::AndIOp::create(
          b, b.isLess(b.sub(firstSeen, b.index(1)), position),
          b.isLess(position, lastSeen));
      Value from =
          b.bytesFrom(start, b.mul(b.choose(isSeen, position, firstSeen),
                                   type.getRowBytes()));
      Value runOfRow =
          b.bytesFrom(from, b.add(b.mul(ofHead, type.getHeadBytes()),
                                  b.mul(run, type.getHeadBytes() / of.runs())));
      Value to =
          b.bytesFrom(b.bytesFrom(stage, of.offset), runPlace(b, of, row, run));
      if (!type.isQuantized()) {
        b.copyAsync(to, runOfRow,
                    b.choose(isSeen, b.asInteger(b.index(16)),
                             b.asInteger(b.index(0))));
        return;
      }
      Value scales = b.bytesFrom(from, type.getScalesOffset());
      Value widened =
          widenRun(type, runOfRow,
                   b.load(b.getF32Type(),
                          b.elementsFrom(scales, ofHead, b.getF32Type())));
      b.store(b.choose(isSeen, widened, b.zero(widened.getType())), to, 16);
    });
  }

  /// Eight bytes by a scale, rounded to bf16, as four i32.
  Value widenRun(HistoryType type, Value from, Value scale) {
    Value words = b.load(b.vectorType(2, b.getI32Type()), from,
                         type.getRowBytes() % 8 == 0 ? 8 : 4);
    auto scaled = [&](Value pair) {
      Value lower = arith::ShLIOp::create(b, pair, b.integer(16));
      Value upper = b.takeBits(pair, 0, 0xffff0000, 0);
      auto product = [&](Value bits) {
        return b.mul(arith::BitcastOp::create(b, b.getF32Type(), bits), scale);
      };
      return b.packBrainFloats(product(lower), product(upper));
    };
    SmallVector<Value> pairs;
    for (int64_t i = 0; i < 2; ++i) {
      auto [even, odd] = widenSignedBytes(b, b.elementOf(words, i));
      auto [lower, upper] = b.sortHalves(even, odd);
      pairs.append({scaled(lower), scaled(upper)});
    }
    return b.vectorOf(pairs);
  }

  //===--------------------------------------------------------------------===//
  // A block of positions
  //===--------------------------------------------------------------------===//

  SmallVector<Value> addBlock(Value block, ValueRange before) {
    Value base = b.mul(block, MatrixAttention::positions);
    Value stage = stageOf(block);
    SmallVector<SmallVector<Value>> scores = multiplyKeys(stage);
    for (int64_t tile = 0; tile < positionTiles; ++tile)
      for (int64_t half = 0; half < 2; ++half)
        makeLogits(scores[tile], half,
                   b.add(base, b.add(b.index(tile * 8), b.mul(inGroup, 2))));

    SmallVector<Value> after(before);
    size_t maxima = columnTiles() * 4, totals = maxima + 2;
    for (int64_t half = 0; half < 2; ++half) {
      Value largest = before[maxima + half];
      for (ArrayRef<Value> tile : scores)
        for (int64_t i = 0; i < 2; ++i)
          largest = arith::MaxNumFOp::create(b, largest, tile[half * 2 + i]);
      largest = b.maximumOfLanes(largest, /*lanes=*/4);
      // Relative to minus infinity nothing would be 0.
      Value isNone = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ,
                                           largest, b.constant(least));
      Value relativeTo = b.choose(isNone, b.constant(0), largest);
      Value factor = weight(before[maxima + half], relativeTo);
      Value total = b.mul(before[totals + half], factor);
      for (SmallVector<Value> &tile : scores)
        for (int64_t i = half * 2; i < half * 2 + 2; ++i) {
          tile[i] = weight(tile[i], relativeTo);
          total = b.add(total, tile[i]);
        }
      after[maxima + half] = largest;
      after[totals + half] = total;
      for (int64_t tile = 0; tile < columnTiles(); ++tile)
        for (int64_t i = half * 2; i < half * 2 + 2; ++i)
          after[tile * 4 + i] = b.mul(after[tile * 4 + i], factor);
    }
    addValues(stage, scores, after);
    return after;
  }

  /// e to the x - base.
  Value weight(Value x, Value base) {
    constexpr double toPowersOfTwo = 1.44269504088896341;
    Value exponent = b.mul(b.sub(x, base), b.constant(toPowersOfTwo));
    return LLVM::Exp2Op::create(b, exponent);
  }

  SmallVector<SmallVector<Value>> multiplyKeys(Value stage) {
    SmallVector<SmallVector<Value>> scores(
        positionTiles, SmallVector<Value>(4, b.constant(0)));
    Value from = b.bytesFrom(stage, keys.offset);
    for (auto [k, left] : llvm::enumerate(queries))
      for (int64_t tile = 0; tile < positionTiles; tile += 2) {
        // Two runs of eight positions, then of the next eight.
        Value row = b.add(b.index(tile * 8), b.add(eighth, b.mul(isUpper, 8)));
        Value run = b.add(b.index(int64_t(k) * 2), isOdd);
        SmallVector<Value> four =
            b.loadMatrices(b.bytesFrom(from, runPlace(b, keys, row, run)));
        scores[tile] = b.multiply(left, {four[0], four[1]}, scores[tile]);
        scores[tile + 1] =
            b.multiply(left, {four[2], four[3]}, scores[tile + 1]);
      }
    return scores;
  }

  /// What becomes of two neighbours of one row; minus infinity where the row
  /// does not see them.
  void makeLogits(SmallVector<Value> &tile, int64_t half, Value position) {
    Value two = b.vectorOf({tile[half * 2], tile[half * 2 + 1]});
    Value logits = functions[half].emit(two, position);
    for (int64_t i = 0; i < 2; ++i) {
      Value own = b.add(position, b.index(i));
      Value isSeen = b.isLess(own, ends[half]);
      if (op.getWindow())
        isSeen = arith::AndIOp::create(
            b, isSeen, b.isLess(b.sub(begins[half], b.index(1)), own));
      tile[half * 2 + i] =
          b.choose(isSeen, b.elementOf(logits, i), b.constant(least));
    }
  }

  /// Weights are in registers as left operands want them.
  void addValues(Value stage, ArrayRef<SmallVector<Value>> weights,
                 SmallVector<Value> &sums) {
    Value from = b.bytesFrom(stage, values.offset);
    for (int64_t k = 0; k < positionTiles; k += 2) {
      SmallVector<Value> left;
      for (int64_t i = 0; i < 4; ++i) {
        ArrayRef<Value> tile = weights[k + i / 2];
        left.push_back(b.packBrainFloats(tile[i % 2 * 2], tile[i % 2 * 2 + 1]));
      }
      for (int64_t tile = 0; tile < columnTiles(); tile += 2) {
        // Eight positions and the next eight, of eight columns, then of the
        // next eight.
        Value row = b.add(b.index(k * 8), b.add(eighth, b.mul(isOdd, 8)));
        Value run = b.add(b.index(tile), isUpper);
        SmallVector<Value> four =
            b.loadMatrices(b.bytesFrom(from, runPlace(b, values, row, run)),
                           /*transposed=*/true);
        for (int64_t i = 0; i < 2; ++i) {
          auto slice = MutableArrayRef(sums).slice((tile + i) * 4, 4);
          llvm::copy(b.multiply(left, {four[i * 2], four[i * 2 + 1]}, slice),
                     slice.begin());
        }
      }
    }
  }

  void finish(ArrayRef<Value> sums) {
    size_t totals = columnTiles() * 4 + 2;
    for (int64_t half = 0; half < 2; ++half) {
      Value total = b.sumOfLanes(sums[totals + half], /*lanes=*/4);
      Value isNone = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, total,
                                           b.constant(0));
      Value inverse =
          b.choose(isNone, b.constant(0),
                   arith::DivFOp::create(b, b.constant(1), total).getResult());
      b.ifLess(rows[half], rowsOfTile, [&] {
        Value row =
            b.add(b.mul(b.add(firstToken, rows[half]), op.getHeads()), head);
        Value to = b.elementsFrom(
            result, b.add(b.mul(row, values.width), b.mul(inGroup, 2)),
            b.getF32Type());
        for (int64_t tile = 0; tile < columnTiles(); ++tile)
          b.store(b.vectorOf({b.mul(sums[tile * 4 + half * 2], inverse),
                              b.mul(sums[tile * 4 + half * 2 + 1], inverse)}),
                  b.elementsFrom(to, tile * 8, b.getF32Type()), 8);
      });
    }
  }

  CudaBuilder &b;
  AttentionOp op;
  HistoryType keyType, valueType;
  Rows keys, values;
  Value query, keyCache, valueCache, sequence, extent, result, tokens, past;
  Value keyPositions, valuePositions;
  Value thread, warp, head, group, inGroup, eighth, isOdd, isUpper;
  Value firstToken, rowsOfTile, runBegin, runEnd, firstSeen, lastSeen;
  /// Of a lane's two rows: which they are in the tile, tokens that are there in
  /// any case, and the positions that they see of the run at hand.
  std::array<Value, 2> rows, clamped, begins, ends;
  SmallVector<ScoreFunction, 0> functions;
  SmallVector<SmallVector<Value>> queries;
};

} // namespace

CudaKernel sinter::emitMatrixAttention(CudaBuilder &b, StringRef name,
                                       AttentionOp op) {
  SmallVector<Type> types(6 + op.getInputs().size(), b.pointerType());
  types.append(4, b.indexType());
  func::FuncOp kernel = b.beginKernel(name, types, MatrixAttention::threads,
                                      /*blocks=*/2);
  MatrixAttentionEmitter emitter(b, op);
  emitter.emit(kernel.getArguments());
  b.endFunction();
  return {kernel, MatrixAttention::threads, emitter.sharedBytes()};
}
