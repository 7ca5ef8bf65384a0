//===- Names.h - Names that passes agree on ---------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_NAMES_H
#define SINTER_PASSES_NAMES_H

#include "llvm/ADT/StringRef.h"

namespace sinter {

/// Functions: the specification's one, and a program's entries.
inline constexpr llvm::StringLiteral logitsName = "logits";
inline constexpr llvm::StringLiteral forwardName = "forward";
inline constexpr llvm::StringLiteral encodeName = "encode";

/// Values of `sinter.input`.
inline constexpr llvm::StringLiteral tokenInput = "token";
inline constexpr llvm::StringLiteral positionInput = "position";
inline constexpr llvm::StringLiteral sequenceInput = "sequence";
inline constexpr llvm::StringLiteral extentInput = "extent";
inline constexpr llvm::StringLiteral sourceExtentInput = "source_extent";
inline constexpr llvm::StringLiteral rowInput = "row";
inline constexpr llvm::StringLiteral segmentInput = "segment";
inline constexpr llvm::StringLiteral sourceInput = "source";
inline constexpr llvm::StringLiteral sourceSegmentInput = "source_segment";
/// A source whose rows are real numbers: [N, .., n] of f32 in place of tokens.
inline constexpr llvm::StringLiteral featuresInput = "features";

/// Attributes of an entry.
/// Unit: row t depends on rows <= t only, so that a sequence may come in parts.
inline constexpr llvm::StringLiteral causalAttribute = "sinter.causal";
/// i64: most tokens that a call may hold; most rows that it may ask for.
inline constexpr llvm::StringLiteral maximumTokensAttribute =
    "sinter.maximum_tokens";
inline constexpr llvm::StringLiteral maximumRowsAttribute =
    "sinter.maximum_rows";
/// i64: bytes of the arena that all buffers lie in.
inline constexpr llvm::StringLiteral arenaBytesAttribute = "sinter.arena_bytes";
/// i64: how many rows a linear group takes at once: it is shared by panels for
/// no more than these.
inline constexpr llvm::StringLiteral rowsAtOnceAttribute =
    "sinter.rows_at_once";
/// i64: where in the arena threads hand each other the sums of linear groups.
inline constexpr llvm::StringLiteral exchangeAttribute = "sinter.exchange";
/// i64: where in the arena they hand each other what they made of parts of the
/// past.
inline constexpr llvm::StringLiteral partialsAttribute = "sinter.partials";
/// i64: bytes of scratch of each thread's own.
inline constexpr llvm::StringLiteral threadBytesAttribute =
    "sinter.thread_bytes";

/// Weights that have, beside them, the mean square of each of their inputs: how
/// many inputs by name, of the module. Such a vector's name is its weight's
/// with the suffix.
inline constexpr llvm::StringLiteral calibratedAttribute = "sinter.calibrated";
inline constexpr llvm::StringLiteral meanSquareSuffix = ".mean_square";

/// Text: what the program's output is: next_token, masked_token,
/// encoder_decoder or hidden. An attribute of the module.
inline constexpr llvm::StringLiteral headAttribute = "sinter.head";

/// Attributes of the module, in i64: longest sequence, longest source, bytes
/// of all parameters.
inline constexpr llvm::StringLiteral contextAttribute = "sinter.context";
inline constexpr llvm::StringLiteral sourceContextAttribute =
    "sinter.source_context";
inline constexpr llvm::StringLiteral weightsBytesAttribute =
    "sinter.weights_bytes";

} // namespace sinter

#endif // SINTER_PASSES_NAMES_H
