//===- OnlineSoftmax.h - Softmax of one block after the other -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_ONLINESOFTMAX_H
#define SINTER_CODEGEN_KERNELS_ONLINESOFTMAX_H

#include "codegen/kernels/ScoreFunction.h"
#include "passes/TargetDescription.h"

namespace sinter {

/// What a row of attention keeps between blocks of keys, as pointers into
/// memory: the largest logit so far, the sum of the exponentials relative to it
/// (a vector: one partial sum a lane), and what sums made before the last block
/// have to be multiplied with because the largest logit has grown.
struct RunningSoftmax {
  mlir::Value maximum, total, correction;
};

/// Turns the raw scores of a block at `line`, a whole number of vectors, into
/// exponentials; where `isRounded`, as sinter.attention says, into bf16 that
/// stand side by side at `line`, relative to a multiple of ln 2. Lane 0 is
/// position `block`; what stands outside of the positions [begin, end) counts
/// as zero, exactly. `begin` is null if it is always 0.
void emitSoftmaxOfBlock(KernelBuilder &b, const TargetDescription &target,
                        bool isRounded, ScoreFunction &function,
                        mlir::Value line, mlir::Value vectors, int64_t lanes,
                        mlir::Value block, mlir::Value begin, mlir::Value end,
                        const RunningSoftmax &running);

/// One over the sum of the exponentials, or 0 where there are none.
mlir::Value emitInverseTotal(KernelBuilder &b, mlir::Value total,
                             int64_t lanes);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_ONLINESOFTMAX_H
