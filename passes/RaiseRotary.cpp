//===- RaiseRotary.cpp - Rotary positions from slices and products --------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/RotaryMatch.h"
#include "passes/RowExpression.h"

namespace sinter {
#define GEN_PASS_DEF_RAISEROTARYPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

namespace {

struct RaiseRotary : sinter::impl::RaiseRotaryPassBase<RaiseRotary> {
  void runOnOperation() override {
    for (Block *block : blocksOfRowWork(getOperation())) {
      // The last op of a rotation before what it is made of.
      for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*block)))
        if (!done.contains(&op))
          raise(&op);
      eraseDeadOps(*block);
      done.clear();
    }
  }

  void raise(Operation *root) {
    std::string reason;
    DenseSet<Operation *> visited;
    std::optional<RotaryMatch> match = RotaryMatch::find(root, reason, visited);
    if (Operation *shared = match ? findShared(*match) : nullptr) {
      reason = "something else uses the '" +
               shared->getName().getStringRef().str() + "' within, too";
      match.reset();
    }
    if (!match) {
      if (reason.empty())
        return;
      done.insert_range(visited);
      remarkMissed(root, "raise-rotary", "rotary")
          << "these are no rotary positions: " + reason;
      return;
    }

    OpBuilder builder(root);
    Location location = root->getLoc();
    auto angles = [&](Value factor) {
      return columnsOf(builder, location, factor, match->columns);
    };
    Value cosine = angles(match->cosine), sine = angles(match->sine);
    if (!cosine || !sine)
      return;
    auto type = typeOf(root->getResult(0));
    Value input = match->input;
    if (input.getType() != type)
      input = SliceOp::create(builder, location, input, type.getRank() - 1,
                              match->start, type.getShape().back().getSize(),
                              /*stride=*/1);
    Value result = RotaryOp::create(builder, location, type, match->kind, input,
                                    match->width, cosine, sine);
    root->getResult(0).replaceAllUsesWith(result);
    done.insert_range(match->ops);
    ++raised;
    remarkPassed(root, "raise-rotary", "rotary")
        << std::to_string(match->ops.size()) + " operations turn " +
               std::to_string(match->width / 2) + " pairs a row, " +
               stringifyRotaryKind(match->kind).str();
  }

  /// An op within that something else needs. Slices cost nothing twice.
  static Operation *findShared(const RotaryMatch &match) {
    for (Operation *op : match.ops)
      if (op != match.root && !isa<SliceOp>(op) &&
          llvm::any_of(op->getUsers(), [&](Operation *user) {
            return !match.ops.contains(user);
          }))
        return op;
    return nullptr;
  }

  /// These columns of the value, which are equally far apart, or null.
  static Value columnsOf(OpBuilder &builder, Location location, Value value,
                         ArrayRef<int64_t> columns) {
    int64_t size = typeOf(value).getShape().back().getSize();
    int64_t count = columns.size(), start = columns[0];
    int64_t stride = count > 1 ? columns[1] - columns[0] : 1;
    if (stride < 1)
      return {};
    for (auto [number, column] : llvm::enumerate(columns))
      if (column != start + int64_t(number) * stride)
        return {};
    if (count == size)
      return value;
    // Where they are made, which may be outside of the layers.
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointAfterValue(value);
    return SliceOp::create(builder, location, value,
                           typeOf(value).getRank() - 1, start, count, stride);
  }

  /// What need not be looked at again.
  DenseSet<Operation *> done;
};

} // namespace
