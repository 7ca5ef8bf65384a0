//===- RowElements.h - Single elements of row work -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_ROWELEMENTS_H
#define SINTER_CODEGEN_CUDA_ROWELEMENTS_H

#include "codegen/cuda/CudaBuilder.h"
#include "ir/Sinter.h"

namespace sinter {

/// Emits elements of the values of row work where they are asked for: an
/// element of a result is made of elements of its operands, down to what is in
/// memory. Elements are vectors of one.
class RowElements {
public:
  using Value = mlir::Value;
  using Indices = llvm::SmallVector<Value, 4>;

  /// `sizes` are those of N, R, P and SP.
  RowElements(CudaBuilder &b, llvm::ArrayRef<Value> sizes)
      : b(b), sizes(sizes) {}

  /// A tensor in memory, dense and row-major.
  void setBuffer(Value value, Value pointer) { buffers[value] = pointer; }
  /// What all threads have computed together of one row, in shared memory:
  /// `count` elements of the value's row `row`.
  void setKept(Value value, Value row, Value pointer) {
    kept[value] = {row, pointer};
  }

  Value element(Value value, const Indices &at);

  Value sizeOf(Dimension dimension);
  /// The place of an element among those of a dense tensor. Without `axis`, if
  /// that is not -1: among those of one row.
  Value offsetOf(NamedTensorType type, const Indices &at, int64_t without = -1);
  /// The indices of element `offset` of a dense tensor, `row` for `axis`.
  Indices indicesOf(NamedTensorType type, Value offset, int64_t axis = -1,
                    Value row = {});
  /// The axis of rows, or -1.
  static int64_t rowAxis(NamedTensorType type);

  /// How many elements of a row are reduced, and what they begin with, become
  /// together, and end as.
  Value reducedCount(ReduceOp op, const Indices &at);
  Value beginReduction(ReduceOp op);
  Value addToReduction(ReduceOp op, Value sum, Value element);
  Value endReduction(ReduceOp op, Value sum, Value count);

  /// Emits a region of its own: elements emitted before are not seen there, as
  /// those within must not be seen behind.
  template <typename Body> auto inRegion(const Body &body) {
    auto outer = std::move(known);
    known.clear();
    struct Restore {
      decltype(known) &known, &outer;
      ~Restore() { known = std::move(outer); }
    } restore{known, outer};
    return body();
  }

private:
  Value compute(Value value, const Indices &at);
  Value compute(mlir::Operation *op, const Indices &at);
  Value reduce(ReduceOp op, const Indices &at);
  Value multiply(MatmulOp op, const Indices &at);
  Value concatenate(ConcatOp op, const Indices &at);
  Value gather(GatherOp op, const Indices &at);
  Value widen(Value value);
  Value narrow(Value value, NamedTensorType to);
  Indices broadcast(NamedTensorType type, const Indices &at);

  CudaBuilder &b;
  llvm::ArrayRef<Value> sizes;
  llvm::DenseMap<Value, Value> buffers;
  llvm::DenseMap<Value, std::pair<Value, Value>> kept;
  /// Elements that have been emitted where the builder stands.
  llvm::DenseMap<Value, llvm::SmallVector<std::pair<Indices, Value>>> known;
};

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_ROWELEMENTS_H
