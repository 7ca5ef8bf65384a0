//===- Scratch.h - Memory within a linear group -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_SCRATCH_H
#define SINTER_PASSES_SCRATCH_H

#include "ir/Sinter.h"

namespace sinter {

/// What a linear group needs beside its results, for `rows` rows at once. In
/// bytes, each part rounded up to 64.
///
/// A thread's own memory holds the contraction's input, behind it the sums of
/// its rows where it computes all of their columns, and behind these what it
/// found of each row's largest element. The exchange, which threads share,
/// holds the sums of which each computes some columns.
struct GroupScratch {
  int64_t input = 0, sums = 0, findings = 0;

  GroupScratch(LinearGroupOp group, int64_t rows);
  int64_t ofThread() const { return input + sums + findings; }
  int64_t exchange() const { return sums; }
};

} // namespace sinter

#endif // SINTER_PASSES_SCRATCH_H
