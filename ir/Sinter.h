//===- Sinter.h - The dialect, its types, attributes and operations -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_IR_SINTER_H
#define SINTER_IR_SINTER_H

#include "ir/Dimension.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/Support/Error.h"

#include "ir/SinterDialect.h.inc"
#include "ir/SinterEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "ir/SinterAttributes.h.inc"

#define GET_TYPEDEF_CLASSES
#include "ir/SinterTypes.h.inc"

#include "ir/SinterInterfaces.h.inc"

#define GET_OP_CLASSES
#include "ir/SinterOps.h.inc"

namespace sinter {

/// Names of the discardable attributes that the dialect gives a meaning.
inline constexpr llvm::StringLiteral inputAttributeName = "sinter.input";
inline constexpr llvm::StringLiteral headAttributeName = "sinter.head";

/// Names of the dimensions at the kernel level.
inline constexpr llvm::StringLiteral tokensDimension = "N";
inline constexpr llvm::StringLiteral rowsDimension = "R";
inline constexpr llvm::StringLiteral pastDimension = "P";
inline constexpr llvm::StringLiteral sourcePastDimension = "SP";

/// Places of a kernel's results that are no offsets in the arena: the buffer
/// that the caller provides; a cache, for a history.
inline constexpr int64_t placeOfCaller = -1;
inline constexpr int64_t placeInCache = -2;

/// Writes every composite op within `root` in its primitive form.
void decomposeComposites(mlir::Operation *root);

/// The name of a weight for one layer: every `{i}`, `{ki+c}`, `{i/n}` and
/// `{i%n}` of the pattern replaced by its number. Fails, with a message, where
/// the text between braces is not of that form.
llvm::Expected<std::string> instantiateWeightName(llvm::StringRef pattern,
                                                  int64_t layer);

/// The pattern that names, at layer i, what `pattern` names at layer
/// `start + i * step`: of "h.{i+1}", 2 and 3 make "h.{3i+3}".
llvm::Expected<std::string> sliceWeightName(llvm::StringRef pattern,
                                            int64_t start, int64_t step);

/// The pattern for a loop of `count` that counts on within another: of the
/// outer loop's "{i+1}", 8 makes "{i/8+1}"; of the inner one's, "{i%8+1}".
llvm::Expected<std::string> nestWeightName(llvm::StringRef pattern,
                                           int64_t count, bool isInner);

} // namespace sinter

#endif // SINTER_IR_SINTER_H
