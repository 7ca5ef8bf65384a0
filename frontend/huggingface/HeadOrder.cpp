//===- HeadOrder.cpp - The order of rows within a head -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/HeadOrder.h"
#include <algorithm>
#include <vector>

void sinter::rotateByHalves(llvm::MutableArrayRef<float> matrix, int64_t rows,
                            int64_t heads) {
  std::vector<float> before(matrix.begin(), matrix.end());
  int64_t columns = int64_t(matrix.size()) / rows, size = rows / heads;
  for (int64_t row = 0; row < rows; ++row) {
    int64_t place = row % size, first = row - place;
    int64_t to = first + place % 2 * (size / 2) + place / 2;
    std::copy_n(before.begin() + row * columns, columns,
                matrix.begin() + to * columns);
  }
}
