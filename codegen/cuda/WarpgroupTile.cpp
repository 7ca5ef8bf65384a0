//===- WarpgroupTile.cpp - Contractions of many rows with wgmma -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/WarpgroupTile.h"
#include "codegen/cuda/QuantizedColumn.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace sinter;

namespace {

class WarpgroupEmitter {
public:
  WarpgroupEmitter(CudaBuilder &b, PackedType weight, const LinearForm &form)
      : b(b), weight(weight), form(form), blocks(weight.getInputs()),
        panelColumns(weight.getLayout().getColumns()),
        panels(WarpgroupTile::columns / panelColumns),
        steps(llvm::divideCeil(weight.getInputs(), WarpgroupTile::step)) {}

  void emit(Block::BlockArgListType arguments) {
    rows = arguments[3];
    firstPanel = b.mul(b.block(1), panels);
    thread = b.thread();
    warpgroup = b.div(thread, b.index(WarpgroupTile::warpgroupThreads));
    findSources(arguments[0], arguments[1]);
    makeBarriers();
    if (weight.getQuantized())
      b.ifLess(warpgroup, b.index(1), [&] { widenAll(arguments[1]); });
    else
      b.ifEqual(thread, b.index(0), [&] { copyAll(); });
    b.ifLess(b.index(0), warpgroup, [&] {
      SmallVector<Value> sums = multiplyAll();
      // Both warpgroups have read all stages before sums take their place.
      b.waitNamed(1,
                  WarpgroupTile::multiplying * WarpgroupTile::warpgroupThreads);
      storeSums(sums);
    });
    b.wait();
    SumTile tile{b.shared(),
                 WarpgroupTile::rows,
                 WarpgroupTile::sumStride,
                 panels,
                 weight.getPartColumns(),
                 b.mul(b.block(0), WarpgroupTile::rows),
                 rows,
                 firstPanel,
                 b.index(0),
                 WarpgroupTile::threads};
    emitTileOutput(b, form, weight, tile, arguments[2],
                   arguments.drop_front(4));
  }

private:
  static constexpr int64_t rowBlocks = WarpgroupTile::rows / RowBlocks::rows;
  static constexpr int64_t runs = WarpgroupTile::step / RowBlocks::run;
  static constexpr int64_t runOfRow = 16; // bytes
  /// What a stage holds of a block of rows.
  static constexpr int64_t blockBytes = runs * RowBlocks::rows * runOfRow;
  int64_t panelBytes() const { return runs * panelColumns * runOfRow; }

  /// Where a tile goes beyond rows or panels, the last ones stand in: their
  /// sums are not written.
  void findSources(Value x, Value w) {
    Value lastBlock = b.div(b.sub(rows, b.index(1)), b.index(RowBlocks::rows));
    Value firstBlock = b.mul(b.block(0), rowBlocks);
    for (int64_t i = 0; i < rowBlocks; ++i)
      rowSources.push_back(
          b.bytesFrom(x, b.mul(b.min(b.add(firstBlock, b.index(i)), lastBlock),
                               blocks.blockBytes())));
    if (!weight.getQuantized())
      for (int64_t i = 0; i < panels; ++i)
        panelSources.push_back(panelAt(w, b.index(i)));
  }
  Value panelAt(Value w, Value number) {
    Value panel =
        b.min(b.add(firstPanel, number), b.index(weight.getPanelCount() - 1));
    return b.bytesFrom(w, b.mul(panel, weight.getPanelBytes()));
  }

  Value stageOf(Value step) {
    return b.bytesFrom(b.shared(),
                       b.mul(b.rem(step, b.index(WarpgroupTile::stages)),
                             WarpgroupTile::stageBytes));
  }
  /// Where it is counted that a step's stage is full, or has been read.
  Value barrierOf(Value step, bool ofReading) {
    int64_t first = WarpgroupTile::stages *
                    (WarpgroupTile::stageBytes + (ofReading ? 8 : 0));
    return b.bytesFrom(b.shared(first),
                       b.mul(b.rem(step, b.index(WarpgroupTile::stages)), 8));
  }
  /// The parity of a stage's phase that ends with this step.
  Value parityOf(Value step) {
    return b.rem(b.div(step, b.index(WarpgroupTile::stages)), b.index(2));
  }

  void makeBarriers() {
    b.ifEqual(thread, b.index(0), [&] {
      for (int64_t i = 0; i < WarpgroupTile::stages; ++i) {
        b.makeBarrier(
            barrierOf(b.index(i), /*ofReading=*/false),
            weight.getQuantized() ? 1 + WarpgroupTile::warpgroupThreads : 1);
        b.makeBarrier(barrierOf(b.index(i), /*ofReading=*/true),
                      WarpgroupTile::multiplying);
      }
      b.publishBarriers();
    });
    if (!weight.getQuantized() && lastRuns() < runs)
      clearLastPanels();
    b.wait();
  }

