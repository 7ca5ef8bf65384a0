//===- Forms.h - The same thing as different hands write it -----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each function writes one thing in a random one of its forms: as papers, as
// exporters, and at times a little wrong, so that a pass which takes it for the
// real thing is caught.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_FUZZ_FORMS_H
#define SINTER_TOOLS_SINTER_FUZZ_FORMS_H

#include "tools/sinter-fuzz/GraphBuilder.h"

namespace sinter {

/// LayerNorm, RMSNorm, or almost, of rows [T, width].
mlir::Value writeNormalization(GraphBuilder &graph, mlir::Value x,
                               llvm::StringRef name);
/// GELU, SiLU, ReLU and their like.
mlir::Value writeActivation(GraphBuilder &graph, mlir::Value x);
/// Along the last axis.
mlir::Value writeSoftmax(GraphBuilder &graph, mlir::Value x);
/// x @ w, with a bias or without; w stored either way round.
mlir::Value writeLinear(GraphBuilder &graph, mlir::Value x, int64_t outputs,
                        llvm::StringRef name);
/// Rotary positions on [heads, T, width].
mlir::Value writeRotary(GraphBuilder &graph, mlir::Value x);
/// Any rows from rows of one shape, by operations of all kinds.
mlir::Value writeRowWork(GraphBuilder &graph, mlir::Value x,
                         llvm::StringRef name);

/// What is the same in all layers of a model.
struct AttentionShape {
  int64_t heads, keyHeads, width;
  /// Rows see rows behind them, too.
  bool isBidirectional = false;
  /// How far a row sees; 0, to the end.
  int64_t window = 0;
  /// A bias [heads, T, T] that all layers share, or null.
  mlir::Value bias;
};
/// A number for each head and distance, from a table, as in T5.
mlir::Value writeDistanceTable(GraphBuilder &graph, int64_t heads,
                               bool isBidirectional);
/// Less for what is further away, as in ALiBi, on [heads, T, T].
mlir::Value writeSlopes(GraphBuilder &graph, mlir::Value scores,
                        llvm::StringRef name);
/// Hides what a row does not see.
mlir::Value writeMask(GraphBuilder &graph, mlir::Value scores,
                      const AttentionShape &shape);
mlir::Value writeAttention(GraphBuilder &graph, mlir::Value x,
                           const AttentionShape &shape, llvm::StringRef name);
mlir::Value writeFeedForward(GraphBuilder &graph, mlir::Value x,
                             llvm::StringRef name);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_FUZZ_FORMS_H
