//===- RaiseSoftmax.cpp - Softmax from exponentials and a sum ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/RowExpression.h"
#include "passes/SoftmaxMatch.h"

namespace sinter {
#define GEN_PASS_DEF_RAISESOFTMAXPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

/// The sum of exponentials that a value is, or is one over; or null.
static ReduceOp findTotal(Value value) {
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<DivOp>(op))
    op = op->getOperand(1).getDefiningOp();
  else if (isa_and_nonnull<PowOp>(op))
    op = op->getOperand(0).getDefiningOp();
  auto reduce = dyn_cast_or_null<ReduceOp>(op);
  return reduce && reduce.getKind() == ReduceKind::sum &&
                 reduce.getOperand().getDefiningOp<ExpOp>()
             ? reduce
             : ReduceOp();
}

namespace {

struct RaiseSoftmax : sinter::impl::RaiseSoftmaxPassBase<RaiseSoftmax> {
  void runOnOperation() override {
    for (Block *block : blocksOfRowWork(getOperation())) {
      for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*block)))
        if (isa<DivOp, MulOp>(op) && !isOnePerRow(op.getResult(0)))
          for (Value operand : op.getOperands())
            if (ReduceOp total = findTotal(operand))
              raise(&op, total);
      eraseDeadOps(*block);
    }
  }

  void raise(Operation *root, ReduceOp total) {
    Value result = root->getResult(0);
    std::string reason = whyNot(root, total);
    std::optional<SoftmaxMatch> match;
    if (reason.empty())
      match = SoftmaxMatch::match(result, total.getExtent(), reason);
    if (match && (match->isUnnormalized || !match->factors.empty())) {
      reason = "the exponentials are not divided by their own sum alone";
      match.reset();
    }
    if (Operation *shared = match ? findShared(*match, root) : nullptr) {
      reason = "something else uses the '" +
               shared->getName().getStringRef().str() + "' within, too";
      match.reset();
    }
    if (!match) {
      remarkMissed(root, "raise-softmax", "softmax")
          << "this is no softmax: " + reason;
      return;
    }
    OpBuilder builder(root);
    Value softmax = SoftmaxOp::create(
        builder, root->getLoc(), result.getType(), match->logits,
        typeOf(result).getRank() - 1, total.getExtent());
    result.replaceAllUsesWith(softmax);
    ++raised;
    remarkPassed(root, "raise-softmax", "softmax")
        << std::to_string(match->ops.size()) + " operations are softmax";
  }

  /// An op within that something else needs, or null.
  static Operation *findShared(const SoftmaxMatch &match, Operation *root) {
    for (Operation *op : match.ops)
      if (op != root && llvm::any_of(op->getUsers(), [&](Operation *user) {
            return !llvm::is_contained(match.ops, user);
          }))
        return op;
    return nullptr;
  }

  static std::string whyNot(Operation *root, ReduceOp total) {
    NamedTensorType type = total.getOperand().getType();
    if (int64_t(total.getAxis()) != type.getRank() - 1)
      return "its sum goes along axis " + std::to_string(total.getAxis()) +
             ", while rows are along the last one, " +
             std::to_string(type.getRank() - 1);
    if (root->getResult(0).getType() != type)
      return "what is divided is not what is summed";
    return {};
  }
};

} // namespace
