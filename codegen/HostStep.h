//===- HostStep.h - A step on the threads of the CPU -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to the host program: HostProgram.cpp emits contractions and groups,
// HostAttention.cpp attention and what writes caches.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_HOSTSTEP_H
#define SINTER_CODEGEN_HOSTSTEP_H

#include "codegen/RowGroups.h"
#include "codegen/StepEmitter.h"
#include "codegen/kernels/KernelLibrary.h"

namespace sinter {

/// Every thread walks the whole program, with its own share of each kernel.
class HostStep : public StepEmitter {
public:
  HostStep(mlir::func::FuncOp entry, mlir::ModuleOp module,
           KernelLibrary &kernels, const RowGroups &rowGroups)
      : StepEmitter(entry, module), kernels(kernels), rowGroups(rowGroups) {}

private:
  /// A thread's share of a dimension.
  struct Range {
    Value begin, end;
  };

  void emitPrologue() override;
  /// Where times are taken, says which kernel is next: one branch that is never
  /// taken otherwise.
  void beginKernel(int64_t number) override;
  void emitIfChosen(Value table, Value rows, int64_t width, Value column,
                    llvm::function_ref<void()> body) override {
    b.ifAnyRow(table, rows, width, column, body);
  }
  mlir::LogicalResult emitKernel(mlir::Operation *op) override;

  mlir::LogicalResult emitOp(LinearOp op);
  mlir::LogicalResult emitOp(RowGroupOp op);
  mlir::LogicalResult emitOp(LinearGroupOp op);
  mlir::LogicalResult emitOp(BarrierOp op);
  mlir::LogicalResult emitOp(CacheAppendOp op);
  mlir::LogicalResult emitOp(AttentionOp op);
  mlir::LogicalResult emitOp(AttentionScoresOp op);
  mlir::LogicalResult emitOp(AttentionValuesOp op);
  mlir::LogicalResult emitOp(AttentionRelativeOp op);
  /// Scores and values: `perPast` is the tensor whose last axis is the past.
  template <typename OpTy>
  mlir::LogicalResult emitInParts(OpTy op, Value left, Value history,
                                  NamedTensorType perPast);

  /// [size * thread / threads, size * (thread + 1) / threads)
  Range shareOf(Value size);
  /// The thread's share of the rows of a result that has an axis N or R.
  mlir::FailureOr<Range> rowsOf(mlir::Operation *op);
  void wait();

  KernelLibrary &kernels;
  const RowGroups &rowGroups;
  Value threads, profile;
  Value buffers, exchange, firstScratch, scratchBytes, threadScratch;
  int64_t rowsAtOnce = 0;
  llvm::SmallVector<Range> ranges;
};

} // namespace sinter

#endif // SINTER_CODEGEN_HOSTSTEP_H
