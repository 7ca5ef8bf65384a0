//===- ArgmaxLogits.cpp - The most probable token alone ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Names.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"

namespace sinter {
#define GEN_PASS_DEF_ARGMAXLOGITSPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

/// Whether the program chooses tokens by the logits that it gives.
static bool generates(func::FuncOp function) {
  if (function.getName() != forwardName || function.isDeclaration())
    return false;
  auto head = function->getParentOfType<ModuleOp>()->getAttrOfType<StringAttr>(
      headAttribute);
  return head && (head.getValue() == "next_token" ||
                  head.getValue() == "encoder_decoder");
}

/// Why the largest of what an entry returns cannot be found while it is in
/// registers; empty if it can.
static StringRef whyNot(func::ReturnOp terminator) {
  if (terminator.getNumOperands() != 1)
    return "the entry returns more or other than logits";
  Value logits = terminator.getOperand(0);
  auto group = logits.getDefiningOp<LinearGroupOp>();
  if (!group || group->getBlock() != terminator->getBlock())
    return "the logits are not the result of a contraction and what rides on "
           "it";
  auto type = cast<NamedTensorType>(logits.getType());
  if (group.getNumResults() != 1 || !type.getElementType().isF32() ||
      type.getRank() != 2)
    return "the contraction gives more or other than one f32 for each token";
  if (!logits.hasOneUse())
    return "something else reads the logits";
  if (group.hasRowEpilogue())
    return "work behind the contraction needs whole rows of logits";
  return {};
}

namespace {

struct ArgmaxLogits : sinter::impl::ArgmaxLogitsPassBase<ArgmaxLogits> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!generates(function))
      return;
    auto terminator =
        cast<func::ReturnOp>(function.getBody().front().getTerminator());
    if (StringRef reason = whyNot(terminator); !reason.empty()) {
      remarkMissed(terminator, "argmax-logits", "greedy")
          << "greedy decoding reads all logits: " << reason;
      return;
    }
    auto group = terminator.getOperand(0).getDefiningOp<LinearGroupOp>();
    LinearGroupOp with = addArgmax(group, terminator);
    terminator->setOperands(with.getResults());
    function.setFunctionType(FunctionType::get(
        &getContext(), function.getArgumentTypes(), with.getResultTypes()));
    group.erase();
    ++found;
    auto type = cast<NamedTensorType>(with.getResult(0).getType());
    int64_t bytes = 2 * 4 * type.getDim(1).getSize();
    remarkPassed(with.getLinear(), "argmax-logits", "greedy")
        << "the largest logit is found while sums are in registers: greedy "
           "decoding neither writes nor reads logits"
        << bytesSaved(bytes, Per::token);
  }

  /// The group with `sinter.argmax` behind its work, as the last kernel:
  /// nothing waits for what threads hand to one another in it.
  static LinearGroupOp addArgmax(LinearGroupOp group, Operation *terminator) {
    OpBuilder builder(terminator);
    Operation *yield = group.getBody()->getTerminator();
    builder.setInsertionPoint(yield);
    auto argmax =
        ArgmaxOp::create(builder, group.getLoc(), yield->getOperand(0));
    yield->insertOperands(1, argmax.getResults());
    builder.setInsertionPoint(terminator);
    auto with = LinearGroupOp::create(
        builder, group.getLoc(), yield->getOperandTypes(), group.getInputs(),
        group.getOnTile(), /*placement=*/nullptr);
    with.getBodyRegion().takeBody(group.getBodyRegion());
    return with;
  }
};

} // namespace
