//===- AttentionParts.h - Attention put together of parts -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_ATTENTIONPARTS_H
#define SINTER_CODEGEN_KERNELS_ATTENTIONPARTS_H

#include "codegen/kernels/KernelBuilder.h"
#include "ir/Sinter.h"
#include "passes/Scratch.h"
#include "passes/TargetDescription.h"

namespace sinter {

/// Writes code on what a row of attention has made of a part of its past, in
/// memory as AttentionParts says: its sums of values, weighted by exponentials
/// relative to its largest logit, and the sum of these.
class PartRecords {
public:
  PartRecords(KernelBuilder &b, AttentionOp op, int64_t lanes);

  int64_t elements() const { return parts.recordElements(); }
  mlir::Value total(mlir::Value record);
  mlir::Value maximum(mlir::Value record);

  /// Of a row that has seen nothing.
  void reset(mlir::Value record);
  void copy(mlir::Value from, mlir::Value to);
  /// Puts `part` behind what `whole` is made of.
  void merge(mlir::Value part, mlir::Value whole);
  /// Weighted means of values, `valueWidth` of them; of a row that has seen
  /// nothing, zeros.
  void finish(mlir::Value record, mlir::Value result);

private:
  mlir::VectorType vector(int64_t size);

  KernelBuilder &b;
  AttentionParts parts;
  int64_t lanes, valueWidth;
};

/// Where position `position` is in its past, by parts.
mlir::Value partOf(KernelBuilder &b, mlir::Value position);
/// How many parts the positions below `end` have.
mlir::Value partsBelow(KernelBuilder &b, mlir::Value end);

/// Whether threads share the parts of the past in a call of so many tokens, the
/// longest past being `past`; as i1.
mlir::Value isInParts(KernelBuilder &b, mlir::Value tokens, mlir::Value past);
void ifInParts(KernelBuilder &b, mlir::Value tokens, mlir::Value past,
               llvm::function_ref<void()> body);

/// The place of a row's record of one part among the partials of all.
mlir::Value partialAt(KernelBuilder &b, AttentionOp op, mlir::Value partials,
                      mlir::Value tokens, mlir::Value part, mlir::Value token,
                      mlir::Value head);

/// Emits
///
///     void NAME(ptr partials, ptr extent, ptr result, i64 tokens,
///               i64 thread, i64 threads)
///
/// which puts together, in the order of the past, what the threads of an
/// attention have made of its parts. Rows and heads are shared among threads.
mlir::func::FuncOp emitAttentionMerge(KernelBuilder &builder,
                                      llvm::StringRef name,
                                      const TargetDescription &target,
                                      AttentionOp op);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_ATTENTIONPARTS_H
