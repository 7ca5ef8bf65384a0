//===- Layout.h - Indices through layout operations --------------*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_HALIDE_LAYOUT_H
#define SINTER_CODEGEN_HALIDE_LAYOUT_H

#include "codegen/halide/RowProgram.h"
#include <Halide.h>

namespace sinter::rows {

/// One element of a tensor: an index for each axis, outermost first. Axes of
/// size 1 have index 0.
using Index = std::vector<Halide::Expr>;

bool equalIndex(const Index &a, const Index &b);

/// The index into an operand of type `from` that broadcasts against `index`:
/// aligned at the last axis, 0 where the operand has one element.
Index broadcastIndex(const Index &index, const Tensor &from);

/// The index into `from` of the element that stands at `index` of `to`, where
/// both have the same elements in row-major order.
Index reshapeIndex(const Index &index, const Tensor &to, const Tensor &from);

} // namespace sinter::rows

#endif // SINTER_CODEGEN_HALIDE_LAYOUT_H
