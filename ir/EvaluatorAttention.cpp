//===- EvaluatorAttention.cpp - Attention over caches -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Elements.h"
#include "ir/Evaluation.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

using namespace mlir;
using namespace sinter;

static constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

LogicalResult Evaluation::evaluate(AttentionScoresOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  const TensorValue &query = get(op.getQuery()),
                    &sequence = get(op.getSequence());
  int64_t heads = result->shape[0], rows = result->shape[1],
          past = result->shape[2], width = query.shape[2];
  int64_t group = heads / op.getKeys().getType().getHeads();
  // Behind the extent nothing is defined.
  llvm::fill(result->elements, undefined);
  for (int64_t n = 0; n < rows; ++n) {
    FailureOr<int64_t> extent = getExtent(op, op.getExtent(), n, past);
    if (failed(extent))
      return failure();
    for (int64_t p = 0; p < *extent; ++p) {
      FailureOr<ArrayRef<double>> keys =
          getRow(op, op.getKeys(), sequence.elements[n], p);
      if (failed(keys))
        return failure();
      for (int64_t h = 0; h < heads; ++h) {
        double sum = 0;
        for (int64_t d = 0; d < width; ++d)
          sum += query.elements[(h * rows + n) * width + d] *
                 (*keys)[h / group * width + d];
        result->elements[(h * rows + n) * past + p] = sum;
      }
    }
  }
  setResult(op, std::move(*result));
  return success();
}

LogicalResult Evaluation::evaluate(AttentionValuesOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  const TensorValue &probability = get(op.getProbability()),
                    &sequence = get(op.getSequence());
  int64_t heads = result->shape[0], rows = result->shape[1],
          width = result->shape[2], past = probability.shape[2];
  int64_t group = heads / op.getValues().getType().getHeads();
  for (int64_t n = 0; n < rows; ++n) {
    FailureOr<int64_t> extent = getExtent(op, op.getExtent(), n, past);
    if (failed(extent))
      return failure();
    for (int64_t p = 0; p < *extent; ++p) {
      FailureOr<ArrayRef<double>> values =
          getRow(op, op.getValues(), sequence.elements[n], p);
      if (failed(values))
        return failure();
      for (int64_t h = 0; h < heads; ++h)
        for (int64_t e = 0; e < width; ++e)
          result->elements[(h * rows + n) * width + e] +=
              probability.elements[(h * rows + n) * past + p] *
              (*values)[h / group * width + e];
    }
  }
  setResult(op, std::move(*result));
  return success();
}

LogicalResult Evaluation::evaluate(AttentionRelativeOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  const TensorValue &table = get(op.getTable()), &index = get(op.getIndex()),
                    &sequence = get(op.getSequence());
  bool isOwn = isa<NamedTensorType>(op.getRows().getType());
  int64_t heads = result->shape[0], rows = result->shape[1],
          past = result->shape[2], buckets = table.shape[1],
          width = table.shape[2];
  llvm::fill(result->elements, undefined);
  for (int64_t n = 0; n < rows; ++n) {
    FailureOr<int64_t> extent = getExtent(op, op.getExtent(), n, past);
    if (failed(extent))
      return failure();
    for (int64_t p = 0; p < *extent; ++p) {
      ArrayRef<double> keys;
      if (!isOwn) {
        FailureOr<ArrayRef<double>> row =
            getRow(op, op.getRows(), sequence.elements[n], p);
        if (failed(row))
          return failure();
        keys = *row;
      }
      int64_t bucket =
          std::clamp<double>(index.elements[n * past + p], 0, buckets - 1);
      for (int64_t h = 0; h < heads; ++h) {
        const double *left =
            isOwn ? &get(op.getRows()).elements[(h * rows + n) * width]
                  : &keys[h * width];
        double sum = 0;
        for (int64_t d = 0; d < width; ++d)
          sum += left[d] * table.elements[(h * buckets + bucket) * width + d];
        result->elements[(h * rows + n) * past + p] = sum;
      }
    }
  }
  setResult(op, std::move(*result));
  return success();
}

