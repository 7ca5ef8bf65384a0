//===- Value.cpp - What a name of the graph stands for -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Importer.h"

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

std::optional<int64_t> onnx::Value::getNumElements() const {
  int64_t count = 1;
  for (const Extent &extent : shape)
    if (!extent.isStatic() ||
        __builtin_mul_overflow(count, extent.getStatic(), &count))
      return std::nullopt;
  return count;
}

onnx::Value Importer::listed(Kind kind, Extents shape,
                             std::vector<Number> numbers) const {
  Value value;
  value.form = Value::Listed;
  value.kind = kind;
  value.shape = std::move(shape);
  value.numbers = std::move(numbers);
  return value;
}

onnx::Value Importer::uniform(Kind kind, Extents shape, Number number) const {
  Value value = listed(kind, std::move(shape), {std::move(number)});
  value.form = Value::Uniform;
  return value;
}

onnx::Value Importer::counting(Extents shape, int64_t axis, Extent start,
                               int64_t step) const {
  Value value = uniform(Kind::Integer, std::move(shape), {0, std::move(start)});
  if (step == 0)
    return value;
  value.form = Value::Counting;
  value.axis = axis;
  value.step = step;
  return value;
}

onnx::Value Importer::load(const Tensor &tensor) const {
  Value value;
  value.form = Value::Stored;
  value.kind = onnx::isFloat(tensor.type)      ? Kind::Float
               : tensor.type == DataType::Bool ? Kind::Truth
                                               : Kind::Integer;
  value.shape.assign(tensor.shape.begin(), tensor.shape.end());
  value.stored = &tensor;
  // Floats of more than one element are weights, whatever they hold.
  int64_t count = tensor.getNumElements();
  // A table of one integer, such as the segments where none are given; or of
  // one number for each token, which is a mask.
  bool isFloat = value.kind == Kind::Float;
  bool isUniform = value.getRank() > 1 && count > 1 &&
                   (!isFloat || isFixedLength(value.shape.back()));
  for (int64_t i = 1; isUniform && i < count; ++i)
    isUniform = isFloat ? tensor.real(i) == tensor.real(0)
                        : tensor.integer(i) == tensor.integer(0);
  if (isUniform)
    return uniform(value.kind, value.shape,
                   isFloat ? Number{tensor.real(0), Extent()}
                           : Number{0, Extent(tensor.integer(0))});
  if (count > (value.kind == Kind::Float ? 1 : mostListed))
    return value;
  std::vector<Number> numbers(count);
  for (int64_t i = 0; i < count; ++i) {
    if (value.kind == Kind::Float)
      numbers[i].real = tensor.real(i);
    else
      numbers[i].integer = tensor.integer(i);
  }
  Value elements = listed(value.kind, value.shape, std::move(numbers));
  elements.stored = &tensor;
  return elements;
}

std::optional<onnx::Value> Importer::list(const Value &value) const {
  if (value.form == Value::Listed) {
    Value elements = value;
    elements.stored = nullptr; // who asks changes them
    return elements;
  }
  std::optional<int64_t> count = value.getNumElements();
  if (value.form != Value::Uniform || !count || *count > mostListed)
    return std::nullopt;
  return listed(value.kind, value.shape,
                std::vector<Number>(*count, value.numbers.front()));
}

onnx::Value Importer::wrap(mlir::Value tensor) const {
  auto type = cast<NamedTensorType>(tensor.getType());
  Value value;
  value.form = Value::Tensor;
  value.kind = type.getElementType().isF32()        ? Kind::Float
               : type.getElementType().isInteger(1) ? Kind::Truth
                                                    : Kind::Integer;
  for (Dimension dimension : type.getShape())
    value.shape.push_back(dimension.isStatic()
                              ? Extent(dimension.getSize())
                              : Extent::symbol(dimension.getSymbol().str()));
  value.tensor = tensor;
  return value;
}

Type Importer::elementType(Kind kind) const {
  return kind == Kind::Float     ? Type(builder.getF32Type())
         : kind == Kind::Integer ? Type(builder.getI32Type())
                                 : Type(builder.getI1Type());
}

FailureOr<SmallVector<Dimension>> Importer::dimensions(ArrayRef<Extent> shape) {
  SmallVector<Dimension> result;
  for (const Extent &extent : shape) {
    std::optional<std::string> symbol = extent.getSymbol();
    if (symbol)
      result.push_back(Dimension::get(builder.getContext(), *symbol));
    else if (extent.isStatic() && extent.getStatic() > 0)
      result.push_back(
          Dimension::get(builder.getContext(), extent.getStatic()));
    else {
      (void)fail("a tensor of " + toString(shape) +
                 " is not supported: its sizes are not all positive numbers or "
                 "the length of the sequence");
      return failure();
    }
  }
  return result;
}

FailureOr<NamedTensorType> Importer::tensorType(Kind kind,
                                                ArrayRef<Extent> shape) {
  FailureOr<SmallVector<Dimension>> dims = dimensions(shape);
  if (failed(dims))
    return failure();
  return NamedTensorType::get(*dims, elementType(kind));
}

FailureOr<Extents> Importer::broadcastShape(ArrayRef<Extent> lhs,
                                            ArrayRef<Extent> rhs) {
  Extents result(std::max(lhs.size(), rhs.size()), Extent(1));
  for (size_t i = 0; i < result.size(); ++i) {
    Extent left = i < lhs.size() ? lhs[lhs.size() - 1 - i] : Extent(1);
    Extent right = i < rhs.size() ? rhs[rhs.size() - 1 - i] : Extent(1);
    if (left != right && left != Extent(1) && right != Extent(1)) {
      (void)fail("shapes " + toString(lhs) + " and " + toString(rhs) +
                 " do not go together" +
                 (fixedLength ? "; the graph is made for exactly " +
                                    std::to_string(*fixedLength) + " tokens"
                              : ""));
      return failure();
    }
    result[result.size() - 1 - i] = left == Extent(1) ? right : left;
  }
  return result;
}
