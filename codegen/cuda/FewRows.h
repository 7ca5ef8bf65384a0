//===- FewRows.h - Contractions of few rows at memory speed -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_FEWROWS_H
#define SINTER_CODEGEN_CUDA_FEWROWS_H

#include "codegen/cuda/RowBlocks.h"
#include "codegen/cuda/TileOutput.h"

namespace sinter {

/// How a block computes some columns of up to eight rows.
struct FewRows {
  static constexpr int64_t rows = 8, warps = 8,
                           threads = warps * CudaBuilder::warpThreads;
  /// Inputs that a warp multiplies at once, and such steps whose weights are on
  /// their way at the same time: memory answers late.
  static constexpr int64_t step = 32, stepsAtOnce = 4;

  /// Columns of each part that a block computes: sixteen in all.
  static int64_t columns(PackedType weight) {
    return weight.getLayout().getParts() == 1 ? 16 : 8;
  }
  /// Blocks along x.
  static int64_t columnBlocks(PackedType weight) {
    return weight.getPanelCount() * weight.getPartColumns() / columns(weight);
  }
  static bool fits(PackedType weight) {
    return weight.getElementType().isBF16() &&
           weight.getLayout().getDepth() == RowBlocks::run &&
           weight.getLayout().getParts() <= 2 &&
           weight.getPartColumns() % columns(weight) == 0;
  }
};

/// Emits
///
///     void NAME(ptr blocks, ptr w, ptr y, i64 rows, ptr extra...)
///
/// which computes what `emitMatrixTile` does, where rows are so few that time
/// goes into reading weights. Weights are the left operand of `mma.sync`, eight
/// rows the right one: a lane loads the eight inputs of a column that stand
/// together, and as a sum may be taken in any order, these need not be moved to
/// where the instruction wants neighbours. Warps share the inputs, and their
/// sums are added in shared memory. Grid: `columnBlocks` along x, rows in
/// eights along y.
CudaKernel emitFewRows(CudaBuilder &b, llvm::StringRef name, PackedType weight,
                       const LinearForm &form);

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_FEWROWS_H
