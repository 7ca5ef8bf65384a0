//===- FusionCut.h - What is kept in memory between kernels -----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_FUSIONCUT_H
#define SINTER_PASSES_FUSIONCUT_H

#include "ir/Sinter.h"
#include "llvm/ADT/DenseSet.h"

namespace sinter {

/// Bytes that one row of a tensor takes; a past counts as a long one.
int64_t bytesOfRow(NamedTensorType type);

/// The row work between kernels and a consumer of their results.
struct FusionGap {
  /// Ops that the consumer needs, and no kernel before it.
  llvm::SmallVector<mlir::Operation *> ops;
  /// What the consumer reads.
  mlir::Value wanted;
  /// Those of the ops whose results must be in memory whatever is decided: a
  /// later kernel reads them too, or they cannot be computed by the consumer.
  llvm::DenseSet<mlir::Operation *> kept;
  /// Those that no kernel before could compute as its epilogue: done before,
  /// they are a kernel of their own.
  llvm::DenseSet<mlir::Operation *> homeless;
};

/// Which ops of the gap the consumer should compute, and which should be done
/// before: a minimum cut (Boykov-Kolmogorov) of the gap's graph. Its cost is
/// the bytes of a row that cross from one side to the other: what is read, and
/// what is only written to be read, counts, and what a kernel of its own would
/// read; and a little for each element that the consumer computes, as threads
/// that share its columns each do. `bytes` gives the bytes that cross.
llvm::DenseSet<mlir::Operation *> chooseConsumersWork(const FusionGap &gap,
                                                      int64_t &bytes);

} // namespace sinter

#endif // SINTER_PASSES_FUSIONCUT_H
