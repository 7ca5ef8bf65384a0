//===- Transpose.cpp - Squares of elements in registers -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/Transpose.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sinter;

void sinter::transposeSquare(KernelBuilder &b, MutableArrayRef<Value> vectors) {
  int64_t lanes = vectors.size();
  // Swaps ever larger blocks across the diagonal.
  for (int64_t width = 1; width < lanes; width *= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      bool isFirst = (lane & width) == 0;
      low.push_back(isFirst ? lane : lanes + lane - width);
      high.push_back(isFirst ? lane + width : lanes + lane);
    }
    for (int64_t i = 0; i < lanes; ++i) {
      if (i & width)
        continue;
      Value first = vectors[i], second = vectors[i + width];
      vectors[i] = vector::ShuffleOp::create(b, first, second, low);
      vectors[i + width] = vector::ShuffleOp::create(b, first, second, high);
    }
  }
}

void sinter::turnRows(
    KernelBuilder &b, int64_t lanes, int64_t width, Value target, int64_t pitch,
    llvm::function_ref<Value(int64_t row, Value d, int64_t used)> load) {
  Type word = b.getI32Type();
  auto turn = [&](Value d, int64_t used) {
    SmallVector<Value> square;
    for (int64_t row = 0; row < lanes; ++row)
      square.push_back(load(row, d, used));
    transposeSquare(b, square);
    for (int64_t i = 0; i < used; ++i)
      b.store(square[i],
              b.elementsFrom(target, b.mul(b.add(d, b.index(i)), pitch), word));
  };
  int64_t whole = width / lanes * lanes;
  b.loop(b.index(0), b.index(whole), lanes, [&](Value d) { turn(d, lanes); });
  if (whole < width)
    turn(b.index(whole), width - whole);
}
