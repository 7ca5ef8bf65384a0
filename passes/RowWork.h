//===- RowWork.h - Ops that work row by row ---------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_ROWWORK_H
#define SINTER_PASSES_ROWWORK_H

#include "ir/Sinter.h"

namespace sinter {

/// Whether a tensor has an axis N or R.
bool hasRows(mlir::Value value);

/// Math that can be part of a row group.
bool isRowMath(mlir::Operation *op);

/// Work on rows: it goes into exactly one kernel, unless it is computed again.
bool isRowOp(mlir::Operation *op);

/// Work on no row, such as counting the past's positions: every group that uses
/// it makes it again.
bool isRowless(mlir::Operation *op);

/// Whether `op` reads rows of `operand` that are not its own.
bool readsOtherRows(mlir::Operation *op, mlir::Value operand);

} // namespace sinter

#endif // SINTER_PASSES_ROWWORK_H
