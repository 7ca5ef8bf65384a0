//===- WarpSums.cpp - Sums that warps have of one tile -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/WarpSums.h"

using namespace mlir;
using namespace sinter;

Value WarpSums::at(CudaBuilder &b, Value warp, Value row, Value column) const {
  Value place = b.add(b.mul(b.add(b.mul(warp, rows), row), stride()), column);
  return b.elementsFrom(b.shared(), place, b.getF32Type());
}

void WarpSums::add(CudaBuilder &b, Value thread) const {
  b.ifLess(thread, b.index(rows * columns), [&] {
    Value row = b.div(thread, b.index(columns));
    Value column = b.rem(thread, b.index(columns));
    Value first = at(b, b.index(0), row, column);
    Value sum = b.load(b.getF32Type(), first);
    for (int64_t warp = 1; warp < warps; ++warp)
      sum =
          b.add(sum, b.load(b.getF32Type(), at(b, b.index(warp), row, column)));
    b.store(sum, first);
  });
}
