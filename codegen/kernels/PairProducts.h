//===- PairProducts.h - Products of pairs of bf16 -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_PAIRPRODUCTS_H
#define SINTER_CODEGEN_KERNELS_PAIRPRODUCTS_H

#include "codegen/kernels/KernelBuilder.h"
#include "passes/TargetDescription.h"

namespace sinter {

/// A pair of bf16 side by side in each i32 of a vector, as two vectors of f32.
llvm::SmallVector<mlir::Value, 2> widenPairs(KernelBuilder &b,
                                             mlir::Value pairs);

/// `sum + left[0] * right[0] + left[1] * right[1]`, lane by lane, of pairs as
/// above and sums of f32: by one instruction where the machine has one, else
/// with two products in f32, the second pair's first, as AVX512-BF16 does.
/// (AArch64 rounds otherwise: a machine's bits are its own.)
mlir::Value multiplyPairs(KernelBuilder &b, const TargetDescription &target,
                          mlir::Value sum, mlir::Value left, mlir::Value right);

/// Vectors of f32 as bf16, to the nearest and ties to even, as the bits of i16.
mlir::Value roundToPairs(KernelBuilder &b, const TargetDescription &target,
                         mlir::Value floats);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_PAIRPRODUCTS_H
