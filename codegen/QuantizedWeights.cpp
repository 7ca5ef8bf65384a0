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

/// Writes one panel: for each block its scales, then its numbers.
class PanelWriter {
public:
  PanelWriter(PackedType type, const QuantizedMatrix &matrix, uint8_t *panel)
      : packed(type), type(type.getQuantized()), matrix(matrix),
        inputs(type.getInputs()), columns(type.getLayout().getColumns()),
        at(panel) {}

  void write() {
    int64_t size = type.getBlockOf(inputs), group = type.getGroupOf(inputs);
    for (int64_t begin = 0; begin < inputs; begin += size) {
      uint8_t *numbers = at + packed.getScaleBytes();
      writeScales(begin / size);
      at = numbers;
      int64_t end = std::min(inputs, begin + size);
      for (int64_t first = begin; first < end; first += group)
        writeGroup(first, std::min(end, first + group));
    }
  }

private:
  void writeScales(int64_t block) {
    writeHalves(&matrix.scales[block * columns]);
    if (type.getMinimum())
      writeHalves(&matrix.minima[block * columns]);
    if (!type.getBlock())
      return;
    int64_t groups = type.getGroupsOfBlock();
    for (int64_t group = block * groups; group < (block + 1) * groups;
         ++group) {
      at = std::copy_n(&matrix.factors[group * columns], columns, at);
      if (type.getMinimum())
        at = std::copy_n(&matrix.leastFactors[group * columns], columns, at);
    }
  }

  void writeHalves(const float *numbers) {
    for (int64_t column = 0; column < columns; ++column) {
      uint16_t bits = scaleBits(type.getScale(), numbers[column]);
      *at++ = uint8_t(bits);
      *at++ = uint8_t(bits >> 8);
    }
  }

  void writeGroup(int64_t begin, int64_t end) {
    for (int64_t first = begin; first < end; first += type.getDepth()) {
      int64_t place = 0;
      for (int64_t plane : type.getPlanes()) {
        int64_t ofWord = 32 / plane;
        for (int64_t input = 0; input < type.getDepth(); input += ofWord)
          writeWords(first + input, end, plane, place);
        place += plane;
      }
    }
  }

  /// A word of each column: the bits of a plane, which is `place` bits up in
  /// numbers. Behind the last input stands what stands for 0.
  void writeWords(int64_t first, int64_t end, int64_t plane, int64_t place) {
    for (int64_t column = 0; column < columns; ++column)
      for (int64_t byte = 0; byte < 4; ++byte) {
        uint32_t bits = 0;
        for (int64_t shift = 0; shift < 8; shift += plane) {
          int64_t input = first + shift / plane * 4 + byte;
          uint32_t number = input < end
                                ? matrix.numbers[input * columns + column]
                                : uint32_t(type.getZero());
          bits |= (number >> place & ((1u << plane) - 1)) << shift;
        }
        *at++ = uint8_t(bits);
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

/// As many columns as the panels of `type` have, of fewer rows.
static PackedType panelsOf(PackedType type, int64_t rows) {
  PackedType floats = floatPanels(type);
  return PackedType::get(type.getContext(), rows, type.getOutputs(),
                         floats.getElementType(), floats.getLayout());
}

PackedType sinter::blockPanels(PackedType type) {
  return panelsOf(type, type.getQuantized().getBlockCount(type.getInputs()));
}

PackedType sinter::groupPanels(PackedType type) {
  return panelsOf(type, type.getQuantized().getGroupCount(type.getInputs()));
}

void sinter::packNumbers(PackedType type, const StoredPanel &panel,
                         uint8_t *bytes) {
  int64_t zero = type.getQuantized().getZero();
  QuantizedMatrix matrix;
  for (float number : panel.numbers)
    matrix.numbers.push_back(uint8_t(int64_t(number) + zero));
  matrix.scales = panel.scales;
  matrix.minima = panel.minima;
  matrix.factors.assign(panel.factors.begin(), panel.factors.end());
  matrix.leastFactors.assign(panel.leastFactors.begin(),
                             panel.leastFactors.end());
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
