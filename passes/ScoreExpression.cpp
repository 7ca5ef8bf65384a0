//===- ScoreExpression.cpp - From raw scores to softmax ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/ScoreExpression.h"
#include "ir/Shape.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

static std::string quoted(Operation *op) {
  return ("'" + op->getName().getStringRef() + "'").str();
}

/// The product of queries and keys that `value` is made of, through anything
/// that keeps the axis of the past.
static AttentionScoresOp findScores(Value logits, Dimension past) {
  SmallVector<Value> worklist{logits};
  DenseSet<Value> seen;
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    auto tensor = dyn_cast<NamedTensorType>(value.getType());
    Operation *op = value.getDefiningOp();
    if (!op || !tensor || !llvm::is_contained(tensor.getShape(), past) ||
        !seen.insert(value).second)
      continue;
    if (auto scores = dyn_cast<AttentionScoresOp>(op))
      return scores;
    worklist.append(op->operand_begin(), op->operand_end());
  }
  return {};
}

std::optional<ScoreExpression> ScoreExpression::match(Value logits,
                                                      std::string &reason) {
  NamedTensorType logitsType = typeOf(logits);
  if (logitsType.getRank() < 2)
    return std::nullopt;
  ScoreExpression result;
  Dimension past = logitsType.getDim(logitsType.getRank() - 1);
  result.scores = findScores(logits, past);
  if (!result.scores) {
    reason = "softmax is not of a product of queries and keys";
    return std::nullopt;
  }
  result.type = result.scores.getType();
  result.logitsType = logitsType;
  result.logits = logits;
  std::optional<NamedTensorType> joined = result.join(logitsType);
  SmallVector<Dimension> shape;
  if (joined)
    shape = joined->getShape();
  if (shape.size() == 2) // one head needs no axis
    shape.insert(shape.begin(), Dimension::get(logits.getContext(), 1));
  if (shape != result.type.getShape()) {
    reason = "softmax is along another axis than the past";
    return std::nullopt;
  }
  if (!result.visit(logits, reason))
    return std::nullopt;
  return result;
}

bool ScoreExpression::dependsOnScores(Value value) const {
  SmallVector<Value> worklist{value};
  DenseSet<Operation *> seen;
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val().getDefiningOp();
    if (op == static_cast<Operation *>(scores))
      return true;
    // Nothing before the scores depends on them.
    if (!op || op->getBlock() != scores->getBlock() ||
        op->isBeforeInBlock(scores) || !seen.insert(op).second)
      continue;
    worklist.append(op->operand_begin(), op->operand_end());
  }
  return false;
}

bool ScoreExpression::isAlongPast(Value value) const {
  NamedTensorType tensor = typeOf(value);
  return tensor.getRank() > 0 &&
         tensor.getDim(tensor.getRank() - 1) == type.getDim(2);
}

std::optional<NamedTensorType>
ScoreExpression::join(NamedTensorType tensor) const {
  SmallVector<Dimension> shape = tensor.getShape();
  if (shape.size() > 2) {
    int64_t heads = 1;
    for (Dimension dim : ArrayRef(shape).drop_back(2)) {
      if (!dim.isStatic())
        return std::nullopt;
      heads *= dim.getSize();
    }
    SmallVector<Dimension> joined{Dimension::get(tensor.getContext(), heads)};
    joined.append(shape.end() - 2, shape.end());
    shape = joined;
  }
  for (auto [axis, dim] : llvm::enumerate(shape))
    if (!dim.isOne() && dim != type.getDim(3 - shape.size() + axis))
      return std::nullopt;
  return tensor.withShape(shape);
}

bool ScoreExpression::visitInput(Value value, std::string &reason) {
  if (dependsOnScores(value)) {
    Operation *op = value.getDefiningOp();
    reason = isa<ReduceOp>(op)
                 ? quoted(op) + " of the scores is not part of their softmax"
                 : quoted(op) + " stands between scores and softmax and is not "
                                "elementwise";
    return false;
  }
  Type element = typeOf(value).getElementType();
  if (!element.isF32() && !element.isInteger(32) && !element.isInteger(1)) {
    std::string text;
    llvm::raw_string_ostream(text) << element;
    reason = "an input of the scores has elements of " + text;
    return false;
  }
  visited.insert(value);
  inputs.insert(value);
  return true;
}

/// Whether `op` says the same elements in another shape.
static bool isView(Operation *op) { return isa<ReshapeOp, BroadcastOp>(op); }

