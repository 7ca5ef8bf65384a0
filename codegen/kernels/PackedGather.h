//===- PackedGather.h - Rows out of panels -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_PACKEDGATHER_H
#define SINTER_CODEGEN_KERNELS_PACKEDGATHER_H

#include "codegen/kernels/KernelBuilder.h"
#include "ir/Sinter.h"

namespace sinter {

/// Emits
///
///     void NAME(ptr weight, ptr index, ptr result, i64 begin, i64 end)
///
/// which writes rows [begin, end) of `result`, f32 [rows, inputs]: each the
/// column of the weight that its number in `index`, i32 [rows], names, or the
/// nearest one. Elements of bf16 and quantized ones are widened.
mlir::func::FuncOp emitPackedGather(KernelBuilder &builder,
                                    llvm::StringRef name, PackedType weight);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_PACKEDGATHER_H
