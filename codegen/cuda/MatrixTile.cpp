//===- MatrixTile.cpp - Contractions of many rows on tensor cores ---------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/MatrixTile.h"
#include "codegen/cuda/QuantizedColumn.h"

using namespace mlir;
using namespace sinter;

namespace {

class TileEmitter {
public:
  TileEmitter(CudaBuilder &b, PackedType weight, const LinearForm &form)
      : b(b), weight(weight), form(form), blocks(weight.getInputs()),
        panelColumns(weight.getLayout().getColumns()),
        panels(MatrixTile::columns / panelColumns),
        steps(llvm::divideCeil(weight.getInputs(), MatrixTile::step)) {}

  void emit(Block::BlockArgListType arguments) {
    rows = arguments[3];
    Value lastBlock = b.div(b.sub(rows, b.index(1)), b.index(RowBlocks::rows));
    Value firstBlock = b.mul(b.block(0), MatrixTile::rows / RowBlocks::rows);
    firstPanel = b.mul(b.block(1), panels);
    thread = b.thread();
    lane = b.rem(thread, b.index(CudaBuilder::warpThreads));
    warp = b.div(thread, b.index(CudaBuilder::warpThreads));
    // Where a tile goes beyond rows or panels, the last ones stand in: their
    // sums are not written.
    for (int64_t i = 0; i < MatrixTile::rows / RowBlocks::rows; ++i)
      rowSources.push_back(b.bytesFrom(
          arguments[0], b.mul(b.min(b.add(firstBlock, b.index(i)), lastBlock),
                              blocks.blockBytes())));
    if (weight.getQuantized())
      findColumn(arguments[1]);
    else
      for (int64_t i = 0; i < panels; ++i)
        panelSources.push_back(panelAt(arguments[1], b.index(i)));
    stage = b.shared();

    for (int64_t i = 0; i < MatrixTile::stages - 1; ++i) {
      if (i < steps)
        copyStep(b.index(i));
      b.endCopies();
    }
    SmallVector<Value> sums(sumCount, b.constant(0));
    if (column) {
      storeColumn(b.index(0), loadColumn(b.index(0)));
      sums.append(loadColumn(b.index(1)));
    }
    sums = b.loop(
        b.index(0), b.index(steps), 1, sums,
        [&](Value step, ValueRange carried) {
          b.waitForCopies(MatrixTile::stages - 2);
          // Behind the barrier all have read the stage that is
          // filled next.
          b.wait();
          Value next = b.add(step, b.index(MatrixTile::stages - 1));
          b.ifLess(next, b.index(steps), [&] { copyStep(next); });
          b.endCopies();
          SmallVector<Value> ahead;
          if (column) {
            storeColumn(b.add(step, b.index(1)), carried.drop_front(sumCount));
            ahead = loadColumn(b.add(step, b.index(2)));
          }
          SmallVector<Value> results =
              multiplyStep(step, carried.take_front(sumCount));
          results.append(ahead);
          return results;
        },
        /*keepRolled=*/true);
    sums.truncate(sumCount);
    b.wait();
    storeSums(sums);
    b.wait();
    SumTile tile{stage,
                 MatrixTile::rows,
                 MatrixTile::sumStride,
                 panels,
                 weight.getPartColumns(),
                 b.mul(b.block(0), MatrixTile::rows),
                 rows,
                 firstPanel,
                 b.index(0),
                 MatrixTile::threads};
    emitTileOutput(b, form, weight, tile, arguments[2],
                   arguments.drop_front(4));
  }

private:
  /// Matrices of [16, 8] sums of a warp.
  static constexpr int64_t rowTiles = MatrixTile::warpRows / 16,
                           columnTiles = MatrixTile::warpColumns / 8,
                           sumCount = rowTiles * columnTiles * 4;
  static constexpr int64_t warpsAlongColumns =
      MatrixTile::columns / MatrixTile::warpColumns;
  static constexpr int64_t runs = MatrixTile::step / RowBlocks::run;
  static constexpr int64_t chunk = 16; // bytes of a copy: a run of one row

  Value panelAt(Value weights, Value number) {
    Value panel =
        b.min(b.add(firstPanel, number), b.index(weight.getPanelCount() - 1));
    return b.bytesFrom(weights, b.mul(panel, weight.getPanelBytes()));
  }

