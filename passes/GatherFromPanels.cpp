//===- GatherFromPanels.cpp - Tables that are weights too ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/IRMapping.h"
#include "passes/Entry.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"

namespace sinter {
#define GEN_PASS_DEF_GATHERFROMPANELSPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

/// Whether two values, of whatever functions, are made of the same weights in
/// the same way.
static bool isSame(Value left, Value right) {
  if (left == right)
    return true;
  Operation *of = left.getDefiningOp(), *other = right.getDefiningOp();
  return of && other &&
         OperationEquivalence::isEquivalentTo(
             of, other,
             [](Value left, Value right) {
               return success(isSame(left, right));
             },
             /*markEquivalent=*/nullptr, OperationEquivalence::IgnoreLocations);
}

/// A weight before it is rounded.
static Value beforeRounding(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<QuantizeOp, ConvertOp>(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

static Value beforeTranspose(Value value) {
  auto transpose = value.getDefiningOp<TransposeOp>();
  return transpose ? transpose.getOperand() : Value();
}

/// Whether a matrix [K, M] is the transpose of a table [M, K].
static bool isTransposed(Value matrix, Value table) {
  if (Value inner = beforeTranspose(matrix))
    return isSame(inner, table);
  Value inner = beforeTranspose(table);
  return inner && isSame(inner, matrix);
}

/// Whether no layer's number is among what a value is made of.
static bool isOfNoLayer(Value value) {
  Operation *op = value.getDefiningOp();
  return op && llvm::all_of(op->getOperands(), isOfNoLayer);
}

/// Makes a value of weights once more where the builder stands.
static Value cloneExpression(OpBuilder &builder, Value value) {
  IRMapping mapping;
  for (Value operand : value.getDefiningOp()->getOperands())
    if (!mapping.contains(operand))
      mapping.map(operand, cloneExpression(builder, operand));
  return builder.clone(*value.getDefiningOp(), mapping)->getResult(0);
}

namespace {

struct GatherFromPanels
    : sinter::impl::GatherFromPanelsPassBase<GatherFromPanels> {
  void runOnOperation() override {
    SmallVector<PackOp> packs;
    SmallVector<GatherOp> gathers;
    getOperation().walk([&](Operation *op) {
      if (auto linear = dyn_cast<LinearOp>(op)) {
        auto pack = linear.getWeight().getDefiningOp<PackOp>();
        if (pack && isOfNoLayer(pack.getResult()))
          packs.push_back(pack);
      } else if (auto gather = dyn_cast<GatherOp>(op)) {
        gathers.push_back(gather);
      }
    });
    for (GatherOp gather : gathers) {
      if (gather.getIndex().getType().getRank() != 1 ||
          !gather.getTable().getType().hasStaticShape() ||
          gather.getTable().getType().getRank() != 2 ||
          !dependsOnWeightsOnly(gather.getTable()) ||
          dependsOnWeightsOnly(gather.getResult()))
        continue;
      Value table = beforeRounding(gather.getTable());
      for (PackOp pack : packs)
        if (isTransposed(beforeRounding(pack.getOperand()), table)) {
          takeFrom(pack, gather);
          break;
        }
    }
  }

private:
  /// The rows in f32: the gather's, or what each of its users widens them to.
  static SmallVector<Operation *> rowsOf(GatherOp gather) {
    auto isWide = [](Operation *op) {
      auto type = cast<NamedTensorType>(op->getResult(0).getType());
      return type.getElementType().isF32();
    };
    if (isWide(gather))
      return {gather};
    SmallVector<Operation *> rows;
    for (Operation *user : gather->getUsers()) {
      if (!isa<ConvertOp>(user) || !isWide(user))
        return {};
      rows.push_back(user);
    }
    return rows;
  }

  void takeFrom(PackOp pack, GatherOp gather) {
    SmallVector<Operation *> rows = rowsOf(gather);
    if (rows.empty())
      return;
    NamedTensorType table = gather.getTable().getType();
    OpBuilder builder(gather);
    auto taken = PackedGatherOp::create(
        builder, gather.getLoc(), cloneExpression(builder, pack.getResult()),
        gather.getIndex());
    for (Operation *op : rows) {
      op->getResult(0).replaceAllUsesWith(taken.getResult());
      op->erase();
    }
    if (!llvm::is_contained(rows, gather.getOperation()))
      gather->erase();
    int64_t bytes = table.getNumElements() *
                    table.getElementType().getIntOrFloatBitWidth() / 8;
    ++gathers;
    bytesSaved += bytes;
    remarkPassed(taken, "gather-from-panels", "table")
        << "rows come from the panels of the contraction that has the table "
           "for its weight: saves "
        << std::to_string(bytes) << " bytes of weights";
  }
};

} // namespace
