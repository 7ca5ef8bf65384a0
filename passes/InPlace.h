//===- InPlace.h - Results over what they are made of -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_INPLACE_H
#define SINTER_PASSES_INPLACE_H

#include "ir/Sinter.h"

namespace sinter {

/// Whether a group of row work may write its only result where `operand` lies,
/// as it reads each element of it for the last time when it writes the one that
/// takes its place. Says why not in `reason`.
bool canWriteInPlace(mlir::OpOperand &operand, llvm::StringRef &reason);

} // namespace sinter

#endif // SINTER_PASSES_INPLACE_H
