//===- Attention.cpp - Attention over caches -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/Attention.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sinter;

namespace {

/// The loops that scores and values share: tokens, heads of the cache, and the
/// query heads that share one.
class AttentionEmitter {
public:
  AttentionEmitter(KernelBuilder &b, const TargetDescription &target,
                   const AttentionShape &shape)
      : b(b), shape(shape), f32(b.getF32Type()),
        width(shape.history.getWidth()), lanes(target.vectorLanes(32)) {}

  using HeadBody = llvm::function_ref<void(Value head, Value token)>;

  void emit(Block::BlockArgListType arguments, HeadBody body) {
    left = arguments[0], right = arguments[4];
    Value cache = arguments[1], sequence = arguments[2], extents = arguments[3];
    tokens = arguments[5], past = arguments[6];
    Value positions = arguments[7];
    b.loop(arguments[8], arguments[9], 1, [&](Value token) {
      Value row = b.loadInteger(sequence, token);
      Value sequenceBase = b.elementsFrom(
          cache, b.mul(b.mul(row, positions), shape.rowElements()), f32);
      extent = b.loadInteger(extents, token);
      b.loop(b.index(0), b.index(shape.history.getHeads()), 1, [&](Value kept) {
        history = b.elementsFrom(sequenceBase, b.mul(kept, width), f32);
        b.loop(b.index(0), b.index(shape.group()), 1, [&](Value shared) {
          body(b.add(b.mul(kept, shape.group()), shared), token);
        });
      });
    });
  }

  /// Row [head, token] of a tensor [H, N, size].
  Value rowOf(Value tensor, Value head, Value token, Value size) {
    Value row = b.add(b.mul(head, tokens), token);
    return b.elementsFrom(tensor, b.mul(row, size), f32);
  }

  /// Position `position` of the cache, of the current sequence and head.
  Value historyAt(Value position) {
    return b.elementsFrom(history, b.mul(position, shape.rowElements()), f32);
  }

  /// One query by the keys of `count` positions at once, so that their chains
  /// of sums overlap.
  void emitScores(Value query, Value scores, Value position, int64_t count) {
    SmallVector<Value> keys;
    for (int64_t i = 0; i < count; ++i)
      keys.push_back(
          b.elementsFrom(historyAt(position), i * shape.rowElements(), f32));
    emitProducts(query, keys, b.elementsFrom(scores, position, f32));
  }

  /// The products of one row, or of one row each, with other rows, stored
  /// behind one another.
  void emitProducts(ValueRange lefts, ValueRange rights, Value scores) {
    size_t count = rights.size();
    auto multiply = [&](Value at, int64_t size, ValueRange sums) {
      VectorType type = b.vectorType(size, f32);
      SmallVector<Value> parts, next;
      for (Value left : lefts)
        parts.push_back(b.load(type, b.elementsFrom(left, at, f32)));
      for (auto [i, right] : llvm::enumerate(rights))
        next.push_back(b.fusedMultiplyAdd(
            parts[parts.size() == 1 ? 0 : i],
            b.load(type, b.elementsFrom(right, at, f32)), sums[i]));
      return next;
    };
    int64_t whole = width / lanes * lanes;
    SmallVector<Value> totals;
    auto add = [&](ValueRange sums) {
      for (auto [i, sum] : llvm::enumerate(sums)) {
        Value number = b.sumLanes(sum);
        if (totals.size() <= i)
          totals.push_back(number);
        else
          totals[i] = b.add(totals[i], number);
      }
    };
    if (whole > 0)
      add(b.loop(b.index(0), b.index(whole), lanes,
                 SmallVector<Value>(count, b.zero(b.vectorType(lanes, f32))),
                 [&](Value at, ValueRange sums) {
                   return multiply(at, lanes, sums);
                 }));
    int64_t at = whole;
    for (int64_t size : cutIntoVectors(width - whole, lanes)) {
      SmallVector<Value> zeros(count, b.zero(b.vectorType(size, f32)));
      add(multiply(b.index(at), size, zeros));
      at += size;
    }
    for (auto [i, total] : llvm::enumerate(totals))
      b.store(total, b.elementsFrom(scores, i, f32));
  }

  /// `body(position, count)` for some positions of the extent at a time.
  void overPositions(llvm::function_ref<void(Value, int64_t)> body) {
    constexpr int64_t positionsAtOnce = 4;
    Value tiled = b.sub(extent, b.rem(extent, b.index(positionsAtOnce)));
    b.loop(b.index(0), tiled, positionsAtOnce,
           [&](Value position) { body(position, positionsAtOnce); });
    b.loop(tiled, extent, 1, [&](Value position) { body(position, 1); });
  }

