//===- Transpose.h - Squares of elements in registers -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_TRANSPOSE_H
#define SINTER_CODEGEN_KERNELS_TRANSPOSE_H

#include "codegen/kernels/KernelBuilder.h"

namespace sinter {

/// Turns as many vectors as each has lanes, a power of two, so that rows become
/// columns: n log n shuffles for n vectors.
void transposeSquare(KernelBuilder &b,
                     llvm::MutableArrayRef<mlir::Value> vectors);

/// target[d * pitch + row] = element d of a row, for all `width` elements of
/// `lanes` rows, of 32 bits. `load` gives a vector of `lanes` elements of a row
/// from `d` on, of which the first `used` count and no others may be read.
void turnRows(
    KernelBuilder &b, int64_t lanes, int64_t width, mlir::Value target,
    int64_t pitch,
    llvm::function_ref<mlir::Value(int64_t row, mlir::Value d, int64_t used)>
        load);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_TRANSPOSE_H
