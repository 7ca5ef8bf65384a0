//===- RotaryMatch.h - Rotary positions, however written --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_ROTARYMATCH_H
#define SINTER_PASSES_ROTARYMATCH_H

#include "ir/Sinter.h"
#include "llvm/ADT/SetVector.h"

namespace sinter {

/// A value whose rows are those of `input`, from element `start` on, with pairs
/// of elements turned.
struct RotaryMatch {
  mlir::Operation *root;
  mlir::Value input;
  int64_t start = 0;
  RotaryKind kind = RotaryKind::half_split;
  /// How many elements of a row turn: the first ones.
  int64_t width = 0;
  /// Pair i is turned by the elements in `columns[i]` of these.
  mlir::Value cosine, sine;
  llvm::SmallVector<int64_t> columns;
  /// What the match takes the place of, the root included.
  llvm::SetVector<mlir::Operation *> ops;

  /// The rotation that ends with `root`. Where it looks like one but is none,
  /// `reason` says why. `visited` is what was looked at.
  static std::optional<RotaryMatch>
  find(mlir::Operation *root, std::string &reason,
       llvm::DenseSet<mlir::Operation *> &visited);
};

} // namespace sinter

#endif // SINTER_PASSES_ROTARYMATCH_H
