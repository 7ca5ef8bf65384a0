//===- RowExpression.cpp - What a value is as a function --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/RowExpression.h"
#include "ir/Elements.h"
#include "passes/Entry.h"

using namespace mlir;
using namespace sinter;

/// More ops than any form of a function that has a name is made of.
static constexpr size_t longest = 32;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

/// Whether the op only repeats the one element of each row.
static bool isBroadcastOfRows(BroadcastOp op) {
  NamedTensorType from = op.getOperand().getType(), to = op.getType();
  return from.getRank() == to.getRank() && to.getRank() > 0 &&
         from.getShape().back().isOne() &&
         ArrayRef(from.getShape()).drop_back() ==
             ArrayRef(to.getShape()).drop_back();
}

bool RowExpression::isPart(Operation *op) {
  if (op->getNumResults() != 1 ||
      !isa<NamedTensorType>(op->getResult(0).getType()) ||
      !isa<FloatType>(typeOf(op->getResult(0)).getElementType()))
    return false;
  if (auto reduce = dyn_cast<ReduceOp>(op))
    return reduce.getKind() != ReduceKind::max && !reduce.getExtent() &&
           int64_t(reduce.getAxis()) ==
               reduce.getOperand().getType().getRank() - 1 &&
           reduce.getOperand().getType().getShape().back().isStatic();
  if (auto broadcast = dyn_cast<BroadcastOp>(op))
    return isBroadcastOfRows(broadcast);
  return isa<NegOp, ExpOp, LogOp, SqrtOp, RsqrtOp, TanhOp, ErfOp, AddOp, SubOp,
             MulOp, DivOp, PowOp>(op);
}

RowExpression::RowExpression(Operation *root) : root(root) { add(root); }

void RowExpression::add(Operation *op) {
  ops.insert(op);
  variables.remove(op->getResult(0));
  for (Value operand : op->getOperands()) {
    if (operand.getDefiningOp<ConstantOp>() ||
        ops.contains(operand.getDefiningOp()))
      continue;
    if (dependsOnWeightsOnly(operand))
      parameters.insert(operand);
    else
      variables.insert(operand);
  }
}

bool RowExpression::grow() {
  if (ops.size() == longest)
    return false;
  Operation *last = nullptr;
  for (Value value : variables) {
    Operation *op = value.getDefiningOp();
    if (!op || op->getBlock() != root->getBlock())
      continue;
    if (!last || last->isBeforeInBlock(op))
      last = op;
  }
  if (!last || !isPart(last))
    return false;
  add(last);
  return true;
}

bool RowExpression::hasReduction() const {
  return llvm::any_of(ops, [](Operation *op) { return isa<ReduceOp>(op); });
}

Operation *RowExpression::findSharedOp() const {
  for (Operation *op : ops)
    if (op != root && llvm::any_of(op->getUsers(), [&](Operation *user) {
          return !ops.contains(user);
        }))
      return op;
  return nullptr;
}

/// One element of a constant, as the binary holds it.
static double elementOf(ConstantOp constant) {
  return roundToElementType(constant.getValue().convertToDouble(),
                            constant.getType().getElementType());
}

RowExpression::Row
RowExpression::evaluate(const DenseMap<Value, Row> &inputs) const {
  DenseMap<Value, Row> rows = inputs;
  SmallVector<Operation *> inOrder(ops.begin(), ops.end());
  llvm::sort(inOrder, [](Operation *left, Operation *right) {
    return left->isBeforeInBlock(right);
  });
  for (Operation *op : inOrder) {
    SmallVector<Row> operands;
    for (Value operand : op->getOperands())
      if (auto constant = operand.getDefiningOp<ConstantOp>())
        operands.push_back({elementOf(constant)});
      else
        operands.push_back(rows.lookup(operand));
    Row result;
    if (auto reduce = dyn_cast<ReduceOp>(op)) {
      // One element that stands for all is summed as often as they are.
      double size = reduce.getOperand().getType().getShape().back().getSize();
      double sum = 0;
      for (double x : operands[0])
        sum += x;
      double mean = sum / operands[0].size();
      result = {reduce.getKind() == ReduceKind::mean ? mean : mean * size};
    } else if (isa<BroadcastOp>(op)) {
      result = operands[0];
    } else {
      size_t width = 1;
      for (const Row &row : operands)
        width = std::max(width, row.size());
      SmallVector<double> elements(operands.size());
      for (size_t column = 0; column < width; ++column) {
        for (auto [element, row] : llvm::zip(elements, operands))
          element = row[row.size() == 1 ? 0 : column];
        result.push_back(cast<ElementwiseOpInterface>(op).apply(elements));
      }
    }
    rows[op->getResult(0)] = std::move(result);
  }
  return rows.lookup(root->getResult(0));
}

SmallVector<Block *> sinter::blocksOfRowWork(func::FuncOp function) {
  SmallVector<Block *> blocks;
  function.walk([&](RepeatOp repeat) { blocks.push_back(repeat.getBody()); });
  if (!function.isDeclaration())
    blocks.push_back(&function.getBody().front());
  return blocks;
}

void sinter::eraseDeadOps(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}
