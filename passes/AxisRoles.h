//===- AxisRoles.h - What the axes of a sequence stand for ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_AXISROLES_H
#define SINTER_PASSES_AXISROLES_H

#include "passes/RowsView.h"
#include "llvm/ADT/MapVector.h"

namespace sinter {

/// What an axis as long as the sequence stands for in one use of a value. The
/// scores of attention, [T, T], are asked for with the first axis as query and
/// the second as key.
enum class Role : uint8_t {
  None,   ///< not of a sequence
  Query,  ///< the rows that a call computes: N
  Key,    ///< what each row looks back at: P
  Source, ///< the positions of the encoder's source: SP
};

/// One role for each axis of a value.
using Roles = llvm::SmallVector<Role, 4>;

/// A contraction that looks at the past.
struct Attention {
  /// Queries by keys; else probabilities by values.
  bool isScores;
  /// The past is the left operand: `k @ q^T`, `v^T @ p^T`.
  bool isSwapped;
  /// The past is that of the source.
  bool ofSource;
  RowsView past;
  /// The other operand and what is asked of it.
  mlir::Value present;
  Roles presentRoles;
};

/// Products with the rows of a table, of which each pair of positions takes
/// one: `take(q @ table^T, index)`.
struct RelativeScores {
  /// What is multiplied: rows of queries, or, where `past` is given, keys.
  mlir::Value rows, table;
  std::optional<RowsView> past;
  Roles rowRoles, indexRoles;
};

/// Which values of a whole-sequence function are needed, and in which roles:
/// asked from the results up. What comes out of it is enough to write the
/// function for any rows of any sequences.
///
/// A value that depends on the tokens and is asked for in the key role alone is
/// the *past*: only attention may ask for it, and gets it from a cache.
class RoleAnalysis {
public:
  /// Fails, with an error at the op, where the function holds something that
  /// cannot be computed row by row.
  static mlir::FailureOr<RoleAnalysis> run(mlir::func::FuncOp function);

  /// In what roles a value is needed, in the order in which they were asked.
  llvm::ArrayRef<Roles> getNeeds(mlir::Value value) const;
  /// Roles of the result of a function or of a value carried from layer to
  /// layer: all its sequence axes are rows.
  Roles getRowRoles(mlir::Value value) const;
  /// What `op` asks of its operands when its result is asked for in `roles`.
  /// For ops whose operands are asked for one by one: not for attention.
  llvm::SmallVector<Roles> getOperandRoles(mlir::Operation *op,
                                           const Roles &roles) const;
  /// Whether a contraction, asked for in `roles`, is attention.
  mlir::FailureOr<std::optional<Attention>>
  matchAttention(MatmulOp op, const Roles &roles) const;
  /// What a take is of; fails, with an error, where it is not built.
  mlir::FailureOr<RelativeScores> matchRelative(TakeOp op,
                                                const Roles &roles) const;
  /// Whether a value depends on tokens or on the source.
  bool isDependent(mlir::Value value) const { return dependent.count(value); }
  /// The name of the sequence's length: that of the tokens.
  llvm::StringRef getSequenceDimension() const { return sequence; }

private:
  mlir::LogicalResult findSequence(mlir::func::FuncOp function);
  void findDependent(mlir::Block &block);
  mlir::LogicalResult analyze(mlir::Block &block);
  mlir::LogicalResult analyzeOp(mlir::Operation *op, const Roles &roles);
  mlir::LogicalResult need(mlir::Operation *user, mlir::Value value,
                           const Roles &roles);
  mlir::LogicalResult needRows(mlir::Operation *user, mlir::Value value);

  std::string sequence;
  llvm::DenseSet<mlir::Value> dependent;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<Roles, 1>> needs;
};

} // namespace sinter

#endif // SINTER_PASSES_AXISROLES_H