bool ScoreExpression::visit(Value value, std::string &reason) {
  if (visited.contains(value))
    return true;
  Operation *op = value.getDefiningOp();
  if (op == static_cast<Operation *>(scores)) {
    dependents.insert(op);
    visited.insert(value);
    return true;
  }
  if (isa_and_nonnull<ConstantOp>(op)) {
    visited.insert(value);
    return true;
  }
  // What does not vary along the past is an element a row at most: reading it
  // is cheap. Shapes that have to be stretched first are read, too.
  if (!op || !isAlongPast(value) || !join(typeOf(value)))
    return visitInput(value, reason);
  bool isInside = isa<ElementwiseOpInterface>(op) ||
                  (isa<IotaOp>(op) && typeOf(value).getRank() == 1) ||
                  (isView(op) && isAlongPast(op->getOperand(0)) &&
                   join(typeOf(op->getOperand(0))));
  if (!isInside)
    return visitInput(value, reason);
  bool isDependent = false;
  for (Value operand : op->getOperands()) {
    if (!visit(operand, reason))
      return false;
    isDependent |= dependents.contains(operand.getDefiningOp());
  }
  if (isDependent)
    dependents.insert(op);
  visited.insert(value);
  return true;
}

Value ScoreExpression::buildJoined(OpBuilder &builder, Value value) const {
  NamedTensorType own = typeOf(value);
  if (std::optional<NamedTensorType> joined = join(own))
    return builder.createOrFold<ReshapeOp>(value.getLoc(), *joined, value);
  // Heads that share an element get one each.
  SmallVector<Dimension> shape = logitsType.getShape();
  SmallVector<Dimension> from = own.getShape();
  for (int64_t back : {1, 2})
    shape[shape.size() - back] = from.size() >= size_t(back)
                                     ? from[from.size() - back]
                                     : Dimension::get(own.getContext(), 1);
  value = builder.createOrFold<BroadcastOp>(value.getLoc(),
                                            own.withShape(shape), value);
  return builder.createOrFold<ReshapeOp>(
      value.getLoc(),
      own.withShape({type.getDim(0), shape[shape.size() - 2], shape.back()}),
      value);
}

SmallVector<Value> ScoreExpression::buildInputs(OpBuilder &builder) const {
  SmallVector<Value> result;
  for (Value input : inputs)
    result.push_back(buildJoined(builder, input));
  return result;
}

/// Clones an elementwise op onto operands whose shapes may be smaller than
/// those of its own operands.
static Value cloneElementwise(OpBuilder &builder, Operation *op,
                              ValueRange operands) {
  SmallVector<Dimension> shape;
  for (Value operand : operands) {
    ShapeOr wider = broadcastShapes(shape, typeOf(operand).getShape());
    assert(wider && "aligned shapes broadcast");
    shape = *wider;
  }
  OperationState state(op->getLoc(), op->getName());
  state.addOperands(operands);
  state.addTypes(typeOf(op->getResult(0)).withShape(shape));
  state.attributes = op->getDiscardableAttrDictionary();
  state.propertiesAttr = op->getPropertiesAsAttribute();
  return builder.create(state)->getResult(0);
}

void ScoreExpression::buildRegion(AttentionOp attention) const {
  IRMapping mapping;
  for (auto [input, argument] :
       llvm::zip(inputs, attention.getInputArguments()))
    mapping.map(input, argument);
  mapping.map(scores->getResult(0), attention.getScores());
  OpBuilder builder = OpBuilder::atBlockEnd(attention.getBody());
  for (Value value : visited) {
    if (mapping.contains(value))
      continue;
    Operation *op = value.getDefiningOp();
    if (auto constant = dyn_cast<ConstantOp>(op)) {
      mapping.map(value,
                  ConstantOp::create(builder, op->getLoc(),
                                     constant.getValue().convertToDouble(),
                                     typeOf(value).withShape({})));
    } else if (isa<IotaOp>(op)) {
      mapping.map(value, builder.clone(*op)->getResult(0));
    } else if (isView(op)) {
      mapping.map(value, mapping.lookup(op->getOperand(0)));
    } else {
      SmallVector<Value> operands;
      for (Value operand : op->getOperands())
        operands.push_back(mapping.lookup(operand));
      mapping.map(value, cloneElementwise(builder, op, operands));
    }
  }
  YieldOp::create(builder, attention.getLoc(), mapping.lookup(logits));
}
