//===- QuantizedFewRows.h - Few rows by weights of few bits -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_QUANTIZEDFEWROWS_H
#define SINTER_CODEGEN_CUDA_QUANTIZEDFEWROWS_H

#include "codegen/cuda/QuantizedNumbers.h"
#include "codegen/cuda/RowBlocks.h"
#include "codegen/cuda/TileOutput.h"

namespace sinter {

/// How a block computes 32 columns of up to eight rows by weights of 8 or 4
/// bits.
struct QuantizedFewRows {
  static constexpr int64_t rows = 8, tileColumns = 32, warps = 16,
                           threads = warps * CudaBuilder::warpThreads;
  /// Columns of a load of 16 bytes.
  static constexpr int64_t quad = 4;

  /// Columns of each part that a block computes.
  static int64_t columns(PackedType weight) {
    return tileColumns / weight.getLayout().getParts();
  }
  /// Blocks along x.
  static int64_t columnBlocks(PackedType weight) {
    return weight.getPanelCount() * weight.getPartColumns() / columns(weight);
  }
  static bool fits(PackedType weight) {
    return QuantizedNumbers::fits(weight) &&
           weight.getLayout().getParts() <= 2 &&
           weight.getPartColumns() % columns(weight) == 0;
  }
};

/// Emits
///
///     void NAME(ptr blocks, ptr w, ptr y, i64 rows, ptr extra...)
///
/// which computes what `emitFewRows` does (FewRows.h), of a quantized weight:
/// its bytes are read once, 16 a lane, and widened in registers. The four
/// columns of a load are left operands of two `mma.sync`. Sums of whole numbers
/// by bf16 are scaled a group at a time, in f32; where groups have least
/// values, another product gives the sums of the inputs that these multiply.
/// Grid: `columnBlocks` along x, rows in eights along y.
CudaKernel emitQuantizedFewRows(CudaBuilder &b, llvm::StringRef name,
                                PackedType weight, const LinearForm &form);

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_QUANTIZEDFEWROWS_H
