//===- QuantizeWeights.cpp - Weights of few bits ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/StoredNumbers.h"
#include "passes/WeightPrecision.h"

namespace sinter {
#define GEN_PASS_DEF_QUANTIZEWEIGHTSPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

/// Where a scale would be shared by more, sums might not fit 32 bits.
static constexpr int64_t mostInputsOfGroup = 65536;

namespace {

struct QuantizeWeights
    : sinter::impl::QuantizeWeightsPassBase<QuantizeWeights> {
  using QuantizeWeightsPassBase::QuantizeWeightsPassBase;

  LogicalResult initialize(MLIRContext *context) override {
    if (failed(checkKeep(context, getArgument(), keep)))
      return failure();
    auto emit = [&] { return emitError(UnknownLoc::get(context)); };
    if (bits != 4 && bits != 8)
      return emit() << getArgument() << ": numbers of 4 or 8 bits, not "
                    << bits.getValue();
    if (scale != "bf16" && scale != "f16")
      return emit() << getArgument() << ": scales in bf16 or f16, not "
                    << scale.getValue();
    return QuantizedType::verify(
        emit, IntegerType::get(context, bits, IntegerType::Unsigned),
        scaleType(context), group, minimum);
  }

  void runOnOperation() override {
    SmallVector<LinearOp> linears;
    getOperation().walk([&](LinearOp linear) { linears.push_back(linear); });
    for (LinearOp linear : linears)
      quantize(linear);
  }

private:
  Type scaleType(MLIRContext *context) const {
    return scale == "bf16" ? Type(BFloat16Type::get(context))
                           : Type(Float16Type::get(context));
  }

  QuantizedType typeFor(int64_t inputs) {
    int64_t shared = group == 0 && inputs > mostInputsOfGroup
                         ? mostInputsOfGroup
                         : int64_t(group);
    return QuantizedType::get(
        &getContext(),
        IntegerType::get(&getContext(), bits, IntegerType::Unsigned),
        scaleType(&getContext()), shared, minimum);
  }

  /// What the checkpoint has, or, where it is rounded anew, 8 bits: they lose
  /// next to nothing.
  QuantizedType typeOf(const StoredAs &found) {
    if (found.isExact)
      return found.type;
    return QuantizedType::get(
        &getContext(),
        IntegerType::get(&getContext(), 8, IntegerType::Unsigned),
        found.type.getScale(), found.type.getGroup(), /*minimum=*/false);
  }

  /// `linear(x, pack(w))` -> `linear(x, pack(quantize(w)))`.
  void quantize(LinearOp linear) {
    auto pack = linear.getWeight().getDefiningOp<PackOp>();
    PackedType type = linear.getWeight().getType();
    if (!pack || !type.getElementType().isF32() ||
        !linear.getInput().getType().getElementType().isF32())
      return;
    if (isKept(pack.getOperand(), keep)) {
      remarkMissed(linear, "quantize-weights", "kept")
          << "the contraction stays in f32: `keep` names its weight";
      return;
    }
    std::optional<StoredAs> found;
    if (stored) {
      found = findStored(pack.getOperand());
      if (!found)
        return;
      if (!found->type) {
        remarkMissed(linear, "quantize-weights", "plain")
            << "the contraction stays in f32: a part of its weights is stored "
               "as plain numbers";
        return;
      }
    }
    QuantizedType element = found ? typeOf(*found) : typeFor(type.getInputs());
    bool isExact = found && found->isExact;
    auto packed = PackedType::get(
        &getContext(), type.getInputs(), type.getOutputs(), element,
        PanelsAttr::get(&getContext(), columns, element.getDepth()));
    OpBuilder builder(pack);
    Value numbers =
        QuantizeOp::create(builder, pack.getLoc(),
                           pack.getOperand().getType().withElementType(element),
                           pack.getOperand(), search && !isExact, isExact);
    linear.getWeightMutable().assign(
        PackOp::create(builder, pack.getLoc(), packed, numbers));
    int64_t bytes = (type.getBytes() - packed.getBytes()) * layersOf(linear);
    if (pack->use_empty())
      pack->erase();
    ++quantized;
    bytesSaved += bytes;
    remarkPassed(linear, "quantize-weights",
                 isExact ? "kept"
                 : found ? "requantized"
                         : "quantized")
        << (isExact ? "weights of the contraction keep their numbers: "
            : found ? "weights of the contraction are stored in blocks that no "
                      "kernel takes, or of several kinds, and are rounded "
                      "anew: "
                    : "weights of the contraction in ")
        << std::to_string(element.getBits()) << " bits, a scale for each "
        << (element.getGroup() ? std::to_string(element.getGroup()) + " inputs"
                               : std::string("column"))
        << ": saves " << std::to_string(bytes) << " bytes of weights";
  }
};

} // namespace
