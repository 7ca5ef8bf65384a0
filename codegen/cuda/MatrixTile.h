//===- MatrixTile.h - Contractions of many rows on tensor cores -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_MATRIXTILE_H
#define SINTER_CODEGEN_CUDA_MATRIXTILE_H

#include "codegen/cuda/QuantizedNumbers.h"
#include "codegen/cuda/RowBlocks.h"
#include "codegen/cuda/TileOutput.h"

namespace sinter {

/// How a block computes its tile with `mma.sync`.
struct MatrixTile {
  /// Results of a block, inputs of a step, and steps in shared memory.
  static constexpr int64_t rows = 128, columns = 128, step = 32, stages = 4;
  /// Results of a warp.
  static constexpr int64_t warpRows = 64, warpColumns = 32;
  static constexpr int64_t threads =
      rows / warpRows * (columns / warpColumns) * CudaBuilder::warpThreads;
  /// Floats from one row of sums to the next: a little more than a row, so that
  /// rows begin in different banks.
  static constexpr int64_t sumStride = columns + 4;

  static constexpr int64_t stageBytes = (rows + columns) * step * 2;
  static constexpr int64_t sharedBytes =
      stages * stageBytes > rows * sumStride * 4 ? stages *stageBytes
                                                 : rows * sumStride * 4;

  /// Whether a tile is a whole number of this weight's panels.
  static bool fits(PackedType weight) {
    bool isBrainFloat = weight.getElementType().isBF16() &&
                        weight.getLayout().getDepth() == RowBlocks::run;
    return (isBrainFloat || QuantizedNumbers::fits(weight)) &&
           columns % weight.getLayout().getColumns() == 0 &&
           weight.getLayout().getColumns() % 16 == 0;
  }
};

/// Emits
///
///     void NAME(ptr blocks, ptr w, ptr y, i64 rows, ptr extra...)
///
/// which computes what `emitLinear` does (codegen/kernels/Linear.h), of rows
/// in blocks (RowBlocks.h) and a bf16 weight in panels of depth 8, for GPUs of
/// sm_80 and later: `cp.async` brings the next steps while `mma.sync`
/// multiplies this one. A weight of 8 or 4 bits becomes bf16 on its way into
/// shared memory (QuantizedColumn.h). Grid: tiles of rows along x, so that
/// blocks that run at the same time share weights; tiles of columns along y.
CudaKernel emitMatrixTile(CudaBuilder &b, llvm::StringRef name,
                          PackedType weight, const LinearForm &form);

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_MATRIXTILE_H
