//===- StridedView.h - Elements of a checkpoint, moved about without copying -*-
// C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_STRIDEDVIEW_H
#define SINTER_CODEGEN_STRIDEDVIEW_H

#include "ir/Sinter.h"
#include "ir/WeightSource.h"
#include <memory>
#include <optional>

namespace sinter {

/// A tensor of f32 whose elements lie somewhere else: in a mapped checkpoint,
/// or in a buffer where operations could not be expressed by strides.
class StridedView {
public:
  static StridedView ofTensor(StoredTensor tensor);
  static StridedView ofBuffer(std::vector<float> buffer,
                              llvm::ArrayRef<int64_t> shape);

  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getNumElements() const;

  StridedView transpose(llvm::ArrayRef<int64_t> permutation) const;
  StridedView slice(int64_t axis, int64_t start, int64_t size,
                    int64_t stride) const;
  StridedView broadcast(llvm::ArrayRef<int64_t> to) const;
  StridedView reshape(llvm::ArrayRef<int64_t> to) const;
  static StridedView concat(llvm::ArrayRef<StridedView> views, int64_t axis);

  /// All elements, row-major.
  void read(llvm::MutableArrayRef<float> result) const;
  /// Columns [first, first + count) of a matrix [K, M], as columns `place` on
  /// of a panel of this layout.
  void readColumns(int64_t first, int64_t count, PanelsAttr layout,
                   int64_t place, llvm::MutableArrayRef<float> panel) const;

private:
  /// What the strides count in: exactly one of the two.
  struct Storage {
    std::optional<StoredTensor> tensor;
    std::vector<float> buffer;
    /// Elements `begin`, `begin + stride`, ...
    void read(int64_t begin, int64_t stride,
              llvm::MutableArrayRef<float> result) const;
  };

  void readAxis(int64_t axis, int64_t begin,
                llvm::MutableArrayRef<float> &result) const;

  std::shared_ptr<const Storage> storage;
  int64_t offset = 0;
  llvm::SmallVector<int64_t> shape, strides;
};

} // namespace sinter

#endif // SINTER_CODEGEN_STRIDEDVIEW_H
