//===- RandomWeights.h - A checkpoint made up for a module -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_IR_RANDOMWEIGHTS_H
#define SINTER_IR_RANDOMWEIGHTS_H

#include "ir/Evaluator.h"

namespace sinter {

/// A stream of random numbers that is the same on every machine: splitmix64.
class RandomStream {
public:
  explicit RandomStream(uint64_t seed) : state(seed) {}
  uint64_t next();
  /// Uniform in [begin, end).
  double real(double begin, double end);
  /// Uniform in [begin, end); `begin` if there is nothing between.
  int64_t integer(int64_t begin, int64_t end);

private:
  uint64_t state;
};

/// Gives every weight that a module names random elements. They depend on the
/// seed and the weight's name and shape only, so that two forms of one program
/// see the same checkpoint. Matrices are scaled as training would: by
/// 1 / sqrt(inputs); vectors named `...weight` stand around 1, as the gains of
/// normalizations do, other vectors around 0.
class RandomWeights : public WeightSource {
public:
  RandomWeights(mlir::ModuleOp module, uint64_t seed);

  /// Puts a weight of given elements in place of a random one.
  void set(llvm::StringRef name, const TensorValue &value);

  std::optional<StoredTensor> find(llvm::StringRef name) const override;
  std::vector<std::string> names() const override;
  std::string description() const override;

private:
  struct Weight {
    llvm::SmallVector<int64_t> shape;
    /// f32; empty until asked for.
    std::vector<uint8_t> bytes;
  };
  void fill(llvm::StringRef name, Weight &weight) const;

  uint64_t seed;
  /// Filled when asked for: most weights of a large module never are.
  mutable std::map<std::string, Weight, std::less<>> weights;
};

} // namespace sinter

#endif // SINTER_IR_RANDOMWEIGHTS_H
