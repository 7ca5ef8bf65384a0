//===- ScoreExpression.h - From raw scores to softmax -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_SCOREEXPRESSION_H
#define SINTER_PASSES_SCOREEXPRESSION_H

#include "ir/Sinter.h"
#include "llvm/ADT/SetVector.h"

namespace sinter {

/// What stands between a product of queries and keys and the softmax that it
/// goes into, as one expression of single elements:
///
///     %1 = div %scores, %c        : [2, 3, N, P]
///     %d = sub %position, %iota   : [N, P]
///     %m = select (lt %d, 16), 0, -inf
///     %x = add %1, %m             : [2, 3, N, P]
///
/// Everything along the past that is made element by element is part of it, as
/// making it again costs less than reading it; what has no element a position
/// (%position), or is not elementwise, is an input. Several axes of heads
/// become one: [2, 3, N, P] is [6, N, P].
class ScoreExpression {
public:
  /// Analyzes what `logits` are made of. Where that is not elementwise,
  /// `reason` says why.
  static std::optional<ScoreExpression> match(mlir::Value logits,
                                              std::string &reason);

  AttentionScoresOp getScores() const { return scores; }
  /// The operations that depend on the scores, and these.
  llvm::ArrayRef<mlir::Operation *> getDependents() const {
    return dependents.getArrayRef();
  }
  /// The inputs as the region takes them: with one axis of heads.
  llvm::SmallVector<mlir::Value> buildInputs(mlir::OpBuilder &builder) const;
  /// Writes the expression into the region of `attention`, whose arguments are
  /// there.
  void buildRegion(AttentionOp attention) const;
  /// A value that broadcasts to the logits, with one axis of heads.
  mlir::Value buildJoined(mlir::OpBuilder &builder, mlir::Value value) const;
  /// Whether a value is made of the scores.
  bool dependsOnScores(mlir::Value value) const;

private:
  bool visit(mlir::Value value, std::string &reason);
  bool visitInput(mlir::Value value, std::string &reason);
  /// The shape with one axis of heads, if each element then still belongs to
  /// the head, row and position that it did.
  std::optional<NamedTensorType> join(NamedTensorType type) const;
  bool isAlongPast(mlir::Value value) const;

  AttentionScoresOp scores;
  /// [heads, N, P], and with the axes of heads that the logits have.
  NamedTensorType type, logitsType;
  mlir::Value logits;
  llvm::SetVector<mlir::Value> visited; // operands before users
  llvm::SetVector<mlir::Value> inputs;
  llvm::SetVector<mlir::Operation *> dependents;
};

} // namespace sinter

#endif // SINTER_PASSES_SCOREEXPRESSION_H
