//===- EvaluatorKernels.cpp - Kernel-level operations -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Evaluation.h"
#include "ir/Quantization.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace mlir;
using namespace sinter;

/// As messages show an i32: diagnostics would print `3.000000e+00`.
static std::string text(double number) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", number);
  return text;
}

//===----------------------------------------------------------------------===//
// Packed weights
//===----------------------------------------------------------------------===//

/// Elements are what their numbers stand for.
LogicalResult Evaluation::evaluate(QuantizeOp op) {
  const TensorValue &weight = get(op.getOperand());
  if (op.getStored()) { // they are that already
    setResult(op, weight);
    return success();
  }
  int64_t inputs = weight.shape[0], outputs = weight.shape[1];
  auto type = cast<QuantizedType>(op.getType().getElementType());
  std::vector<float> elements(weight.elements.begin(), weight.elements.end());
  std::vector<float> importance;
  if (op.getImportance()) {
    const TensorValue &given = get(op.getImportance());
    importance.assign(given.elements.begin(), given.elements.end());
  }
  QuantizedMatrix matrix = quantizeMatrix(type, op.getSearch(), elements,
                                          inputs, outputs, importance);
  TensorValue result;
  result.shape = weight.shape;
  result.elements.reserve(elements.size());
  for (int64_t input = 0; input < inputs; ++input)
    for (int64_t output = 0; output < outputs; ++output)
      result.elements.push_back(
          dequantize(type, matrix, inputs, outputs, input, output));
  setResult(op, std::move(result));
  return success();
}

LogicalResult Evaluation::evaluate(PackOp op) {
  PackedType type = op.getType();
  if (type.getNumElements() > evaluator.getOptions().maximumElements)
    return op.emitOpError() << "a " << type << " is too large to evaluate";
  const TensorValue &weight = get(op.getOperand());
  int64_t columns = type.getLayout().getColumns(),
          depth = type.getLayout().getDepth();
  TensorValue packed;
  packed.shape = {type.getPanelCount(),
                  type.getPanelElements() / (columns * depth), columns, depth};
  packed.elements.assign(type.getNumElements(), 0.0); // the padding
  for (int64_t input = 0; input < type.getInputs(); ++input)
    for (int64_t output = 0; output < type.getOutputs(); ++output)
      packed.elements[type.getElementOffset(input, output)] =
          weight.elements[input * type.getOutputs() + output];
  setResult(op, std::move(packed));
  return success();
}

/// Rows as a quantized weight is multiplied by them: what their numbers stand
/// for.
static std::vector<double> roundRows(const TensorValue &rows, int64_t inputs,
                                     int64_t group) {
  std::vector<double> rounded;
  std::vector<float> all(rows.elements.begin(), rows.elements.end());
  for (size_t begin = 0; begin < all.size(); begin += inputs) {
    QuantizedRow row =
        quantizeRow(llvm::ArrayRef(all).slice(begin, inputs), group);
    for (int64_t k = 0; k < inputs; ++k)
      rounded.push_back(double(row.scaleOf(k / group)) * row.numbers[k]);
  }
  return rounded;
}

LogicalResult Evaluation::evaluate(LinearOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  PackedType type = op.getWeight().getType();
  const TensorValue &weight = get(op.getWeight());
  TensorValue input = get(op.getInput());
  int64_t inputs = type.getInputs(), outputs = type.getOutputs();
  int64_t rows = input.elements.size() / inputs;
  QuantizedType quantized = type.getQuantized();
  if (quantized && op.getInput().getType().getElementType().isF32())
    input.elements = roundRows(input, inputs, quantized.getGroupOf(inputs));
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t k = 0; k < inputs; ++k)
      for (int64_t column = 0; column < outputs; ++column)
        result->elements[row * outputs + column] +=
            input.elements[row * inputs + k] *
            weight.elements[type.getElementOffset(k, column)];
  setResult(op, std::move(*result));
  return success();
}

LogicalResult Evaluation::evaluate(PackedGatherOp op) {
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  PackedType type = op.getWeight().getType();
  const TensorValue &weight = get(op.getWeight()), &index = get(op.getIndex());
  double *to = result->elements.data();
  for (double number : index.elements) {
    // A number that is not defined gives a row that is not.
    int64_t column = std::clamp<double>(std::isnan(number) ? 0 : number, 0,
                                        type.getOutputs() - 1);
    for (int64_t input = 0; input < type.getInputs(); ++input)
      *to++ = std::isnan(number)
                  ? number
                  : weight.elements[type.getElementOffset(input, column)];
  }
  setResult(op, std::move(*result));
  return success();
}

//===----------------------------------------------------------------------===//
// Caches
//===----------------------------------------------------------------------===//

FailureOr<CacheContents::Layer *>
Evaluation::getCacheLayer(Operation *op, FlatSymbolRefAttr symbol,
                          Value layer) {
  auto cache = SymbolTable::lookupNearestSymbolFrom<CacheOp>(op, symbol);
  if (!cache)
    return op->emitOpError() << "there is no cache " << symbol;
  FailureOr<int64_t> number = getLayerNumber(op, layer, cache.getLayers());
  if (failed(number))
    return failure();
  return &evaluator.getCaches().getLayer(symbol.getValue(), *number);
}

