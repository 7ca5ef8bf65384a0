//===- WarpgroupTile.h - Contractions of many rows with wgmma -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_WARPGROUPTILE_H
#define SINTER_CODEGEN_CUDA_WARPGROUPTILE_H

#include "codegen/cuda/QuantizedNumbers.h"
#include "codegen/cuda/RowBlocks.h"
#include "codegen/cuda/TileOutput.h"

namespace sinter {

/// How a block computes its tile with `wgmma`: one warpgroup copies, the others
/// multiply.
struct WarpgroupTile {
  static constexpr int64_t rows = 256, columns = 128, step = 64, stages = 4;
  static constexpr int64_t warpgroupThreads = 128, multiplying = 2,
                           threads = (1 + multiplying) * warpgroupThreads;
  /// Rows of a warpgroup, in matrices of 64.
  static constexpr int64_t warpgroupRows = rows / multiplying;
  static constexpr int64_t sumStride = columns + 4;

  static constexpr int64_t stageBytes = (rows + columns) * step * 2;
  /// Two barriers of each stage stand behind them.
  static constexpr int64_t sharedBytes = stages * (stageBytes + 16);
  static_assert(rows * sumStride * 4 <= stages * stageBytes);

  /// Whether a tile is a whole number of this weight's panels.
  static bool fits(PackedType weight) {
    bool isBrainFloat = weight.getElementType().isBF16() &&
                        weight.getLayout().getDepth() == RowBlocks::run;
    return (isBrainFloat || QuantizedNumbers::fits(weight)) &&
           columns % weight.getLayout().getColumns() == 0 &&
           weight.getLayout().getColumns() % 8 == 0;
  }
};

/// Emits what `emitMatrixTile` does (MatrixTile.h), for GPUs of sm_90a: bulk
/// copies fill stages of shared memory, one thread asks for all of them;
/// barriers there say when a stage is full and when it has been read. A weight
/// of 8 or 4 bits is widened by the warpgroup that copies, each thread a
/// column: `wgmma` could take weights from registers instead, but then as the
/// left side, and sums, epilogues and what two warpgroups share of a tile would
/// all be another kernel's. Grid: tiles of rows along x, tiles of columns along
/// y.
CudaKernel emitWarpgroupTile(CudaBuilder &b, llvm::StringRef name,
                             PackedType weight, const LinearForm &form);

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_WARPGROUPTILE_H
