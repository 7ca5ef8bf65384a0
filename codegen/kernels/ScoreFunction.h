//===- ScoreFunction.h - What becomes of scores, on vectors -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_SCOREFUNCTION_H
#define SINTER_CODEGEN_KERNELS_SCOREFUNCTION_H

#include "codegen/kernels/KernelBuilder.h"
#include "ir/Sinter.h"
#include "llvm/ADT/DenseMap.h"

namespace sinter {

/// The region of a `sinter.attention` on vectors: lanes are positions of the
/// past, of one row and head. What does not vary along the past is emitted once
/// for a row.
class ScoreFunction {
public:
  /// `pointers` are the inputs'; `tokens` and `past` the sizes of N and P.
  ScoreFunction(KernelBuilder &b, AttentionOp op,
                llvm::ArrayRef<mlir::Value> pointers, mlir::Value tokens,
                mlir::Value past, int64_t lanes)
      : b(b), op(op), pointers(pointers), tokens(tokens), past(past),
        lanes(lanes) {}

  /// Before the loop over positions.
  void beginRow(mlir::Value head, mlir::Value token);
  /// The logits of the positions from `position` on, given their raw scores.
  mlir::Value emit(mlir::Value scores, mlir::Value position);

private:
  bool isAlongPast(mlir::Value value);
  mlir::Value placeOf(mlir::BlockArgument input, mlir::Value position);
  void emitOp(mlir::Operation &inner, mlir::Value position);

  KernelBuilder &b;
  AttentionOp op;
  llvm::ArrayRef<mlir::Value> pointers;
  mlir::Value tokens, past;
  int64_t lanes;
  mlir::Value head, token;
  llvm::DenseMap<mlir::Value, mlir::Value> vectors;
};

/// begin, begin + 1, ... as i32.
mlir::Value emitCount(KernelBuilder &b, mlir::Value begin, int64_t lanes);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_SCOREFUNCTION_H