/// What a weight's exponent is taken relative to, where weights are rounded: a
/// multiple of ln 2.
static double roundedMaximum(double largest) {
  return std::ceil(largest * std::numbers::log2e) * std::numbers::ln2;
}

LogicalResult Evaluation::evaluate(AttentionOp op) {
  FailureOr<TensorValue> scores = allocate(op, op.getScoreType());
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(scores) || failed(result))
    return failure();
  int64_t heads = scores->shape[0], rows = scores->shape[1],
          past = scores->shape[2];
  const TensorValue &query = get(op.getQuery()),
                    &sequence = get(op.getSequence());
  int64_t keyWidth = query.shape[2], width = result->shape[2];
  SmallVector<std::pair<int64_t, int64_t>> seen; // of each row
  for (int64_t n = 0; n < rows; ++n) {
    FailureOr<int64_t> extent = getExtent(op, op.getExtent(), n, past);
    if (failed(extent))
      return failure();
    int64_t window = int64_t(op.getWindow().value_or(past));
    seen.emplace_back(std::max<int64_t>(0, *extent - window), *extent);
  }

  bool isRounded = op.getRounded();
  Type brain = BFloat16Type::get(op.getContext());
  // Numbers as they are multiplied.
  auto multiplied = [&](ArrayRef<double> numbers) {
    std::vector<double> result(numbers.begin(), numbers.end());
    if (isRounded)
      for (double &number : result)
        number = roundToElementType(number, brain);
    return result;
  };
  const std::vector<double> queries = multiplied(query.elements);
  // What a row does not see is not defined.
  llvm::fill(scores->elements, undefined);
  for (int64_t n = 0; n < rows; ++n)
    for (int64_t p = seen[n].first; p < seen[n].second; ++p) {
      FailureOr<ArrayRef<double>> keys =
          getRow(op, op.getKeys(), sequence.elements[n], p);
      if (failed(keys))
        return failure();
      const std::vector<double> row = multiplied(*keys);
      for (int64_t h = 0; h < heads; ++h) {
        double sum = 0;
        for (int64_t d = 0; d < keyWidth; ++d)
          sum += queries[(n * heads + h) * keyWidth + d] *
                 row[h / op.getKeyGroup() * keyWidth + d];
        scores->elements[(h * rows + n) * past + p] = sum;
      }
    }
  setResult(op.getScores(), std::move(*scores));
  for (auto [argument, input] :
       llvm::zip(op.getInputArguments(), op.getInputs()))
    values[argument] = getTensor(input);
  if (failed(runBody(*op.getBody())))
    return failure();

  const TensorValue &final = get(op.getYielded());
  for (int64_t n = 0; n < rows; ++n) {
    auto [begin, end] = seen[n];
    std::vector<double> weights(heads * (end - begin));
    for (int64_t h = 0; h < heads; ++h) {
      const double *row = &final.elements[(h * rows + n) * past];
      double largest = -std::numeric_limits<double>::infinity(), sum = 0;
      for (int64_t p = begin; p < end; ++p)
        largest = std::max(largest, row[p]);
      if (isRounded)
        largest = roundedMaximum(largest);
      for (int64_t p = begin; p < end; ++p)
        sum += weights[h * (end - begin) + p - begin] =
            isRounded ? roundToElementType(std::exp(row[p] - largest), brain)
                      : std::exp(row[p] - largest);
      for (int64_t p = begin; p < end; ++p)
        weights[h * (end - begin) + p - begin] /= sum;
    }
    for (int64_t p = begin; p < end; ++p) {
      FailureOr<ArrayRef<double>> value =
          getRow(op, op.getValues(), sequence.elements[n], p);
      if (failed(value))
        return failure();
      const std::vector<double> numbers = multiplied(*value);
      for (int64_t h = 0; h < heads; ++h)
        for (int64_t e = 0; e < width; ++e)
          result->elements[(n * heads + h) * width + e] +=
              weights[h * (end - begin) + p - begin] *
              numbers[h / op.getValueGroup() * width + e];
    }
  }
  setResult(op, std::move(*result));
  return success();
}
