//===- FloatLinear.h - Contractions with f32 and bf16 weights -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_FLOATLINEAR_H
#define SINTER_CODEGEN_KERNELS_FLOATLINEAR_H

#include "codegen/kernels/Linear.h"

namespace sinter {

/// f32 inputs, weights and results.
LinearForm floatForm(KernelBuilder &builder, const TargetDescription &target);

/// Weights in pairs of bf16; sums and results in f32. Inputs are bf16 or f32.
/// With inputs in bf16 and AVX512-BF16, one instruction multiplies and adds a
/// pair; else weights are widened, which loses nothing, and multiplied in f32.
LinearForm brainFloatForm(KernelBuilder &builder,
                          const TargetDescription &target,
                          mlir::Type inputType);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_FLOATLINEAR_H
