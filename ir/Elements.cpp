//===- Elements.cpp - Numbers as element types hold them -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Elements.h"
#include "ir/Sinter.h"
#include "llvm/ADT/APFloat.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace sinter;

static llvm::APFloat toFloat(double value, FloatType type) {
  llvm::APFloat number(value);
  bool lost;
  number.convert(type.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven,
                 &lost);
  return number;
}

double sinter::roundToElementType(double value, Type elementType) {
  // What is quantized was rounded with its group.
  if (std::isnan(value) || isa<sinter::QuantizedType>(elementType))
    return value;
  if (auto type = dyn_cast<FloatType>(elementType))
    return toFloat(value, type).convertToDouble();
  unsigned bits = elementType.getIntOrFloatBitWidth();
  if (bits == 1)
    return value != 0;
  double limit = std::ldexp(1.0, bits - 1);
  value = std::floor(value);
  return value >= -limit && value < limit
             ? value
             : std::numeric_limits<double>::quiet_NaN();
}

int64_t sinter::elementByteSize(Type elementType) {
  if (auto quantized = dyn_cast<QuantizedType>(elementType))
    return llvm::divideCeil(quantized.getBits(), 8);
  return llvm::divideCeil(elementType.getIntOrFloatBitWidth(), 8);
}

void sinter::appendElements(ArrayRef<double> elements, Type elementType,
                            std::vector<uint8_t> &bytes) {
  int64_t size = elementByteSize(elementType);
  bytes.reserve(bytes.size() + elements.size() * size);
  for (double element : elements) {
    uint64_t bits = 0;
    if (auto type = dyn_cast<FloatType>(elementType)) {
      bits = toFloat(element, type).bitcastToAPInt().getZExtValue();
    } else {
      double rounded = roundToElementType(element, elementType);
      bits = std::isnan(rounded) ? 0 : uint64_t(int64_t(rounded));
    }
    for (int64_t byte = 0; byte < size; ++byte)
      bytes.push_back(uint8_t(bits >> (8 * byte)));
  }
}
