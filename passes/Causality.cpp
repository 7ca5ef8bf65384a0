//===- Causality.cpp - Whether a row depends on earlier rows only *- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Causality.h"
#include <cmath>

using namespace mlir;
using namespace sinter;

/// Masks are added as -inf or as a number so low that its exponential is zero
/// beside any score: 1e9 in the original Transformer, the lowest f32 in others.
static constexpr double lowEnough = -1e9;
/// Scores scaled after masking: a mask of -1e9 is still low enough.
static constexpr double smallestScale = 1.0 / 1024;
/// The mask of GPT-2's and BERT's first code: low enough as it is.
static constexpr double lowEnoughUnscaled = -1e4;

static std::optional<double> getConstant(Value value) {
  while (auto op = value.getDefiningOp()) {
    if (auto constant = dyn_cast<ConstantOp>(op))
      return constant.getValue().convertToDouble();
    if (!isa<BroadcastOp, ReshapeOp, TransposeOp, ConvertOp>(op))
      break;
    value = op->getOperand(0);
  }
  return std::nullopt;
}

std::optional<Causality::Linear> Causality::getLinear(Value value,
                                                      const Roles &asked) {
  Operation *op = value.getDefiningOp();
  if (!op || op->getNumResults() != 1)
    return std::nullopt;
  if (auto constant = dyn_cast<ConstantOp>(op))
    return Linear{0, 0, constant.getValue().convertToDouble()};
  if (isa<IotaOp>(op)) {
    if (asked[0] == Role::Query)
      return Linear{1, 0, 0};
    if (asked[0] == Role::Key)
      return Linear{0, 1, 0};
    return std::nullopt;
  }
  if (!isa<AddOp, SubOp, MulOp, NegOp, ConvertOp, ReshapeOp, BroadcastOp,
           TransposeOp>(op))
    return std::nullopt;
  SmallVector<Roles> operandRoles = roles.getOperandRoles(op, asked);
  std::optional<Linear> lhs = getLinear(op->getOperand(0), operandRoles[0]);
  if (!lhs)
    return std::nullopt;
  if (isa<NegOp>(op))
    return Linear{-lhs->query, -lhs->key, -lhs->constant};
  if (op->getNumOperands() == 1)
    return lhs;
  std::optional<Linear> rhs = getLinear(op->getOperand(1), operandRoles[1]);
  if (!rhs)
    return std::nullopt;
  if (isa<MulOp>(op)) {
    if (lhs->query != 0 || lhs->key != 0)
      std::swap(lhs, rhs);
    if (lhs->query != 0 || lhs->key != 0)
      return std::nullopt;
    double factor = lhs->constant;
    return Linear{factor * rhs->query, factor * rhs->key,
                  factor * rhs->constant};
  }
  double sign = isa<SubOp>(op) ? -1 : 1;
  return Linear{lhs->query + sign * rhs->query, lhs->key + sign * rhs->key,
                lhs->constant + sign * rhs->constant};
}

std::optional<std::pair<ComparePredicate, double>>
Causality::getDistance(CompareOp op, const Roles &asked) {
  SmallVector<Roles> operandRoles = roles.getOperandRoles(op, asked);
  std::optional<Linear> lhs = getLinear(op.getLhs(), operandRoles[0]);
  std::optional<Linear> rhs = getLinear(op.getRhs(), operandRoles[1]);
  if (!lhs || !rhs)
    return std::nullopt;
  Linear d{lhs->query - rhs->query, lhs->key - rhs->key,
           lhs->constant - rhs->constant};
  if (d.query == 0 || d.query != -d.key)
    return std::nullopt;
  ComparePredicate predicate = op.getPredicate();
  if (d.query < 0) // divided by a negative number, the order turns
    switch (predicate) {
    case ComparePredicate::lt:
      predicate = ComparePredicate::gt;
      break;
    case ComparePredicate::le:
      predicate = ComparePredicate::ge;
      break;
    case ComparePredicate::gt:
      predicate = ComparePredicate::lt;
      break;
    case ComparePredicate::ge:
      predicate = ComparePredicate::le;
      break;
    case ComparePredicate::eq:
    case ComparePredicate::ne:
      break;
    }
  return std::make_pair(predicate, d.constant / d.query);
}

