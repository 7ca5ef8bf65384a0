//===- KernelLibrary.h - Every kernel of a program, once -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_KERNELLIBRARY_H
#define SINTER_CODEGEN_KERNELS_KERNELLIBRARY_H

#include "codegen/kernels/KernelBuilder.h"
#include "ir/Sinter.h"
#include "passes/TargetDescription.h"
#include "llvm/ADT/StringMap.h"

namespace sinter {

/// Emits a kernel when it is first asked for. Kernels are found again by their
/// names, which say all that they are specialized for: the size of the code
/// does not depend on how many layers use one. An op that no kernel can compute
/// yet is an error at the op.
class KernelLibrary {
public:
  /// Kernels are put at the end of `module`.
  KernelLibrary(mlir::ModuleOp module, const TargetDescription &target)
      : builder(module), target(target) {}

  mlir::FailureOr<mlir::func::FuncOp> get(LinearOp op);
  /// The contraction of a group, with its epilogue if that is `on_tile`, and
  /// with what finds the largest of each row.
  mlir::FailureOr<mlir::func::FuncOp> get(LinearGroupOp op);
  /// What rounds rows for a quantized weight of this type.
  mlir::func::FuncOp getQuantizeRows(PackedType weight);
  /// What brings together the largest elements that threads found of rows.
  mlir::func::FuncOp getArgmaxMerge();
  mlir::FailureOr<mlir::func::FuncOp> get(PackedGatherOp op);
  mlir::FailureOr<mlir::func::FuncOp> get(AttentionScoresOp op);
  mlir::FailureOr<mlir::func::FuncOp> get(AttentionValuesOp op);
  mlir::FailureOr<mlir::func::FuncOp> get(AttentionRelativeOp op);
  mlir::FailureOr<mlir::func::FuncOp> get(AttentionOp op);
  /// What puts together the parts that threads made of this attention.
  mlir::func::FuncOp getMerge(AttentionOp op);
  mlir::FailureOr<mlir::func::FuncOp> get(CacheAppendOp op);
  /// A function that is defined outside: `sinter_barrier_wait`, row groups.
  mlir::func::FuncOp getExternal(llvm::StringRef name,
                                 llvm::ArrayRef<mlir::Type> arguments);

private:
  mlir::func::FuncOp
  findOrEmit(const llvm::Twine &name,
             llvm::function_ref<mlir::func::FuncOp(llvm::StringRef)> emit);

  KernelBuilder builder;
  TargetDescription target;
  llvm::StringMap<mlir::func::FuncOp> kernels;
  /// Numbers of the regions that kernels are specialized for, by their text.
  llvm::StringMap<int64_t> regions;
};

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_KERNELLIBRARY_H
