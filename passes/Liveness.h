//===- Liveness.h - When buffers hold something -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_LIVENESS_H
#define SINTER_PASSES_LIVENESS_H

#include "passes/Buffers.h"
#include "llvm/ADT/BitVector.h"

namespace sinter {

/// Time is counted in phases: what runs between two barriers. As threads drift
/// apart within a phase, but never further, two buffers may share memory if and
/// only if no phase needs both.
class Liveness {
public:
  Liveness(mlir::func::FuncOp function, const Buffers &buffers);

  int64_t getPhaseCount() const { return phaseCount; }
  /// The phases in which a buffer is written, read, or held for later.
  const llvm::BitVector &getPhases(int64_t buffer) const {
    return phases[buffer];
  }
  bool interfere(int64_t lhs, int64_t rhs) const {
    return phases[lhs].anyCommon(phases[rhs]);
  }

private:
  struct Range {
    int64_t first, last;
  };

  void count(mlir::Block &block);
  void touch(int64_t buffer, mlir::Operation *at, bool asCondition = false);

  llvm::DenseMap<mlir::Operation *, int64_t> phaseOf; // of every op
  llvm::DenseMap<mlir::Operation *, Range> loops;     // of every repeat
  llvm::SmallVector<std::optional<Range>> ranges;
  llvm::SmallVector<mlir::Block *> homes; // the outermost block that names it
  llvm::SmallVector<llvm::BitVector> phases;
  int64_t phaseCount = 1;
};

/// Bytes of a buffer at most, with every named dimension at its largest. Fails,
/// with an error at `user`, where that is not known or too large.
struct Maxima {
  int64_t tokens, rows, past, sourcePast;
};
mlir::FailureOr<int64_t> getMaximumBytes(mlir::Operation *user,
                                         NamedTensorType type,
                                         const Maxima &maxima);

} // namespace sinter

#endif // SINTER_PASSES_LIVENESS_H
