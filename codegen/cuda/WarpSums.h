//===- WarpSums.h - Sums that warps have of one tile -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_WARPSUMS_H
#define SINTER_CODEGEN_CUDA_WARPSUMS_H

#include "codegen/cuda/CudaBuilder.h"

namespace sinter {

/// A tile of sums, f32, for each warp of a block, at the beginning of its
/// shared memory: warps share the inputs of a contraction, and their sums are
/// added to those of the first.
struct WarpSums {
  int64_t warps, rows, columns;

  /// Floats from one row to the next: rows that several lanes write at once
  /// are in other banks.
  constexpr int64_t stride() const { return columns + 4; }
  constexpr int64_t bytes() const { return warps * rows * stride() * 4; }

  /// Where a warp's sum is.
  mlir::Value at(CudaBuilder &b, mlir::Value warp, mlir::Value row,
                 mlir::Value column) const;
  /// Adds the sums of all warps, in their order, in the place of the first's.
  /// All threads take part, between two barriers; there are at least as many as
  /// a tile has sums.
  void add(CudaBuilder &b, mlir::Value thread) const;
};

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_WARPSUMS_H
