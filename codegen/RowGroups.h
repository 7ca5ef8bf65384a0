//===- RowGroups.h - Row work as functions -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_ROWGROUPS_H
#define SINTER_CODEGEN_ROWGROUPS_H

#include "codegen/halide/RowProgram.h"
#include "ir/Sinter.h"
#include "mlir/IR/BuiltinOps.h"
#include "passes/TargetDescription.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace sinter {

/// A function of row work, and which values its buffers are: inputs of the
/// group, what the group holds between its parts, and results.
struct RowFunction {
  size_t program = 0; ///< Which of RowGroups::programs it computes.
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
  /// What is computed; groups that are alike are one program.
  std::vector<rows::RowProgram> programs;
  /// Null where the module has no row group, or where it is not compiled.
  std::unique_ptr<llvm::Module> module;
  /// Which function computes a row group. Buffers are its operands and results.
  llvm::DenseMap<mlir::Operation *, RowFunction> groups;
  /// Of linear groups. Buffers are arguments of the region, the contraction's
  /// input and its result, and results of the group.
  llvm::DenseMap<mlir::Operation *, RowFunction> prologues, epilogues;
};

/// Describes the row work of every group in the functions of `module`.
llvm::Expected<RowGroups> describeRowGroups(mlir::ModuleOp module);

/// Describes the region of an attention: of raw scores and inputs, the scores
/// of softmax.
llvm::Expected<rows::RowProgram> describeScores(AttentionOp op);

/// Describes an append outside of groups: of rows, sequence and position, rows
/// of a cache.
llvm::Expected<rows::RowProgram> describeAppend(CacheAppendOp op);

/// Describes all row work, and compiles it for a CPU.
llvm::Expected<RowGroups> compileRowGroups(mlir::ModuleOp module,
                                           const TargetDescription &target,
                                           llvm::LLVMContext &context);

} // namespace sinter

#endif // SINTER_CODEGEN_ROWGROUPS_H
