//===- QuantizedFewRows.cpp - Few rows by weights of few bits -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/QuantizedFewRows.h"
#include "codegen/cuda/WarpSums.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include <numeric>

using namespace mlir;
using namespace sinter;

namespace {

constexpr WarpSums warpSums{QuantizedFewRows::warps, QuantizedFewRows::rows,
                            QuantizedFewRows::tileColumns};

class QuantizedFewRowsEmitter {
public:
  QuantizedFewRowsEmitter(CudaBuilder &b, PackedType weight,
                          const LinearForm &form)
      : b(b), weight(weight), form(form), numbers(b, weight),
        blocks(weight.getInputs()), chunks(numbers.chunks()),
        // So that four loads of weights are on their way.
        atOnce(4 / numbers.wordsOfRun()) {}

  void emit(Block::BlockArgListType arguments) {
    int64_t columns = QuantizedFewRows::columns(weight);
    int64_t blocksOfPanel = weight.getPartColumns() / columns;
    Value panel = b.div(b.block(0), b.index(blocksOfPanel));
    Value column = b.mul(b.rem(b.block(0), b.index(blocksOfPanel)), columns);
    Value row = b.mul(b.block(1), QuantizedFewRows::rows);
    Value thread = b.thread();
    Value lane = b.rem(thread, b.index(CudaBuilder::warpThreads));
    warp = b.div(thread, b.index(CudaBuilder::warpThreads));
    group = b.div(lane, b.index(4)), inGroup = b.rem(lane, b.index(4));

    // Quads of one part, then of the next.
    int64_t quads = columns / QuantizedFewRows::quad;
    Value inPanel =
        b.add(b.mul(b.div(group, b.index(quads)), weight.getPartColumns()),
              b.add(column, b.mul(b.rem(group, b.index(quads)),
                                  QuantizedFewRows::quad)));
    panelStart =
        b.bytesFrom(arguments[1], b.mul(panel, weight.getPanelBytes()));
    scales = b.bytesFrom(panelStart, b.mul(inPanel, 2));
    words = b.bytesFrom(panelStart, b.mul(inPanel, 4));
    Value inBlock = b.rem(row, b.index(RowBlocks::rows));
    Value rowBlock =
        b.mul(b.div(row, b.index(RowBlocks::rows)), blocks.blockBytes());
    inputs = b.bytesFrom(arguments[0],
                         b.add(rowBlock, b.mul(b.add(inBlock, group), 16)));

    store(sumChunks());
    b.wait();
    warpSums.add(b, thread);
    b.wait();
    SumTile tile{b.shared(),
                 QuantizedFewRows::rows,
                 warpSums.stride(),
                 /*panels=*/1,
                 columns,
                 row,
                 arguments[3],
                 panel,
                 column,
                 QuantizedFewRows::threads};
    emitTileOutput(b, form, weight, tile, arguments[2],
                   arguments.drop_front(4));
  }

private:
  /// A chunk of a lane's quad of columns and of its row.
  struct Loaded {
    SmallVector<Value> words; ///< of the quad, some for each run
    QuantizedNumbers::Scales scales;
    Value input;
  };

  /// Chunks are dealt out to warps, some neighbours at a time.
  SmallVector<Value> sumChunks() {
    SmallVector<Value> sums(8, b.constant(0));
    if (numbers.hasOneGroup() && hasMinima())
      sums.append(2, b.constant(0));
    int64_t turns = chunks / atOnce, whole = turns * atOnce;
    sums = b.loop(b.mul(warp, atOnce), b.index(whole),
                  QuantizedFewRows::warps * atOnce, sums,
                  [&](Value first, ValueRange carried) {
                    return sumAtOnce(first, atOnce, /*isLast=*/false, carried);
                  });
    if (whole < chunks)
      sums = b.loop(b.add(b.index(whole), warp), b.index(chunks),
                    QuantizedFewRows::warps, sums,
                    [&](Value first, ValueRange carried) {
                      return sumAtOnce(first, 1, /*isLast=*/true, carried);
                    });
    if (!numbers.hasOneGroup())
      return sums;
    SmallVector<Value> scaled(8, b.constant(0));
    addScaled(numbers.loadScales(scales, QuantizedFewRows::quad), sums, scaled);
    return scaled;
  }

  bool hasMinima() const { return weight.getQuantized().getMinimum(); }

  SmallVector<Value> sumAtOnce(Value first, int64_t count, bool isLast,
                               ValueRange carried) {
    // Chunks between which no group ends.
    int64_t together = numbers.hasOneGroup()
                           ? count
                           : std::gcd(numbers.chunksOfGroup(), count);
    // All loads come first.
    SmallVector<Loaded> loaded;
    for (int64_t i = 0; i < count; ++i)
      loaded.push_back(load(b.add(first, b.index(i)), isLast,
                            !numbers.hasOneGroup() && i % together == 0));
    SmallVector<Value> sums(carried);
    for (int64_t i = 0; i < count; i += together) {
      auto part = ArrayRef(loaded).slice(i, together);
      if (numbers.hasOneGroup()) {
        sums = multiply(part, sums);
        continue;
      }
      SmallVector<Value> ofGroup = multiply(
          part, SmallVector<Value>(hasMinima() ? 10 : 8, b.constant(0)));
      addScaled(part.front().scales, ofGroup, sums);
    }
    return sums;
  }

