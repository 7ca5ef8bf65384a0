//===- Recompute.h - Row work once for each of its kernels ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_RECOMPUTE_H
#define SINTER_PASSES_RECOMPUTE_H

#include "ir/Sinter.h"

namespace sinter {

/// Row work that no contraction before it could do, such as the normalization
/// of what a layer is given, is a kernel of its own if several kernels need it.
/// Where it moves no more bytes, each of them gets a copy that it alone needs,
/// for its prologue or its epilogue. Returns how many ops were copied.
int64_t recomputeForEachKernel(mlir::Block &block);

} // namespace sinter

#endif // SINTER_PASSES_RECOMPUTE_H
