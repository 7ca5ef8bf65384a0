//===- WeightPrecision.cpp - Which weights keep their precision ---*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/WeightPrecision.h"
#include "llvm/Support/Regex.h"

using namespace mlir;
using namespace sinter;

LogicalResult sinter::checkKeep(MLIRContext *context, StringRef pass,
                                StringRef keep) {
  std::string problem;
  if (!keep.empty() && !llvm::Regex(keep).isValid(problem))
    return emitError(UnknownLoc::get(context))
           << pass << ": '" << keep
           << "' is no regular expression: " << problem;
  return success();
}

/// The names of the weights that a value is made of, one a line.
static std::string namesOf(Value value) {
  llvm::SetVector<Operation *> ops;
  if (Operation *op = value.getDefiningOp())
    ops.insert(op);
  std::string names;
  for (size_t next = 0; next < ops.size(); ++next) {
    if (auto weight = dyn_cast<WeightOp>(ops[next]))
      names += weight.getLabel() + "\n";
    for (Value operand : ops[next]->getOperands())
      if (Operation *op = operand.getDefiningOp())
        ops.insert(op);
  }
  return names;
}

bool sinter::isKept(Value value, StringRef keep) {
  return !keep.empty() && llvm::Regex(keep).match(namesOf(value));
}

Value sinter::roundToBrainFloat(Value value) {
  auto type = cast<NamedTensorType>(value.getType());
  OpBuilder builder(value.getContext());
  NamedTensorType brain = type.withElementType(builder.getBF16Type());
  for (Operation *user : value.getUsers())
    if (auto convert = dyn_cast<ConvertOp>(user);
        convert && convert.getType() == brain &&
        convert->getBlock() == value.getParentBlock())
      return convert;
  builder.setInsertionPointAfterValue(value);
  return ConvertOp::create(builder, value.getLoc(), brain, value);
}

int64_t sinter::layersOf(Operation *op) {
  auto repeat = op->getParentOfType<RepeatOp>();
  return repeat ? repeat.getTotalCount() : 1;
}
