//===- QuantizedColumn.h - A column of few bits into a tile -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_QUANTIZEDCOLUMN_H
#define SINTER_CODEGEN_CUDA_QUANTIZEDCOLUMN_H

#include "codegen/cuda/QuantizedNumbers.h"

namespace sinter {

/// How a thread brings a column of a quantized weight into a tile of bf16 in
/// shared memory: words come into registers, a step ahead of what is
/// multiplied, and become scaled bf16 there, in runs of eight inputs as panels
/// of bf16 have them. So the multiplying part of a kernel is that of weights of
/// bf16, and a weight is widened once for a whole tile of rows. What a number
/// stands for is rounded to bf16.
class QuantizedColumn {
  using Value = mlir::Value;

public:
  /// Column `column` of the panel that begins at `panel`, both the thread's
  /// own.
  QuantizedColumn(CudaBuilder &b, PackedType weight, Value panel, Value column);

  /// Registers of `inputs` inputs, a multiple of eight that divides a chunk of
  /// 32 or that 32 divides, from input `first` on, a multiple of it: where that
  /// is behind the last input, of others, which zeros of rows meet.
  llvm::SmallVector<Value> load(Value first, int64_t inputs) const;

  /// Runs of eight bf16, as four i32 each.
  llvm::SmallVector<Value> widen(mlir::ValueRange registers,
                                 int64_t inputs) const;

private:
  /// What scales multiply and add, for each chunk.
  int64_t scalesOfChunk() const { return type.getMinimum() ? 2 : 1; }
  static int64_t ofChunk(int64_t inputs) {
    return std::min(inputs, QuantizedNumbers::chunk);
  }
  Value scale(Value pairs, Value factor, Value least) const;

  CudaBuilder &b;
  PackedType weight;
  QuantizedType type;
  mutable QuantizedNumbers numbers;
  Value scales, words;
};

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_QUANTIZEDCOLUMN_H