  /// Runs of a panel in the last step.
  int64_t lastRuns() const {
    return llvm::divideCeil(weight.getInputs(), RowBlocks::run) -
           (steps - 1) * runs;
  }

  /// Where a panel ends amid a step, nothing is copied behind it: zeros in the
  /// rows meet what is there, which must be numbers.
  void clearLastPanels() {
    Value stage =
        b.bytesFrom(stageOf(b.index(steps - 1)), rowBlocks * blockBytes);
    Type type = b.vectorType(4, b.getI32Type());
    b.loop(thread, b.index(panels * panelBytes() / 16), WarpgroupTile::threads,
           [&](Value i) {
             b.store(b.zero(type), b.bytesFrom(stage, b.mul(i, 16)), 16);
           });
    b.publishToCopies();
  }

  /// The first phase of reading has ended when none has begun.
  void waitForRoom(Value step) {
    b.waitForPhase(barrierOf(step, /*ofReading=*/true),
                   b.asInteger(b.sub(b.index(1), parityOf(step))));
  }

  /// All threads of a warpgroup widen weights, a column each, and one asks for
  /// rows.
  void widenAll(Value w) {
    static_assert(WarpgroupTile::columns == WarpgroupTile::warpgroupThreads);
    constexpr int64_t inputs = WarpgroupTile::step;
    Value panel = b.div(thread, b.index(panelColumns));
    Value inPanel = b.rem(thread, b.index(panelColumns));
    QuantizedColumn column(b, weight, panelAt(w, panel), inPanel);
    Value inStage = b.add(b.mul(panel, panelBytes()), b.mul(inPanel, runOfRow));
    auto load = [&](Value step) {
      return column.load(b.mul(b.min(step, b.index(steps - 1)), inputs),
                         inputs);
    };
    b.loop(
        b.index(0), b.index(steps), 1, load(b.index(0)),
        [&](Value step, ValueRange carried) {
          SmallVector<Value> ahead = load(b.add(step, b.index(1)));
          Value full = barrierOf(step, /*ofReading=*/false);
          waitForRoom(step);
          Value to = stageOf(step);
          b.ifEqual(thread, b.index(0), [&] {
            b.arriveExpecting(full,
                              b.asInteger(b.index(rowBlocks * blockBytes)));
            for (auto [i, source] : llvm::enumerate(rowSources))
              b.copyBulk(b.bytesFrom(to, int64_t(i) * blockBytes),
                         b.bytesFrom(source, b.mul(step, blockBytes)),
                         b.asInteger(b.index(blockBytes)), full);
          });
          Value place =
              b.bytesFrom(b.bytesFrom(to, rowBlocks * blockBytes), inStage);
          for (auto [i, run] : llvm::enumerate(column.widen(carried, inputs)))
            b.store(run,
                    b.bytesFrom(place, int64_t(i) * panelColumns * runOfRow),
                    16);
          b.publishToCopies();
          b.arrive(full);
          return ahead;
        },
        /*keepRolled=*/true);
  }

  /// One thread asks for all that is multiplied.
  void copyAll() {
    b.loop(b.index(0), b.index(steps), 1, [&](Value step) {
      Value full = barrierOf(step, /*ofReading=*/false);
      waitForRoom(step);
      Value isLast = b.isLess(b.index(steps - 2), step);
      auto bytesOf = [&](int64_t whole, int64_t last) -> Value {
        if (whole == last)
          return b.asInteger(b.index(whole));
        return b.choose(isLast, b.asInteger(b.index(last)),
                        b.asInteger(b.index(whole)));
      };
      int64_t lastPanel = lastRuns() * panelColumns * runOfRow;
      b.arriveExpecting(full,
                        bytesOf(rowBlocks * blockBytes + panels * panelBytes(),
                                rowBlocks * blockBytes + panels * lastPanel));
      Value to = stageOf(step);
      auto copy = [&](Value source, int64_t whole, Value bytes) {
        b.copyBulk(to, b.bytesFrom(source, b.mul(step, whole)), bytes, full);
        to = b.bytesFrom(to, whole);
      };
      for (Value source : rowSources)
        copy(source, blockBytes, b.asInteger(b.index(blockBytes)));
      for (Value source : panelSources)
        copy(source, panelBytes(), bytesOf(panelBytes(), lastPanel));
    });
  }

  //===--------------------------------------------------------------------===//
  // What multiplies
  //===--------------------------------------------------------------------===//

  static constexpr int64_t matrices =
      WarpgroupTile::warpgroupRows / RowBlocks::rows;

