//===- TileEpilogue.h - Row work on sums in registers -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_TILEEPILOGUE_H
#define SINTER_CODEGEN_KERNELS_TILEEPILOGUE_H

#include "codegen/kernels/Linear.h"

namespace sinter {

/// The tensors that the epilogue of an `on_tile` group reads, arguments of its
/// region: pointers to them are the kernel's extras, in this order. Behind them
/// stand those to the results of its segments, if it has some, in their order:
/// of a history, to the layer of the cache.
llvm::SmallVector<mlir::Value> tileInputs(LinearGroupOp group);

/// Makes a form compute the group's epilogue on finished sums.
void addTileEpilogue(LinearForm &form, LinearGroupOp group);

/// A text that says all that the epilogue's code depends on: the same for
/// groups that can share a kernel.
std::string describeTileEpilogue(LinearGroupOp group);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_TILEEPILOGUE_H
