//===- QuantizeWeights.cpp - Weights of few bits ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Entry.h"
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
        scaleType(context), group, minimum, /*block=*/0);
  }

  void runOnOperation() override {
    SmallVector<LinearOp> linears;
    getOperation().walk([&](LinearOp linear) { linears.push_back(linear); });
    for (LinearOp linear : linears)
      quantize(linear);
    if (!tables)
      return;
    SmallVector<GatherOp> gathers(getOperation().getOps<GatherOp>());
    for (GatherOp gather : gathers)
      quantize(gather);
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
    constexpr int64_t leastGroup = 32;
    return QuantizedType::get(&getContext(), /*bits=*/8, found.type.getScale(),
                              std::max(leastGroup, found.type.getGroup()),
                              /*minimum=*/false, /*block=*/0);
  }

  /// What the checkpoint has, as kernels take it: nothing is lost but of
  /// blocks.
  std::optional<StoredAs> findTaken(Value matrix) {
    std::optional<StoredAs> found = findStored(matrix);
    if (blocks || !found || !found->type)
      return found;
    QuantizedType type = found->type;
    if (type.getBlock())
      found->isExact = false;
    else if (type.getBits() != 4)
      found->type =
          QuantizedType::get(&getContext(), /*bits=*/8, type.getScale(),
                             type.getGroup(), type.getMinimum(), /*block=*/0);
    return found;
  }

  /// `pack(quantize(w))`, where the builder stands.
  PackOp quantize(OpBuilder &builder, Location location, Value matrix,
                  const std::optional<StoredAs> &found = std::nullopt) {
    auto type = cast<NamedTensorType>(matrix.getType());
    int64_t inputs = type.getDim(0).getSize();
    QuantizedType element = found ? typeOf(*found) : typeFor(inputs);
    bool isExact = found && found->isExact;
    bool searches = search && !isExact;
    Value numbers = QuantizeOp::create(
        builder, location, type.withElementType(element), matrix,
        searches ? importanceOf(builder, matrix) : Value(), searches, isExact);
    auto packed = PackedType::get(
        &getContext(), inputs, type.getDim(1).getSize(), element,
        PanelsAttr::get(&getContext(), columns, element.getDepth()));
    return PackOp::create(builder, location, packed, numbers);
  }

  /// The mean squares of what a matrix is multiplied with, where they are known
  /// of its weight, or of the first of several that stand side by side: they
  /// have the same inputs.
  Value importanceOf(OpBuilder &builder, Value matrix) {
    auto known = getOperation()
                     ->getParentOfType<ModuleOp>()
                     ->getAttrOfType<DictionaryAttr>(calibratedAttribute);
    WeightOp weight = firstMatrix(matrix);
    if (!known || !weight)
      return {};
    auto type = cast<NamedTensorType>(matrix.getType());
    Attribute inputs = builder.getI64IntegerAttr(type.getDim(0).getSize());
    for (int64_t layer = 0; layer < weight.getLayerCount(); ++layer) {
      std::string name = llvm::cantFail(weight.getNameAt(layer));
      if (known.get(name) != inputs)
        return {};
    }
    auto named = [&](Attribute name) -> Attribute {
      return builder.getStringAttr(cast<StringAttr>(name).getValue() +
                                   meanSquareSuffix);
    };
    Attribute name = weight.getName();
    if (auto list = dyn_cast<ArrayAttr>(name))
      name = builder.getArrayAttr(llvm::map_to_vector(list, named));
    else
      name = named(name);
    return WeightOp::create(
        builder, weight.getLoc(),
        NamedTensorType::get({type.getDim(0)}, builder.getF32Type()), name,
        weight.getLayer(), StoredAttr());
  }

  static WeightOp firstMatrix(Value value) {
    Operation *op = value.getDefiningOp();
    if (auto weight = dyn_cast_or_null<WeightOp>(op))
      return cast<NamedTensorType>(weight.getType()).getRank() == 2
                 ? weight
                 : WeightOp();
    if (op)
      for (Value operand : op->getOperands())
        if (WeightOp weight = firstMatrix(operand))
          return weight;
    return {};
  }

  void say(Operation *op, StringRef name, StringRef what, PackedType type,
           int64_t bytes) {
    QuantizedType element = type.getQuantized();
    std::string shared = "column";
    if (int64_t group = element.getGroup())
      shared = std::to_string(group) + " inputs";
    if (int64_t block = element.getBlock())
      shared += ", in blocks of " + std::to_string(block);
    ++quantized;
    bytesSaved += bytes;
    remarkPassed(op, "quantize-weights", name)
        << what << std::to_string(element.getBits())
        << " bits, a scale for each " << shared
        << (bytes < 0 ? ": adds " : ": saves ")
        << std::to_string(std::abs(bytes)) << " bytes of weights";
  }

  /// What happens to numbers that the checkpoint has.
  static StringRef fateOf(const StoredAs &found) {
    if (!found.isExact)
      return "are stored in blocks that no one type holds, or no kernel of "
             "the machine takes, or not along their inputs, and are rounded "
             "anew: ";
    return found.isMixed ? "keep their numbers, which are stored in several "
                           "types, in one that holds them all: "
                         : "keep their numbers: ";
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
      found = findTaken(pack.getOperand());
      if (!found)
        return;
      if (!found->type) {
        remarkMissed(linear, "quantize-weights", "plain")
            << "the contraction stays in f32: a part of its weights is stored "
               "as plain numbers";
        return;
      }
    }
    OpBuilder builder(pack);
    PackOp packed = quantize(builder, pack.getLoc(), pack.getOperand(), found);
    linear.getWeightMutable().assign(packed);
    if (roundInputs)
      linear.getInputMutable().assign(roundToBrainFloat(linear.getInput()));
    if (pack->use_empty())
      pack->erase();
    PackedType now = packed.getType();
    bool isExact = found && found->isExact;
    say(linear,
        isExact ? "kept"
        : found ? "requantized"
                : "quantized",
        ("weights of the contraction " +
         (found ? fateOf(*found) : StringRef("in ")))
            .str(),
        now, (type.getBytes() - now.getBytes()) * layersOf(linear));
  }

  /// `gather(w)[token]` ->
  /// `packed_gather(pack(quantize(transpose(w))))[token]`.
  void quantize(GatherOp gather) {
    NamedTensorType table = gather.getTable().getType();
    if (!table.getElementType().isF32() || table.getRank() != 2 ||
        !table.hasStaticShape() || !dependsOnWeightsOnly(gather.getTable()) ||
        !isInput(gather.getIndex(), {"token", "source"}))
      return;
    if (isKept(gather.getTable(), keep)) {
      remarkMissed(gather, "quantize-weights", "kept")
          << "the table stays in f32: `keep` names its weight";
      return;
    }
    OpBuilder builder(gather);
    auto matrix = TransposeOp::create(
        builder, gather.getLoc(), gather.getTable(), ArrayRef<int64_t>{1, 0});
    std::optional<StoredAs> found;
    if (stored) {
      // What would be rounded anew, or is plain in part, is left alone: rows of
      // a table are few.
      found = findTaken(matrix);
      if (!found || !found->type || !found->isExact) {
        matrix->erase();
        return;
      }
    }
    PackOp packed = quantize(builder, gather.getLoc(), matrix, found);
    auto rows = PackedGatherOp::create(builder, gather.getLoc(), packed,
                                       gather.getIndex());
    gather.replaceAllUsesWith(rows.getResult());
    gather->erase();
    say(rows, found ? "kept" : "quantized",
        found ? "rows of the table that tokens are looked up in keep their "
                "numbers: "
              : "the table that rows of tokens are taken from in ",
        packed.getType(),
        4 * table.getNumElements() - packed.getType().getBytes());
  }

  /// Whether `value` is an input of the entry with one of the names.
  static bool isInput(Value value, ArrayRef<StringRef> names) {
    auto function = value.getParentRegion()->getParentOfType<func::FuncOp>();
    return llvm::any_of(names, [&](StringRef name) {
      return function && findInput(function, name) == value;
    });
  }
};

} // namespace
