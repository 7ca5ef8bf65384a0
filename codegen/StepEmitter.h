//===- StepEmitter.h - What steps of all kinds have in common -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_STEPEMITTER_H
#define SINTER_CODEGEN_STEPEMITTER_H

#include "codegen/kernels/KernelBuilder.h"
#include "ir/Sinter.h"
#include "llvm/ADT/DenseMap.h"

namespace sinter {

/// Emits the walk through an entry: layers as a loop, and where each tensor,
/// parameter and cache stands. What runs a kernel is said by who derives from
/// it: the CPU's threads (HostProgram.cpp), or a device
/// (device/DeviceProgram.cpp), whose addresses are moved in the same way but
/// never read through.
class StepEmitter {
public:
  /// The step goes to the end of `module`.
  StepEmitter(mlir::func::FuncOp entry, mlir::ModuleOp module)
      : entry(entry), b(module) {}
  virtual ~StepEmitter() = default;

  mlir::LogicalResult emit();

protected:
  using Value = mlir::Value;

  /// What kernels need beside what every step has at hand.
  virtual void emitPrologue() {}
  /// Stands in front of each kernel: its number among the entry's.
  virtual void beginKernel(int64_t number) {}
  /// Runs `body` if `column` of `table`, [rows, width] in f32, is not zero in
  /// all rows; otherwise it may, for it would change nothing. What only a
  /// device could tell runs.
  virtual void emitIfChosen(Value table, Value rows, int64_t width,
                            Value column, llvm::function_ref<void()> body) {
    body();
  }
  /// An op that runs something, or a barrier.
  virtual mlir::LogicalResult emitKernel(mlir::Operation *op) = 0;

  /// A field of the step's context: a number or a pointer, `offset` bytes
  /// from its beginning on this machine.
  Value field(mlir::Type type, size_t offset);
  /// An attribute of the entry that plan-buffers gives; 0 without it.
  int64_t number(llvm::StringRef name);
  Value place(Value value) { return pointers.lookup(value); }
  void setPlace(Value value, Value pointer) { pointers[value] = pointer; }

  mlir::FailureOr<Value> sizeOf(mlir::Operation *op, Dimension dimension);
  /// Where the results of a kernel go.
  mlir::LogicalResult placeResults(KernelOpInterface op);
  /// One layer of a cache.
  mlir::FailureOr<Value> layerOf(mlir::Operation *op,
                                 mlir::FlatSymbolRefAttr symbol, Value layer);
  /// Positions that the cache of a history has room for in each sequence.
  mlir::FailureOr<int64_t> positionsOf(mlir::Operation *op, Value history);

  mlir::func::FuncOp entry;
  KernelBuilder b;
  Value context, thread, weights, arena, caches, sequences;
  /// Where the caller wants the results of the entry.
  llvm::SmallVector<Value> outputs;
  /// By `enum sinter_dimension`.
  llvm::SmallVector<Value> dimensions;

private:
  mlir::LogicalResult bindInputs();
  mlir::LogicalResult emitBlock(mlir::Block &block);
  mlir::LogicalResult emitOp(RepeatOp op);
  mlir::LogicalResult emitOp(ParameterLoadOp op);
  mlir::LogicalResult emitOp(CacheHistoryOp op);
  mlir::LogicalResult emitOp(ReshapeOp op);
  mlir::LogicalResult checkResults(mlir::func::ReturnOp op);
  mlir::FailureOr<int64_t> positionsOf(CacheOp cache);
  Value outputOf(Value result);

  int64_t kernelNumber = 0;
  /// Where each tensor, parameter and history stands; for the number of a
  /// layer, the number.
  llvm::DenseMap<Value, Value> pointers;
};

/// The index in `sinter_step_context.dimension` of a named dimension.
std::optional<int64_t> dimensionIndex(llvm::StringRef symbol);

} // namespace sinter

#endif // SINTER_CODEGEN_STEPEMITTER_H
