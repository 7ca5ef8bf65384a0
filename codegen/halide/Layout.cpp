//===- Layout.cpp - Indices through layout operations ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/Layout.h"
#include <algorithm>

using namespace Halide;

namespace sinter::rows {

bool equalIndex(const Index &a, const Index &b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Expr &x, const Expr &y) {
                      return x.same_as(y) || Internal::equal(x, y);
                    });
}

Index broadcastIndex(const Index &index, const Tensor &from) {
  size_t rank = from.shape.size();
  Index result(index.end() - std::min(index.size(), rank), index.end());
  for (size_t axis = 0; axis < result.size(); ++axis)
    if (from.shape[axis].isOne())
      result[axis] = 0;
  return result;
}

Index reshapeIndex(const Index &index, const Tensor &to, const Tensor &from) {
  Index result(from.shape.size(), Expr(0));
  size_t t = 0, f = 0;
  // In each step the shortest runs of axes on both sides that have as many
  // elements: most are a single axis on one side at least, so that nothing or
  // one division is left.
  while (t < to.shape.size() && f < from.shape.size()) {
    if (to.shape[t].isOne()) {
      ++t;
      continue;
    }
    if (from.shape[f].isOne()) {
      ++f;
      continue;
    }
    if (!to.shape[t].isStatic() || to.shape[t] == from.shape[f]) {
      result[f++] = index[t++];
      continue;
    }
    size_t beginTo = t, beginFrom = f;
    int64_t elementsTo = to.shape[t++].number,
            elementsFrom = from.shape[f++].number;
    while (elementsTo != elementsFrom) {
      if (elementsTo < elementsFrom)
        elementsTo *= to.shape[t++].number;
      else
        elementsFrom *= from.shape[f++].number;
    }
    Expr linear = index[beginTo];
    for (size_t axis = beginTo + 1; axis < t; ++axis)
      linear = linear * int32_t(to.shape[axis].number) + index[axis];
    for (size_t axis = f; axis-- > beginFrom;) {
      int32_t size = from.shape[axis].number;
      result[axis] = axis == beginFrom ? linear : linear % size;
      linear = linear / size;
    }
  }
  return result;
}

} // namespace sinter::rows
