//===- Evaluator.h - What a program of the dialect means -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The reference evaluator: it runs a function of the dialect, math level or
// kernel level, one operation at a time, with f64 numbers. It is slow and plain
// on purpose: what it says is what an operation means.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_IR_EVALUATOR_H
#define SINTER_IR_EVALUATOR_H

#include "ir/Sinter.h"
#include "ir/WeightSource.h"
#include "llvm/ADT/StringMap.h"
#include <functional>
#include <map>
#include <random>
#include <vector>

namespace sinter {

/// A tensor's elements in row-major order. Integers and truth values (0 and 1)
/// are held exactly. NaN marks what has no value: a float that is not a number,
/// an integer that overflowed, an element behind an extent. The value of a
/// `!sinter.packed` is `[panels, K / depth, columns, depth]`, as it lies in
/// memory.
struct TensorValue {
  llvm::SmallVector<int64_t> shape;
  std::vector<double> elements;
};

/// What the caches hold. It outlives a call, as the caches of a running model
/// do.
class CacheContents {
public:
  struct Layer {
    /// Rows by sequence and position.
    std::map<std::pair<int64_t, int64_t>, std::vector<double>> rows;
    /// Counts writes, so that a history that has gone stale is noticed.
    int64_t writes = 0;
  };
  Layer &getLayer(llvm::StringRef cache, int64_t layer);
  void clear(llvm::StringRef cache);
  void clear() { layers.clear(); }

private:
  std::map<std::pair<std::string, int64_t>, Layer> layers;
};

/// What becomes of an f32 result that f32 does not hold. Narrower floats are
/// rounded to the nearest always: there, rounding is what the program says.
enum class Rounding {
  None,    ///< it stays f64
  Nearest, ///< as a machine does
  /// Up or down, by chance: what several such runs have in common is what the
  /// program says, the rest is what f32 cannot tell (Vignes's CESTAC method).
  Random
};

struct EvaluatorOptions {
  Rounding rounding = Rounding::None;
  /// Of random rounding.
  uint64_t roundingSeed = 1;
  /// A tensor of more elements is refused with an error.
  int64_t maximumElements = int64_t(1) << 30;
  /// Called after each operation that has a tensor for a result; `layer` is the
  /// number of the innermost layer it stands in, or -1.
  std::function<void(mlir::Operation *op, int64_t layer,
                     llvm::ArrayRef<const TensorValue *> results)>
      trace;
};

/// How a call is made, beyond its arguments.
struct CallOptions {
  /// Which sequence `sinter.cache_store` and `sinter.cache_load` of the math
  /// level mean.
  int64_t sequence = 0;
  /// Sizes of dimensions that no argument has. `P` and `SP` need not be given
  /// where an argument is marked as `extent` or `source_extent`: they are the
  /// largest of those.
  llvm::StringMap<int64_t> dimensions;
};

/// Runs functions. All errors are diagnostics at the operation in question.
///
/// Elements that nothing defines (scores behind an extent, integers that
/// overflow) are NaN, and NaN goes through every operation that needs it,
/// comparisons included, so that a program whose result depends on one gives
/// NaN.
class Evaluator {
public:
  /// `weights` must outlive the evaluator.
  explicit Evaluator(const WeightSource &weights, EvaluatorOptions options = {})
      : weights(weights), options(std::move(options)),
        coin(this->options.roundingSeed) {}

  /// Calls a function. Named dimensions are bound by the arguments' shapes.
  /// What it writes into caches is there for the next call, except in caches
  /// that are not `persistent`.
  mlir::FailureOr<std::vector<TensorValue>>
  call(mlir::func::FuncOp function, llvm::ArrayRef<TensorValue> arguments,
       const CallOptions &callOptions = {});

  /// Computes one layer of what the binary stores for `parameter`. With
  /// `appendElements` it becomes bytes.
  mlir::FailureOr<TensorValue> evaluateParameter(ParameterOp parameter,
                                                 int64_t layer);

  CacheContents &getCaches() { return caches; }
  const WeightSource &getWeights() const { return weights; }
  const EvaluatorOptions &getOptions() const { return options; }

  /// An f32 result as `Rounding` says.
  double round(double value);

private:
  const WeightSource &weights;
  EvaluatorOptions options;
  CacheContents caches;
  std::vector<mlir::Operation *> parametersInProgress;
  std::mt19937_64 coin;
};

} // namespace sinter

#endif // SINTER_IR_EVALUATOR_H
