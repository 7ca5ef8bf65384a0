//===- ByteProducts.h - Products of bytes ----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_BYTEPRODUCTS_H
#define SINTER_CODEGEN_KERNELS_BYTEPRODUCTS_H

#include "codegen/kernels/Linear.h"

namespace sinter {

/// How a machine multiplies unsigned numbers of a weight by signed bytes of a
/// row, whose magnitudes are at most 127, into sums of 32 bits: exactly, so
/// that sums are the same on every machine. Vectors have four bytes of a column
/// in each 32 bits.
class ByteProducts {
public:
  ByteProducts(const TargetDescription &target, QuantizedType type);

  /// Vectors of bytes as they are multiplied.
  GroupVectors asInputs(KernelBuilder &b, const GroupVectors &bytes) const;
  GroupVectors asWeights(KernelBuilder &b, const GroupVectors &bytes) const;
  /// `sum + inputs * weights`; of a run's sum where there are runs.
  mlir::Value multiplyAdd(KernelBuilder &b, const GroupVectors &inputs,
                          const GroupVectors &weights, mlir::Value sum) const;
  std::optional<SumRun> run(KernelBuilder &b) const;
  /// Whether numbers are multiplied as they stand, with the zero of their type
  /// in them.
  bool keepsZero() const {
    return way != Magnitudes && !(way == SignedFours && bits == 8);
  }

private:
  mlir::Value multiplyNarrow(KernelBuilder &b, const GroupVectors &inputs,
                             const GroupVectors &weights,
                             mlir::Value sum) const;
  /// Steps whose products 16 bits hold the sum of.
  int64_t runSteps() const { return pairsIn16Bits * 4 / depth; }
  GroupVectors widened(KernelBuilder &b, const GroupVectors &bytes,
                       bool isSigned) const;
  mlir::Value multiplySigned(KernelBuilder &b, mlir::Value sum,
                             mlir::Value weight, mlir::Value input) const;

  enum {
    /// Four of them at a time, into 32 bits.
    Fours,
    /// The same where both must be signed: weights of 8 bits lose 128.
    SignedFours,
    /// Weights of at most 6 bits, in pairs, of which some are added in 16 bits.
    Narrow,
    /// Magnitudes of weights by inputs with the weights' signs, in pairs.
    Magnitudes,
    /// As pairs of 16 bits.
    Pairs,
    /// As numbers of 32 bits.
    Words
  } way;
  bool isArm, isWasm;
  int64_t depth, bits;
  bool hasMinimum;
  /// Of two products of a narrow weight and a byte, as many as 16 bits hold the
  /// sum of.
  int64_t pairsIn16Bits;
};

/// An integer in all lanes of a vector of `type`.
mlir::Value integers(KernelBuilder &b, mlir::Type type, int64_t number);
/// The same bits as elements of another width.
mlir::Value withElements(KernelBuilder &b, mlir::Value vector,
                         mlir::Type element);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_BYTEPRODUCTS_H
