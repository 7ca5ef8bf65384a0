//===- RaiseNormalization.cpp - LayerNorm and RMSNorm -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/NormalizationMatch.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"

namespace sinter {
#define GEN_PASS_DEF_RAISENORMALIZATIONPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

static std::optional<double> constantOf(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant ? std::optional(constant.getValue().convertToDouble())
                  : std::nullopt;
}

/// Whether the op takes a root, which every normalization does once.
static bool isRoot(Operation *op) {
  if (isa<SqrtOp, RsqrtOp>(op))
    return true;
  if (!isa<PowOp>(op))
    return false;
  std::optional<double> exponent = constantOf(op->getOperand(1));
  return exponent && std::abs(*exponent) == 0.5;
}

/// The sum or mean of which a root is taken, a few ops before it, or null.
static ReduceOp findReduction(Operation *op, int64_t steps = 4) {
  if (auto reduce = dyn_cast<ReduceOp>(op))
    return reduce.getKind() == ReduceKind::max ? ReduceOp() : reduce;
  if (steps == 0 || !isa<ElementwiseOpInterface>(op))
    return {};
  for (Value operand : op->getOperands())
    if (Operation *producer = operand.getDefiningOp())
      if (ReduceOp found = findReduction(producer, steps - 1))
        return found;
  return {};
}

/// What is wrong with a root of a mean that is visible from itself, if
/// anything.
static std::string whyNotAlone(Operation *root, ReduceOp reduce) {
  NamedTensorType type = reduce.getOperand().getType();
  int64_t last = type.getRank() - 1;
  // A mean of means runs over several axes.
  std::string axes;
  for (auto part = reduce; part;
       part = part.getOperand().getDefiningOp<ReduceOp>())
    axes = std::to_string(part.getAxis()) + (axes.empty() ? "" : ", ") + axes;
  if (StringRef(axes).contains(','))
    return "its mean goes along axes " + axes +
           ", while a row is the last one, " + std::to_string(last) + ", alone";
  if (!type.getDim(last).isStatic())
    return "how many elements its rows have, " +
           type.getDim(last).getSymbol().str() +
           ", is not known when compiling";
  if (int64_t(reduce.getAxis()) != last)
    return "its mean goes along axis " + std::to_string(reduce.getAxis()) +
           ", while rows are along the last one, " + std::to_string(last);
  if (auto add = root->getOperand(0).getDefiningOp<AddOp>())
    for (Value operand : add->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      if (!constantOf(operand) && !(producer && findReduction(producer)))
        return "its epsilon is no constant";
    }
  return {};
}

namespace {

struct RaiseNormalization
    : sinter::impl::RaiseNormalizationPassBase<RaiseNormalization> {
  void runOnOperation() override {
    for (Block *block : blocksOfRowWork(getOperation())) {
      // The last op of a normalization before what it is made of.
      for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*block)))
        if (!done.contains(&op) && RowExpression::isPart(&op) &&
            isa<ElementwiseOpInterface>(op))
          raise(&op);
      explainMissed(*block);
      eraseDeadOps(*block);
      done.clear();
      reasons.clear();
    }
  }

  void raise(Operation *op) {
    std::string reason;
    RowExpression expression(op);
    std::optional<NormalizationMatch> match =
        NormalizationMatch::find(expression, reason);
    if (match)
      return replace(*match);
    if (reason.empty())
      return;
    for (Operation *part : expression.getOps())
      if (isRoot(part))
        reasons[part] = reason;
  }

  void replace(const NormalizationMatch &match) {
    Operation *root = match.expression.getRoot();
    OpBuilder builder(root);
    Location location = root->getLoc();
    auto epsilon = builder.getF64FloatAttr(match.epsilon);
    auto outside = match.isOutsideRoot ? builder.getUnitAttr() : UnitAttr();
    Value gain = asVector(builder, match.gain),
          bias = asVector(builder, match.bias), result;
    if (match.isCentred)
      result = LayerNormOp::create(builder, location, match.input.getType(),
                                   match.input, gain, bias, epsilon, outside);
    else
      result = RMSNormOp::create(builder, location, match.input.getType(),
                                 match.input, gain, bias, epsilon, outside);
    root->getResult(0).replaceAllUsesWith(result);
    done.insert_range(match.expression.getOps());
    ++raised;
    remarkPassed(root, "raise-normalization", "normalization")
        << std::to_string(match.expression.getOps().size()) +
               " operations are " +
               result.getDefiningOp()->getName().stripDialect().str();
  }

  /// A weight of one row as [n].
  static Value asVector(OpBuilder &builder, Value weight) {
    if (!weight || typeOf(weight).getRank() == 1)
      return weight;
    return ReshapeOp::create(
        builder, weight.getLoc(),
        typeOf(weight).withShape({typeOf(weight).getShape().back()}), weight);
  }

  /// Every root of a mean that is left looks like a normalization.
  void explainMissed(Block &block) {
    for (Operation &op : block) {
      if (done.contains(&op) || !isRoot(&op))
        continue;
      Operation *producer = op.getOperand(0).getDefiningOp();
      ReduceOp reduce = producer ? findReduction(producer) : ReduceOp();
      if (!reduce)
        continue;
      std::string reason = whyNotAlone(&op, reduce);
      if (reason.empty())
        reason = reasons.lookup(&op);
      if (reason.empty())
        reason = "nothing is divided by it that it is the root mean square of";
      remarkMissed(&op, "raise-normalization", "normalization")
          << "this root belongs to no normalization: " + reason;
    }
  }

  /// What need not be looked at again.
  DenseSet<Operation *> done;
  /// Why the last expression with a root in it was none.
  DenseMap<Operation *, std::string> reasons;
};

} // namespace