  //===--- Weights of few bits: two threads have a column of the tile ---===//

  static constexpr int64_t ofThread =
      MatrixTile::step * MatrixTile::columns / MatrixTile::threads;

  void findColumn(Value weights) {
    Value number = b.rem(thread, b.index(MatrixTile::columns));
    firstInput = b.mul(b.div(thread, b.index(MatrixTile::columns)), ofThread);
    Value panel = b.div(number, b.index(panelColumns));
    Value inPanel = b.rem(number, b.index(panelColumns));
    column.emplace(b, weight, panelAt(weights, panel), inPanel);
    Value run = b.div(firstInput, b.index(RowBlocks::run));
    columnPlace = b.mul(
        b.add(b.mul(b.add(b.mul(panel, runs), run), panelColumns), inPanel),
        chunk);
  }

  /// Of a step, or of the last.
  SmallVector<Value> loadColumn(Value step) {
    Value first = b.mul(b.min(step, b.index(steps - 1)), MatrixTile::step);
    return column->load(b.add(first, firstInput), ofThread);
  }

  void storeColumn(Value step, ValueRange registers) {
    Value place = b.bytesFrom(
        b.bytesFrom(stageOf(step), MatrixTile::rows * MatrixTile::step * 2),
        columnPlace);
    for (auto [i, run] : llvm::enumerate(column->widen(registers, ofThread)))
      b.store(run, b.bytesFrom(place, int64_t(i) * panelColumns * chunk), 16);
  }

  Value stageOf(Value step) {
    return b.bytesFrom(stage, b.mul(b.rem(step, b.index(MatrixTile::stages)),
                                    MatrixTile::stageBytes));
  }

  /// Begins to copy one step of the tile's rows and panels: stretches of
  /// memory, one behind the other.
  void copyStep(Value step) {
    Value to = stageOf(step);
    auto copy = [&](Value source, int64_t stretch, int64_t inputs) {
      Value first = b.mul(step, stretch);
      int64_t count = stretch / chunk;
      for (int64_t i = 0; i < count; i += MatrixTile::threads) {
        Value number = b.add(thread, b.index(i));
        auto one = [&] {
          Value place = b.add(first, b.mul(number, chunk)), valid;
          if (llvm::alignTo(inputs, RowBlocks::run) % MatrixTile::step != 0) {
            // What stands behind the last run is another panel: zeros instead.
            Value run =
                b.add(b.mul(step, runs), b.div(number, b.index(count / runs)));
            Value isInside = b.isLess(
                run, b.index(llvm::divideCeil(inputs, RowBlocks::run)));
            place = b.choose(isInside, place, b.index(0));
            valid = b.choose(isInside, b.asInteger(b.index(chunk)),
                             b.asInteger(b.index(0)));
          }
          b.copyAsync(b.bytesFrom(to, b.mul(number, chunk)),
                      b.bytesFrom(source, place), valid);
        };
        if (i + MatrixTile::threads <= count)
          one();
        else
          b.ifLess(number, b.index(count), one);
      }
      to = b.bytesFrom(to, stretch);
    };
    for (Value source : rowSources)
      copy(source, runs * blocks.runBytes(), blocks.paddedInputs());
    for (Value source : panelSources)
      copy(source, runs * panelColumns * chunk, weight.getInputs());
  }

