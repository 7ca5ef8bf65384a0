//===- Partition.h - How threads share a kernel -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_PARTITION_H
#define SINTER_PASSES_PARTITION_H

#include "ir/Sinter.h"

namespace sinter {

/// What one thread of several touches of a buffer or of a cache. This is the
/// rule that generated code follows and that barriers are placed by:
///
///     row_group          rows of its results, an axis N or R
///     attention_*        rows of its result: N
///     cache_append       rows that it writes: N
///     linear             panels of columns, of all rows
///     attention          tiles of rows and heads, by the number of threads
///
/// Rows are cut into contiguous ranges, in the same way for all kernels with
/// the same dimension: thread t of `threads` takes the rows from
/// D * t / threads to D * (t + 1) / threads.
struct Share {
  /// "N" or "R": the thread's own range of these rows, of every other axis all.
  /// Empty: anything.
  llvm::StringRef rows;

  bool operator==(const Share &other) const { return rows == other.rows; }
  /// Whether one thread may touch what another one has.
  bool crosses(const Share &other) const {
    return rows.empty() || rows != other.rows;
  }
};

/// Whether threads share the work of this op: it is a kernel.
bool isKernel(mlir::Operation *op);

/// What a thread writes of a kernel's results, and for an append of its cache.
Share getWriteShare(mlir::Operation *kernel);

/// What a thread reads of an operand; of histories, anything.
Share getReadShare(mlir::OpOperand &operand);

} // namespace sinter

#endif // SINTER_PASSES_PARTITION_H
