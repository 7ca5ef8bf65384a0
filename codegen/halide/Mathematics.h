//===- Mathematics.h - Functions of real numbers, in f32 --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Expressions without branches and calls, so that they vectorize on any
// machine. Each takes f32 and gives f32 within 2 units in the last place of
// the exact result; infinities and NaN go in and come out as in C.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_HALIDE_MATHEMATICS_H
#define SINTER_CODEGEN_HALIDE_MATHEMATICS_H

#include <Halide.h>

namespace sinter::rows {

/// exp(-inf) is 0; results below the normal range are rounded once.
Halide::Expr exponential(Halide::Expr x);
Halide::Expr logarithm(Halide::Expr x);
Halide::Expr hyperbolicTangent(Halide::Expr x);
Halide::Expr errorFunction(Halide::Expr x);
/// Arguments are reduced in f64: absolute error below 1e-7 up to |x| = 2^30.
Halide::Expr sine(Halide::Expr x);
Halide::Expr cosine(Halide::Expr x);
/// Products and roots where the exponent is a small constant, else C's powf.
Halide::Expr power(Halide::Expr x, Halide::Expr y);

/// The nearest bf16 or f16, as f32; ties to even.
Halide::Expr roundToBrain(Halide::Expr x);
Halide::Expr roundToHalf(Halide::Expr x);

} // namespace sinter::rows

#endif // SINTER_CODEGEN_HALIDE_MATHEMATICS_H
