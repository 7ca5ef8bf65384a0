//===- Elementwise.h - Operations on single elements --------------*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In an expression, an element is f32 (also for bf16 and f16, rounded after
// each operation), i32, or a truth value.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_HALIDE_ELEMENTWISE_H
#define SINTER_CODEGEN_HALIDE_ELEMENTWISE_H

#include "codegen/halide/RowProgram.h"
#include <Halide.h>

namespace sinter::rows {

/// How a buffer holds an element. A truth value is a byte, 0 or 1.
Halide::Type storageType(Element element);
Halide::Expr fromStorage(const Halide::Expr &stored, Element element);
Halide::Expr toStorage(const Halide::Expr &value, Element element);

Halide::Expr constant(double value, Element element);
/// What f32 arithmetic gives, rounded to the element type.
Halide::Expr roundTo(const Halide::Expr &value, Element element);
/// Like Halide's select, for truth values also.
Halide::Expr choose(const Halide::Expr &condition, const Halide::Expr &onTrue,
                    const Halide::Expr &onFalse);
/// The larger as the dialect defines it: the second where they are not ordered.
Halide::Expr larger(const Halide::Expr &a, const Halide::Expr &b);

/// `from` is the element type of the first operand. Throws Halide::Error where
/// the operation has no meaning for the element type.
Halide::Expr applyElementwise(const Operation &operation,
                              const std::vector<Halide::Expr> &operands,
                              Element from);

} // namespace sinter::rows

#endif // SINTER_CODEGEN_HALIDE_ELEMENTWISE_H
