//===- Elementwise.h - Elementwise operations on vectors -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_ELEMENTWISE_H
#define SINTER_CODEGEN_KERNELS_ELEMENTWISE_H

#include "codegen/kernels/KernelBuilder.h"
#include "ir/Sinter.h"

namespace sinter {

/// Whether kernels can hold elements of this type in registers: f32, i32, i1.
bool isVectorElement(mlir::Type element);

/// The vector that `op`, an `ElementwiseOpInterface`, makes of vectors that
/// hold elements of its operands: lanes of f32 or i32, conditions as i1. All
/// have the same number of lanes.
mlir::Value emitElementwise(KernelBuilder &b, mlir::Operation *op,
                            mlir::ValueRange operands);

/// One number in all lanes.
mlir::Value emitConstant(KernelBuilder &b, double number, mlir::Type element,
                         int64_t lanes);

/// One element from memory, in all lanes. An i1 stands in a byte.
mlir::Value loadEverywhere(KernelBuilder &b, mlir::Type element,
                           mlir::Value pointer, int64_t lanes);
/// Elements that stand one behind the other; those for which `mask`, a vector
/// of i1, is false are not touched and zero.
mlir::Value loadMasked(KernelBuilder &b, mlir::Type element,
                       mlir::Value pointer, mlir::Value mask);
/// `lanes` of f32, bf16 or i8, or those that `mask` names, as f32. In integers:
/// not every machine has an instruction for it. `alignment` in bytes, 0 for
/// that of one element.
mlir::Value loadWidened(KernelBuilder &b, mlir::Type element,
                        mlir::Value pointer, int64_t lanes,
                        int64_t alignment = 0);
mlir::Value loadWidened(KernelBuilder &b, mlir::Type element,
                        mlir::Value pointer, mlir::Value mask);
/// f32 as bf16, to the nearest and ties to even; a NaN stays one. In integers:
/// machines without an instruction for it would call a function that not every
/// C library has.
mlir::Value emitBrainFloat(KernelBuilder &b, mlir::Value floats);
/// Bytes of an element in memory.
int64_t elementBytes(mlir::Type element);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_ELEMENTWISE_H