Causality::Outside Causality::compareOutside(CompareOp op, const Roles &asked) {
  auto distance = getDistance(op, asked);
  if (!distance)
    return Outside::Unknown;
  // Where key > query, query - key is any whole number <= -1.
  auto [predicate, c] = *distance;
  switch (predicate) {
  case ComparePredicate::ge:
    return -1 + c < 0 ? Outside::False : Outside::Unknown;
  case ComparePredicate::gt:
    return -1 + c <= 0 ? Outside::False : Outside::Unknown;
  case ComparePredicate::lt:
    return -1 + c < 0 ? Outside::True : Outside::Unknown;
  case ComparePredicate::le:
    return -1 + c <= 0 ? Outside::True : Outside::Unknown;
  case ComparePredicate::eq:
    return -1 + c < 0 ? Outside::False : Outside::Unknown;
  case ComparePredicate::ne:
    return -1 + c < 0 ? Outside::True : Outside::Unknown;
  }
  llvm_unreachable("all predicates are handled");
}

std::optional<bool> Causality::getValueInside(Value condition,
                                              const Roles &asked) {
  auto op = condition.getDefiningOp<CompareOp>();
  if (!op)
    return std::nullopt;
  auto distance = getDistance(op, asked);
  if (!distance)
    return std::nullopt;
  // Where key <= query, query - key is any whole number >= 0.
  auto [predicate, c] = *distance;
  if (predicate == ComparePredicate::ge && c >= 0)
    return true;
  if (predicate == ComparePredicate::gt && c > 0)
    return true;
  if (predicate == ComparePredicate::lt && c >= 0)
    return false;
  if (predicate == ComparePredicate::le && c > 0)
    return false;
  return std::nullopt;
}

std::optional<int64_t> Causality::getShift(Value matrix, const Roles &asked) {
  Operation *op = matrix.getDefiningOp();
  if (!op || op->getNumResults() != 1)
    return std::nullopt;
  SmallVector<Roles> operandRoles = roles.getOperandRoles(op, asked);
  if (isa<ReshapeOp, BroadcastOp, TransposeOp>(op))
    return getShift(op->getOperand(0), operandRoles[0]);
  auto compare = op->getNumOperands() > 0
                     ? op->getOperand(0).getDefiningOp<CompareOp>()
                     : CompareOp();
  bool isOne = isa<ConvertOp>(op);
  if (auto select = dyn_cast<SelectOp>(op))
    isOne = getConstant(select.getOnTrue()) == 1.0 &&
            getConstant(select.getOnFalse()) == 0.0;
  if (!compare || !isOne)
    return std::nullopt;
  auto distance = getDistance(compare, operandRoles[0]);
  if (!distance || distance->first != ComparePredicate::eq ||
      distance->second != std::floor(distance->second) ||
      std::fabs(distance->second) > INT32_MAX)
    return std::nullopt;
  return -int64_t(distance->second);
}

Causality::Outside Causality::getOutside(Value value, const Roles &asked) {
  for (auto &[roles, outside] : known[value])
    if (roles == asked)
      return outside;
  Operation *op = value.getDefiningOp();
  Outside outside = op && op->getNumResults() == 1 ? computeOutside(op, asked)
                                                   : Outside::Unknown;
  known[value].emplace_back(asked, outside);
  return outside;
}

