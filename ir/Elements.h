//===- Elements.h - Numbers as element types hold them -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_IR_ELEMENTS_H
#define SINTER_IR_ELEMENTS_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace mlir {
class Type;
} // namespace mlir

namespace sinter {

/// The number that an element of `elementType` holds when `value` is put there:
/// the nearest one for floats; for i32 the largest integer not above it; for i1
/// whether it is not zero. A NaN stays one, and so does an i32 that does not
/// fit into 32 bits become one: a computation on integers that overflows or
/// divides by zero has no result.
double roundToElementType(double value, mlir::Type elementType);

/// Bytes of one element of f32, bf16, f16, i32, i8 or i1 in memory; of a
/// quantized one, of its number, rounded up.
int64_t elementByteSize(mlir::Type elementType);

/// Appends the elements as they stand in memory: little-endian, rounded to
/// `elementType`; an i1 is one byte.
void appendElements(llvm::ArrayRef<double> elements, mlir::Type elementType,
                    std::vector<uint8_t> &bytes);

} // namespace sinter

#endif // SINTER_IR_ELEMENTS_H
