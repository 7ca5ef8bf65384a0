//===- Evaluation.h - One call under evaluation -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to the evaluator: its sources share it, nobody else includes it.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_IR_EVALUATION_H
#define SINTER_IR_EVALUATION_H

#include "ir/Evaluator.h"
#include <memory>
#include <variant>

namespace sinter {

using TensorPointer = std::shared_ptr<const TensorValue>;
using Indices = llvm::SmallVector<int64_t>;

/// A `!sinter.history`: it shows a layer of a cache, as of its `writes`-th
/// write.
struct HistoryView {
  CacheContents::Layer *layer;
  int64_t writes;
};

/// Elements between neighbours along each axis of a row-major tensor.
Indices stridesOf(llvm::ArrayRef<int64_t> shape);

/// Calls `visit` with the indices of each element, in row-major order.
void forEachIndex(llvm::ArrayRef<int64_t> shape,
                  llvm::function_ref<void(llvm::ArrayRef<int64_t>)> visit);

/// Where the element at `index` of a broadcast result stands in an operand of
/// `shape`: aligned at the last axis, an axis of 1 stands still.
int64_t broadcastOffset(llvm::ArrayRef<int64_t> shape,
                        llvm::ArrayRef<int64_t> index);

/// One call of a function, or one run of a parameter's region.
class Evaluation {
public:
  Evaluation(Evaluator &evaluator, CallOptions options)
      : evaluator(evaluator), options(std::move(options)) {}

  mlir::LogicalResult bindArguments(mlir::func::FuncOp function,
                                    llvm::ArrayRef<TensorValue> arguments);
  /// Runs all operations of a block but its terminator.
  mlir::LogicalResult runBody(mlir::Block &block);
  void setLayer(mlir::Value argument, int64_t number);
  TensorPointer getTensor(mlir::Value value) const;

private:
  using Slot = std::variant<TensorPointer, HistoryView, int64_t>;

  mlir::LogicalResult run(mlir::Operation *op);
  /// What each kind of operation does; see the source that the heading names.
  // Evaluator.cpp
  mlir::LogicalResult evaluate(WeightOp op);
  mlir::LogicalResult evaluate(RepeatOp op);
  mlir::LogicalResult evaluate(RowGroupOp op);
  mlir::LogicalResult evaluate(LinearGroupOp op);
  mlir::LogicalResult evaluate(ParameterLoadOp op);
  // EvaluatorMath.cpp
  mlir::LogicalResult evaluate(ConstantOp op);
  mlir::LogicalResult evaluate(IotaOp op);
  mlir::LogicalResult evaluate(LayerNumberOp op);
  mlir::LogicalResult evaluateElementwise(ElementwiseOpInterface op);
  mlir::LogicalResult evaluate(MatmulOp op);
  mlir::LogicalResult evaluate(ReduceOp op);
  mlir::LogicalResult evaluate(ArgmaxOp op);
  mlir::LogicalResult evaluate(TransposeOp op);
  mlir::LogicalResult evaluate(ReshapeOp op);
  mlir::LogicalResult evaluate(BroadcastOp op);
  mlir::LogicalResult evaluate(SliceOp op);
  mlir::LogicalResult evaluate(ConcatOp op);
  mlir::LogicalResult evaluate(GatherOp op);
  mlir::LogicalResult evaluate(TakeOp op);
  // EvaluatorComposites.cpp
  mlir::LogicalResult evaluate(LayerNormOp op);
  mlir::LogicalResult evaluate(RMSNormOp op);
  mlir::LogicalResult evaluate(SoftmaxOp op);
  mlir::LogicalResult evaluate(RotaryOp op);
  // EvaluatorKernels.cpp
  mlir::LogicalResult evaluate(QuantizeOp op);
  mlir::LogicalResult evaluate(PackOp op);
  mlir::LogicalResult evaluate(LinearOp op);
  mlir::LogicalResult evaluate(PackedGatherOp op);
  mlir::LogicalResult evaluate(CacheStoreOp op);
  mlir::LogicalResult evaluate(CacheLoadOp op);
  mlir::LogicalResult evaluate(CacheAppendOp op);
  mlir::LogicalResult evaluate(CacheHistoryOp op);
  mlir::LogicalResult evaluate(AttentionScoresOp op);
  mlir::LogicalResult evaluate(AttentionRelativeOp op);
  mlir::LogicalResult evaluate(AttentionValuesOp op);
  // EvaluatorAttention.cpp
  mlir::LogicalResult evaluate(AttentionOp op);

  /// A region that computes its op's results from its op's operands.
  mlir::LogicalResult runRegion(mlir::Operation *op, mlir::Block &body);
  /// A tensor of `type` with its named dimensions bound, full of zeros; says at
  /// `op` if a dimension is not bound or the tensor too large.
  mlir::FailureOr<TensorValue> allocate(mlir::Operation *op,
                                        NamedTensorType type);
  mlir::LogicalResult bindDimension(mlir::Operation *op, llvm::StringRef name,
                                    int64_t size);
  void setResult(mlir::Value value, TensorValue tensor);
  const TensorValue &get(mlir::Value value) const { return *getTensor(value); }
  /// The layer of a cache that an operation reads or writes.
  mlir::FailureOr<CacheContents::Layer *>
  getCacheLayer(mlir::Operation *op, mlir::FlatSymbolRefAttr cache,
                mlir::Value layer);
  /// The layer that an operand gives, 0 without one; checked to be below
  /// `layers`.
  mlir::FailureOr<int64_t> getLayerNumber(mlir::Operation *op,
                                          mlir::Value layer, int64_t layers);
  /// What a history shows of a position; says at `op` if it was never written.
  mlir::FailureOr<llvm::ArrayRef<double>> getRow(mlir::Operation *op,
                                                 mlir::Value history,
                                                 double sequence,
                                                 int64_t position);
  /// How many positions row `row` sees; checked to be in [0, limit].
  mlir::FailureOr<int64_t> getExtent(mlir::Operation *op, mlir::Value extent,
                                     int64_t row, int64_t limit);

  Evaluator &evaluator;
  CallOptions options;
  llvm::DenseMap<mlir::Value, Slot> values;
  std::map<std::pair<mlir::Operation *, int64_t>, TensorPointer> parameters;
  int64_t currentLayer = -1;
};

} // namespace sinter

#endif // SINTER_IR_EVALUATION_H
