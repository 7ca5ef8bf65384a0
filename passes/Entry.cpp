//===- Entry.cpp - What the entries of a program take -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Entry.h"

using namespace mlir;
using namespace sinter;

Value sinter::findInput(func::FuncOp function, StringRef name) {
  for (BlockArgument argument : function.getArguments()) {
    auto input = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                       inputAttributeName);
    if (input && input.getValue() == name)
      return argument;
  }
  return {};
}

Value sinter::addInput(func::FuncOp function, StringRef name,
                       StringRef dimension) {
  Builder builder(function.getContext());
  auto type = NamedTensorType::get(
      {Dimension::get(function.getContext(), dimension)}, builder.getI32Type());
  unsigned index = function.getNumArguments();
  (void)function.insertArgument(
      index, type,
      builder.getDictionaryAttr(builder.getNamedAttr(
          inputAttributeName, builder.getStringAttr(name))),
      function.getLoc());
  return function.getArgument(index);
}

bool sinter::dependsOnWeightsOnly(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || op->getNumRegions() != 0 || !isPure(op))
    return false;
  auto type = dyn_cast<NamedTensorType>(value.getType());
  if (type && !type.hasStaticShape())
    return false; // iota along a past is made when running
  if (isa<WeightOp, LayerNumberOp>(op))
    return true;
  return llvm::all_of(op->getOperands(), dependsOnWeightsOnly);
}
