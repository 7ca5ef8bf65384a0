//===- TileSegments.h - What becomes of ranges of sums ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_IR_TILESEGMENTS_H
#define SINTER_IR_TILESEGMENTS_H

#include "ir/Sinter.h"

namespace sinter {

/// A range of the columns of a contraction's sums that becomes one result of
/// its group, element by element or, where positions turn them, pair by pair:
/// queries, keys, values. An element of the result's row stands in the place of
/// its sum within the range.
struct TileSegment {
  /// The first column, and how many.
  int64_t begin = 0, size = 0;
  /// What the group gives: a tensor, or the history that `write` gives.
  mlir::Value given;
  CacheAppendOp write;
  /// What turns heads, if anything.
  RotaryOp rotary;
  /// The ops that compute it, in the order of the block: elementwise ones,
  /// constants, `rotary`, and slices, reshapes and transposes, which keep the
  /// elements of a row in their order.
  llvm::SmallVector<mlir::Operation *> work;
  /// Of each value that they make of sums, the column of its first element.
  llvm::DenseMap<mlir::Value, int64_t> begins;
};

/// The segments of a group's epilogue in the order of columns, which they
/// divide among them. Else says why the epilogue is no such thing.
llvm::StringRef findTileSegments(LinearGroupOp group,
                                 llvm::SmallVectorImpl<TileSegment> &segments);

/// Whether a group's results are ranges of columns at all: one result with an
/// element for each sum is none.
bool givesRanges(LinearGroupOp group);

/// Whether an `on_tile` group gives what ranges of columns become, rather than
/// one element for each sum or for those in the same place of each part.
bool isSegmented(LinearGroupOp group);

/// Why segments cannot be computed on tiles of a weight in this layout: the
/// border of two within a panel, halves of a head in different panels. Empty if
/// they can.
llvm::StringRef whyNotInPanels(llvm::ArrayRef<TileSegment> segments,
                               PanelsAttr layout);

/// The layout of panels of as many columns, or half as many, in which both
/// halves stand in one panel of what positions turn in a head, in halves.
PanelsAttr layoutForSegments(llvm::ArrayRef<TileSegment> segments,
                             PanelsAttr layout);

} // namespace sinter

#endif // SINTER_IR_TILESEGMENTS_H
