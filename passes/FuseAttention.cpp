//===- FuseAttention.cpp - Attention as one kernel --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/AttentionWindow.h"
#include "passes/Entry.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/RowExpression.h"
#include "passes/ScoreExpression.h"
#include "passes/SoftmaxMatch.h"
#include "passes/StraightenScores.h"
#include <cmath>

namespace sinter {
#define GEN_PASS_DEF_FUSEATTENTIONPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

namespace {

/// Attention in parts: the product with values, and all that leads to it from
/// the product with keys.
struct AttentionParts {
  AttentionValuesOp values;
  SoftmaxMatch softmax;
  ScoreExpression expression;
  /// What attention gives: the product with values, or that over the sum.
  Value result;

  static std::optional<AttentionParts> match(AttentionValuesOp values,
                                             std::string &reason);

private:
  bool findLateDivision(std::string &reason);
  bool isClosed(std::string &reason);
};

} // namespace

std::optional<AttentionParts> AttentionParts::match(AttentionValuesOp values,
                                                    std::string &reason) {
  Value extent = values.getExtent();
  std::optional<SoftmaxMatch> softmax =
      SoftmaxMatch::match(values.getProbability(), extent, reason);
  if (!softmax)
    return std::nullopt;
  std::optional<ScoreExpression> expression =
      ScoreExpression::match(softmax->logits, reason);
  if (!expression)
    return std::nullopt;
  AttentionParts parts{values, *softmax, *expression, values.getResult()};
  if (softmax->isUnnormalized && !parts.findLateDivision(reason))
    return std::nullopt;

  AttentionScoresOp scores = expression->getScores();
  if (scores.getExtent() != extent ||
      scores.getSequence() != values.getSequence()) {
    reason = "keys and values are those of different pasts";
    return std::nullopt;
  }
  for (const SoftmaxMatch::Factor &factor : softmax->factors)
    if (expression->dependsOnScores(factor.value)) {
      reason = "'" +
               factor.value.getDefiningOp()->getName().getStringRef().str() +
               "' of the scores is not part of their softmax";
      return std::nullopt;
    }
  if (!parts.isClosed(reason))
    return std::nullopt;
  return parts;
}

/// exp(x) @ v / sum(exp(x)), where heads may have been given axes of their own
/// before.
bool AttentionParts::findLateDivision(std::string &reason) {
  Value value = values.getResult();
  while (value.hasOneUse()) {
    Operation *user = *value.user_begin();
    if (isa<ReshapeOp>(user)) {
      value = user->getResult(0);
      continue;
    }
    bool isDivision = isa<DivOp>(user) && user->getOperand(0) == value;
    bool isProduct = isa<MulOp>(user);
    if (!isDivision && !isProduct)
      break;
    Value other = user->getOperand(user->getOperand(0) == value ? 1 : 0);
    if (!softmax.isTotal(other, values.getExtent(), !isDivision))
      break;
    softmax.ops.push_back(user);
    result = user->getResult(0);
    return true;
  }
  reason = "the exponentials are not divided by their sum";
  return false;
}

/// Whether nobody else needs what would not be there any more.
bool AttentionParts::isClosed(std::string &reason) {
  DenseSet<Operation *> members(softmax.ops.begin(), softmax.ops.end());
  members.insert_range(expression.getDependents());
  members.insert(values);
  // Reshapes of the product with values, before it is divided.
  for (Value value = values.getResult(); value != result;) {
    Operation *user = *value.user_begin();
    members.insert(user);
    value = user->getResult(0);
  }
  for (Operation *op : members) {
    if (op == result.getDefiningOp() ||
        !expression.dependsOnScores(op->getResult(0)))
      continue;
    for (Operation *user : op->getUsers())
      if (!members.contains(user)) {
        reason = "'" + user->getName().getStringRef().str() + "' uses what '" +
                 op->getName().getStringRef().str() + "' makes, too";
        return false;
      }
  }
  return true;
}

namespace {

/// [N, heads, width] from [heads, N, width] and back.
Value swapHeadsAndRows(OpBuilder &builder, Value value) {
  return builder.createOrFold<TransposeOp>(value.getLoc(), value,
                                           ArrayRef<int64_t>{1, 0, 2});
}

/// x * (1 / c) for x / c: of all that is done to a score, division costs most.
Value multiplyByReciprocal(DivOp div) {
  std::optional<double> divisor = getSplat(div.getRhs());
  if (!divisor || *divisor == 0 || !std::isfinite(*divisor) ||
      !isa<FloatType>(div.getType().getElementType()))
    return {};
  OpBuilder builder(div);
  Value factor = ConstantOp::create(builder, div.getLoc(), 1 / *divisor,
                                    typeOf(div.getRhs()).withShape({}));
  return MulOp::create(builder, div.getLoc(), div.getLhs(), factor);
}

/// Constants that became known within the region, zeros that are added, and
/// division by constants.
void simplify(AttentionOp attention) {
  for (Operation &op :
       llvm::make_early_inc_range(attention.getBody()->without_terminator())) {
    if (isa<ConstantOp>(op))
      continue;
    Value result = op.getResult(0);
    SmallVector<OpFoldResult> folded;
    Value replacement;
    if (succeeded(op.fold(folded)) && folded.size() == 1) {
      OpBuilder builder(&op);
      replacement = dyn_cast<Value>(folded[0]);
      if (!replacement)
        replacement = ConstantOp::create(
            builder, op.getLoc(),
            cast<FloatAttr>(cast<Attribute>(folded[0])).getValueAsDouble(),
            typeOf(result).withShape({}));
    } else if (isa<AddOp>(op)) {
      for (auto [zero, other] : {std::pair(0, 1), std::pair(1, 0)})
        if (getSplat(op.getOperand(zero)) == 0.0 &&
            op.getOperand(other).getType() == result.getType())
          replacement = op.getOperand(other);
    } else if (auto div = dyn_cast<DivOp>(op))
      replacement = multiplyByReciprocal(div);
    if (replacement && replacement != result)
      result.replaceAllUsesWith(replacement);
  }
  SmallVector<Operation *> ops;
  for (Operation &op : attention.getBody()->without_terminator())
    ops.push_back(&op);
  for (Operation *op : llvm::reverse(ops))
    if (isOpTriviallyDead(op))
      op->erase();
}

/// What the window took the place of may have been read by nothing else.
void dropUnusedInputs(AttentionOp attention) {
  Block *body = attention.getBody();
  for (int64_t index = attention.getInputs().size() - 1; index >= 0; --index)
    if (body->getArgument(index + 1).use_empty()) {
      body->eraseArgument(index + 1);
      attention.getInputsMutable().erase(index);
    }
}

struct FuseAttention : sinter::impl::FuseAttentionPassBase<FuseAttention> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    SmallVector<AttentionValuesOp> all;
    function.walk([&](AttentionValuesOp values) { all.push_back(values); });
    DenseSet<Block *> changed;
    for (AttentionValuesOp values : all)
      if (straightenScores(values))
        changed.insert(values->getBlock());
    for (Block *block : changed)
      eraseDeadOps(*block);
    for (AttentionValuesOp values : all) {
      std::string reason;
      if (std::optional<AttentionParts> parts =
              AttentionParts::match(values, reason))
        fuse(*parts);
      else
        remarkMissed(values, "fuse-attention", "attention")
            << "attention stays in parts: " + reason;
    }
  }

