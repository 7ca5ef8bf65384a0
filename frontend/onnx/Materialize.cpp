//===- Materialize.cpp - What is known, as operations -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Importer.h"

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

mlir::Value Importer::constant(double value, Kind kind) {
  auto type = NamedTensorType::get({}, elementType(kind));
  return ConstantOp::create(builder, location, value, type);
}

mlir::Value Importer::iota(const Extent &size) {
  std::optional<std::string> symbol = size.getSymbol();
  Dimension dimension =
      symbol ? Dimension::get(builder.getContext(), *symbol)
             : Dimension::get(builder.getContext(), size.getStatic());
  return IotaOp::create(
      builder, location,
      NamedTensorType::get({dimension}, builder.getI32Type()));
}

Importer::Result Importer::materialize(const Value &value) {
  switch (value.form) {
  case Value::Absent:
    (void)fail("an input of it is missing");
    return failure();
  case Value::Tensor:
    return value.tensor;
  case Value::Uniform: {
    Result scalar = operand(value);
    return failed(scalar) ? scalar : broadcastTo(*scalar, value.shape);
  }
  case Value::Counting:
    return materializeCounting(value);
  case Value::Listed:
    return materializeListed(value);
  case Value::Stored:
    return materializeStored(value);
  }
  llvm_unreachable("all forms are handled");
}

/// Numbers that count up or are all the same; else a few, one by one.
Importer::Result Importer::materializeListed(const Value &value) {
  if (value.numbers.empty()) {
    (void)fail("a tensor of " + toString(value.shape) + " has no elements");
    return failure();
  }
  auto scalar = [&](const Number &number) -> Result {
    if (value.kind == Kind::Float)
      return constant(number.real, value.kind);
    if (!number.integer.isStatic()) {
      (void)fail("the length of the sequence is needed as a number: this is "
                 "not supported");
      return failure();
    }
    return constant(double(number.integer.getStatic()), value.kind);
  };
  if (llvm::all_equal(value.numbers)) {
    Result one = scalar(value.numbers.front());
    return failed(one) ? one : broadcastTo(*one, value.shape);
  }
  bool counts = value.kind == Kind::Integer;
  for (auto [i, number] : llvm::enumerate(value.numbers))
    counts &= number.integer == value.numbers.front().integer + Extent(i);
  if (counts) {
    Result first = scalar(value.numbers.front());
    if (failed(first))
      return failure();
    mlir::Value numbers = iota(Extent(value.numbers.size()));
    if (value.numbers.front().integer != Extent(0))
      numbers = AddOp::create(builder, location, numbers, *first);
    return reshape(numbers, value.shape);
  }
  constexpr size_t mostOneByOne = 64;
  if (value.numbers.size() > mostOneByOne) {
    (void)fail("a table of " + Twine(value.numbers.size()) +
               " numbers that is computed from constants is not supported");
    return failure();
  }
  SmallVector<mlir::Value> parts;
  for (const Number &number : value.numbers) {
    Result one = scalar(number);
    if (failed(one))
      return failure();
    parts.push_back(*reshape(*one, {Extent(1)}));
  }
  Result joined = concat(parts, 0);
  return failed(joined) ? joined : reshape(*joined, value.shape);
}

Importer::Result Importer::materializeCounting(const Value &value) {
  Extent start = value.numbers.front().integer;
  const Extent &size = value.shape[value.axis];
  if (!start.isStatic() || (!size.isStatic() && !size.getSymbol())) {
    (void)fail("counting from " + start.toString() + " on, " + size.toString() +
               " numbers: this is not supported");
    return failure();
  }
  mlir::Value numbers = iota(size);
  if (value.step != 1)
    numbers = MulOp::create(builder, location, numbers,
                            constant(double(value.step), Kind::Integer));
  if (start != Extent(0))
    numbers = AddOp::create(builder, location, numbers,
                            constant(double(start.getStatic()), Kind::Integer));
  Extents shape(value.getRank(), Extent(1));
  shape[value.axis] = size;
  Result placed = reshape(numbers, shape);
  return failed(placed) ? placed : broadcastTo(*placed, value.shape);
}

Importer::Result Importer::materializeStored(const Value &value) {
  Extents whole(value.stored->shape.begin(), value.stored->shape.end());
  if (whole != value.shape || value.kind != Kind::Float)
    return materializeWindow(value);
  DataType type = value.stored->type;
  if (type == DataType::Double) {
    (void)fail("weights of DOUBLE are not supported: '" + value.stored->name +
               "'");
    return failure();
  }
  FailureOr<NamedTensorType> tensor = tensorType(value.kind, value.shape);
  if (failed(tensor))
    return failure();
  return WeightOp::create(builder, location, *tensor,
                          builder.getStringAttr(value.stored->weight),
                          /*layer=*/mlir::Value(), StoredAttr())
      .getResult();
}

Importer::Result Importer::operand(const Value &value) {
  if (value.form != Value::Uniform)
    return materialize(value);
  return materializeListed(listed(value.kind, {}, value.numbers));
}
