//===- Plan.h - Which values of a group are kept --------------------*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_HALIDE_PLAN_H
#define SINTER_CODEGEN_HALIDE_PLAN_H

#include "codegen/halide/RowProgram.h"

namespace sinter::rows {

bool isReduction(Kind kind);
/// Moves elements, computes none.
bool isLayout(Kind kind);

/// A row of this many elements fits the stack, and a first-level cache.
constexpr int64_t smallRow = 8192;
/// Elements of one row if that is known when compiling, else -1.
int64_t rowElements(const Tensor &type);

/// For each value, whether it is computed for a whole row and kept, rather than
/// at each use. Reductions and contractions are; so are values that would be
/// computed again and again at a cost, unless a row of them has more than
/// `most` elements or nobody knows how many (negative: that does not matter).
/// `root` is the value that is wanted.
std::vector<bool> chooseKept(const RowProgram &program, int root,
                             int64_t most = -1);

} // namespace sinter::rows

#endif // SINTER_CODEGEN_HALIDE_PLAN_H
