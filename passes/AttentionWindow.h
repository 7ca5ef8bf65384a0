//===- AttentionWindow.h - Sliding windows, proven from masks ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_ATTENTIONWINDOW_H
#define SINTER_PASSES_ATTENTIONWINDOW_H

#include "ir/Sinter.h"

namespace sinter {

/// Looks for a mask that hides everything further back than a constant:
///
///     %d = sub %position, %iota
///     %near = compare lt %d, 16
///     %mask = select %near, 0, -inf
///     %x = add %score, %mask             // -inf wherever %near is false
///
/// `position` is the input of the region that holds the rows' positions, of a
/// causal entry: the last position that a row sees is its own. If found, gives
/// the attention its window, within which the condition is true.
///
/// Returns whether there is one.
bool deriveWindow(AttentionOp attention, mlir::Value position);

/// The same for entries that are not causal, where both sides are hidden:
///
///     %d = abs (sub %position, %iota)
///     %near = compare le %d, 64
///
/// The attention's extent becomes the lesser of its own and the last position
/// that the row sees, `position + 65`, and its window is as wide as both sides,
/// 129. At the end of a sequence that is more than the row sees, so the mask
/// stays. `argument` is the input of the region, `position` that of the entry.
bool deriveBand(AttentionOp attention, mlir::Value argument,
                mlir::Value position);

} // namespace sinter

#endif // SINTER_PASSES_ATTENTIONWINDOW_H