  /// A warp has the rows of one block, and columns of one panel or several.
  SmallVector<Value> multiplyStep(Value step, ValueRange carried) {
    Value from = stageOf(step);
    constexpr int64_t rowBytes = runs * RowBlocks::rows * chunk;
    Value rowsFrom = b.bytesFrom(
        from, b.mul(b.div(warp, b.index(warpsAlongColumns)), rowBytes));
    Value columnsFrom = b.bytesFrom(from, rowSources.size() * rowBytes);
    Value eighth = b.rem(lane, b.index(8));
    Value isOdd = b.rem(b.div(lane, b.index(8)), b.index(2));
    Value isUpper = b.div(lane, b.index(16));
    Value warpColumn =
        b.mul(b.rem(warp, b.index(warpsAlongColumns)), MatrixTile::warpColumns);

    SmallVector<Value> sums(carried);
    for (int64_t run = 0; run < runs; run += 2) {
      // Four matrices: the upper and lower rows of one run, then of the next.
      SmallVector<SmallVector<Value>> left, right;
      for (int64_t tile = 0; tile < rowTiles; ++tile) {
        Value row = b.add(b.index(tile * 16), b.add(eighth, b.mul(isOdd, 8)));
        Value place =
            b.add(b.mul(b.add(b.index(run), isUpper), RowBlocks::rows * chunk),
                  b.mul(row, chunk));
        left.push_back(b.loadMatrices(b.bytesFrom(rowsFrom, place)));
      }
      // Two runs of eight columns, then of the next eight.
      for (int64_t tile = 0; tile < columnTiles; tile += 2) {
        Value column = b.add(b.add(warpColumn, b.index(tile * 8)),
                             b.add(eighth, b.mul(isUpper, 8)));
        Value panel = b.div(column, b.index(panelColumns));
        Value place =
            b.add(b.mul(panel, runs * panelColumns * chunk),
                  b.add(b.mul(b.add(b.index(run), isOdd), panelColumns * chunk),
                        b.mul(b.rem(column, b.index(panelColumns)), chunk)));
        SmallVector<Value> four =
            b.loadMatrices(b.bytesFrom(columnsFrom, place));
        right.push_back({four[0], four[1]});
        right.push_back({four[2], four[3]});
      }
      for (int64_t i = 0; i < rowTiles; ++i)
        for (int64_t j = 0; j < columnTiles; ++j) {
          auto slice =
              MutableArrayRef(sums).slice((i * columnTiles + j) * 4, 4);
          llvm::copy(b.multiply(left[i], right[j], slice), slice.begin());
        }
    }
    return sums;
  }

  /// A lane has two neighbours of row lane / 4, and two eight rows below.
  void storeSums(ArrayRef<Value> sums) {
    Value row = b.add(
        b.mul(b.div(warp, b.index(warpsAlongColumns)), MatrixTile::warpRows),
        b.div(lane, b.index(4)));
    Value column = b.add(
        b.mul(b.rem(warp, b.index(warpsAlongColumns)), MatrixTile::warpColumns),
        b.mul(b.rem(lane, b.index(4)), 2));
    Value place =
        b.elementsFrom(stage, b.add(b.mul(row, MatrixTile::sumStride), column),
                       b.getF32Type());
    for (int64_t i = 0; i < rowTiles; ++i)
      for (int64_t j = 0; j < columnTiles; ++j)
        for (int64_t half = 0; half < 2; ++half) {
          ArrayRef<Value> pair =
              sums.slice((i * columnTiles + j) * 4 + half * 2, 2);
          int64_t offset = (i * 16 + half * 8) * MatrixTile::sumStride + j * 8;
          b.store(b.vectorOf(pair),
                  b.elementsFrom(place, offset, b.getF32Type()), 8);
        }
  }

  CudaBuilder &b;
  PackedType weight;
  const LinearForm &form;
  RowBlocks blocks;
  /// Columns of a panel, panels of a tile, steps along the inputs.
  int64_t panelColumns, panels, steps;
  Value rows, firstPanel, thread, lane, warp, stage;
  SmallVector<Value> rowSources, panelSources;
  /// Where the weight is quantized: the thread's column, the first of its
  /// inputs in a step, and where they stand in a stage.
  std::optional<QuantizedColumn> column;
  Value firstInput, columnPlace;
};

} // namespace

CudaKernel sinter::emitMatrixTile(CudaBuilder &b, StringRef name,
                                  PackedType weight, const LinearForm &form) {
  Type pointer = b.pointerType();
  SmallVector<Type> types{pointer, pointer, pointer, b.indexType()};
  types.append(form.extras, pointer);
  func::FuncOp kernel = b.beginKernel(name, types, MatrixTile::threads,
                                      /*blocks=*/weight.getQuantized() ? 2 : 1);
  TileEmitter(b, weight, form).emit(kernel.getArguments());
  b.endFunction();
  return {kernel, MatrixTile::threads, MatrixTile::sharedBytes};
}
