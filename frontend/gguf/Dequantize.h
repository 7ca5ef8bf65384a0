//===- Dequantize.h - Numbers of GGUF's blocks -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_GGUF_DEQUANTIZE_H
#define SINTER_FRONTEND_GGUF_DEQUANTIZE_H

#include "frontend/gguf/GgufFile.h"
#include "ir/WeightSource.h"

namespace sinter {

/// Whether a type's elements are real numbers that dequantize() can give.
bool isGgufNumber(GgufType type);

/// Of elements that are whole numbers with scales, along `axis`: all types of
/// blocks. IQ4_NL's numbers are those that its table has, of 8 bits, and Q3_K's
/// take 4: three would not fill words in groups of 16.
std::optional<StoredNumbers> numbersOf(GgufType type, int64_t axis);

/// One part of each of a tensor's elements from `begin` on, in the file's
/// order. Parts of an element only where its type has numbers.
void readParts(const GgufTensor &tensor, StoredPart part, int64_t begin,
               llvm::MutableArrayRef<float> result);

/// All elements as f32, computed in the order and the precision in which the
/// format's reference does it, so that every bit is the same.
void dequantize(const GgufTensor &tensor, llvm::MutableArrayRef<float> result);

} // namespace sinter

#endif // SINTER_FRONTEND_GGUF_DEQUANTIZE_H
