//===- FloatRows.cpp - Contractions in f32 --------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/FloatRows.h"
#include "codegen/kernels/Elementwise.h"

using namespace mlir;
using namespace sinter;

namespace {

/// Sums of a warp, f32: a column a lane, for each of eight rows.
constexpr int64_t sumStride = CudaBuilder::warpThreads + 4;

class FloatRowsEmitter {
public:
  FloatRowsEmitter(CudaBuilder &b, PackedType weight, Type inputType,
                   const LinearForm &form)
      : b(b), weight(weight), inputType(inputType), form(form),
        columns(FloatRows::columns(weight)),
        parts(weight.getLayout().getParts()),
        depth(weight.getLayout().getDepth()),
        // Inputs of a row that are loaded together.
        atOnce(weight.getInputs() % 4 == 0 ? 4 : 1) {}

  static constexpr int64_t sharedBytes =
      FloatRows::warps * FloatRows::rows * sumStride * 4;

  void emit(Block::BlockArgListType arguments) {
    int64_t blocksOfPanel = weight.getPartColumns() / columns;
    Value panel = b.div(b.block(0), b.index(blocksOfPanel));
    Value column = b.mul(b.rem(b.block(0), b.index(blocksOfPanel)), columns);
    Value row = b.mul(b.block(1), FloatRows::rows), rows = arguments[3];
    Value thread = b.thread();
    Value lane = b.rem(thread, b.index(CudaBuilder::warpThreads));
    warp = b.div(thread, b.index(CudaBuilder::warpThreads));

    // Lanes beyond the columns repeat the last.
    Value used = b.min(lane, b.index(columns * parts - 1));
    Value inPanel =
        b.add(b.mul(b.div(used, b.index(columns)), weight.getPartColumns()),
              b.add(column, b.rem(used, b.index(columns))));
    Value panelStart =
        b.bytesFrom(arguments[1], b.mul(panel, weight.getPanelBytes()));
    weights = b.elementsFrom(panelStart, b.mul(inPanel, depth),
                             weight.getElementType());
    // Rows beyond the last stand for it; they are not written.
    for (int64_t i = 0; i < FloatRows::rows; ++i) {
      Value own = b.min(b.add(row, b.index(i)), b.sub(rows, b.index(1)));
      inputs.push_back(b.elementsFrom(
          arguments[0], b.mul(own, weight.getInputs()), inputType));
    }

    SmallVector<Value> sums = sumInputs();
    for (auto [i, sum] : llvm::enumerate(sums))
      b.store(b.elementOf(sum, 0), sumAt(warp, b.index(i), lane));
    b.wait();
    addWarps(thread);
    b.wait();
    SumTile tile{b.shared(),   FloatRows::rows,   sumStride,
                 /*panels=*/1, columns,           row,       rows, panel,
                 column,       FloatRows::threads};
    emitTileOutput(b, form, weight, tile, arguments[2],
                   arguments.drop_front(4));
  }

private:
  SmallVector<Value> sumInputs() {
    Type one = b.vectorType(1, b.getF32Type());
    SmallVector<Value> sums(FloatRows::rows, b.zero(one));
    return b.loop(
        b.mul(warp, atOnce), b.index(weight.getInputs()),
        FloatRows::warps * atOnce, sums, [&](Value k, ValueRange carried) {
          SmallVector<Value> loaded;
          for (int64_t i = 0; i < atOnce; ++i)
            loaded.push_back(loadWeight(b.add(k, b.index(i))));
          SmallVector<Value> next(carried);
          for (int64_t row = 0; row < FloatRows::rows; ++row) {
            Value x = loadWidened(b, inputType,
                                  b.elementsFrom(inputs[row], k, inputType),
                                  atOnce, atOnce * elementBytes(inputType));
            for (int64_t i = 0; i < atOnce; ++i)
              next[row] = b.fusedMultiplyAdd(b.broadcast(b.elementOf(x, i), 1),
                                             loaded[i], next[row]);
          }
          return next;
        });
  }

  /// Element (k, column) of a panel.
  Value loadWeight(Value k) {
    int64_t stride = weight.getLayout().getColumns() * depth;
    Value place = b.mul(k, stride);
    if (depth > 1)
      place = b.add(b.mul(b.div(k, b.index(depth)), stride),
                    b.rem(k, b.index(depth)));
    Type element = weight.getElementType();
    return loadWidened(b, element, b.elementsFrom(weights, place, element), 1);
  }

  Value sumAt(Value ofWarp, Value row, Value column) {
    Value at = b.add(
        b.mul(b.add(b.mul(ofWarp, FloatRows::rows), row), sumStride), column);
    return b.elementsFrom(b.shared(), at, b.getF32Type());
  }

  /// The sums of all warps, to the place of the first.
  void addWarps(Value thread) {
    static_assert(FloatRows::rows * CudaBuilder::warpThreads ==
                  FloatRows::threads);
    Value row = b.div(thread, b.index(CudaBuilder::warpThreads));
    Value column = b.rem(thread, b.index(CudaBuilder::warpThreads));
    Type type = b.getF32Type();
    Value sum = b.load(type, sumAt(b.index(0), row, column));
    for (int64_t i = 1; i < FloatRows::warps; ++i)
      sum = b.add(sum, b.load(type, sumAt(b.index(i), row, column)));
    b.store(sum, sumAt(b.index(0), row, column));
  }

  CudaBuilder &b;
  PackedType weight;
  Type inputType;
  const LinearForm &form;
  int64_t columns, parts, depth, atOnce;
  Value warp, weights;
  SmallVector<Value> inputs;
};

} // namespace

CudaKernel sinter::emitFloatRows(CudaBuilder &b, StringRef name,
                                 PackedType weight, Type inputType,
                                 const LinearForm &form) {
  Type pointer = b.pointerType();
  SmallVector<Type> types{pointer, pointer, pointer, b.indexType()};
  types.append(form.extras, pointer);
  func::FuncOp kernel =
      b.beginKernel(name, types, FloatRows::threads, /*blocks=*/4);
  FloatRowsEmitter(b, weight, inputType, form).emit(kernel.getArguments());
  b.endFunction();
  return {kernel, FloatRows::threads, FloatRowsEmitter::sharedBytes};
}
