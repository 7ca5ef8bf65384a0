//===- WeightPrecision.h - Which weights keep their precision ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_WEIGHTPRECISION_H
#define SINTER_PASSES_WEIGHTPRECISION_H

#include "ir/Sinter.h"

namespace sinter {

/// Fails with an error of `pass` if `keep` is neither empty nor a regular
/// expression.
mlir::LogicalResult checkKeep(mlir::MLIRContext *context, llvm::StringRef pass,
                              llvm::StringRef keep);

/// Whether `keep` is given and matches the name of a weight that `value` is
/// made of.
bool isKept(mlir::Value value, llvm::StringRef keep);

/// The value in bf16, once for all that use it so.
mlir::Value roundToBrainFloat(mlir::Value value);

/// How often what `op` makes of weights is stored.
int64_t layersOf(mlir::Operation *op);

} // namespace sinter

#endif // SINTER_PASSES_WEIGHTPRECISION_H
