//===- Causality.h - Whether a row depends on earlier rows only -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_CAUSALITY_H
#define SINTER_PASSES_CAUSALITY_H

#include "passes/AxisRoles.h"

namespace sinter {

/// The proof that row t of a function depends on rows <= t only, by abstract
/// interpretation of values with a query and a key axis. The question is what
/// is known of their elements where key > query:
///
///     key <= query                     false
///     select(key <= query, x, -inf)    -inf
///     max over keys                    a number of the row
///     exp(-inf - number)               0
///     sum over keys; 0 / number        0
///     [query, key] @ values            causal, as what is 0 does not count
///
/// Anything else that runs over keys depends on later rows.
class Causality {
public:
  explicit Causality(const RoleAnalysis &roles) : roles(roles) {}

  /// Proves it for everything that `function` needs. Where the proof fails,
  /// the op that looks at later rows, and why in words.
  struct Counterexample {
    mlir::Operation *op;
    std::string reason;
  };
  std::optional<Counterexample> prove(mlir::func::FuncOp function);

  /// The one value that a condition on query and key has wherever
  /// key <= query: what a causal row sees of a causal mask.
  std::optional<bool> getValueInside(mlir::Value condition, const Roles &roles);

  /// The n of a matrix that is 1 where query - key = n and 0 elsewhere: a
  /// product with it moves rows by n.
  std::optional<int64_t> getShift(mlir::Value matrix, const Roles &asked);

private:
  /// What holds of all elements where key > query.
  enum class Outside { Unknown, MinusInfinity, VeryLow, Zero, False, True };
  /// Whether its exponential is zero beside that of any score.
  static bool isLow(Outside outside) {
    return outside == Outside::MinusInfinity || outside == Outside::VeryLow;
  }
  /// query * q + key * k + c.
  struct Linear {
    double query = 0, key = 0, constant = 0;
  };

  Outside getOutside(mlir::Value value, const Roles &roles);
  Outside computeOutside(mlir::Operation *op, const Roles &roles);
  Outside compareOutside(CompareOp op, const Roles &roles);
  std::optional<Linear> getLinear(mlir::Value value, const Roles &roles);
  /// A comparison as `query - key + constant <predicate> 0`.
  std::optional<std::pair<ComparePredicate, double>>
  getDistance(CompareOp op, const Roles &roles);

  const RoleAnalysis &roles;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<std::pair<Roles, Outside>, 1>>
      known;
};

} // namespace sinter

#endif // SINTER_PASSES_CAUSALITY_H
