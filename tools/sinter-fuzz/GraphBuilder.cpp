//===- GraphBuilder.cpp - Math-level operations in few words ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter-fuzz/GraphBuilder.h"

using namespace mlir;
using namespace sinter;

Location GraphBuilder::location() {
  return FileLineColLoc::get(builder.getContext(), "fuzz", ++line, 1);
}

NamedTensorType GraphBuilder::type(ArrayRef<Dimension> shape, Type element) {
  return NamedTensorType::get(shape,
                              element ? element : Type(builder.getF32Type()));
}

Value GraphBuilder::constant(double value, ArrayRef<Dimension> shape) {
  SmallVector<Attribute> dims;
  for (Dimension dim : shape)
    dims.push_back(dim.getAttribute());
  return ConstantOp::create(
      builder, location(), value,
      NamedTensorType::get(builder.getContext(), dims, builder.getF32Type()));
}

Value GraphBuilder::integer(int64_t value) {
  return ConstantOp::create(
      builder, location(), double(value),
      NamedTensorType::get(builder.getContext(), {}, builder.getI32Type()));
}

Value GraphBuilder::weight(StringRef name, ArrayRef<int64_t> shape) {
  SmallVector<Dimension> dims;
  for (int64_t number : shape)
    dims.push_back(size(number));
  std::string full = name.str();
  if (layer)
    full = "h.{i}." + full;
  else if (layerNumber >= 0)
    full = "h." + std::to_string(layerNumber) + "." + full;
  return WeightOp::create(builder, location(), type(dims),
                          builder.getStringAttr(full), layer, StoredAttr());
}
