//===- Quantization.cpp - Quantized graphs, as what they stand for -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights of whole numbers become the floats that they stand for. What a graph
// rounds on the way, to multiply it with them, stays as it is: rounding is what
// quantization costs, not what the model means. Rounded values are carried as
// the real ones, so that the scale and the zero point of rows are 1 and 0.
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Importer.h"

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

/// Nodes that give the elements that they take.
static bool keepsElements(StringRef operation) {
  return llvm::is_contained(
      {"Identity", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze"},
      operation);
}

/// Elements in another place stand for what they stood for.
void Importer::carryQuantized() {
  if (!keepsElements(node->operation) || !has(0) ||
      in(0).quantized == Value::Plain || node->outputs.empty())
    return;
  if (auto found = values.find(node->outputs.front()); found != values.end())
    found->second.quantized = in(0).quantized;
}

/// Whoever takes quantized values has to know what they stand for.
LogicalResult Importer::checkQuantized() {
  if (llvm::is_contained({"DequantizeLinear", "MatMulInteger", "QLinearMatMul",
                          "MatMulIntegerToFloat", "Shape"},
                         StringRef(node->operation)) ||
      keepsElements(node->operation))
    return success();
  for (size_t i = 0; i < inputCount(); ++i)
    if (in(i).quantized != Value::Plain)
      return fail("its input " + Twine(i) +
                  " is quantized: only of DequantizeLinear and of products "
                  "with weights is this supported");
  return success();
}

Importer::Result Importer::wholeNumbers(const Value &value) {
  if (value.kind == Kind::Float)
    return materialize(value);
  if (value.isOneNumber() && value.numbers.front().integer.isStatic())
    return constant(double(value.numbers.front().integer.getStatic()));
  if (!value.stored) {
    Result numbers = materialize(value);
    return failed(numbers) ? numbers : Result(convert(*numbers, Kind::Float));
  }
  Value floats = value;
  floats.form = Value::Stored;
  floats.kind = Kind::Float;
  floats.numbers.clear();
  return materializeStored(floats);
}

/// A number for all, or one for each place along an axis.
Importer::Result Importer::alongAxis(const Value &value, int64_t along,
                                     int64_t rank) {
  Result numbers = wholeNumbers(value);
  if (failed(numbers) || wrap(*numbers).shape.empty())
    return numbers;
  Extents shape = wrap(*numbers).shape;
  if (shape.size() == 1 && shape.front() == Extent(1))
    return reshape(*numbers, {});
  if (shape.size() != 1 || along < 0 || along >= rank)
    return fail("scales of " + toString(ArrayRef(shape)) +
                ": expected one, or one for each place along one axis");
  Extents placed(rank, Extent(1));
  placed[along] = shape.front();
  return reshape(*numbers, placed);
}

/// (value - zero point) * scale.
Importer::Result Importer::dequantize(const Value &value, const Value &scale,
                                      const Value &zeroPoint, int64_t along) {
  int64_t rank = value.getRank();
  Result numbers = wholeNumbers(value);
  bool isZero =
      zeroPoint.isAbsent() || (zeroPoint.isOneNumber() &&
                               zeroPoint.numbers.front().integer == Extent(0));
  if (succeeded(numbers) && !isZero) {
    Result zero = alongAxis(zeroPoint, along, rank);
    numbers = failed(zero) ? zero : binary<SubOp>(*numbers, *zero);
  }
  if (succeeded(numbers) && !scale.isAbsent()) {
    Result factor = alongAxis(scale, along, rank);
    numbers = failed(factor) ? factor : binary<MulOp>(*numbers, *factor);
  }
  return numbers;
}

/// Rows, which were rounded or would have been, times weights.
FailureOr<onnx::Value> Importer::quantizedProduct(const Value &rows,
                                                  const Value &weight,
                                                  const Value &scale,
                                                  const Value &zeroPoint,
                                                  const Value &bias) {
  if (rows.kind != Kind::Float || rows.quantized == Value::Table ||
      weight.kind != Kind::Integer)
    return fail("expected rows that were quantized, and weights of whole "
                "numbers");
  Result left = materialize(rows);
  Result right = dequantize(weight, scale, zeroPoint, weight.getRank() - 1);
  if (failed(left) || failed(right))
    return failure();
  Result product = matmul(*left, *right);
  if (succeeded(product))
    product = addIfThere(*product, bias);
  if (failed(product))
    return failure();
  return wrap(*product);
}

LogicalResult Importer::importQuantizeLinear() {
  if (failed(checkInputs(2)))
    return failure();
  if (in(0).kind != Kind::Float)
    return fail("its input is no tensor of floats");
  Value real = in(0);
  real.quantized = Value::Rounded;
  return set(0, real);
}

LogicalResult Importer::importDynamicQuantizeLinear() {
  if (failed(checkInputs(1)))
    return failure();
  if (in(0).kind != Kind::Float)
    return fail("its input is no tensor of floats");
  Value real = in(0);
  real.quantized = Value::Rounded;
  if (failed(set(0, real)))
    return failure();
  if (failed(set(1, uniform(Kind::Float, {}, {1, Extent()}))))
    return failure();
  return set(2, uniform(Kind::Integer, {}, {0, Extent(0)}));
}

LogicalResult Importer::importDequantizeLinear() {
  if (failed(checkInputs(2)))
    return failure();
  if (in(0).quantized == Value::Rounded) {
    Value real = in(0);
    real.quantized = Value::Plain;
    return set(0, real);
  }
  bool isTable = in(0).quantized == Value::Table;
  if (!isTable && in(0).kind != Kind::Integer)
    return fail("its input is neither whole numbers nor comes from "
                "QuantizeLinear: this is not supported");
  // An axis of a table is not one of the rows taken from it.
  int64_t along = node->integer("axis", 1);
  along = isTable ? -1 : along < 0 ? along + in(0).getRank() : along;
  return set(0, dequantize(in(0), in(1), in(2), along));
}

LogicalResult Importer::importMatMulInteger() {
  if (failed(checkInputs(2)))
    return failure();
  bool isZero = !has(2) || (in(2).isOneNumber() &&
                            in(2).numbers.front().integer == Extent(0));
  if (in(0).quantized != Value::Rounded || !isZero)
    return fail("its rows do not come from DynamicQuantizeLinear: this is not "
                "supported");
  FailureOr<Value> product =
      quantizedProduct(in(0), in(1), Value(), in(3), Value());
  return failed(product) ? failure() : set(0, *product);
}

LogicalResult Importer::importQLinearMatMul() {
  if (failed(checkInputs(8)))
    return failure();
  FailureOr<Value> product =
      quantizedProduct(in(0), in(3), in(4), in(5), Value());
  if (failed(product))
    return failure();
  product->quantized = Value::Rounded;
  return set(0, *product);
}

LogicalResult Importer::importMatMulIntegerToFloat() {
  if (failed(checkInputs(4)))
    return failure();
  if (in(0).quantized != Value::Rounded)
    return fail("its rows do not come from a node that quantizes them");
  FailureOr<Value> product =
      quantizedProduct(in(0), in(1), in(3), in(5), in(6));
  return failed(product) ? failure() : set(0, *product);
}

LogicalResult Importer::importDynamicQuantizeMatMul() {
  if (failed(checkInputs(3)))
    return failure();
  FailureOr<Value> product =
      quantizedProduct(in(0), in(1), in(2), in(3), in(4));
  return failed(product) ? failure() : set(0, *product);
}