  void emitScoresOfHead(Value head, Value token) {
    Value query = rowOf(left, head, token, b.index(width));
    Value scores = rowOf(right, head, token, past);
    overPositions([&](Value position, int64_t count) {
      emitScores(query, scores, position, count);
    });
  }

  /// The token's own row, or the key of each position, by the row of the table
  /// that the index names.
  void emitRelativeOfHead(Value head, Value token, Value table, Value index,
                          int64_t buckets, bool ofKeys) {
    Value scores = rowOf(right, head, token, past);
    Value own = ofKeys ? Value() : rowOf(left, head, token, b.index(width));
    Value ofHead = b.elementsFrom(table, b.mul(head, buckets * width), f32);
    overPositions([&](Value position, int64_t count) {
      SmallVector<Value> lefts, rights;
      for (int64_t i = 0; i < count; ++i) {
        Value at = b.add(position, b.index(i));
        Value bucket = b.loadInteger(index, b.add(b.mul(token, past), at));
        bucket = b.max(b.min(bucket, b.index(buckets - 1)), b.index(0));
        rights.push_back(b.elementsFrom(ofHead, b.mul(bucket, width), f32));
        if (ofKeys)
          lefts.push_back(historyAt(at));
      }
      if (!ofKeys)
        lefts.push_back(own);
      emitProducts(lefts, rights, b.elementsFrom(scores, position, f32));
    });
  }

  /// Part of a head's width at a time, so that its sums stay in registers.
  void emitValuesOfHead(Value head, Value token) {
    constexpr size_t vectorsAtOnce = 8;
    Value probability = rowOf(left, head, token, past);
    Value result = rowOf(right, head, token, b.index(width));
    SmallVector<int64_t> cut = cutIntoVectors(width, lanes);
    int64_t at = 0;
    for (ArrayRef<int64_t> rest = cut; !rest.empty();) {
      ArrayRef<int64_t> sizes = rest.take_front(vectorsAtOnce);
      rest = rest.drop_front(sizes.size());
      SmallVector<Value> zeros;
      for (int64_t size : sizes)
        zeros.push_back(b.zero(b.vectorType(size, f32)));
      SmallVector<Value> sums =
          b.loop(b.index(0), extent, 1, zeros,
                 [&](Value position, ValueRange carried) {
                   Value weight =
                       b.load(f32, b.elementsFrom(probability, position, f32));
                   Value values = b.elementsFrom(historyAt(position), at, f32);
                   SmallVector<Value> next;
                   int64_t offset = 0;
                   for (auto [size, sum] : llvm::zip(sizes, carried)) {
                     Value part = b.load(b.vectorType(size, f32),
                                         b.elementsFrom(values, offset, f32));
                     next.push_back(b.fusedMultiplyAdd(
                         b.broadcast(weight, size), part, sum));
                     offset += size;
                   }
                   return next;
                 });
      for (auto [size, sum] : llvm::zip(sizes, sums)) {
        b.store(sum, b.elementsFrom(result, at, f32));
        at += size;
      }
    }
  }

private:
  KernelBuilder &b;
  const AttentionShape &shape;
  Type f32;
  int64_t width, lanes;
  Value left, right, tokens, past, extent, history;
};

/// (ptr, ptr, ptr, ptr, ptr, i64, i64, i64, i64, i64)
SmallVector<Type> argumentTypes(KernelBuilder &b) {
  SmallVector<Type> types(5, b.pointerType());
  types.append(5, b.indexType());
  return types;
}

} // namespace

func::FuncOp sinter::emitAttentionScores(KernelBuilder &builder, StringRef name,
                                         const TargetDescription &target,
                                         const AttentionShape &shape) {
  func::FuncOp function = builder.beginFunction(name, argumentTypes(builder));
  AttentionEmitter emitter(builder, target, shape);
  emitter.emit(function.getArguments(), [&](Value head, Value token) {
    emitter.emitScoresOfHead(head, token);
  });
  builder.endFunction();
  return function;
}

func::FuncOp sinter::emitAttentionValues(KernelBuilder &builder, StringRef name,
                                         const TargetDescription &target,
                                         const AttentionShape &shape) {
  func::FuncOp function = builder.beginFunction(name, argumentTypes(builder));
  AttentionEmitter emitter(builder, target, shape);
  emitter.emit(function.getArguments(), [&](Value head, Value token) {
    emitter.emitValuesOfHead(head, token);
  });
  builder.endFunction();
  return function;
}

