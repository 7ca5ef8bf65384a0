//===- SoftmaxMatch.cpp - Softmax in all its forms --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/SoftmaxMatch.h"

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

bool sinter::isOnePerRow(Value value) {
  NamedTensorType type = typeOf(value);
  return type.getRank() == 0 || type.getDim(type.getRank() - 1).isOne();
}

std::optional<double> sinter::getSplat(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  if (!constant)
    return std::nullopt;
  return constant.getValue().convertToDouble();
}

/// `kind` of `operand` along its last axis, over `extent`.
static bool isReduction(Operation *op, ReduceKind kind, Value operand,
                        Value extent) {
  auto reduce = dyn_cast_or_null<ReduceOp>(op);
  return reduce && reduce.getKind() == kind && reduce.getOperand() == operand &&
         reduce.getExtent() == extent &&
         int64_t(reduce.getAxis()) == typeOf(operand).getRank() - 1;
}

bool SoftmaxMatch::isTotal(Value total, Value extent, bool isReciprocal) {
  Operation *op = total.getDefiningOp();
  if (!isReciprocal) {
    if (!isReduction(op, ReduceKind::sum, exponentials, extent))
      return false;
    ops.push_back(op);
    return true;
  }
  Value inner;
  if (auto div = dyn_cast_or_null<DivOp>(op))
    inner = getSplat(div.getLhs()) == 1.0 ? div.getRhs() : Value();
  else if (auto pow = dyn_cast_or_null<PowOp>(op))
    inner = getSplat(pow.getRhs()) == -1.0 ? pow.getLhs() : Value();
  if (!inner || !isTotal(inner, extent, /*isReciprocal=*/false))
    return false;
  ops.push_back(op);
  return true;
}

static std::string quoted(Operation *op) {
  return ("'" + op->getName().getStringRef() + "'").str();
}

std::optional<SoftmaxMatch> SoftmaxMatch::match(Value probability, Value extent,
                                                std::string &reason) {
  SoftmaxMatch softmax;
  // Outside in: factors, among which the division by the sum may be, then the
  // exponential.
  Value value = probability;
  while (true) {
    Operation *op = value.getDefiningOp();
    if (!op) {
      reason = "what weighs the values is not computed here";
      return std::nullopt;
    }
    if (isa<ExpOp>(op)) {
      softmax.ops.push_back(op);
      break;
    }
    if (isa<ReshapeOp>(op)) { // heads in one axis or in two
      value = op->getOperand(0);
    } else if (isa<DivOp>(op) && isOnePerRow(op->getOperand(1))) {
      softmax.factors.push_back({op->getOperand(1), /*isDivisor=*/true});
      value = op->getOperand(0);
    } else if (isa<MulOp>(op) && isOnePerRow(op->getOperand(1))) {
      softmax.factors.push_back({op->getOperand(1), /*isDivisor=*/false});
      value = op->getOperand(0);
    } else if (isa<MulOp>(op) && isOnePerRow(op->getOperand(0))) {
      softmax.factors.push_back({op->getOperand(0), /*isDivisor=*/false});
      value = op->getOperand(1);
    } else {
      reason =
          "what weighs the values is not made by softmax but by " + quoted(op);
      return std::nullopt;
    }
    softmax.ops.push_back(op);
  }
  softmax.exponentials = value;
  llvm::erase_if(softmax.factors, [&](const Factor &factor) {
    bool isTotal = softmax.isUnnormalized &&
                   softmax.isTotal(factor.value, extent, !factor.isDivisor);
    softmax.isUnnormalized &= !isTotal;
    return isTotal;
  });

  // The maximum is there for the numbers' sake only.
  Value shifted = value.getDefiningOp()->getOperand(0);
  auto sub = shifted.getDefiningOp<SubOp>();
  if (sub && isReduction(sub.getRhs().getDefiningOp(), ReduceKind::max,
                         sub.getLhs(), extent)) {
    softmax.ops.append({sub, sub.getRhs().getDefiningOp()});
    shifted = sub.getLhs();
  }
  softmax.logits = shifted;
  return softmax;
}
