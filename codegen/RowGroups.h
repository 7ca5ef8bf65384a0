//===- RowGroups.h - Row work as functions -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_ROWGROUPS_H
#define SINTER_CODEGEN_ROWGROUPS_H

#include "ir/Sinter.h"
#include "mlir/IR/BuiltinOps.h"
#include "passes/TargetDescription.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>

namespace sinter {

/// A function of row work, and which values its buffers are: inputs of the
/// group, what the group holds between its parts, and results.
struct RowFunction {
  std::string name;
  llvm::SmallVector<mlir::Value> buffers;
};

/// The row groups of a module, compiled. Each distinct group is one function
///
///     void NAME(ptr buffers, ptr dimensions, i64 row_begin, i64 row_end)
///
/// `buffers` holds the base of each input, in the order of operands, then of
/// each result; tensors are dense and row-major. `dimensions` is the step
/// context's array of `SINTER_DIMENSION_COUNT` numbers. Rows are those of the
/// axis N or R of the results; rows outside the range are not written. Rows
/// that go to a cache go to their sequence's position there.
///
/// A linear group has such a function for its prologue and one for its
/// epilogue, where it has these.
struct RowGroups {
  /// Null where the module has no row group.
  std::unique_ptr<llvm::Module> module;
  /// Which function computes a group; the same for groups that are alike.
  llvm::DenseMap<mlir::Operation *, std::string> names;
  /// Of linear groups. Buffers are arguments of the region, the contraction's
  /// input and its result, and results of the group.
  llvm::DenseMap<mlir::Operation *, RowFunction> prologues, epilogues;
};

/// Compiles the row work of every group in the functions of `module`.
llvm::Expected<RowGroups> compileRowGroups(mlir::ModuleOp module,
                                           const TargetDescription &target,
                                           llvm::LLVMContext &context);

} // namespace sinter

#endif // SINTER_CODEGEN_ROWGROUPS_H
