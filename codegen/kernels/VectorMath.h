//===- VectorMath.h - Functions of real numbers, on vectors -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Straight-line code for vectors of f32, in the same ways as row work has them
// (codegen/halide/Mathematics.h). Each gives f32 within 2 units in the last
// place of the exact result (measured in test/unit/codegen/VectorMathTest.cpp;
// what is measured stands beside each); infinities and NaN go in and come out
// as in C. Results below the normal range are rounded once.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_VECTORMATH_H
#define SINTER_CODEGEN_KERNELS_VECTORMATH_H

#include "codegen/kernels/KernelBuilder.h"

namespace sinter {

mlir::Value emitExponential(KernelBuilder &b, mlir::Value x);
/// The same of numbers up to 1, in fewer instructions; below -87 it gives 0.
mlir::Value emitSmallExponential(KernelBuilder &b, mlir::Value x);
mlir::Value emitLogarithm(KernelBuilder &b, mlir::Value x);
mlir::Value emitHyperbolicTangent(KernelBuilder &b, mlir::Value x);
mlir::Value emitErrorFunction(KernelBuilder &b, mlir::Value x);
/// Arguments are reduced in f64: absolute error below 1.1e-7 up to |x| = 2^30.
mlir::Value emitSine(KernelBuilder &b, mlir::Value x);
mlir::Value emitCosine(KernelBuilder &b, mlir::Value x);
mlir::Value emitSquareRoot(KernelBuilder &b, mlir::Value x);
mlir::Value emitFloor(KernelBuilder &b, mlir::Value x);
mlir::Value emitCeiling(KernelBuilder &b, mlir::Value x);
/// Products where `exponent` is known to be a small whole number, else C's powf
/// for every lane.
mlir::Value emitPower(KernelBuilder &b, mlir::Value x, mlir::Value y,
                      std::optional<double> exponent = std::nullopt);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_VECTORMATH_H
