//===- Argmax.h - The largest of a row of sums -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is known of a row while its elements pass by is one i64, a finding: an
// i32 that is ordered as the elements are, above the distance of the element's
// place from the last possible one. So the largest finding of several threads
// is that of the largest element, the first of equals, in whatever order they
// are compared. What is not a number is above all numbers.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_ARGMAX_H
#define SINTER_CODEGEN_KERNELS_ARGMAX_H

#include "codegen/kernels/Linear.h"

namespace sinter {

/// Makes a contraction find the largest element of each row. The kernel takes
/// one pointer more, behind its others: to a finding for each row, which it
/// begins with nothing; null: nothing is to be found. Its result may be null.
void addArgmax(LinearForm &form);

/// Emits
///
///     void NAME(ptr findings, i64 stride, i64 count, i64 begin, i64 end,
///               ptr index, ptr largest)
///
/// which writes for each row in [begin, end) what the largest of `count`
/// findings says, the first of which stands at row * 8 bytes from `findings`,
/// each next `stride` bytes further: where the element stands, and the element.
mlir::func::FuncOp emitArgmaxMerge(KernelBuilder &builder,
                                   llvm::StringRef name);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_ARGMAX_H
