//===- ScoreFunction.cpp - What becomes of scores, on vectors -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/ScoreFunction.h"
#include "codegen/kernels/Elementwise.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

Value sinter::emitCount(KernelBuilder &b, Value begin, int64_t lanes) {
  SmallVector<int32_t> numbers = llvm::to_vector(llvm::seq<int32_t>(0, lanes));
  VectorType type = b.vectorType(lanes, b.getI32Type());
  Value first = arith::TruncIOp::create(b, b.getI32Type(), begin);
  return b.add(b.broadcast(first, lanes),
               arith::ConstantOp::create(
                   b, DenseElementsAttr::get(type, ArrayRef(numbers))));
}

bool ScoreFunction::isAlongPast(Value value) {
  NamedTensorType type = typeOf(value);
  return type.getRank() > 0 &&
         type.getDim(type.getRank() - 1) == op.getScoreType().getDim(2);
}

/// Where the element of the current head and row stands, at `position` if the
/// input has one for each.
Value ScoreFunction::placeOf(BlockArgument input, Value position) {
  NamedTensorType type = typeOf(input);
  Value offset = b.index(0);
  const Value sizes[] = {b.index(op.getHeads()), tokens, past};
  const Value indices[] = {head, token, position};
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    int64_t of = 3 - type.getRank() + axis;
    if (type.getDim(axis).isOne() && op.getScoreType().getDim(of).isSymbol())
      continue;
    if (type.getDim(axis).isOne() && op.getHeads() != 1)
      continue;
    offset = b.add(b.mul(offset, sizes[of]), indices[of]);
  }
  return b.bytesFrom(pointers[input.getArgNumber() - 1],
                     b.mul(offset, elementBytes(type.getElementType())));
}

void ScoreFunction::emitOp(Operation &inner, Value position) {
  Value result = inner.getResult(0);
  if (auto constant = dyn_cast<ConstantOp>(inner)) {
    vectors[result] = emitConstant(b, constant.getValue().convertToDouble(),
                                   typeOf(result).getElementType(), lanes);
  } else if (isa<IotaOp>(inner)) {
    vectors[result] = emitCount(b, position, lanes);
  } else {
    SmallVector<Value> operands;
    for (Value operand : inner.getOperands())
      operands.push_back(vectors.lookup(operand));
    vectors[result] = emitElementwise(b, &inner, operands);
  }
}

void ScoreFunction::beginRow(Value ofHead, Value ofToken) {
  head = ofHead, token = ofToken;
  for (BlockArgument input : op.getInputArguments())
    if (!isAlongPast(input))
      vectors[input] = loadEverywhere(b, typeOf(input).getElementType(),
                                      placeOf(input, Value()), lanes);
  for (Operation &inner : op.getBody()->without_terminator())
    if (!isAlongPast(inner.getResult(0)))
      emitOp(inner, Value());
}

Value ScoreFunction::emit(Value scores, Value position) {
  vectors[op.getScores()] = scores;
  for (BlockArgument input : op.getInputArguments()) {
    if (!isAlongPast(input))
      continue;
    // An input ends where the longest past does.
    Value inside = arith::CmpIOp::create(
        b, arith::CmpIPredicate::slt, emitCount(b, position, lanes),
        b.broadcast(arith::TruncIOp::create(b, b.getI32Type(), past), lanes));
    vectors[input] = loadMasked(b, typeOf(input).getElementType(),
                                placeOf(input, position), inside);
  }
  for (Operation &inner : op.getBody()->without_terminator())
    if (isAlongPast(inner.getResult(0)))
      emitOp(inner, position);
  return vectors.lookup(op.getYielded());
}