  void fuse(AttentionParts &parts) {
    const ScoreExpression &expression = parts.expression;
    AttentionScoresOp scores = expression.getScores();
    OpBuilder builder(parts.values);
    Location location =
        builder.getFusedLoc({scores.getLoc(), parts.values.getLoc()});
    Value query = swapHeadsAndRows(builder, scores.getQuery());
    SmallVector<Value> inputs = expression.buildInputs(builder);
    SmallVector<Dimension> shape = typeOf(query).getShape();
    shape[2] = typeOf(parts.values.getResult()).getDim(2);
    auto attention = AttentionOp::create(
        builder, location, typeOf(query).withShape(shape), query,
        scores.getKeys(), parts.values.getValues(), scores.getSequence(),
        scores.getExtent(), inputs, /*window=*/nullptr, /*rounded=*/nullptr,
        /*placement=*/nullptr);
    Block *body = new Block;
    attention.getScoreRegion().push_back(body);
    body->addArgument(scores.getType(), scores.getLoc());
    for (Value input : inputs)
      body->addArgument(input.getType(), input.getLoc());
    expression.buildRegion(attention);

    func::FuncOp function = getOperation();
    Value position = findInput(function, positionInput);
    if (Value argument = position ? findArgument(attention, position) : Value())
      windows +=
          function->hasAttr(causalAttribute) &&
                  attention.getExtent() == findInput(function, extentInput)
              ? deriveWindow(attention, argument)
              : deriveBand(attention, argument, position);
    simplify(attention);
    dropUnusedInputs(attention);

    Value result = swapHeadsAndRows(builder, attention);
    for (const SoftmaxMatch::Factor &factor : parts.softmax.factors) {
      Value number = expression.buildJoined(builder, factor.value);
      if (factor.isDivisor)
        result = DivOp::create(builder, location, result, number);
      else
        result = MulOp::create(builder, location, result, number);
    }
    result = builder.createOrFold<ReshapeOp>(location, parts.result.getType(),
                                             result);
    parts.result.replaceAllUsesWith(result);
    eraseDead(parts);
    ++fused;
    reportFusion(attention);
  }

