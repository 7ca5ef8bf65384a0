//===- LinearGroups.cpp - A contraction and its row work -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/LinearGroups.h"
#include "codegen/kernels/TileEpilogue.h"
#include "ir/TileSegments.h"
#include "passes/Scratch.h"

using namespace mlir;
using namespace sinter;

namespace {

class GroupEmitter {
public:
  GroupEmitter(KernelBuilder &b, KernelLibrary &kernels, LinearGroupOp group,
               func::FuncOp linear, const RowFunction *prologue,
               const RowFunction *epilogue, func::FuncOp merge,
               const GroupSurroundings &around)
      : b(b), kernels(kernels), group(group), linear(linear), merge(merge),
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
    return rowBytes(group.getOnTile() && !isSegmented(group)
                        ? cast<NamedTensorType>(group.getResult(0).getType())
                        : contraction.getType());
  }
  /// Of a tensor whose first axis is that of rows.
  static int64_t rowBytes(NamedTensorType type) {
    int64_t elements = 1;
    for (Dimension dim : ArrayRef(type.getShape()).drop_front())
      elements *= dim.getSize();
    return elements *
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
               around.lastPanel, findingsOf(around.threadScratch));
    ifFinding([&] {
      around.wait();
      callMerge(findingsOf(around.firstScratch), around.threads,
                around.firstRow, around.lastRow);
    });
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
                 b.sub(end, row), none, panels,
                 findingsOf(around.threadScratch));
      ifFinding([&] {
        callMerge(startOf(findingsOf(around.threadScratch), 8), b.index(1), row,
                  end);
      });
      if (epilogue)
        callRows(*epilogue, row, end, input, sums);
    });
  }

  /// What a thread found of each row, in its scratch.
  Value findingsOf(Value ofThread) {
    return b.bytesFrom(ofThread, scratch.input + scratch.sums);
  }

  /// Emits `body` for calls that want the largest of each row.
  void ifFinding(llvm::function_ref<void()> body) {
    if (merge)
      b.ifGiven(around.place(group.getResult(1)), body);
  }

  void callMerge(Value findings, Value count, Value begin, Value end) {
    b.call(merge, {findings, around.scratchBytes, count, begin, end,
                   around.place(group.getResult(1)),
                   around.place(group.getResult(2))});
  }

  /// For `rows` rows from `row` on; all else stands there already.
  void callLinear(Value input, Value sums, Value row, Value rows,
                  Value firstPanel, Value lastPanel, Value findings) {
    PackedType weight = contraction.getWeight().getType();
    if (weight.getQuantized()) {
      Value quantized =
          b.bytesFrom(around.threadScratch,
                      scratch.input + scratch.sums + scratch.findings);
      b.call(kernels.getQuantizeRows(weight), {input, quantized, rows});
      input = quantized;
    }
    if (merge) {
      sums = b.unlessNull(around.place(group.getResult(0)), sums);
      findings = b.unlessNull(around.place(group.getResult(1)), findings);
    }
    SmallVector<Value> arguments{
        input,    around.place(contraction.getWeight()), sums, rows, firstPanel,
        lastPanel};
    if (group.getOnTile())
      for (Value value : tileInputs(group)) {
        auto type = cast<NamedTensorType>(value.getType());
        Value start = around.place(value);
        if (type.getRank() > 0 && type.getDim(0) == group.getRows())
          start = b.bytesFrom(start, b.mul(row, rowBytes(type)));
        arguments.push_back(start);
      }
    if (isSegmented(group))
      addDestinations(row, arguments);
    if (merge)
      arguments.push_back(findings);
    b.call(linear, arguments);
  }

  /// Where the segments' results go: a tensor's from `row` on, a cache's layer.
  void addDestinations(Value row, SmallVectorImpl<Value> &arguments) {
    SmallVector<TileSegment> segments;
    findTileSegments(group, segments);
    ValueRange given = group.getBody()->getTerminator()->getOperands();
    for (const TileSegment &segment : segments) {
      size_t number = llvm::find(given, segment.given) - given.begin();
      Value start = around.place(group.getResult(number));
      if (!segment.write)
        start = b.bytesFrom(start, b.mul(row, segment.size * 4));
      arguments.push_back(start);
    }
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
  func::FuncOp linear, merge;
  const RowFunction *prologue, *epilogue;
  const GroupSurroundings &around;
  LinearOp contraction;
  GroupScratch scratch;
};

} // namespace

void sinter::emitLinearGroup(KernelBuilder &builder, KernelLibrary &kernels,
                             LinearGroupOp group, func::FuncOp linear,
                             const RowFunction *prologue,
                             const RowFunction *epilogue, func::FuncOp merge,
                             const GroupSurroundings &surroundings) {
  GroupEmitter(builder, kernels, group, linear, prologue, epilogue, merge,
               surroundings)
      .emit();
}
