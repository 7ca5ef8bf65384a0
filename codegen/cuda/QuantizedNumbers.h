//===- QuantizedNumbers.h - Numbers of few bits as bf16 -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_QUANTIZEDNUMBERS_H
#define SINTER_CODEGEN_CUDA_QUANTIZEDNUMBERS_H

#include "codegen/cuda/CudaBuilder.h"
#include "ir/Sinter.h"

namespace sinter {

/// Four signed bytes of a word as pairs of bf16, exactly: of bytes (0, 2) and
/// (1, 3).
std::pair<mlir::Value, mlir::Value> widenSignedBytes(CudaBuilder &b,
                                                     mlir::Value word);

/// Weights of 8 or 4 bits as tensor cores take them. They lie in the panels
/// that CPUs have, `[inputs / depth][columns]` words of 32 bits, between which
/// stand the scales of each group (ir/Quantization.h,
/// codegen/QuantizedWeights.h). So 16 bytes are `depth` inputs of four columns,
/// and neighbouring lanes read side by side.
///
/// Kernels go along the inputs in chunks of 32, which have one scale; of these
/// a thread has runs of eight.
class QuantizedNumbers {
  using Value = mlir::Value;

public:
  static constexpr int64_t chunk = 32, run = 8;

  QuantizedNumbers(CudaBuilder &b, PackedType weight)
      : b(b), weight(weight), type(weight.getQuantized()) {}

  /// Whether numbers are of these bits, each group has a scale of its own, and
  /// every chunk of it is whole, but for the last.
  static bool fits(PackedType weight);

  /// Words of a column that hold a run.
  int64_t wordsOfRun() const { return run / type.getDepth(); }
  int64_t chunks() const { return llvm::divideCeil(weight.getInputs(), chunk); }
  /// Whether all inputs share a scale.
  bool hasOneGroup() const {
    return type.getGroupCount(weight.getInputs()) == 1;
  }
  int64_t chunksOfGroup() const { return type.getGroup() / chunk; }

  /// Where, counted in bytes from the panel's begin, the scales of a chunk's
  /// group stand, and the chunk's words.
  Value scalesAt(Value chunkNumber);
  Value wordsAt(Value chunkNumber);
  /// Bytes from one word of a column to the next.
  int64_t wordStride() const { return weight.getLayout().getColumns() * 4; }

  /// Scales of `columns` neighbours from a place on, and their least values
  /// (none: null), as they are stored.
  struct Scales {
    Value scales, minima;
  };
  Scales loadScales(Value place, int64_t columns);

  /// A run's words as four pairs of bf16: what numbers are less what stands for
  /// 0, exactly. Pairs are of inputs (0, 2), (1, 3), (4, 6), (5, 7).
  llvm::SmallVector<Value> widen(mlir::ValueRange words);

private:
  Value widenBytes(Value word, int64_t shift);

  CudaBuilder &b;
  PackedType weight;
  QuantizedType type;
};

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_QUANTIZEDNUMBERS_H
