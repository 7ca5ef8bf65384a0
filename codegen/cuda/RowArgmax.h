//===- RowArgmax.h - The largest of each row -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_ROWARGMAX_H
#define SINTER_CODEGEN_CUDA_ROWARGMAX_H

#include "codegen/cuda/CudaBuilder.h"

namespace sinter {

/// Emits
///
///     void NAME(ptr x, ptr index, ptr largest)
///
/// which computes `sinter.argmax` of rows of `width` f32. Grid: rows.
CudaKernel emitRowArgmax(CudaBuilder &b, llvm::StringRef name, int64_t width);

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_ROWARGMAX_H
