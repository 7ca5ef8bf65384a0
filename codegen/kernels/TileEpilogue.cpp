//===- TileEpilogue.cpp - Row work on sums in registers -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/TileEpilogue.h"
#include "codegen/kernels/Elementwise.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sinter;

SmallVector<Value> sinter::tileInputs(LinearGroupOp group) {
  SmallVector<Value> inputs;
  for (BlockArgument argument : group.getBody()->getArguments())
    if (isa<NamedTensorType>(argument.getType()) &&
        group.isReadBehind(argument.getArgNumber()))
      inputs.push_back(argument);
  return inputs;
}

/// The elements of an input, [rows, columns] or broadcast to that, at a place.
static Value loadAt(KernelBuilder &b, NamedTensorType type, Value pointer,
                    const TilePlace &place) {
  Type element = type.getElementType();
  Dimension one = Dimension::get(type.getContext(), 1);
  int64_t rank = type.getRank();
  bool byRow = rank == 2 && type.getDim(0) != one;
  bool byColumn = rank > 0 && type.getDim(rank - 1) != one;
  Value offset = b.index(0);
  if (byRow)
    offset = byColumn ? b.mul(place.row, type.getDim(1).getSize()) : place.row;
  if (byColumn)
    offset = b.add(offset, place.column);
  Value from = b.bytesFrom(pointer, b.mul(offset, elementBytes(element)));
  if (!byColumn)
    return loadEverywhere(b, element, from, place.lanes);
  if (place.used == place.lanes && !element.isInteger(1))
    return b.load(b.vectorType(place.lanes, element), from);
  SmallVector<bool> mask(place.lanes, false);
  std::fill_n(mask.begin(), place.used, true);
  Value used = arith::ConstantOp::create(
      b, DenseElementsAttr::get(b.vectorType(place.lanes, b.getI1Type()),
                                ArrayRef<bool>(mask)));
  return loadMasked(b, element, from, used);
}

void sinter::addTileEpilogue(LinearForm &form, LinearGroupOp group) {
  SmallVector<Value> inputs = tileInputs(group);
  SmallVector<Operation *> ops = group.getEpilogue();
  auto finishSum = form.finish;
  form.extras = inputs.size();
  form.resultType =
      cast<NamedTensorType>(group.getResult(0).getType()).getElementType();
  form.finish = [=](KernelBuilder &b, Value sum,
                    const TilePlace &place) mutable {
    llvm::DenseMap<Value, Value> vectors;
    vectors[group.getLinear().getResult()] = finishSum(b, sum, place);
    for (auto [input, pointer] : llvm::zip(inputs, place.extras))
      vectors[input] =
          loadAt(b, cast<NamedTensorType>(input.getType()), pointer, place);
    for (Operation *op : ops) {
      if (auto constant = dyn_cast<ConstantOp>(op)) {
        vectors[constant] =
            emitConstant(b, constant.getValue().convertToDouble(),
                         constant.getType().getElementType(), place.lanes);
        continue;
      }
      SmallVector<Value> operands;
      for (Value operand : op->getOperands())
        operands.push_back(vectors.lookup(operand));
      Value made = emitElementwise(b, op, operands);
      vectors[op->getResult(0)] = made;
    }
    return vectors.lookup(group.getBody()->getTerminator()->getOperand(0));
  };
}

std::string sinter::describeTileEpilogue(LinearGroupOp group) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::DenseMap<Value, int64_t> numbers;
  numbers[group.getLinear().getResult()] = 0;
  for (Value input : tileInputs(group)) {
    numbers.try_emplace(input, numbers.size());
    stream << input.getType() << ';';
  }
  for (Operation *op : group.getEpilogue()) {
    stream << op->getName() << op->getAttrDictionary() << '(';
    for (Value operand : op->getOperands())
      stream << numbers.lookup(operand) << ',';
    stream << ')' << op->getResult(0).getType() << ';';
    numbers.try_emplace(op->getResult(0), numbers.size());
  }
  stream << numbers.lookup(group.getBody()->getTerminator()->getOperand(0));
  return text;
}
