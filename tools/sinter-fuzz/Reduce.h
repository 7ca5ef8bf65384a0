//===- Reduce.h - A failing program, made small -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_FUZZ_REDUCE_H
#define SINTER_TOOLS_SINTER_FUZZ_REDUCE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace sinter {

/// Takes out of a program what it does not need to stay interesting: an
/// operation becomes one of its operands, a weight or a constant; loops run
/// once; what nobody uses goes.
mlir::OwningOpRef<mlir::ModuleOp>
reduceProgram(mlir::ModuleOp module,
              llvm::function_ref<bool(mlir::ModuleOp)> isInteresting);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_FUZZ_REDUCE_H
