//===- TileOutput.h - What becomes of sums in shared memory -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_TILEOUTPUT_H
#define SINTER_CODEGEN_CUDA_TILEOUTPUT_H

#include "codegen/cuda/CudaBuilder.h"
#include "codegen/kernels/Linear.h"

namespace sinter {

/// The form of a contraction whose sums are f32, with the epilogue of `group`
/// if that is on tiles: what is done with sums is the same as on a CPU.
LinearForm outputForm(CudaBuilder &b, LinearGroupOp group);

/// A tile of finished sums, f32, in the shared memory of a block.
struct SumTile {
  mlir::Value shared;
  /// Its rows, and floats from one to the next: a multiple of 4.
  int64_t rows, stride;
  /// A tile holds some panels side by side, of each the columns from `column`
  /// on (a number within the panel's share of a part), `columns` of each part,
  /// the first part's first.
  int64_t panels, columns;
  mlir::Value firstRow, rowCount, firstPanel, column;
  /// Threads of the block, all of which take part.
  int64_t threads;
};

/// Makes results of the sums, as `form` says, and writes them: rows up to
/// `rowCount`, columns that the weight has. `y` and `extras` are the kernel's
/// pointers; whatever they point to begins at a multiple of 16 bytes.
void emitTileOutput(CudaBuilder &b, const LinearForm &form, PackedType weight,
                    const SumTile &tile, mlir::Value y,
                    mlir::ValueRange extras);

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_TILEOUTPUT_H
