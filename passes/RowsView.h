//===- RowsView.h - An operand of attention as rows of a cache --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_ROWSVIEW_H
#define SINTER_PASSES_ROWSVIEW_H

#include "ir/Sinter.h"

namespace sinter {

/// How keys or values, as a contraction takes them, are made from one row for
/// each position. It is found by walking back from the operand through
/// transpositions, reshapes and broadcasts to the smallest value that still
/// holds everything:
///
///     %k : [T, 2 * 64]                                source()
///     reshape [T, 2, 64]; transpose [2, T, 64]; reshape [2, 1, T, 64]
///     broadcast [2, 3, T, 64]; reshape [6, T, 64]; transpose [6, 64, T]
///
/// gives rows of 2 heads of 64, each shared by a group of 3 query heads.
class RowsView {
public:
  /// `operand` has its positions along `rowAxis`, the elements of a head along
  /// `widthAxis`, and all other axes, in their order, number the heads.
  /// `batch` is the shape that these others broadcast to in the contraction.
  /// Fails, with an error at `user`, where query heads that share a head do not
  /// stand next to one another.
  static mlir::FailureOr<RowsView> match(mlir::Operation *user,
                                         mlir::Value operand, int64_t rowAxis,
                                         int64_t widthAxis,
                                         llvm::ArrayRef<Dimension> batch);

  /// The smallest value that holds the rows, and which axis numbers them.
  mlir::Value getSource() const { return source; }
  int64_t getRowAxis() const;
  int64_t getHeads() const;
  int64_t getWidth() const;
  mlir::Type getElementType() const;
  HistoryType getHistoryType() const;
  /// Whether the source itself is [rows, heads, width] in this order.
  bool isSourceInOrder() const;

  /// `[rows, heads, width]` from a value that stands for the source; its row
  /// axis may have another name by now.
  mlir::Value buildRows(mlir::OpBuilder &builder, mlir::Location location,
                        mlir::Value value) const;
  /// The contraction's operand from `[rows, heads, width]`.
  mlir::Value buildOperand(mlir::OpBuilder &builder, mlir::Location location,
                           mlir::Value rows) const;

  /// Whether two views make the same rows.
  bool hasSameRows(const RowsView &other) const;

private:
  /// A factor of an axis: axes are products of these, outermost first. Number
  /// 0 is the row; axes of size 1 have none.
  struct Factor {
    int64_t size;
    bool shared; // the same for all: made by broadcasting
  };
  using Factors = llvm::SmallVector<unsigned, 2>;

  bool walkBack();
  bool walkReshape(ReshapeOp reshape);
  void share(const Factors &axis);
  bool isWellFormed() const;
  /// Cuts a factor in two and gives the number of the inner one.
  unsigned split(unsigned factor, int64_t outer);
  int64_t product(const Factors &factors, bool sharedToo) const;
  Factors stored(const Factors &factors) const;

  mlir::Value operand, source;
  llvm::SmallVector<Factor> factors;
  llvm::SmallVector<Factors> sourceAxes, operandAxes;
  Factors heads, width;
};

} // namespace sinter

#endif // SINTER_PASSES_ROWSVIEW_H
