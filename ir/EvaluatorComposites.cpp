//===- EvaluatorComposites.cpp - Functions with a name -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Straight from the formulas, not by their decomposition: tests compare the
// two.
//
//===----------------------------------------------------------------------===//

#include "ir/Evaluation.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace sinter;

/// The rows of a tensor: what its last axis holds.
static llvm::MutableArrayRef<double> rowOf(TensorValue &tensor, size_t row) {
  size_t width = tensor.shape.back();
  return llvm::MutableArrayRef(tensor.elements).slice(row * width, width);
}

static size_t numberOfRows(const TensorValue &tensor) {
  return tensor.elements.empty() ? 0
                                 : tensor.elements.size() / tensor.shape.back();
}

template <typename NormOp>
static void normalizeRows(NormOp op, TensorValue &tensor, bool centre,
                          const TensorValue *gain, const TensorValue *bias) {
  double epsilon = op.getEpsilon().convertToDouble();
  for (size_t number = 0; number < numberOfRows(tensor); ++number) {
    llvm::MutableArrayRef<double> row = rowOf(tensor, number);
    double mean = 0, squares = 0;
    if (centre)
      for (double x : row)
        mean += x / row.size();
    for (double x : row)
      squares += (x - mean) * (x - mean) / row.size();
    double size = op.getOutsideRoot() ? std::sqrt(squares) + epsilon
                                      : std::sqrt(squares + epsilon);
    for (auto [column, x] : llvm::enumerate(row)) {
      x = (x - mean) / size;
      if (gain)
        x *= gain->elements[column];
      if (bias)
        x += bias->elements[column];
    }
  }
}

LogicalResult Evaluation::evaluate(LayerNormOp op) {
  TensorValue result = get(op.getOperand());
  normalizeRows(op, result, /*centre=*/true,
                op.getGain() ? &get(op.getGain()) : nullptr,
                op.getBias() ? &get(op.getBias()) : nullptr);
  setResult(op, std::move(result));
  return success();
}

LogicalResult Evaluation::evaluate(RMSNormOp op) {
  TensorValue result = get(op.getOperand());
  normalizeRows(op, result, /*centre=*/false,
                op.getGain() ? &get(op.getGain()) : nullptr,
                op.getBias() ? &get(op.getBias()) : nullptr);
  setResult(op, std::move(result));
  return success();
}

LogicalResult Evaluation::evaluate(SoftmaxOp op) {
  constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
  TensorValue result = get(op.getOperand());
  int64_t axis = op.getAxis(), size = result.shape[axis];
  int64_t stride = stridesOf(result.shape)[axis];
  int64_t rowAxis = op.getOperand().getType().findSymbol(tokensDimension);
  Indices starts(result.shape);
  starts[axis] = size == 0 ? 0 : 1;
  bool wellFormed = true;
  forEachIndex(starts, [&](ArrayRef<int64_t> index) {
    int64_t count = size;
    if (op.getExtent() && wellFormed) {
      FailureOr<int64_t> extent =
          getExtent(op, op.getExtent(), index[rowAxis], size);
      wellFormed = succeeded(extent);
      count = wellFormed ? *extent : 0;
    }
    int64_t first = 0;
    for (auto [step, position] : llvm::zip(stridesOf(result.shape), index))
      first += step * position;
    auto at = [&](int64_t position) -> double & {
      return result.elements[first + position * stride];
    };
    double largest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (int64_t position = 0; position < count; ++position)
      largest = std::max(largest, at(position));
    for (int64_t position = 0; position < count; ++position)
      sum += std::exp(at(position) - largest);
    for (int64_t position = 0; position < size; ++position)
      at(position) =
          position < count ? std::exp(at(position) - largest) / sum : undefined;
  });
  if (!wellFormed)
    return failure();
  setResult(op, std::move(result));
  return success();
}

LogicalResult Evaluation::evaluate(RotaryOp op) {
  TensorValue result = get(op.getOperand());
  const TensorValue &cosine = get(op.getCosine()), &sine = get(op.getSine());
  int64_t half = op.getWidth() / 2;
  bool split = op.getKind() == RotaryKind::half_split;
  Indices pairs(result.shape);
  pairs.back() = half;
  forEachIndex(pairs, [&](ArrayRef<int64_t> index) {
    int64_t row = 0, pair = index.back();
    for (auto [size, position] :
         llvm::zip(ArrayRef(result.shape).drop_back(), index.drop_back()))
      row = row * size + position;
    double *x = result.elements.data() + row * result.shape.back();
    double &first = x[split ? pair : 2 * pair];
    double &second = x[split ? pair + half : 2 * pair + 1];
    double c = cosine.elements[broadcastOffset(cosine.shape, index)];
    double s = sine.elements[broadcastOffset(sine.shape, index)];
    double a = first, b = second;
    first = a * c - b * s;
    second = b * c + a * s;
  });
  setResult(op, std::move(result));
  return success();
}