  /// The argument of the region that holds the rows' positions, or null.
  static Value findArgument(AttentionOp attention, Value position) {
    for (auto [argument, input] :
         llvm::zip(attention.getInputArguments(), attention.getInputs())) {
      Value source = input;
      while (source.getDefiningOp<ReshapeOp>())
        source = source.getDefiningOp()->getOperand(0);
      if (source == position)
        return argument;
    }
    return {};
  }

  static void eraseDead(AttentionParts &parts) {
    SmallVector<Operation *> worklist{parts.values};
    if (Operation *late = parts.result.getDefiningOp())
      worklist.push_back(late);
    worklist.append(parts.softmax.ops);
    worklist.append(parts.expression.getDependents().begin(),
                    parts.expression.getDependents().end());
    // Users first, until nothing goes any more.
    SetVector<Operation *> rest(worklist.begin(), worklist.end());
    for (bool changed = true; changed;) {
      changed = false;
      for (Operation *op : llvm::to_vector(rest))
        if (isOpTriviallyDead(op)) {
          for (Value operand : op->getOperands())
            if (Operation *producer = operand.getDefiningOp())
              rest.insert(producer);
          rest.remove(op);
          op->erase();
          changed = true;
        }
    }
  }

  void reportFusion(AttentionOp attention) {
    int64_t operations = 0;
    for (Operation &op : attention.getBody()->without_terminator())
      operations += isa<ElementwiseOpInterface>(op);
    // Scores and probabilities: written once and read once each at least.
    int64_t bytes =
        2 * attention.getHeads() *
        attention.getScoreType().getElementType().getIntOrFloatBitWidth() / 8;
    std::string message =
        "scores, " + std::to_string(operations) +
        " operations on them, softmax and the product with values are one "
        "kernel";
    if (attention.getWindow())
      message +=
          (getOperation()->hasAttr(causalAttribute) ? ", which reads the last "
                                                    : ", which reads ") +
          std::to_string(int64_t(*attention.getWindow())) + " positions only";
    message += ": " + std::to_string(bytes) +
               " bytes are not written per token and position that it sees";
    remarkPassed(attention, "fuse-attention", "attention")
        << message << bytesSaved(bytes, Per::tokenAndPosition);
  }
};

} // namespace
