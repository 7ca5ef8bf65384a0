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
///     linear_group       rows of its results; before it waits, where threads
///                        share by panels, all rows and panels of columns;
///                        with its epilogue on the tile, either
///
/// Rows are cut into contiguous ranges, in the same way for all kernels with
/// the same dimension: thread t of `threads` takes the rows from
/// D * t / threads to D * (t + 1) / threads.
struct Share {
  /// "N" or "R": the thread's own range of these rows, of every other axis all.
  /// Empty: anything.
  llvm::StringRef rows;
  /// Without rows, the panels of the thread's own of so many columns, of all
  /// rows; null: anything.
  PackedType panels = {};

  bool operator==(const Share &other) const {
    return rows == other.rows && panels == other.panels;
  }
  /// Whether one thread may touch what another one has.
  bool crosses(const Share &other) const {
    if (panels && other.panels)
      return panels.getOutputs() != other.panels.getOutputs() ||
             panels.getLayout().getColumns() !=
                 other.panels.getLayout().getColumns() ||
             panels.getLayout().getParts() !=
                 other.panels.getLayout().getParts() ||
             panels.getSpan() != other.panels.getSpan();
    return rows.empty() || rows != other.rows;
  }
};

/// How threads share linear groups in a call. The number of tokens decides, so
/// that it is the same for all of them; what holds for one way need not for the
/// other, and plans must be right for both.
enum class Sharing { byPanels, byRows };

/// Whether threads share the work of this op: it is a kernel.
bool isKernel(mlir::Operation *op);

/// Whether all threads wait for all in the middle of the kernel: behind what a
/// linear group reads for its contraction, before its epilogue.
bool waitsWithin(mlir::Operation *kernel, Sharing sharing);

/// What a thread writes of a kernel's results, and for an append of its cache.
Share getWriteShare(mlir::Operation *kernel, Sharing sharing);

/// What a thread reads of an operand; of histories, anything. `behind` asks for
/// what is read behind the kernel's own wait. None: nothing is read.
std::optional<Share> getReadShare(mlir::OpOperand &operand, Sharing sharing,
                                  bool behind = false);

} // namespace sinter

#endif // SINTER_PASSES_PARTITION_H
