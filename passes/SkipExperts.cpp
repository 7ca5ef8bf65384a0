//===- SkipExperts.cpp - What no row chose is not computed ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"
#include "passes/Remarks.h"

namespace sinter {
#define GEN_PASS_DEF_SKIPEXPERTSPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

/// What a shape's elements are, without the shape.
static Value withoutShape(Value value) {
  Operation *op = value.getDefiningOp();
  while (isa_and_nonnull<ReshapeOp, BroadcastOp, ConvertOp>(op)) {
    value = op->getOperand(0);
    op = value.getDefiningOp();
  }
  return value;
}

/// Whether all elements are one number, and which.
static std::optional<double> numberOf(Value value) {
  auto constant = withoutShape(value).getDefiningOp<ConstantOp>();
  if (!constant)
    return std::nullopt;
  return constant.getValue().convertToDouble();
}

namespace {

/// The table whose columns are factors of what a loop adds.
class ColumnFactor {
public:
  explicit ColumnFactor(RepeatOp repeat) : repeat(repeat) {}

  /// The table, or null with the reason.
  Value find(StringRef &reason) {
    auto yield = cast<YieldOp>(repeat.getBody()->getTerminator());
    for (auto [carried, yielded] :
         llvm::zip(repeat.getCarried(), yield.getValues())) {
      auto add = yielded.getDefiningOp<AddOp>();
      if (!add || (add.getLhs() != carried && add.getRhs() != carried)) {
        reason = "what is carried is not a sum of parts";
        return {};
      }
      Value part = add.getLhs() == carried ? add.getRhs() : add.getLhs();
      if (!vanishes(part)) {
        reason = "what is added has no factor that is a column of a table, one "
                 "for each number of the loop";
        return {};
      }
    }
    return table;
  }

private:
  /// Whether the value is zero wherever the column is.
  bool vanishes(Value value) {
    Operation *op = value.getDefiningOp();
    if (!op || !repeat->isProperAncestor(op))
      return false;
    if (isa<ReshapeOp, BroadcastOp, TransposeOp, SliceOp, NegOp>(op))
      return vanishes(op->getOperand(0));
    if (isa<MulOp>(op))
      return vanishes(op->getOperand(0)) || vanishes(op->getOperand(1));
    if (isa<MatmulOp, DivOp>(op))
      return vanishes(op->getOperand(0));
    auto reduce = dyn_cast<ReduceOp>(op);
    return reduce && isColumn(reduce);
  }

  /// sum(where(iota == number, table, 0)), along the last axis.
  bool isColumn(ReduceOp reduce) {
    auto select = reduce.getOperand().getDefiningOp<SelectOp>();
    if (reduce.getKind() != ReduceKind::sum || !select ||
        numberOf(select.getOnFalse()) != 0.0)
      return false;
    Value of = select.getOnTrue();
    NamedTensorType type = typeOf(of);
    if (type.getRank() != 2 || reduce.getAxis() != 1 ||
        !type.getElementType().isF32() || !type.getDim(1).isStatic() ||
        type.getDim(1).getSize() != int64_t(repeat.getCount()) ||
        !repeat.isDefinedOutsideOfLoop(of) || (table && table != of))
      return false;
    auto compare = select.getCondition().getDefiningOp<CompareOp>();
    if (!compare || compare.getPredicate() != ComparePredicate::eq)
      return false;
    auto isBoth = [&](Value axis, Value number) {
      return isAxis(axis, type.getDim(1)) && isOwnNumber(number);
    };
    if (!isBoth(compare.getLhs(), compare.getRhs()) &&
        !isBoth(compare.getRhs(), compare.getLhs()))
      return false;
    table = of;
    return true;
  }

  /// 0, 1, 2, .. along the last axis.
  static bool isAxis(Value value, Dimension size) {
    NamedTensorType type = typeOf(value);
    return type.getRank() >= 1 && type.getShape().back() == size &&
           withoutShape(value).getDefiningOp<IotaOp>();
  }

  /// Whether a number is that of the turn, from 0 in each layer around.
  bool isOwnNumber(Value value) {
    int64_t count = repeat.getCount();
    for (int64_t outer : {0, 1, 5})
      for (int64_t turn = 0; turn < count; ++turn)
        if (evaluate(value, outer, turn) != double(turn))
          return false;
    return true;
  }

  std::optional<double> evaluate(Value value, int64_t outer, int64_t turn) {
    value = withoutShape(value);
    if (std::optional<double> number = numberOf(value))
      return number;
    Operation *op = value.getDefiningOp();
    if (auto number = dyn_cast_or_null<LayerNumberOp>(op)) {
      if (number.getLayer() == repeat.getLayer())
        return repeat.getOuter() ? outer * int64_t(repeat.getCount()) + turn
                                 : turn;
      return std::nullopt;
    }
    if (!isa_and_nonnull<AddOp, SubOp, MulOp, ModOp>(op))
      return std::nullopt;
    std::optional<double> lhs = evaluate(op->getOperand(0), outer, turn);
    std::optional<double> rhs = evaluate(op->getOperand(1), outer, turn);
    if (!lhs || !rhs)
      return std::nullopt;
    return cast<ElementwiseOpInterface>(op).apply({*lhs, *rhs});
  }

  RepeatOp repeat;
  Value table;
};

struct SkipExperts : sinter::impl::SkipExpertsPassBase<SkipExperts> {
  void runOnOperation() override {
    getOperation().walk([&](RepeatOp repeat) {
      // A loop within a loop; layers themselves choose nothing.
      if (!repeat->getParentOfType<RepeatOp>() || repeat.getChosen())
        return;
      StringRef reason;
      Value table = ColumnFactor(repeat).find(reason);
      if (!table) {
        remarkMissed(repeat, "skip-experts", "experts")
            << "all " << std::to_string(repeat.getCount())
            << " turns of the loop are computed: " << reason;
        return;
      }
      repeat.getChosenMutable().assign(table);
      ++loops;
      remarkPassed(repeat, "skip-experts", "experts")
          << "of " << std::to_string(repeat.getCount())
          << " experts, those that no row of a call chose are not computed; "
             "the others are computed for all of its rows";
    });
  }
};

} // namespace
