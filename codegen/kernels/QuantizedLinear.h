//===- QuantizedLinear.h - Contractions with quantized weights -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_QUANTIZEDLINEAR_H
#define SINTER_CODEGEN_KERNELS_QUANTIZEDLINEAR_H

#include "codegen/kernels/Linear.h"

namespace sinter {

/// Unsigned numbers of 2 to 8 bits by rows of signed bytes, which
/// `emitQuantizeRows` makes; sums in i32, which are scaled into f32 group by
/// group.
LinearForm quantizedForm(KernelBuilder &builder,
                         const TargetDescription &target, PackedType weight);

/// Emits
///
///     void NAME(ptr x, ptr q, i64 rows)
///
/// which rounds dense rows of f32 to bytes, as ir/Quantization.h says, in the
/// layout of `QuantizedRowLayout` (passes/Scratch.h). q is 64-byte aligned.
mlir::func::FuncOp emitQuantizeRows(KernelBuilder &builder,
                                    llvm::StringRef name,
                                    const TargetDescription &target,
                                    PackedType weight);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_QUANTIZEDLINEAR_H
