//===- VerifyNumerics.h - Checks every pass by running it -------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_VERIFYNUMERICS_H
#define SINTER_PASSES_VERIFYNUMERICS_H

#include <cstdint>

namespace mlir {
class PassManager;
} // namespace mlir

namespace sinter {

struct VerifyNumericsOptions {
  /// Seed of inputs and weights.
  uint64_t seed = 1;
  /// How far a value may move, relative to itself or to the root mean square of
  /// its tensor, whichever is larger. A row may also move by a few times what
  /// rounding to f32 in the program itself moves it: where much cancels, the
  /// program says no more.
  double tolerance = 1e-6;
  /// The same for a pass that rounds on purpose. What it leaves is what later
  /// passes are compared with.
  double roundingTolerance = 0.1;
  /// And for one that leaves few bits of every weight.
  double quantizingTolerance = 1;
};

/// Runs the module with the reference evaluator before the first pass and after
/// each (see passes/Experiment.h). The first pass that moves a result by more
/// than the tolerance fails, with an error that names it and the first
/// operation whose value is not what it was before.
///
/// Turns multithreading off: a pass on one function evaluates the module that
/// it stands in.
void enableVerifyNumerics(mlir::PassManager &manager,
                          VerifyNumericsOptions options = {});

} // namespace sinter

#endif // SINTER_PASSES_VERIFYNUMERICS_H
