//===- Outline.h - Operations of a block into a region -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_OUTLINE_H
#define SINTER_PASSES_OUTLINE_H

#include "ir/Sinter.h"
#include "llvm/ADT/SetVector.h"

namespace sinter {

/// What a kernel with a region is made of, when operations of a block become
/// one: values without rows that they use are computed again within.
struct Outline {
  llvm::SetVector<mlir::Value> inputs;
  /// What goes into the region, operands before users.
  llvm::SmallVector<mlir::Operation *> inside;
  /// What others use, and what is written into caches.
  llvm::SmallVector<mlir::Value> results;
  llvm::SmallVector<mlir::Location> locations;

  explicit Outline(llvm::ArrayRef<mlir::Operation *> ops);
  /// Fills the empty region of `kernel`, whose operands are `inputs` and whose
  /// results take the place of `results`.
  void moveInto(mlir::Operation *kernel) const;
};

} // namespace sinter

#endif // SINTER_PASSES_OUTLINE_H
