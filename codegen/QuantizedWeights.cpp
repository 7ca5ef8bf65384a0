//===- QuantizedWeights.cpp - Panels of numbers and scales -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/QuantizedWeights.h"
#include "ir/Quantization.h"
#include "llvm/Support/Parallel.h"
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

std::vector<uint8_t> sinter::quantizePanels(PackedType type, bool search,
                                            llvm::ArrayRef<float> elements) {
  std::vector<uint8_t> bytes(type.getBytes());
  int64_t columns = type.getLayout().getColumns();
  int64_t ofPanel = type.getInputs() * columns;
  llvm::parallelFor(0, type.getPanelCount(), [&](size_t panel) {
    QuantizedMatrix matrix = quantizeMatrix(
        type.getQuantized(), search, elements.slice(panel * ofPanel, ofPanel),
        type.getInputs(), columns);
    PanelWriter(type, matrix, bytes.data() + panel * type.getPanelBytes())
        .write();
  });
  return bytes;
}

PackedType sinter::groupPanels(PackedType type) {
  PackedType floats = floatPanels(type);
  return PackedType::get(
      type.getContext(), type.getQuantized().getGroupCount(type.getInputs()),
      type.getOutputs(), floats.getElementType(), floats.getLayout());
}

std::vector<uint8_t> sinter::packNumbers(PackedType type,
                                         llvm::ArrayRef<float> numbers,
                                         llvm::ArrayRef<float> scales,
                                         llvm::ArrayRef<float> minima) {
  std::vector<uint8_t> bytes(type.getBytes());
  QuantizedType element = type.getQuantized();
  int64_t columns = type.getLayout().getColumns();
  int64_t ofPanel = type.getInputs() * columns,
          shared = element.getGroupCount(type.getInputs()) * columns;
  llvm::parallelFor(0, type.getPanelCount(), [&](size_t panel) {
    QuantizedMatrix matrix;
    for (float number : numbers.slice(panel * ofPanel, ofPanel))
      matrix.numbers.push_back(uint8_t(int64_t(number) + element.getZero()));
    matrix.scales = scales.slice(panel * shared, shared).vec();
    if (element.getMinimum())
      matrix.minima = minima.slice(panel * shared, shared).vec();
    PanelWriter(type, matrix, bytes.data() + panel * type.getPanelBytes())
        .write();
  });
  return bytes;
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

/// Of one matrix [inputs, columns].
static QuantizationError measure(QuantizedType type,
                                 llvm::ArrayRef<float> elements, int64_t inputs,
                                 int64_t columns) {
  QuantizationError error;
  for (bool search : {true, false}) {
    QuantizedMatrix matrix =
        quantizeMatrix(type, search, elements, inputs, columns);
    for (int64_t k = 0; k < inputs; ++k)
      for (int64_t column = 0; column < columns; ++column) {
        float element = elements[k * columns + column];
        float distance =
            element - dequantize(type, matrix, inputs, columns, k, column);
        (search ? error.distances : error.ofNearest) +=
            double(distance) * distance;
        if (!search)
          continue;
        error.weights += double(element) * element;
        error.largest = std::max(error.largest, std::fabs(distance));
      }
  }
  return error;
}

QuantizationError sinter::measurePanels(PackedType type,
                                        llvm::ArrayRef<float> elements) {
  int64_t columns = type.getLayout().getColumns(),
          ofPanel = type.getInputs() * columns;
  std::vector<QuantizationError> errors(type.getPanelCount());
  llvm::parallelFor(0, errors.size(), [&](size_t panel) {
    errors[panel] =
        measure(type.getQuantized(), elements.slice(panel * ofPanel, ofPanel),
                type.getInputs(), columns);
  });
  QuantizationError sum;
  for (const QuantizationError &error : errors)
    sum += error;
  return sum;
}