  Loaded load(Value chunk, bool isLast, bool withScales) {
    Loaded loaded;
    Type four = b.vectorType(4, b.getI32Type());
    Value run =
        b.add(b.mul(chunk, QuantizedNumbers::chunk / RowBlocks::run), inGroup);
    loaded.input =
        b.load(four, b.bytesFrom(inputs, b.mul(run, blocks.runBytes())), 16);
    int64_t count = numbers.wordsOfRun();
    for (int64_t i = 0; i < count; ++i) {
      Value word = b.add(b.mul(inGroup, count), b.index(i));
      Value place =
          b.add(numbers.wordsAt(chunk), b.mul(word, numbers.wordStride()));
      if (isLast && weight.getInputs() % QuantizedNumbers::chunk != 0) {
        // Behind the last word of a column stands something else. Zeros of the
        // rows meet the first one instead.
        int64_t depth = QuantizedNumbers::run / count;
        Value number =
            b.add(b.mul(chunk, QuantizedNumbers::chunk / depth), word);
        Value isInside = b.isLess(
            number, b.index(llvm::divideCeil(weight.getInputs(), depth)));
        place = b.choose(isInside, place, b.index(weight.getScaleBytes()));
      }
      loaded.words.push_back(
          b.loadConstant(four, b.bytesFrom(words, place), 16));
    }
    if (withScales)
      loaded.scales = numbers.loadScales(
          b.bytesFrom(scales, numbers.scalesAt(chunk)), QuantizedFewRows::quad);
    return loaded;
  }

  /// Adds whole numbers by inputs: four sums of the first two columns of the
  /// quad, of the others, and where groups have least values, two of the
  /// inputs.
  SmallVector<Value> multiply(ArrayRef<Loaded> part, ArrayRef<Value> carried) {
    SmallVector<Value> sums(carried);
    for (const Loaded &loaded : part) {
      SmallVector<SmallVector<Value>> columns;
      for (int64_t i = 0; i < QuantizedFewRows::quad; ++i) {
        SmallVector<Value> ofColumn;
        for (Value word : loaded.words)
          ofColumn.push_back(b.elementOf(word, i));
        columns.push_back(numbers.widen(ofColumn));
      }
      // Neighbours of the rows, in the order of the weight's pairs.
      SmallVector<Value> input;
      for (int64_t i = 0; i < 4; i += 2) {
        auto [even, odd] = b.sortHalves(b.elementOf(loaded.input, i),
                                        b.elementOf(loaded.input, i + 1));
        input.append({even, odd});
      }
      for (int64_t i = 0; i < 4; i += 2) {
        Value right[] = {input[i], input[i + 1]};
        auto add = [&](ArrayRef<Value> left, int64_t first, int64_t count) {
          SmallVector<Value> four(sums.begin() + first,
                                  sums.begin() + first + count);
          four.resize(4, b.constant(0));
          SmallVector<Value> next = b.multiply(left, right, four);
          std::copy_n(next.begin(), count, sums.begin() + first);
        };
        for (int64_t j = 0; j < 2; ++j) {
          auto &one = columns[2 * j], &other = columns[2 * j + 1];
          add({one[i], other[i], one[i + 1], other[i + 1]}, 4 * j, 4);
        }
        if (hasMinima()) {
          Value ones = b.integer(0x3f803f80);
          add({ones, ones, ones, ones}, 8, 2);
        }
      }
    }
    return sums;
  }

  /// Adds sums of a group, as `multiply` gives them, to eight of all.
  void addScaled(QuantizedNumbers::Scales stored, ArrayRef<Value> ofGroup,
                 MutableArrayRef<Value> sums) {
    auto widened = [&](Value halves) -> Value {
      return arith::ExtFOp::create(
          b, b.vectorType(QuantizedFewRows::quad, b.getF32Type()), halves);
    };
    Value scale = widened(stored.scales), least;
    if (stored.minima)
      least = widened(stored.minima);
    auto add = [&](Value factor, Value other, Value &sum) {
      sum = LLVM::FMAOp::create(b, factor, other, sum);
    };
    for (int64_t i = 0; i < 8; ++i) {
      add(b.elementOf(scale, i / 2), ofGroup[i], sums[i]);
      if (least)
        add(b.elementOf(least, i / 2), ofGroup[8 + i % 2], sums[i]);
    }
  }

  /// A lane has two rows of its quad.
  void store(ArrayRef<Value> sums) {
    for (int64_t i = 0; i < 2; ++i)
      b.store(b.vectorOf({sums[i], sums[2 + i], sums[4 + i], sums[6 + i]}),
              warpSums.at(b, warp, b.add(b.mul(inGroup, 2), b.index(i)),
                          b.mul(group, QuantizedFewRows::quad)),
              16);
  }

  CudaBuilder &b;
  PackedType weight;
  const LinearForm &form;
  QuantizedNumbers numbers;
  RowBlocks blocks;
  /// Of all inputs; and of those whose weights are on their way together.
  int64_t chunks, atOnce;
  Value warp, group, inGroup, inputs, panelStart, scales, words;
};

} // namespace

CudaKernel sinter::emitQuantizedFewRows(CudaBuilder &b, StringRef name,
                                        PackedType weight,
                                        const LinearForm &form) {
  Type pointer = b.pointerType();
  SmallVector<Type> types{pointer, pointer, pointer, b.indexType()};
  types.append(form.extras, pointer);
  func::FuncOp kernel =
      b.beginKernel(name, types, QuantizedFewRows::threads, /*blocks=*/2);
  QuantizedFewRowsEmitter(b, weight, form).emit(kernel.getArguments());
  b.endFunction();
  return {kernel, QuantizedFewRows::threads, warpSums.bytes()};
}
