//===- KernelSchedule.h - Between which kernels ops can run -----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_KERNELSCHEDULE_H
#define SINTER_PASSES_KERNELSCHEDULE_H

#include "ir/Sinter.h"

namespace sinter {

/// Why a contraction cannot be the centre of a group; empty if it can.
llvm::StringRef whyAlone(LinearOp linear);

/// The dimension of a value's rows, N or R.
llvm::StringRef rowsOf(mlir::Value value);

/// When the row ops of a block can run, counted in its kernels, which run in
/// the order of the block.
class KernelSchedule {
public:
  explicit KernelSchedule(mlir::Block &block);

  int64_t numberOf(mlir::Operation *op) const { return numbers.lookup(op); }
  /// The last kernel that must be over before the op: its number in the block,
  /// or -1. An op that reads rows of others waits for them like a kernel.
  int64_t earliest(mlir::Operation *op) const { return earliestOf.lookup(op); }
  /// The first kernel that waits for the op.
  int64_t latest(mlir::Operation *op) const { return latestOf.lookup(op); }
  /// The contraction whose epilogue the op can be part of; null if there is
  /// none, as what comes last before it is another kernel, or nothing.
  LinearOp homeOf(mlir::Operation *op) const {
    return homes.lookup(earliest(op));
  }

private:
  void findEarliest(mlir::Operation *op);
  void findLatest(mlir::Operation *op);

  llvm::DenseMap<mlir::Operation *, int64_t> numbers, earliestOf, latestOf;
  llvm::DenseMap<int64_t, LinearOp> homes;
};

} // namespace sinter

#endif // SINTER_PASSES_KERNELSCHEDULE_H
