//===- Entry.h - What the entries of a program take -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_ENTRY_H
#define SINTER_PASSES_ENTRY_H

#include "ir/Sinter.h"
#include "passes/Names.h"

namespace sinter {

/// The argument with `sinter.input = name`, or null.
mlir::Value findInput(mlir::func::FuncOp function, llvm::StringRef name);

/// Adds an argument of i32, one element a `dimension`.
mlir::Value addInput(mlir::func::FuncOp function, llvm::StringRef name,
                     llvm::StringRef dimension);

/// Whether a value is made of weights and constants alone.
bool dependsOnWeightsOnly(mlir::Value value);

} // namespace sinter

#endif // SINTER_PASSES_ENTRY_H
