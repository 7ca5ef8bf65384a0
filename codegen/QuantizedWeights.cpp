//===- QuantizedWeights.cpp - Panels of numbers and scales -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/QuantizedWeights.h"
#include "ir/Quantization.h"
#include <cmath>

using namespace sinter;

PackedType sinter::floatPanels(PackedType type) {
  PanelsAttr layout = type.getLayout();
  mlir::MLIRContext *context = type.getContext();
  return PackedType::get(context, type.getInputs(), type.getOutputs(),
                         mlir::Float32Type::get(context),
                         PanelsAttr::get(context, layout.getColumns(),
                                         /*depth=*/1, layout.getParts(),
                                         layout.getSpan()));
}

namespace {

/// Writes one panel: for each group its scales, then its numbers.
class PanelWriter {
public:
  PanelWriter(PackedType type, const QuantizedMatrix &matrix, uint8_t *panel)
      : packed(type), type(type.getQuantized()), matrix(matrix),
        inputs(type.getInputs()), columns(type.getLayout().getColumns()),
        at(panel) {}

  void write() {
    int64_t size = type.getGroupOf(inputs);
    for (int64_t begin = 0; begin < inputs; begin += size) {
      int64_t group = begin / size;
      uint8_t *scales = at;
      writeHalves(&matrix.scales[group * columns]);
      if (type.getMinimum())
        writeHalves(&matrix.minima[group * columns]);
      at = scales + packed.getScaleBytes();
      for (int64_t end = std::min(inputs, begin + size), first = begin;
           first < end; first += type.getDepth())
        writeStep(first, end);
    }
  }

private:
  void writeHalves(const float *numbers) {
    for (int64_t column = 0; column < columns; ++column) {
      uint16_t bits = scaleBits(type.getScale(), numbers[column]);
      *at++ = uint8_t(bits);
      *at++ = uint8_t(bits >> 8);
    }
  }

  /// Four bytes for each column; behind the last input, what stands for 0.
  void writeStep(int64_t first, int64_t end) {
    auto number = [&](int64_t input, int64_t column) -> uint8_t {
      return input < end ? matrix.numbers[input * columns + column]
                         : uint8_t(type.getZero());
    };
    for (int64_t column = 0; column < columns; ++column)
      for (int64_t byte = 0; byte < 4; ++byte) {
        uint8_t bits = number(first + byte, column);
        if (type.getBits() == 4)
          bits |= number(first + byte + 4, column) << 4;
        *at++ = bits;
      }
  }

  PackedType packed;
  QuantizedType type;
  const QuantizedMatrix &matrix;
  int64_t inputs, columns;
  uint8_t *at;
};

} // namespace

void sinter::quantizePanel(PackedType type, bool search,
                           llvm::ArrayRef<float> elements,
                           llvm::ArrayRef<float> importance, uint8_t *bytes) {
  QuantizedMatrix matrix =
      quantizeMatrix(type.getQuantized(), search, elements, type.getInputs(),
                     type.getLayout().getColumns(), importance);
  PanelWriter(type, matrix, bytes).write();
}

PackedType sinter::groupPanels(PackedType type) {
  PackedType floats = floatPanels(type);
  return PackedType::get(
      type.getContext(), type.getQuantized().getGroupCount(type.getInputs()),
      type.getOutputs(), floats.getElementType(), floats.getLayout());
}

void sinter::packNumbers(PackedType type, llvm::ArrayRef<float> numbers,
                         llvm::ArrayRef<float> scales,
                         llvm::ArrayRef<float> minima, uint8_t *bytes) {
  QuantizedType element = type.getQuantized();
  QuantizedMatrix matrix;
  for (float number : numbers)
    matrix.numbers.push_back(uint8_t(int64_t(number) + element.getZero()));
  matrix.scales = scales.vec();
  if (element.getMinimum())
    matrix.minima = minima.vec();
  PanelWriter(type, matrix, bytes).write();
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

QuantizationError &
QuantizationError::operator+=(const QuantizationError &other) {
  weights += other.weights;
  distances += other.distances;
  ofNearest += other.ofNearest;
  largest = std::max(largest, other.largest);
  return *this;
}

double QuantizationError::relative(double distances, double weights) {
  return weights > 0 ? std::sqrt(distances / weights) : 0;
}

QuantizationError sinter::measurePanel(PackedType type,
                                       llvm::ArrayRef<float> elements,
                                       llvm::ArrayRef<float> importance) {
  QuantizationError error;
  int64_t inputs = type.getInputs(), columns = type.getLayout().getColumns();
  for (bool search : {true, false}) {
    QuantizedMatrix matrix = quantizeMatrix(
        type.getQuantized(), search, elements, inputs, columns, importance);
    for (int64_t k = 0; k < inputs; ++k) {
      double counts = importance.empty() ? 1 : std::max(importance[k], 0.0f);
      for (int64_t column = 0; column < columns; ++column) {
        float element = elements[k * columns + column];
        float distance = element - dequantize(type.getQuantized(), matrix,
                                              inputs, columns, k, column);
        (search ? error.distances : error.ofNearest) +=
            counts * distance * distance;
        if (!search)
          continue;
        error.weights += counts * element * element;
        error.largest = std::max(error.largest, std::fabs(distance));
      }
    }
  }
  return error;
}
