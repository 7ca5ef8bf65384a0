//===- LinearGroups.cpp - A contraction and its row work -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/LinearGroups.h"
#include "codegen/kernels/TileEpilogue.h"
#include "passes/Scratch.h"

using namespace mlir;
using namespace sinter;

namespace {

class GroupEmitter {
public:
  GroupEmitter(KernelBuilder &b, KernelLibrary &kernels, LinearGroupOp group,
               func::FuncOp linear, const RowFunction *prologue,
               const RowFunction *epilogue, const GroupSurroundings &around)
      : b(b), kernels(kernels), group(group), linear(linear),
        prologue(prologue), epilogue(epilogue), around(around),
        contraction(group.getLinear()), scratch(group, around.rowsAtOnce) {}

  void emit() {
    Value limit = b.index(around.rowsAtOnce);
    b.ifLess(around.rows, b.index(around.rowsAtOnce + 1),
             [&] { emitByPanels(); });
    b.ifLess(limit, around.rows, [&] { emitByRows(); });
  }

private:
  /// Bytes of a row of the contraction's input, and of its result.
  int64_t inputBytes() { return rowBytes(contraction.getInput().getType()); }
  int64_t resultBytes() {
    return rowBytes(group.getOnTile()
                        ? cast<NamedTensorType>(group.getResult(0).getType())
                        : contraction.getType());
  }
  static int64_t rowBytes(NamedTensorType type) {
    return type.getDim(1).getSize() *
           llvm::divideCeil(type.getElementType().getIntOrFloatBitWidth(), 8);
  }

  void emitByPanels() {
    Value none = b.index(0);
    // Row functions find row n at n rows from the start of a buffer.
    Value input = prologue ? around.threadScratch
                           : around.place(group.getContractionInput());
    Value sums = epilogue ? around.exchange : around.place(group.getResult(0));
    if (prologue)
      callRows(*prologue, none, around.rows, input, sums);
    callLinear(input, sums, none, around.rows, around.firstPanel,
               around.lastPanel);
    if (!epilogue)
      return;
    around.wait();
    callRows(*epilogue, around.firstRow, around.lastRow, input, sums);
  }

  void emitByRows() {
    Value panels = b.index(contraction.getWeight().getType().getPanelCount());
    Value none = b.index(0);
    b.loop(around.firstRow, around.lastRow, around.rowsAtOnce, [&](Value row) {
      Value end = b.min(b.add(row, b.index(around.rowsAtOnce)), around.lastRow);
      // Scratch holds this piece alone: the start of a buffer of all rows would
      // stand before it.
      auto startOf = [&](Value piece, int64_t bytes) {
        return b.bytesFrom(piece, b.sub(none, b.mul(row, bytes)));
      };
      Value input = prologue ? startOf(around.threadScratch, inputBytes())
                             : around.place(group.getContractionInput());
      Value sums =
          epilogue ? startOf(b.bytesFrom(around.threadScratch, scratch.input),
                             resultBytes())
                   : around.place(group.getResult(0));
      if (prologue)
        callRows(*prologue, row, end, input, sums);
      callLinear(b.bytesFrom(input, b.mul(row, inputBytes())),
                 b.bytesFrom(sums, b.mul(row, resultBytes())), row,
                 b.sub(end, row), none, panels);
      if (epilogue)
        callRows(*epilogue, row, end, input, sums);
    });
  }

  /// For `rows` rows from `row` on; `input` and `sums` stand there already.
  void callLinear(Value input, Value sums, Value row, Value rows,
                  Value firstPanel, Value lastPanel) {
    SmallVector<Value> arguments{
        input,    around.place(contraction.getWeight()), sums, rows, firstPanel,
        lastPanel};
    if (group.getOnTile())
      for (Value value : tileInputs(group)) {
        auto type = cast<NamedTensorType>(value.getType());
        Value start = around.place(value);
        if (type.getRank() == 2 && type.getDim(0) == group.getRows())
          start = b.bytesFrom(start, b.mul(row, rowBytes(type)));
        arguments.push_back(start);
      }
    b.call(linear, arguments);
  }

  void callRows(const RowFunction &function, Value begin, Value end,
                Value input, Value sums) {
    Type pointer = b.pointerType(), index = b.indexType();
    func::FuncOp callee =
        kernels.getExternal(function.name, {pointer, pointer, index, index});
    // Fewer rows than threads leave some threads without any.
    b.ifLess(begin, end, [&] {
      for (auto [slot, value] : llvm::enumerate(function.buffers)) {
        Value place = value == contraction.getResult() ? sums
                      : prologue && value == group.getContractionInput()
                          ? input
                          : around.place(value);
        b.store(place, b.elementsFrom(around.buffers, slot, pointer));
      }
      b.call(callee, {around.buffers, around.dimensions, begin, end});
    });
  }

  KernelBuilder &b;
  KernelLibrary &kernels;
  LinearGroupOp group;
  func::FuncOp linear;
  const RowFunction *prologue, *epilogue;
  const GroupSurroundings &around;
  LinearOp contraction;
  GroupScratch scratch;
};

} // namespace

void sinter::emitLinearGroup(KernelBuilder &builder, KernelLibrary &kernels,
                             LinearGroupOp group, func::FuncOp linear,
                             const RowFunction *prologue,
                             const RowFunction *epilogue,
                             const GroupSurroundings &surroundings) {
  GroupEmitter(builder, kernels, group, linear, prologue, epilogue,
               surroundings)
      .emit();
}
