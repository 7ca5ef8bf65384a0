//===- StoredBlocks.cpp - Random weights in blocks -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StoredBlocks.h"
#include "codegen/QuantizedWeights.h"
#include <random>

using namespace sinter;
using namespace sinter::test;

StoredBlocks::StoredBlocks(PackedType type, bool largest) : type(type) {
  QuantizedType element = type.getQuantized();
  int64_t inputs = type.getInputs(), outputs = type.getOutputs();
  std::mt19937 random(7);
  auto fill = [&](auto &numbers, int64_t rows, int from, int to, float unit) {
    std::uniform_int_distribution<int> any(from, to);
    numbers.resize(rows * outputs);
    for (auto &number : numbers)
      number = float(largest ? to : any(random)) * unit;
  };
  // Few bits, which any type of scales holds.
  fill(matrix.numbers, inputs, 0, int(element.getLargest()), 1);
  fill(matrix.scales, element.getBlockCount(inputs), -255, 255, 0x1p-14f);
  if (element.getMinimum())
    fill(matrix.minima, element.getBlockCount(inputs), -255, 255, 0x1p-12f);
  if (element.getBlock())
    fill(matrix.factors, element.getGroupCount(inputs), -128, 127, 1);
  if (element.getBlock() && element.getMinimum())
    fill(matrix.leastFactors, element.getGroupCount(inputs), -128, 127, 1);
}

std::vector<float> StoredBlocks::elements() const {
  std::vector<float> elements;
  int64_t inputs = type.getInputs(), outputs = type.getOutputs();
  for (int64_t k = 0; k < inputs; ++k)
    for (int64_t m = 0; m < outputs; ++m)
      elements.push_back(
          dequantize(type.getQuantized(), matrix, inputs, outputs, k, m));
  return elements;
}

std::vector<uint8_t> StoredBlocks::packed() const {
  std::vector<uint8_t> bytes(type.getBytes());
  int64_t columns = type.getLayout().getColumns(), outputs = type.getOutputs();
  for (int64_t panel = 0; panel < type.getPanelCount(); ++panel) {
    StoredPanel part;
    auto take = [&](const auto &from, std::vector<float> &to, int64_t zero) {
      int64_t rows = from.size() / outputs;
      to.assign(rows * columns, 0);
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t m = panel * columns;
             m < std::min(outputs, (panel + 1) * columns); ++m)
          to[row * columns + m % columns] =
              float(from[row * outputs + m]) - float(zero);
    };
    take(matrix.numbers, part.numbers, type.getQuantized().getZero());
    take(matrix.scales, part.scales, 0);
    take(matrix.minima, part.minima, 0);
    take(matrix.factors, part.factors, 0);
    take(matrix.leastFactors, part.leastFactors, 0);
    packNumbers(type, part, &bytes[panel * type.getPanelBytes()]);
  }
  return bytes;
}