func::FuncOp sinter::emitAttentionRelative(KernelBuilder &builder,
                                           StringRef name,
                                           const TargetDescription &target,
                                           const AttentionShape &shape,
                                           int64_t buckets, bool ofKeys) {
  SmallVector<Type> types = argumentTypes(builder);
  types.append(2, builder.pointerType());
  func::FuncOp function = builder.beginFunction(name, types);
  AttentionEmitter emitter(builder, target, shape);
  Value table = function.getArgument(10), index = function.getArgument(11);
  emitter.emit(function.getArguments(), [&](Value head, Value token) {
    emitter.emitRelativeOfHead(head, token, table, index, buckets, ofKeys);
  });
  builder.endFunction();
  return function;
}

/// A function with a loop over its tokens: `body` gets where a token's row is,
/// and where it goes.
static func::FuncOp
emitAppend(KernelBuilder &b, StringRef name, int64_t rowBytes,
           int64_t keptBytes,
           llvm::function_ref<void(Value row, Value kept)> body) {
  Type pointer = b.pointerType(), index = b.indexType();
  func::FuncOp function = b.beginFunction(
      name, {pointer, pointer, pointer, pointer, index, index, index});
  auto arguments = function.getArguments();
  Value rows = arguments[0], sequence = arguments[1], position = arguments[2],
        cache = arguments[3], positions = arguments[4];
  b.loop(arguments[5], arguments[6], 1, [&](Value token) {
    Value place = b.add(b.mul(b.loadInteger(sequence, token), positions),
                        b.loadInteger(position, token));
    body(b.bytesFrom(rows, b.mul(token, rowBytes)),
         b.bytesFrom(cache, b.mul(place, keptBytes)));
  });
  b.endFunction();
  return function;
}

func::FuncOp sinter::emitCacheAppend(KernelBuilder &b, StringRef name,
                                     int64_t rowBytes) {
  return emitAppend(b, name, rowBytes, rowBytes, [&](Value row, Value kept) {
    LLVM::MemcpyOp::create(b, kept, row, b.index(rowBytes),
                           /*isVolatile=*/false);
  });
}

/// One head of a row, from `from` on, to `to`; its scale to `scale`.
static void quantizeHead(KernelBuilder &b, ArrayRef<int64_t> cut, Value from,
                         Value to, Value scale) {
  Type f32 = b.getF32Type();
  auto number = [&](float value) -> Value {
    return arith::ConstantOp::create(b, b.getF32FloatAttr(value));
  };
  SmallVector<Value> parts;
  Value largest = number(0);
  int64_t column = 0;
  for (int64_t size : cut) {
    parts.push_back(
        b.load(b.vectorType(size, f32), b.elementsFrom(from, column, f32)));
    // NaN if one is.
    Value own = vector::ReductionOp::create(
        b, vector::CombiningKind::MAXIMUMF,
        LLVM::FAbsOp::create(b, parts.back()).getResult());
    largest = arith::MaximumFOp::create(b, largest, own);
    column += size;
  }
  Value most = number(127);
  Value inverse = arith::DivFOp::create(b, most, largest);
  column = 0;
  for (auto [size, part] : llvm::zip(cut, parts)) {
    Value steps =
        LLVM::RoundEvenOp::create(b, b.mul(part, b.broadcast(inverse, size)));
    // 0 of 0, and of infinities, whose scale says what they are.
    Value isNumber =
        arith::CmpFOp::create(b, arith::CmpFPredicate::ORD, steps, steps);
    steps = arith::SelectOp::create(b, isNumber, steps,
                                    b.zero(b.vectorType(size, f32)));
    Value whole =
        arith::FPToSIOp::create(b, b.vectorType(size, b.getI32Type()), steps);
    b.store(
        arith::TruncIOp::create(b, b.vectorType(size, b.getI8Type()), whole),
        b.bytesFrom(to, column));
    column += size;
  }
  b.store(arith::DivFOp::create(b, largest, most), scale, /*alignment=*/1);
}

func::FuncOp sinter::emitQuantizedAppend(KernelBuilder &b, StringRef name,
                                         const TargetDescription &target,
                                         HistoryType history) {
  int64_t heads = history.getHeads(), width = history.getWidth();
  SmallVector<int64_t> cut = cutIntoVectors(width, target.vectorLanes(32));
  return emitAppend(
      b, name, heads * width * 4, history.getRowBytes(),
      [&](Value row, Value kept) {
        Value scales = b.bytesFrom(kept, history.getScalesOffset());
        b.loop(b.index(0), b.index(heads), 1, [&](Value head) {
          quantizeHead(b, cut, b.bytesFrom(row, b.mul(head, width * 4)),
                       b.bytesFrom(kept, b.mul(head, width)),
                       b.bytesFrom(scales, b.mul(head, 4)));
        });
      });
}
