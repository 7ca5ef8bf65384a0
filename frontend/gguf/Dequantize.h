//===- Dequantize.h - Numbers of GGUF's blocks -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_GGUF_DEQUANTIZE_H
#define SINTER_FRONTEND_GGUF_DEQUANTIZE_H

#include "frontend/gguf/GgufFile.h"

namespace sinter {

/// Whether a type's elements are real numbers that dequantize() can give.
bool isGgufNumber(GgufType type);

/// All elements as f32, computed in the order and the precision in which the
/// format's reference does it, so that every bit is the same.
void dequantize(const GgufTensor &tensor, llvm::MutableArrayRef<float> result);

} // namespace sinter

#endif // SINTER_FRONTEND_GGUF_DEQUANTIZE_H
