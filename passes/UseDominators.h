//===- UseDominators.h - What all uses of a value go through ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_USEDOMINATORS_H
#define SINTER_PASSES_USEDOMINATORS_H

#include "mlir/IR/Block.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"
#include <vector>

namespace sinter {

/// The dominator tree of a block's operations along their uses, with the
/// terminator as its root: everything that is made of an operation's results
/// goes through its dominators.
class UseDominators {
public:
  explicit UseDominators(mlir::Block &block);

  const std::vector<mlir::Operation *> &getOperations() const {
    return operations;
  }
  size_t getIndex(mlir::Operation *op) const { return index.lookup(op); }
  /// The nearest dominator of the i-th operation; the terminator is its own.
  size_t getParent(size_t i) const { return parent[i]; }
  bool contains(mlir::Operation *op) const { return op && index.contains(op); }

  /// Whether all that is made of `op` goes through `by`, which is another one.
  bool isStrictlyDominated(mlir::Operation *op, mlir::Operation *by) const;

private:
  size_t findParent(size_t i) const;

  mlir::Block *block;
  std::vector<mlir::Operation *> operations;
  llvm::DenseMap<mlir::Operation *, size_t> index;
  /// By index: the dominator, and the range of preorder numbers of the subtree.
  std::vector<size_t> parent, begin, end;
};

} // namespace sinter

#endif // SINTER_PASSES_USEDOMINATORS_H