  /// Sums of each matrix of 64 rows by each panel.
  SmallVector<Value> multiplyAll() {
    Type type = b.warpgroupSums(panelColumns);
    Value none = LLVM::ZeroOp::create(b, type);
    SmallVector<Value> sums(matrices * panels, none);
    Value isFirst = b.rem(thread, b.index(WarpgroupTile::warpgroupThreads));
    auto release = [&](Value step) {
      b.ifEqual(isFirst, b.index(0),
                [&] { b.arrive(barrierOf(step, /*ofReading=*/true)); });
    };
    sums = b.loop(
        b.index(0), b.index(steps), 1, sums,
        [&](Value step, ValueRange carried) {
          b.waitForPhase(barrierOf(step, /*ofReading=*/false),
                         b.asInteger(parityOf(step)));
          b.beginProducts();
          SmallVector<Value> next = multiplyStep(step, carried);
          b.endProducts();
          // The step before is done, this one goes on.
          b.waitForProducts(1);
          b.ifLess(b.index(0), step, [&] { release(b.sub(step, b.index(1))); });
          return next;
        },
        /*keepRolled=*/true);
    b.waitForProducts(0);
    return sums;
  }

  SmallVector<Value> multiplyStep(Value step, ValueRange carried) {
    Value stage = stageOf(step);
    Value rowsFrom = b.bytesFrom(
        stage, b.mul(b.sub(warpgroup, b.index(1)), matrices * blockBytes));
    Value panelsFrom = b.bytesFrom(stage, rowBlocks * blockBytes);
    constexpr int64_t alongRows = 8 * runOfRow;
    SmallVector<Value> sums(carried);
    for (int64_t run = 0; run < runs; run += 2)
      for (int64_t i = 0; i < matrices; ++i) {
        constexpr int64_t runBytes = RowBlocks::rows * runOfRow;
        Value left = b.describeOperand(
            b.bytesFrom(rowsFrom, i * blockBytes + run * runBytes), runBytes,
            alongRows);
        for (int64_t j = 0; j < panels; ++j) {
          int64_t columnBytes = panelColumns * runOfRow;
          Value right = b.describeOperand(
              b.bytesFrom(panelsFrom, j * panelBytes() + run * columnBytes),
              columnBytes, alongRows);
          Value &sum = sums[i * panels + j];
          sum = b.multiplyWarpgroup(left, right, sum);
        }
      }
    return sums;
  }

  /// A warp has sixteen rows of a matrix; in these a lane has what it has of
  /// the sums of `mma.sync`.
  void storeSums(ArrayRef<Value> sums) {
    Value inGroup = b.rem(thread, b.index(WarpgroupTile::warpgroupThreads));
    Value warp = b.div(inGroup, b.index(CudaBuilder::warpThreads));
    Value lane = b.rem(inGroup, b.index(CudaBuilder::warpThreads));
    Value row =
        b.add(b.mul(b.sub(warpgroup, b.index(1)), WarpgroupTile::warpgroupRows),
              b.add(b.mul(warp, 16), b.div(lane, b.index(4))));
    Value column = b.mul(b.rem(lane, b.index(4)), 2);
    Value place = b.elementsFrom(
        b.shared(), b.add(b.mul(row, WarpgroupTile::sumStride), column),
        b.getF32Type());
    for (int64_t i = 0; i < matrices; ++i)
      for (int64_t j = 0; j < panels; ++j)
        for (int64_t k = 0; k < panelColumns / 2; k += 2) {
          Value sum = sums[i * panels + j];
          int64_t offset =
              (i * RowBlocks::rows + k / 2 % 2 * 8) * WarpgroupTile::sumStride +
              j * panelColumns + k / 4 * 8;
          b.store(b.vectorOf({b.elementOf(sum, k), b.elementOf(sum, k + 1)}),
                  b.elementsFrom(place, offset, b.getF32Type()), 8);
        }
  }

  CudaBuilder &b;
  PackedType weight;
  const LinearForm &form;
  RowBlocks blocks;
  /// Columns of a panel, panels of a tile, steps along the inputs.
  int64_t panelColumns, panels, steps;
  Value rows, firstPanel, thread, warpgroup;
  SmallVector<Value> rowSources, panelSources;
};

} // namespace

CudaKernel sinter::emitWarpgroupTile(CudaBuilder &b, StringRef name,
                                     PackedType weight,
                                     const LinearForm &form) {
  Type pointer = b.pointerType();
  SmallVector<Type> types{pointer, pointer, pointer, b.indexType()};
  types.append(form.extras, pointer);
  func::FuncOp kernel = b.beginKernel(name, types, WarpgroupTile::threads);
  WarpgroupEmitter(b, weight, form).emit(kernel.getArguments());
  b.endFunction();
  return {kernel, WarpgroupTile::threads, WarpgroupTile::sharedBytes};
}
