//===- QuantizedWeights.h - Panels of numbers and scales -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_QUANTIZEDWEIGHTS_H
#define SINTER_CODEGEN_QUANTIZEDWEIGHTS_H

#include "ir/Sinter.h"
#include <vector>

namespace sinter {

/// The same panels of f32, input by input: what is quantized.
PackedType floatPanels(PackedType type);

/// Quantizes a matrix that lies as `floatPanels(type)` says, and returns its
/// `type.getBytes()` bytes as kernels take them. Panels are shared among
/// threads; the bytes do not depend on how.
std::vector<uint8_t> quantizePanels(PackedType type, bool search,
                                    llvm::ArrayRef<float> elements);

} // namespace sinter

#endif // SINTER_CODEGEN_QUANTIZEDWEIGHTS_H
