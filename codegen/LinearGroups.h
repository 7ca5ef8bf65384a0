//===- LinearGroups.h - A contraction and its row work -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_LINEARGROUPS_H
#define SINTER_CODEGEN_LINEARGROUPS_H

#include "codegen/RowGroups.h"
#include "codegen/kernels/KernelLibrary.h"

namespace sinter {

/// What a linear group finds in the step around it.
struct GroupSurroundings {
  /// An array for the buffers of row functions, large enough; the step's array
  /// of dimensions.
  mlir::Value buffers, dimensions;
  /// Memory of the thread's own, and what all threads share, as
  /// passes/Scratch.h says.
  mlir::Value threadScratch, exchange;
  /// The first thread's own memory, and how far the next one's is from it.
  mlir::Value firstScratch, scratchBytes, threads;
  /// The number of rows, and the thread's own range of them.
  mlir::Value rows, firstRow, lastRow;
  /// The thread's own range of panels.
  mlir::Value firstPanel, lastPanel;
  /// How many rows are taken at once.
  int64_t rowsAtOnce;
  /// Waits for all threads.
  llvm::function_ref<void()> wait;
  /// Where a value stands: an argument of the region or a result of the group.
  llvm::function_ref<mlir::Value(mlir::Value)> place;
};

/// Emits a linear group at the builder's place, as calls of its prologue, of
/// `linear`, and of its epilogue (null where it has none):
///
///     if rows <= rowsAtOnce:                         // by panels
///       prologue of all rows; linear of the thread's panels
///       wait; epilogue of the thread's rows
///     else:                                          // by rows
///       for each piece of the thread's rows:
///         prologue, linear of all panels, epilogue
///
/// With `merge`, `linear` also finds the largest of each row, which threads
/// then bring together. Of the results, those that the caller has no place for
/// are not computed.
void emitLinearGroup(KernelBuilder &builder, KernelLibrary &kernels,
                     LinearGroupOp group, mlir::func::FuncOp linear,
                     const RowFunction *prologue, const RowFunction *epilogue,
                     mlir::func::FuncOp merge,
                     const GroupSurroundings &surroundings);

} // namespace sinter

#endif // SINTER_CODEGEN_LINEARGROUPS_H