Causality::Outside Causality::computeOutside(Operation *op,
                                             const Roles &asked) {
  SmallVector<Roles> operandRoles = roles.getOperandRoles(op, asked);
  auto outside = [&](unsigned index) {
    return getOutside(op->getOperand(index), operandRoles[index]);
  };
  auto either = [&](Outside what) {
    return outside(0) == what || outside(1) == what;
  };

  if (auto constant = dyn_cast<ConstantOp>(op)) {
    double value = constant.getValue().convertToDouble();
    if (constant.getType().getElementType().isInteger(1))
      return value != 0 ? Outside::True : Outside::False;
    if (value == 0)
      return Outside::Zero;
    return value <= lowEnough           ? Outside::MinusInfinity
           : value <= lowEnoughUnscaled ? Outside::VeryLow
                                        : Outside::Unknown;
  }
  if (auto compare = dyn_cast<CompareOp>(op))
    return compareOutside(compare, asked);
  if (isa<NotOp>(op)) {
    Outside inner = outside(0);
    return inner == Outside::True    ? Outside::False
           : inner == Outside::False ? Outside::True
                                     : Outside::Unknown;
  }
  if (isa<AndOp>(op)) {
    if (either(Outside::False))
      return Outside::False;
    return outside(0) == Outside::True ? outside(1) : Outside::Unknown;
  }
  if (isa<OrOp>(op)) {
    if (either(Outside::True))
      return Outside::True;
    return outside(0) == Outside::False ? outside(1) : Outside::Unknown;
  }
  if (auto convert = dyn_cast<ConvertOp>(op)) {
    Outside inner = outside(0);
    if (isa<FloatType>(convert.getType().getElementType()) &&
        inner == Outside::False)
      return Outside::Zero;
    return inner == Outside::Zero || isLow(inner) ? inner : Outside::Unknown;
  }
  if (isa<SelectOp>(op)) {
    Outside condition = outside(0);
    if (condition == Outside::True)
      return outside(1);
    if (condition == Outside::False)
      return outside(2);
    return outside(1) == outside(2) ? outside(1) : Outside::Unknown;
  }
  if (isa<AddOp>(op)) {
    // What is added to every score masks none.
    for (unsigned index : {0, 1})
      if (isLow(outside(index)) && !getConstant(op->getOperand(index)))
        return outside(index);
    return outside(0) == Outside::Zero   ? outside(1)
           : outside(1) == Outside::Zero ? outside(0)
                                         : Outside::Unknown;
  }
  if (isa<SubOp>(op)) {
    // A masked score minus the row's maximum.
    Outside rhs = outside(1);
    if (isLow(outside(0)) && !isLow(rhs))
      return outside(0);
    return rhs == Outside::Zero ? outside(0) : Outside::Unknown;
  }
  if (isa<MulOp>(op)) {
    if (either(Outside::Zero))
      return Outside::Zero;
    for (unsigned index : {0, 1}) {
      std::optional<double> factor = getConstant(op->getOperand(1 - index));
      if (factor && *factor >= smallestScale &&
          outside(index) == Outside::MinusInfinity)
        return Outside::MinusInfinity;
    }
    return Outside::Unknown;
  }
  if (isa<DivOp>(op)) {
    std::optional<double> divisor = getConstant(op->getOperand(1));
    if (divisor && *divisor > 0 && *divisor <= 1 / smallestScale &&
        outside(0) == Outside::MinusInfinity)
      return Outside::MinusInfinity;
    return outside(0) == Outside::Zero ? Outside::Zero : Outside::Unknown;
  }
  if (isa<ExpOp>(op))
    return isLow(outside(0)) ? Outside::Zero : Outside::Unknown;
  if (isa<NegOp, AbsOp, SqrtOp, TanhOp, ErfOp, SinOp, FloorOp>(op))
    return outside(0) == Outside::Zero ? Outside::Zero : Outside::Unknown;
  if (isa<TransposeOp, ReshapeOp, BroadcastOp, SliceOp>(op))
    return outside(0);
  return Outside::Unknown;
}

std::optional<Causality::Counterexample>
Causality::prove(func::FuncOp function) {
  std::optional<Counterexample> counterexample;
  function.walk([&](Operation *op) {
    if (op->getNumResults() != 1)
      return WalkResult::advance();
    for (const Roles &asked : roles.getNeeds(op->getResult(0))) {
      if (auto reduce = dyn_cast<ReduceOp>(op)) {
        SmallVector<Roles> operandRoles = roles.getOperandRoles(op, asked);
        if (operandRoles[0][reduce.getAxis()] != Role::Key)
          continue;
        Outside outside = getOutside(reduce.getOperand(), operandRoles[0]);
        bool causal =
            (reduce.getKind() == ReduceKind::sum && outside == Outside::Zero) ||
            (reduce.getKind() == ReduceKind::max && isLow(outside));
        if (!causal)
          counterexample = {
              op, reduce.getKind() == ReduceKind::max
                      ? "takes the maximum over later positions too: they are "
                        "not masked with minus infinity"
                  : reduce.getKind() == ReduceKind::sum
                      ? "sums over later positions too: they are not zero"
                      : "takes the mean over all positions"};
      } else if (auto matmul = dyn_cast<MatmulOp>(op)) {
        FailureOr<std::optional<Attention>> attention =
            roles.matchAttention(matmul, asked);
        if (failed(attention) || !*attention || (*attention)->isScores ||
            (*attention)->ofSource)
          continue;
        if (getOutside((*attention)->present, (*attention)->presentRoles) !=
            Outside::Zero)
          counterexample = {op, "weighs later positions too: what it weighs "
                                "them with is not zero"};
      }
      if (counterexample)
        return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return counterexample;
}
