//===- StraightenScores.cpp - Scores with a column for each row -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/StraightenScores.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

/// The type with its last two axes the other way round; one axis is the last of
/// two.
static NamedTensorType turned(NamedTensorType type) {
  SmallVector<Dimension> shape = type.getShape();
  if (shape.empty())
    return type;
  if (shape.size() == 1)
    shape.insert(shape.begin(), Dimension::get(type.getContext(), 1));
  std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
  return type.withShape(shape);
}

/// Whether the op does nothing but exchange the last two axes.
static bool isTurn(Operation *op) {
  auto transpose = dyn_cast_or_null<TransposeOp>(op);
  if (!transpose)
    return false;
  auto order =
      llvm::to_vector(llvm::seq<int64_t>(0, transpose.getType().getRank()));
  if (order.size() < 2)
    return false;
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  return llvm::equal(transpose.getPermutation(), order);
}

/// Whether the op changes at most axes before the last two.
static bool keepsLastTwo(Operation *op) {
  if (!isa<ReshapeOp, BroadcastOp>(op))
    return false;
  SmallVector<Dimension> from = typeOf(op->getOperand(0)).getShape(),
                         to = typeOf(op->getResult(0)).getShape();
  return from.size() >= 2 && to.size() >= 2 &&
         ArrayRef(from).take_back(2) == ArrayRef(to).take_back(2);
}

static bool isTurnable(Operation *op) {
  if (auto reduce = dyn_cast<ReduceOp>(op)) {
    int64_t rank = reduce.getOperand().getType().getRank();
    return rank >= 2 && int64_t(reduce.getAxis()) >= rank - 2;
  }
  return isa<ElementwiseOpInterface>(op) || keepsLastTwo(op);
}

namespace {

class Straightener {
public:
  explicit Straightener(Operation *before) : builder(before) {}

  /// The value with its last two axes the other way round.
  Value straighten(Value value);

private:
  Value straightenOp(Operation *op);
  Value turnInput(Value value);

  OpBuilder builder;
  DenseMap<Value, Value> known;
};

} // namespace

Value Straightener::straighten(Value value) {
  if (typeOf(value).getRank() == 0)
    return value;
  auto found = known.find(value);
  if (found != known.end())
    return found->second;
  Operation *op = value.getDefiningOp();
  Value result;
  if (isTurn(op))
    result = op->getOperand(0);
  else if (op && isTurnable(op))
    result = straightenOp(op);
  else
    result = turnInput(value);
  known[value] = result;
  return result;
}

Value Straightener::straightenOp(Operation *op) {
  OperationState state(op->getLoc(), op->getName());
  state.propertiesAttr = op->getPropertiesAsAttribute();
  state.addTypes(turned(typeOf(op->getResult(0))));
  if (auto reduce = dyn_cast<ReduceOp>(op)) {
    int64_t rank = reduce.getOperand().getType().getRank();
    auto result = ReduceOp::create(builder, op->getLoc(), reduce.getKind(),
                                   straighten(reduce.getOperand()),
                                   rank * 2 - 3 - reduce.getAxis());
    if (reduce.getExtent())
      result.getExtentMutable().assign(reduce.getExtent());
    return result;
  }
  for (Value operand : op->getOperands())
    state.operands.push_back(straighten(operand));
  return builder.create(state)->getResult(0);
}

Value Straightener::turnInput(Value value) {
  NamedTensorType type = typeOf(value), to = turned(type);
  if (auto constant = value.getDefiningOp<ConstantOp>())
    return ConstantOp::create(builder, value.getLoc(),
                              constant.getValue().convertToDouble(), to);
  SmallVector<Dimension> shape = to.getShape();
  if (type.getRank() == 1 || shape.back().isOne() ||
      shape[shape.size() - 2].isOne()) {
    // Not in two steps: a count of positions is to be seen as one.
    while (value.getDefiningOp<ReshapeOp>())
      value = value.getDefiningOp()->getOperand(0);
    return ReshapeOp::create(builder, value.getLoc(), to, value);
  }
  auto order = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  return TransposeOp::create(builder, value.getLoc(), value, order);
}

/// Whether a value is made of scores that are turned.
static bool isOfTurnedScores(Value value) {
  SmallVector<Value> worklist{value};
  DenseSet<Operation *> seen;
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val().getDefiningOp();
    if (!op || !seen.insert(op).second)
      continue;
    if (isTurn(op)) {
      Value source = op->getOperand(0);
      while (source.getDefiningOp<ReshapeOp>())
        source = source.getDefiningOp()->getOperand(0);
      if (source.getDefiningOp<AttentionScoresOp>())
        return true;
    } else if (isTurnable(op)) {
      worklist.append(op->operand_begin(), op->operand_end());
    }
  }
  return false;
}

bool sinter::straightenScores(AttentionValuesOp values) {
  // Heads may have been given axes of their own.
  Value value = values.getProbability();
  while (value.getDefiningOp<ReshapeOp>())
    value = value.getDefiningOp()->getOperand(0);
  Operation *turn = value.getDefiningOp();
  if (!isTurn(turn) || !isOfTurnedScores(turn->getOperand(0)))
    return false;
  value.replaceAllUsesWith(Straightener(turn).straighten(turn->getOperand(0)));
  return true;
}
