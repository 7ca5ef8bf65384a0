//===- Experiment.h - One experiment on any form of a program ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes change what a function takes: one whole sequence becomes any mix of
// rows, an encoder-decoder is cut into two functions. The experiment stays the
// same: two sequences of different lengths, with sources of different lengths,
// whose elements depend on the seed alone. It is carried out on every form:
//
//   whole sequences   each by itself
//   ragged            both mixed in one call; a causal function also in several
//                     calls, cut at random places; others one sequence a call
//
// and its findings have names that do not depend on the form.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_EXPERIMENT_H
#define SINTER_PASSES_EXPERIMENT_H

#include "ir/Evaluator.h"

namespace sinter {

/// Numbers by what they are of: sequence and position of a token, or -1 and -1
/// for what belongs to none.
using RowKey = std::pair<int64_t, int64_t>;
using Rows = std::map<RowKey, std::vector<double>>;

/// What one operation gave in one layer, over all calls of a run.
struct TracedValue {
  mlir::Operation *op;
  unsigned result;
  int64_t layer;
  Rows rows;
};

/// What a way to carry out the experiment found.
struct Run {
  /// "each sequence by itself".
  std::string way;
  /// By the function and the number of its result: "@logits result 0".
  std::map<std::string, Rows> findings;
  /// In the order of execution; only if asked for.
  std::vector<TracedValue> trace;
};

class Experiment {
public:
  Experiment(mlir::ModuleOp module, uint64_t seed);

  /// Carries the experiment out in each way that the module's form allows: the
  /// first way covers every token. Fails with diagnostics if the module cannot
  /// be evaluated.
  mlir::FailureOr<std::vector<Run>> run(mlir::ModuleOp module) const;

  /// One way only, with a trace; the first if there is no such way.
  mlir::FailureOr<Run> trace(mlir::ModuleOp module, llvm::StringRef way,
                             EvaluatorOptions options = {}) const;

  /// The first way with all f32 results rounded up or down by chance.
  mlir::FailureOr<Run> runRounded(mlir::ModuleOp module, uint64_t sample) const;

  static EvaluatorOptions roundedAtRandom(uint64_t sample);

private:
  /// A sequence: its number in the caches, and how many tokens it and its
  /// source have.
  struct Sequence {
    int64_t number, length, sourceLength;
  };
  struct Call;
  struct Way;
  class Runner;
  friend class Runner;

  std::vector<Way> waysFor(mlir::ModuleOp module) const;
  mlir::FailureOr<Run> run(mlir::ModuleOp module, const Way &way,
                           const EvaluatorOptions &options,
                           bool withTrace) const;

  uint64_t seed;
  int64_t vocabulary = 16, sourceVocabulary = 16;
  std::vector<Sequence> sequences;
};

} // namespace sinter

#endif // SINTER_PASSES_EXPERIMENT_H
