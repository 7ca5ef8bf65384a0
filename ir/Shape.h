//===- Shape.h - Shapes of results from shapes of operands -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_IR_SHAPE_H
#define SINTER_IR_SHAPE_H

#include "ir/Sinter.h"

namespace sinter {

/// A shape, or in words why there is none. Callers say where: an op's verifier
/// at the op, the spec language under the expression, with both operands'
/// origins.
using ShapeOr = llvm::Expected<llvm::SmallVector<Dimension>>;

/// numpy's rule: aligned at the last axis, 1 stretches.
ShapeOr broadcastShapes(llvm::ArrayRef<Dimension> lhs,
                        llvm::ArrayRef<Dimension> rhs);
/// `[..., I, K] @ [..., K, J]`.
ShapeOr matmulShape(llvm::ArrayRef<Dimension> lhs,
                    llvm::ArrayRef<Dimension> rhs);
ShapeOr transposeShape(llvm::ArrayRef<Dimension> shape,
                       llvm::ArrayRef<int64_t> permutation);
/// The axis stays, with one element.
ShapeOr reduceShape(llvm::ArrayRef<Dimension> shape, int64_t axis);
ShapeOr sliceShape(llvm::ArrayRef<Dimension> shape, int64_t axis, int64_t start,
                   int64_t size, int64_t stride);
ShapeOr concatShape(llvm::ArrayRef<llvm::SmallVector<Dimension>> shapes,
                    int64_t axis);
ShapeOr gatherShape(llvm::ArrayRef<Dimension> table,
                    llvm::ArrayRef<Dimension> index);
/// [heads, rows, elements] by [rows, chosen]: [heads, rows, chosen].
ShapeOr takeShape(llvm::ArrayRef<Dimension> rows,
                  llvm::ArrayRef<Dimension> index);
/// Whether the elements of `from` can be read as `to`: the same names in the
/// same order, as many elements between them.
llvm::Error checkReshape(llvm::ArrayRef<Dimension> from,
                         llvm::ArrayRef<Dimension> to);
llvm::Error checkBroadcast(llvm::ArrayRef<Dimension> from,
                           llvm::ArrayRef<Dimension> to);

namespace detail {

mlir::LogicalResult inferBroadcast(std::optional<mlir::Location> location,
                                   llvm::StringRef name,
                                   mlir::ValueRange operands,
                                   llvm::SmallVectorImpl<mlir::Type> &results);
/// Elementwise ops of constants are constants.
mlir::OpFoldResult foldElementwise(mlir::Operation *op,
                                   llvm::ArrayRef<mlir::Attribute> operands);

} // namespace detail
} // namespace sinter

#endif // SINTER_IR_SHAPE_H
