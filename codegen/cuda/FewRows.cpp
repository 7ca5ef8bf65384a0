//===- FewRows.cpp - Contractions of few rows at memory speed -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/FewRows.h"
#include "codegen/cuda/WarpSums.h"

using namespace mlir;
using namespace sinter;

namespace {

/// Sixteen columns for each of eight rows.
constexpr WarpSums warpSums{FewRows::warps, FewRows::rows, /*columns=*/16};

class FewRowsEmitter {
public:
  FewRowsEmitter(CudaBuilder &b, PackedType weight, const LinearForm &form)
      : b(b), weight(weight), form(form), blocks(weight.getInputs()),
        steps(llvm::divideCeil(weight.getInputs(), FewRows::step)),
        runs(llvm::divideCeil(weight.getInputs(), RowBlocks::run)) {}

  void emit(Block::BlockArgListType arguments) {
    int64_t columns = FewRows::columns(weight);
    int64_t blocksOfPanel = weight.getPartColumns() / columns;
    Value panel = b.div(b.block(0), b.index(blocksOfPanel));
    Value column = b.mul(b.rem(b.block(0), b.index(blocksOfPanel)), columns);
    Value row = b.mul(b.block(1), FewRows::rows);
    Value thread = b.thread();
    Value lane = b.rem(thread, b.index(CudaBuilder::warpThreads));
    warp = b.div(thread, b.index(CudaBuilder::warpThreads));
    group = b.div(lane, b.index(4)), inGroup = b.rem(lane, b.index(4));

    // The first columns of sixteen, and the others: of the next part, if there
    // is one.
    int64_t second =
        weight.getLayout().getParts() == 1 ? 8 : weight.getPartColumns();
    Value panelStart =
        b.bytesFrom(arguments[1], b.mul(panel, weight.getPanelBytes()));
    weights[0] = b.bytesFrom(panelStart, b.mul(b.add(column, group), 16));
    weights[1] = b.bytesFrom(weights[0], second * 16);
    Value inBlock = b.rem(row, b.index(RowBlocks::rows));
    Value rowBlock =
        b.mul(b.div(row, b.index(RowBlocks::rows)), blocks.blockBytes());
    inputs = b.bytesFrom(arguments[0],
                         b.add(rowBlock, b.mul(b.add(inBlock, group), 16)));

    store(sumSteps());
    b.wait();
    warpSums.add(b, thread);
    b.wait();
    SumTile tile{b.shared(),      FewRows::rows, warpSums.stride(),
                 /*panels=*/1,    columns,       row,
                 arguments[3],    panel,         column,
                 FewRows::threads};
    emitTileOutput(b, form, weight, tile, arguments[2],
                   arguments.drop_front(4));
  }

private:
  /// Steps are dealt out to warps: those of one turn stand side by side.
  SmallVector<Value> sumSteps() {
    SmallVector<Value> sums(4, b.constant(0));
    int64_t turn = FewRows::warps * FewRows::stepsAtOnce;
    Value whole = b.index(steps / turn * turn);
    sums = b.loop(warp, whole, turn, sums, [&](Value step, ValueRange carried) {
      return sumAtOnce(step, FewRows::stepsAtOnce, carried);
    });
    if (steps % turn == 0)
      return sums;
    return b.loop(b.add(whole, warp), b.index(steps), FewRows::warps, sums,
                  [&](Value step, ValueRange carried) {
                    return sumAtOnce(step, 1, carried);
                  });
  }

  SmallVector<Value> sumAtOnce(Value step, int64_t count, ValueRange carried) {
    // All loads come first.
    SmallVector<std::array<SmallVector<Value>, 3>> loaded;
    for (int64_t i = 0; i < count; ++i)
      loaded.push_back(loadStep(b.add(step, b.index(i * FewRows::warps))));
    SmallVector<Value> sums(carried);
    for (auto &[first, second, input] : loaded)
      for (int64_t half = 0; half < 4; half += 2)
        sums = b.multiply(
            {first[half], second[half], first[half + 1], second[half + 1]},
            {input[half], input[half + 1]}, sums);
    return sums;
  }

  /// A run of eight inputs of two columns and of one row, in four registers
  /// each.
  std::array<SmallVector<Value>, 3> loadStep(Value step) {
    Type type = b.vectorType(4, b.getI32Type());
    Value run = b.add(b.mul(step, FewRows::step / RowBlocks::run), inGroup);
    Value input =
        b.load(type, b.bytesFrom(inputs, b.mul(run, blocks.runBytes())), 16);
    Value isInside;
    if (runs % (FewRows::step / RowBlocks::run) != 0) {
      isInside = b.isLess(run, b.index(runs));
      run = b.choose(isInside, run, b.index(0));
    }
    std::array<SmallVector<Value>, 3> registers;
    for (int64_t half = 0; half < 2; ++half) {
      Value place = b.bytesFrom(
          weights[half],
          b.mul(run, weight.getLayout().getColumns() * RowBlocks::run * 2));
      Value loaded = b.loadConstant(type, place, 16);
      if (isInside)
        loaded = b.choose(isInside, loaded, b.zero(type));
      split(loaded, registers[half]);
    }
    split(input, registers[2]);
    return registers;
  }

  void split(Value four, SmallVector<Value> &registers) {
    for (int64_t i = 0; i < 4; ++i)
      registers.push_back(b.elementOf(four, i));
  }

  /// A lane has two rows of column lane / 4, and of that eight further.
  void store(ArrayRef<Value> sums) {
    for (int64_t i = 0; i < 4; ++i)
      b.store(sums[i],
              warpSums.at(b, warp, b.add(b.mul(inGroup, 2), b.index(i % 2)),
                          b.add(group, b.index(i / 2 * 8))));
  }

  CudaBuilder &b;
  PackedType weight;
  const LinearForm &form;
  RowBlocks blocks;
  int64_t steps, runs;
  Value warp, group, inGroup, inputs;
  std::array<Value, 2> weights;
};

} // namespace

CudaKernel sinter::emitFewRows(CudaBuilder &b, StringRef name,
                               PackedType weight, const LinearForm &form) {
  Type pointer = b.pointerType();
  SmallVector<Type> types{pointer, pointer, pointer, b.indexType()};
  types.append(form.extras, pointer);
  func::FuncOp kernel =
      b.beginKernel(name, types, FewRows::threads, /*blocks=*/4);
  FewRowsEmitter(b, weight, form).emit(kernel.getArguments());
  b.endFunction();
  return {kernel, FewRows::threads, warpSums.bytes()};
}
