//===- QuantizedWeights.cpp - Panels of numbers and scales -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/QuantizedWeights.h"
#include "ir/Quantization.h"
#include "llvm/Support/Parallel.h"

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
