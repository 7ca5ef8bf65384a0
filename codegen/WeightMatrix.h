//===- WeightMatrix.h - A weight on its way into panels ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_WEIGHTMATRIX_H
#define SINTER_CODEGEN_WEIGHTMATRIX_H

#include "codegen/StridedView.h"
#include "llvm/Support/Error.h"

namespace sinter {

/// A part of what elements are made of in a checkpoint, as numbers of a type
/// with least values have it or as those of one without.
struct PartToRead {
  StoredPart part = StoredPart::Element;
  bool withLeast = false;
};

/// The value as a view of the checkpoint, or of one part of what its elements
/// are made of there; nothing where it is more than elements moved about.
std::optional<StridedView> viewOf(mlir::Value value, int64_t layer,
                                  const WeightSource &weights,
                                  PartToRead part = {});

/// A value before it is quantized, or rounded to bf16.
mlir::Value beforeRounding(mlir::Value value);

/// What a `sinter.pack` of a parameter's region lays out, before it is rounded:
/// columns of the checkpoint side by side, with factors, read a panel at a time
/// so that a matrix of gigabytes takes no memory. One that is more than that is
/// computed by the evaluator, all at once.
class WeightMatrix {
public:
  static llvm::Expected<WeightMatrix> of(ParameterOp parameter, PackOp pack,
                                         int64_t layer,
                                         const WeightSource &weights);

  /// A part of what the elements of a quantized matrix are made of in the
  /// checkpoint: its numbers, the scale or least value of each of its blocks of
  /// inputs, or their factors of each group. Nothing where they do not stand
  /// there.
  static std::optional<WeightMatrix> ofStored(PackOp pack, int64_t layer,
                                              const WeightSource &weights,
                                              StoredPart part);

  /// Reads a panel of `type`, whose elements are f32 in whatever it is to hold,
  /// into `result`, which has `type.getPanelElements()`. Padding is 0.
  void readPanel(PackedType type, int64_t panel,
                 llvm::MutableArrayRef<float> result) const;

private:
  /// A matrix whose first column is column `first` of the whole.
  struct Piece {
    int64_t first;
    StridedView view;
  };

  /// Appends `matrix` from column `first` on; false if it is no view.
  bool addPieces(mlir::Value matrix, int64_t first, int64_t layer,
                 const WeightSource &weights, PartToRead part = {});
  void scale(PackedType type, llvm::MutableArrayRef<float> panel) const;

  llvm::SmallVector<Piece> pieces;
  /// Of all elements, or of each row: one number, or one a row.
  llvm::SmallVector<std::vector<double>> factors;
};

} // namespace sinter

#endif // SINTER_CODEGEN_WEIGHTMATRIX_H
