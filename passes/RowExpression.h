//===- RowExpression.h - What a value is as a function ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Papers and exporters write one function in a hundred ways. Passes that look
// for a function do not list these: they take the expression behind a value,
// compute it for a few rows and compare with the function. All ops of an
// expression are analytic: two expressions that agree on an interval agree
// wherever both are defined, so that samples tell them apart.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_ROWEXPRESSION_H
#define SINTER_PASSES_ROWEXPRESSION_H

#include "ir/Sinter.h"
#include "llvm/ADT/SetVector.h"

namespace sinter {

/// The last op of an expression and what it is made of, further and further
/// back. Ops work within rows, elements of a row being along the last axis:
/// arithmetic, and sums and means that leave one element.
class RowExpression {
public:
  /// A row's elements; one that stands for all of them where there is one.
  using Row = std::vector<double>;

  /// The expression of which `root` is the only op yet.
  explicit RowExpression(mlir::Operation *root);

  /// Whether an op may be part of an expression at all.
  static bool isPart(mlir::Operation *op);

  /// Takes in the op that stands last among those that are read. False where
  /// none can be taken in, or the expression has become too long.
  bool grow();

  mlir::Operation *getRoot() const { return root; }
  /// What varies with the input: none of these is made of weights alone.
  llvm::ArrayRef<mlir::Value> getVariables() const {
    return variables.getArrayRef();
  }
  /// What is read of weights.
  llvm::ArrayRef<mlir::Value> getParameters() const {
    return parameters.getArrayRef();
  }
  bool contains(mlir::Operation *op) const { return ops.contains(op); }
  llvm::ArrayRef<mlir::Operation *> getOps() const { return ops.getArrayRef(); }
  bool hasReduction() const;
  /// An op that something outside of the expression reads too, or null. The
  /// root is not meant.
  mlir::Operation *findSharedOp() const;

  /// The root's row, of the rows of variables and parameters.
  Row evaluate(const llvm::DenseMap<mlir::Value, Row> &inputs) const;

private:
  void add(mlir::Operation *op);

  mlir::Operation *root;
  llvm::SetVector<mlir::Operation *> ops;
  llvm::SetVector<mlir::Value> variables, parameters;
};

/// The blocks in which passes look for expressions: the layers' and that of the
/// function.
llvm::SmallVector<mlir::Block *> blocksOfRowWork(mlir::func::FuncOp function);

/// Removes what nobody reads, of a block.
void eraseDeadOps(mlir::Block &block);

} // namespace sinter

#endif // SINTER_PASSES_ROWEXPRESSION_H
