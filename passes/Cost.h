//===- Cost.h - Bytes and operations of a program ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_COST_H
#define SINTER_PASSES_COST_H

#include "ir/Sinter.h"

namespace sinter {

/// A call: `tokens` of one sequence behind `past` others, and how many of their
/// rows are asked for. Before the past is in caches, a function computes all
/// `past + tokens` rows.
struct Workload {
  int64_t tokens = 1;
  int64_t past = 0;
  int64_t rows = 1;
  /// Positions of the source, where there is one.
  int64_t source = 0;
};

/// What one call moves between memory and registers, in bytes, and computes: a
/// multiplication with the addition behind it is two operations, any other
/// function of an element one.
struct Cost {
  int64_t weights = 0; ///< Read of what the binary stores.
  int64_t read = 0;    ///< Read of activations and caches.
  int64_t written = 0;
  int64_t operations = 0;

  int64_t bytes() const { return weights + read + written; }
  Cost &operator+=(const Cost &other);
  Cost operator*(int64_t count) const;
  bool operator==(const Cost &other) const = default;
};

/// Counts, at any stage of the pipeline. An op reads each of its operands once
/// and writes its results; what stands in the region of a kernel stays in
/// registers. Weights, constants and what depends on nothing else are made when
/// compiling: reading them costs, making them does not. A gather and a slice
/// read what they give; a reshape is another name for the same bytes.
class CostModel {
public:
  explicit CostModel(Workload workload) : workload(workload) {}

  /// Of one run of `op`; of layers, all runs of the body.
  Cost of(mlir::Operation *op);
  Cost of(mlir::Block &block);
  /// Bytes of a value of this type.
  int64_t bytes(mlir::Type type) const;

private:
  bool isStored(mlir::Value value);
  int64_t elements(mlir::Type type) const;
  int64_t operations(mlir::Operation *op) const;
  int64_t operationsOf(CompositeOpInterface composite) const;
  int64_t operationsIn(mlir::Region &region) const;
  int64_t positions(mlir::Value history, mlir::Operation *user) const;
  int64_t pairs(mlir::Value history, mlir::Operation *user,
                Dimension rows) const;
  int64_t readBytes(mlir::Value value, mlir::Operation *user) const;
  int64_t writtenBytes(mlir::Operation *op) const;

  Workload workload;
  llvm::DenseMap<mlir::Value, bool> stored;
};

} // namespace sinter

#endif // SINTER_PASSES_COST_H
