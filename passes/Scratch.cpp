//===- Scratch.cpp - Memory within a kernel ---------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Scratch.h"
#include "ir/Quantization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/Names.h"

using namespace mlir;
using namespace sinter;

static int64_t bytesOfRows(NamedTensorType type, int64_t rows) {
  int64_t elements = type.getDim(type.getRank() - 1).getSize();
  return llvm::alignTo(
      rows * elements *
          llvm::divideCeil(type.getElementType().getIntOrFloatBitWidth(), 8),
      64);
}

GroupScratch::GroupScratch(LinearGroupOp group, int64_t rows) {
  LinearOp linear = group.getLinear();
  if (group.hasPrologue())
    input = bytesOfRows(linear.getInput().getType(), rows);
  if (group.hasRowEpilogue())
    sums = bytesOfRows(linear.getType(), rows);
  if (group.getArgmax())
    findings = llvm::alignTo(rows * 8, 64);
  quantized = quantizedRowBytes(linear, rows);
}

QuantizedRowLayout::QuantizedRowLayout(PackedType weight) {
  int64_t inputs = weight.getInputs();
  int64_t groups = weight.getQuantized().getGroupCount(inputs);
  // The last vector of numbers may be written over their end.
  constexpr int64_t widestVector = 16;
  exponents = llvm::alignTo(inputs + widestVector - 1, 64);
  offsets = exponents + 4 * groups;
  scale = offsets + 4 * groups;
  bytes = llvm::alignTo(scale + 4, 64);
  halvings = groups > 1 ? mostHalvings : 0;
}

int64_t sinter::quantizedRowBytes(LinearOp linear, int64_t rows) {
  PackedType weight = linear.getWeight().getType();
  bool roundsRows = weight.getQuantized() &&
                    linear.getInput().getType().getElementType().isF32();
  return roundsRows ? rows * QuantizedRowLayout(weight).bytes : 0;
}

AttentionParts::AttentionParts(AttentionOp op)
    : heads(op.getHeads()), valueWidth(op.getValues().getType().getWidth()) {}

int64_t AttentionParts::bytes(int64_t tokens, int64_t past) const {
  if (past <= positions)
    return 0;
  return llvm::divideCeil(past, positions) * std::min(tokens, mostTokens) *
         heads * recordElements() * sizeof(float);
}

static int64_t numberOf(Operation *op, StringRef name, int64_t absent) {
  auto attribute = op->getAttrOfType<IntegerAttr>(name);
  return attribute ? attribute.getInt() : absent;
}

PartialsPlace sinter::findPartials(AttentionOp op) {
  auto entry = op->getParentOfType<func::FuncOp>();
  auto module = op->getParentOfType<ModuleOp>();
  const int64_t tokens = numberOf(entry, maximumTokensAttribute, 1);
  PartialsPlace place;
  place.offset = numberOf(entry, partialsAttribute, -1);
  entry.walk([&](AttentionOp each) {
    const bool isOfSource =
        entry.getName() == encodeName ||
        each.getScoreType().getDim(2).isSymbol(sourcePastDimension);
    place.bytes = AttentionParts(each).bytes(
        tokens, numberOf(module,
                         isOfSource ? StringRef(sourceContextAttribute)
                                    : StringRef(contextAttribute),
                         0));
    if (each == op)
      return WalkResult::interrupt();
    if (place.offset >= 0)
      place.offset += place.bytes;
    return WalkResult::advance();
  });
  return place;
}