LogicalResult Evaluation::evaluate(CacheStoreOp op) {
  FailureOr<CacheContents::Layer *> layer =
      getCacheLayer(op, op.getCacheAttr(), op.getLayer());
  if (failed(layer))
    return failure();
  // A new source takes the place of the sequence's old one.
  std::erase_if((*layer)->rows, [&](const auto &entry) {
    return entry.first.first == options.sequence;
  });
  ++(*layer)->writes;
  const TensorValue &value = get(op.getValue());
  int64_t width = value.shape[1] * value.shape[2];
  for (int64_t position = 0; position < value.shape[0]; ++position) {
    auto row = value.elements.begin() + position * width;
    (*layer)->rows[{options.sequence, position}].assign(row, row + width);
  }
  return success();
}

LogicalResult Evaluation::evaluate(CacheLoadOp op) {
  FailureOr<CacheContents::Layer *> layer =
      getCacheLayer(op, op.getCacheAttr(), op.getLayer());
  if (failed(layer))
    return failure();
  // A decoder has no argument of the source's length: what the encoder stored
  // has.
  int64_t stored = llvm::count_if((*layer)->rows, [&](const auto &entry) {
    return entry.first.first == options.sequence;
  });
  Dimension positions = op.getType().getDim(0);
  if (positions.isSymbol() &&
      failed(bindDimension(op, positions.getSymbol(), stored)))
    return failure();
  FailureOr<TensorValue> result = allocate(op, op.getType());
  if (failed(result))
    return failure();
  int64_t width = result->shape[1] * result->shape[2];
  for (int64_t position = 0; position < result->shape[0]; ++position) {
    auto row = (*layer)->rows.find({options.sequence, position});
    if (row == (*layer)->rows.end() || int64_t(row->second.size()) != width)
      return op.emitOpError() << "position " << position << " of "
                              << op.getCacheAttr() << " was never stored";
    llvm::copy(row->second, result->elements.begin() + position * width);
  }
  setResult(op, std::move(*result));
  return success();
}

/// What a cache of i8 makes of a head: whole numbers to 127, times a scale. The
/// arithmetic is that of f32.
static void quantize(MutableArrayRef<double> head) {
  float largest = 0;
  for (double x : head)
    largest = std::isnan(x) ? NAN : std::max(largest, float(std::fabs(x)));
  const float scale = largest / 127, inverse = 127 / largest;
  for (double &x : head) {
    const float step = std::nearbyint(float(x) * inverse);
    x = double(std::isnan(step) ? 0 : step) * double(scale);
  }
}

LogicalResult Evaluation::evaluate(CacheAppendOp op) {
  FailureOr<CacheContents::Layer *> layer =
      getCacheLayer(op, op.getCacheAttr(), op.getLayer());
  if (failed(layer))
    return failure();
  const TensorValue &rows = get(op.getRows()),
                    &sequence = get(op.getSequence()),
                    &position = get(op.getPosition());
  int64_t width = rows.shape[1] * rows.shape[2];
  for (int64_t n = 0; n < rows.shape[0]; ++n) {
    double where = position.elements[n], whose = sequence.elements[n];
    if (!(where >= 0 && whose >= 0))
      return op.emitOpError()
             << "row " << n << " goes to position " << text(where)
             << " of sequence " << text(whose) << "; there is no such place";
    auto row = rows.elements.begin() + n * width;
    std::vector<double> &kept =
        (*layer)->rows[{int64_t(whose), int64_t(where)}];
    kept.assign(row, row + width);
    if (op.getType().isQuantized())
      for (int64_t head = 0; head < width; head += rows.shape[2])
        quantize(MutableArrayRef<double>(kept).slice(head, rows.shape[2]));
  }
  ++(*layer)->writes;
  values[op.getResult()] = HistoryView{*layer, (*layer)->writes};
  return success();
}

LogicalResult Evaluation::evaluate(CacheHistoryOp op) {
  FailureOr<CacheContents::Layer *> layer =
      getCacheLayer(op, op.getCacheAttr(), op.getLayer());
  if (failed(layer))
    return failure();
  values[op.getResult()] = HistoryView{*layer, (*layer)->writes};
  return success();
}

FailureOr<ArrayRef<double>> Evaluation::getRow(Operation *op, Value history,
                                               double sequence,
                                               int64_t position) {
  auto found = values.find(history);
  auto *view = found == values.end() ? nullptr
                                     : std::get_if<HistoryView>(&found->second);
  if (!view)
    return op->emitOpError("reads a history that no cache gave");
  if (view->layer->writes != view->writes)
    return op->emitOpError("reads a history after its cache was written again");
  auto type = cast<HistoryType>(history.getType());
  auto row = std::isnan(sequence)
                 ? view->layer->rows.end()
                 : view->layer->rows.find({int64_t(sequence), position});
  if (row == view->layer->rows.end() ||
      int64_t(row->second.size()) != type.getHeads() * type.getWidth())
    return op->emitOpError() << "reads position " << position << " of sequence "
                             << text(sequence) << ", which was never written";
  return ArrayRef<double>(row->second);
}

FailureOr<int64_t> Evaluation::getExtent(Operation *op, Value extent,
                                         int64_t row, int64_t limit) {
  double count = get(extent).elements[row];
  if (!(count >= 0 && count <= limit))
    return op->emitOpError() << "row " << row << " has an extent of "
                             << text(count) << " in a dimension of " << limit;
  return int64_t(count);
}
