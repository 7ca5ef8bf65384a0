//===- ElementOrigin.h - Whether two elements of a row are one --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_ELEMENTORIGIN_H
#define SINTER_PASSES_ELEMENTORIGIN_H

#include "ir/Sinter.h"

namespace sinter {

/// Whether the elements in these columns of every row of `value` are equal
/// because they are computed in the same way of the same element: those of
/// cos(concat(x, x)) that stand half a row apart.
bool haveOneOrigin(mlir::Value value, int64_t column, int64_t other);

} // namespace sinter

#endif // SINTER_PASSES_ELEMENTORIGIN_H
