//===- Contractions.cpp - Products, reductions and normalizations -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Importer.h"
#include <cmath>

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

LogicalResult Importer::importMatMul() {
  if (failed(checkInputs(2)))
    return failure();
  Result lhs = materialize(in(0)), rhs = materialize(in(1));
  if (failed(lhs) || failed(rhs))
    return failure();
  Extents left = in(0).shape, right = in(1).shape;
  if (left.empty() || right.empty())
    return fail("an input of it is a scalar");
  // A vector is a matrix of one row or one column for the time of the product.
  bool rowVector = left.size() == 1, columnVector = right.size() == 1;
  if (rowVector)
    lhs = reshape(*lhs, {Extent(1), left[0]});
  if (columnVector)
    rhs = reshape(*rhs, {right[0], Extent(1)});
  if (failed(lhs) || failed(rhs))
    return failure();
  Result product = matmul(*lhs, *rhs);
  if (failed(product) || (!rowVector && !columnVector))
    return set(0, product);
  Extents shape = wrap(*product).shape;
  if (columnVector)
    shape.pop_back();
  if (rowVector)
    shape.erase(shape.end() - (columnVector ? 1 : 2));
  return set(0, reshape(*product, shape));
}

LogicalResult Importer::importGemm() {
  if (failed(checkInputs(2)))
    return failure();
  Result lhs = materialize(in(0)), rhs = materialize(in(1));
  if (failed(lhs) || failed(rhs))
    return failure();
  if (in(0).getRank() != 2 || in(1).getRank() != 2)
    return fail("its inputs are no matrices");
  if (node->integer("transA", 0) != 0)
    lhs = transpose(*lhs, {1, 0});
  if (node->integer("transB", 0) != 0)
    rhs = transpose(*rhs, {1, 0});
  Result result = matmul(*lhs, *rhs);
  double alpha = node->real("alpha", 1), beta = node->real("beta", 1);
  if (succeeded(result) && alpha != 1)
    result = binary<MulOp>(*result, constant(alpha));
  if (failed(result) || !has(2) || beta == 0)
    return set(0, result);
  Result added = operand(in(2));
  if (succeeded(added) && beta != 1)
    added = binary<MulOp>(*added, constant(beta));
  return failed(added) ? failure() : set(0, binary<AddOp>(*result, *added));
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// Of integers that are all the same, such as a mask without padding, whose sum
/// is the number of tokens.
std::optional<onnx::Value>
Importer::reduceUniform(ReduceKind kind, ArrayRef<int64_t> along) const {
  const Value &value = in(0);
  if (value.form != Value::Uniform || value.kind != Kind::Integer ||
      kind == ReduceKind::mean)
    return std::nullopt;
  std::optional<Extent> result = value.numbers.front().integer;
  Extents shape;
  for (auto [i, size] : llvm::enumerate(value.shape)) {
    bool isReduced = llvm::is_contained(along, int64_t(i));
    if (isReduced && kind == ReduceKind::sum)
      result = result ? result->times(size) : std::nullopt;
    if (!isReduced || node->integer("keepdims", 1) != 0)
      shape.push_back(isReduced ? Extent(1) : size);
  }
  if (!result)
    return std::nullopt;
  return uniform(Kind::Integer, shape, {0, *result});
}

LogicalResult Importer::reduceNode(ReduceKind kind) {
  if (failed(checkInputs(1)))
    return failure();
  int64_t rank = in(0).getRank();
  FailureOr<std::vector<int64_t>> given = axes("axes", 1, rank);
  if (failed(given))
    return failure();
  if (given->empty()) {
    if (node->integer("noop_with_empty_axes", 0) != 0)
      return set(0, in(0));
    for (int64_t i = 0; i < rank; ++i)
      given->push_back(i);
  }
  if (std::optional<Value> known = reduceUniform(kind, *given))
    return set(0, *known);
  Result tensor = materialize(in(0));
  if (failed(tensor))
    return failure();
  if (wrap(*tensor).kind == Kind::Truth ||
      (kind == ReduceKind::mean && wrap(*tensor).kind != Kind::Float))
    return fail("its input is no tensor of floats");
  for (int64_t along : *given)
    tensor = reduce(kind, *tensor, along);
  if (node->integer("keepdims", 1) != 0)
    return set(0, tensor);
  Extents shape;
  for (int64_t i = 0; i < rank; ++i)
    if (!llvm::is_contained(*given, i))
      shape.push_back(in(0).shape[i]);
  return set(0, reshape(*tensor, shape));
}

LogicalResult Importer::importReduceSum() {
  return reduceNode(ReduceKind::sum);
}
LogicalResult Importer::importReduceMean() {
  return reduceNode(ReduceKind::mean);
}
LogicalResult Importer::importReduceMax() {
  return reduceNode(ReduceKind::max);
}

/// Products of sizes.
LogicalResult Importer::importReduceProd() {
  if (failed(checkInputs(1)))
    return failure();
  std::optional<Value> value = list(in(0));
  if (!value || value->kind != Kind::Integer || value->getRank() != 1)
    return fail("a product of what is not known while importing is not "
                "supported");
  std::optional<Extent> product = Extent(1);
  for (const Number &number : value->numbers)
    product = product ? product->times(number.integer) : std::nullopt;
  if (!product)
    return fail("a product of two lengths is not supported");
  Extents shape;
  if (node->integer("keepdims", 1) != 0)
    shape.push_back(Extent(1));
  return set(0, listed(Kind::Integer, shape, {{0, *product}}));
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

Importer::Result Importer::softmax(mlir::Value tensor, int64_t along) {
  if (wrap(tensor).kind != Kind::Float)
    return fail("its input is no tensor of floats");
  Result largest = reduce(ReduceKind::max, tensor, along);
  mlir::Value shifted = *binary<SubOp>(tensor, *largest);
  mlir::Value exponential = unary<ExpOp>(shifted);
  return binary<DivOp>(exponential,
                       *reduce(ReduceKind::sum, exponential, along));
}

LogicalResult Importer::importSoftmax() {
  if (failed(checkInputs(1)))
    return failure();
  int64_t rank = in(0).getRank();
  bool isOld = file.getModel().opset < 13 && node->domain.empty();
  FailureOr<int64_t> along = axis(node->integer("axis", isOld ? 1 : -1), rank);
  if (failed(along))
    return failure();
  // Before opset 13 all axes from `axis` on were one.
  if (isOld)
    for (int64_t i = *along + 1; i < rank; ++i) {
      if (in(0).shape[*along] != Extent(1))
        return fail("a softmax over several axes is not supported");
      along = i;
    }
  Result tensor = materialize(in(0));
  return failed(tensor) ? failure() : set(0, softmax(*tensor, *along));
}

LogicalResult Importer::importLogSoftmax() {
  if (failed(checkInputs(1)))
    return failure();
  FailureOr<int64_t> along = axis(node->integer("axis", -1), in(0).getRank());
  Result tensor = failed(along) ? Result(failure()) : materialize(in(0));
  if (failed(tensor))
    return failure();
  Result probability = softmax(*tensor, *along);
  return failed(probability) ? failure()
                             : set(0, Result(unary<LogOp>(*probability)));
}

//===----------------------------------------------------------------------===//
// Normalizations
//===----------------------------------------------------------------------===//

Importer::Result Importer::addIfThere(mlir::Value tensor, const Value &value) {
  if (value.isAbsent())
    return tensor;
  Result added = operand(value);
  return failed(added) ? added : binary<AddOp>(tensor, *added);
}

/// Over the axes from `firstAxis` on: with their mean taken off (Ba et al.
/// 2016), or without (Zhang and Sennrich 2019).
Importer::Result Importer::normalize(mlir::Value tensor, int64_t firstAxis,
                                     double epsilon, bool centered,
                                     const Value &gain, const Value &bias) {
  if (wrap(tensor).kind != Kind::Float)
    return fail("its input is no tensor of floats");
  // Several axes are one row.
  Extents shape = wrap(tensor).shape,
          row(shape.begin() + firstAxis, shape.end());
  std::optional<Extent> width = Extent(1);
  for (const Extent &extent : row)
    width = width ? width->times(extent) : std::nullopt;
  bool isRow = row.size() == 1;
  if (!isRow && width && width->isStatic() &&
      llvm::all_of(ArrayRef<const Value *>{&gain, &bias},
                   [&](const Value *value) {
                     return value->isAbsent() || value->shape == row;
                   })) {
    Extents flat(shape.begin(), shape.begin() + firstAxis);
    flat.push_back(*width);
    FailureOr<Value> gains = gain.isAbsent() ? gain : reshaped(gain, {*width});
    FailureOr<Value> biases = bias.isAbsent() ? bias : reshaped(bias, {*width});
    Result rows = reshape(tensor, flat);
    if (failed(gains) || failed(biases) || failed(rows))
      return failure();
    rows = normalize(*rows, firstAxis, epsilon, centered, *gains, *biases);
    return failed(rows) ? rows : reshape(*rows, shape);
  }
  int64_t rank = shape.size();
  auto mean = [&](mlir::Value value) {
    for (int64_t i = firstAxis; i < rank; ++i)
      value = *reduce(ReduceKind::mean, value, i);
    return value;
  };
  mlir::Value shifted =
      centered ? *binary<SubOp>(tensor, mean(tensor)) : tensor;
  mlir::Value square = mean(*binary<MulOp>(shifted, shifted));
  mlir::Value deviation =
      unary<SqrtOp>(*binary<AddOp>(square, constant(epsilon)));
  Result result = binary<DivOp>(shifted, deviation);
  if (!gain.isAbsent()) {
    Result factor = operand(gain);
    if (failed(factor))
      return failure();
    result = binary<MulOp>(*result, *factor);
  }
  return failed(result) ? result : addIfThere(*result, bias);
}

LogicalResult Importer::importLayerNormalization() {
  if (failed(checkInputs(2)))
    return failure();
  FailureOr<int64_t> first = axis(node->integer("axis", -1), in(0).getRank());
  Result tensor = failed(first) ? Result(failure()) : materialize(in(0));
  if (failed(tensor))
    return failure();
  return set(0, normalize(*tensor, *first, node->real("epsilon", 1e-5), true,
                          in(1), in(2)));
}

LogicalResult Importer::importRMSNormalization() {
  if (failed(checkInputs(2)))
    return failure();
  FailureOr<int64_t> first = axis(node->integer("axis", -1), in(0).getRank());
  Result tensor = failed(first) ? Result(failure()) : materialize(in(0));
  if (failed(tensor))
    return failure();
  return set(0, normalize(*tensor, *first, node->real("epsilon", 1e-5), false,
                          in(1), Value()));
}
