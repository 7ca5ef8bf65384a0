//===- SelectRows.cpp - Compute only the rows asked for ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Entry.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"

namespace sinter {
#define GEN_PASS_DEF_SELECTROWSPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

static bool hasRows(Value value) {
  auto type = dyn_cast<NamedTensorType>(value.getType());
  return type && type.findSymbol(tokensDimension) >= 0;
}

/// Whether each row of the result is made of the same row of the operands.
static bool isRowWise(Operation *op) {
  if (isa<ElementwiseOpInterface, BroadcastOp, ReshapeOp, TransposeOp, SliceOp,
          ConcatOp>(op))
    return true;
  if (isa<LayerNormOp, RMSNormOp, RotaryOp>(op))
    return true;
  if (auto gather = dyn_cast<GatherOp>(op))
    return !hasRows(gather.getTable());
  if (auto reduce = dyn_cast<ReduceOp>(op)) // an extent is one a token
    return !reduce.getExtent();
  if (auto matmul = dyn_cast<MatmulOp>(op))
    return !hasRows(matmul.getRhs());
  return isa<LinearOp>(op);
}

namespace {

struct SelectRows : sinter::impl::SelectRowsPassBase<SelectRows> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isDeclaration() || function.getNumResults() == 0 ||
        !findInput(function, positionInput) || findInput(function, rowInput))
      return;
    Operation *terminator = function.getBody().front().getTerminator();
    for (Value result : terminator->getOperands())
      if (!hasRows(result)) {
        terminator->emitOpError()
            << "returns " << result.getType()
            << ": the rows asked for must be an axis " << tokensDimension;
        return signalPassFailure();
      }

    row = addInput(function, rowInput, rowsDimension);
    // Bottom up: an op moves over to the rows asked for if all its users do.
    SetVector<Operation *> moved;
    for (Operation &op : llvm::reverse(function.getBody().front())) {
      bool moves = isRowWise(&op) && hasRows(op.getResult(0)) &&
                   llvm::all_of(op.getUsers(), [&](Operation *user) {
                     return user == terminator || moved.contains(user);
                   });
      if (moves)
        moved.insert(&op);
    }
    for (Operation *op : llvm::reverse(moved))
      move(op);
    OpBuilder builder(terminator);
    for (OpOperand &operand : terminator->getOpOperands())
      operand.set(select(builder, operand.get()));
    for (Operation *op : moved)
      op->erase();
    function.setFunctionType(FunctionType::get(&getContext(),
                                               function.getArgumentTypes(),
                                               terminator->getOperandTypes()));
    opsMoved += moved.size();
    remarkPassed(function, "select-rows", "rows")
        << std::to_string(moved.size())
        << " operations run for the rows asked for only";
  }

  /// The rows asked for of a value: computed so, or picked.
  Value select(OpBuilder &builder, Value value) {
    if (!hasRows(value))
      return value;
    Value &selected = ofRows[value];
    if (selected)
      return selected;
    OpBuilder::InsertionGuard guard(builder);
    Location location = value.getLoc();
    builder.setInsertionPointAfterValue(value);
    // A gather picks along the first axis.
    int64_t axis = typeOf(value).findSymbol(tokensDimension);
    SmallVector<int64_t> there{axis}, back(typeOf(value).getRank());
    for (int64_t other = 0; other < typeOf(value).getRank(); ++other)
      if (other != axis)
        there.push_back(other);
    for (auto [to, from] : llvm::enumerate(there))
      back[from] = to;
    Value table = axis == 0
                      ? value
                      : TransposeOp::create(builder, location, value, there);
    Value picked = GatherOp::create(builder, location, table, row);
    return selected =
               axis == 0 ? picked
                         : TransposeOp::create(builder, location, picked, back);
  }

  void move(Operation *op) {
    OpBuilder builder(op);
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(select(builder, operand));
    Operation *clone = op->clone();
    clone->setOperands(operands);
    NamedTensorType type = typeOf(op->getResult(0));
    SmallVector<Dimension> shape = type.getShape();
    shape[type.findSymbol(tokensDimension)] =
        Dimension::get(&getContext(), rowsDimension);
    clone->getResult(0).setType(type.withShape(shape));
    builder.insert(clone);
    ofRows[op->getResult(0)] = clone->getResult(0);
  }

  Value row;
  DenseMap<Value, Value> ofRows;
};

} // namespace
