//===- KernelLibrary.cpp - Every kernel of a program, once -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/KernelLibrary.h"
#include "codegen/kernels/Argmax.h"
#include "codegen/kernels/Attention.h"
#include "codegen/kernels/AttentionParts.h"
#include "codegen/kernels/Elementwise.h"
#include "codegen/kernels/FloatLinear.h"
#include "codegen/kernels/PackedGather.h"
#include "codegen/kernels/QuantizedLinear.h"
#include "codegen/kernels/TileEpilogue.h"
#include "codegen/kernels/TiledAttention.h"

using namespace mlir;
using namespace sinter;

func::FuncOp
KernelLibrary::findOrEmit(const Twine &name,
                          llvm::function_ref<func::FuncOp(StringRef)> emit) {
  SmallString<64> text;
  StringRef key = name.toStringRef(text);
  auto [entry, isNew] = kernels.try_emplace(key);
  if (isNew)
    entry->second = emit(key);
  return entry->second;
}

func::FuncOp KernelLibrary::getExternal(StringRef name,
                                        ArrayRef<Type> arguments) {
  return findOrEmit(name, [&](StringRef key) {
    return builder.declareFunction(key, arguments);
  });
}

/// The form of a contraction; says at `op` if no kernel can compute it yet.
static FailureOr<LinearForm> formOf(LinearOp op, KernelBuilder &builder,
                                    const TargetDescription &target) {
  PackedType weight = op.getWeight().getType();
  Type input = op.getInput().getType().getElementType();
  int64_t depth = weight.getLayout().getDepth();
  if (weight.getElementType().isF32() && depth == 1)
    return floatForm(builder, target);
  if (weight.getElementType().isBF16() && depth == 2)
    return brainFloatForm(builder, target, input);
  if (weight.getQuantized() && input.isF32())
    return quantizedForm(builder, target, weight);
  return op.emitOpError() << "no kernel is built yet for " << input << " by "
                          << weight;
}

/// Of an element type, as names of functions can hold it.
static std::string nameOf(Type element) {
  std::string name;
  llvm::raw_string_ostream stream(name);
  auto quantized = dyn_cast<QuantizedType>(element);
  if (!quantized) {
    stream << element;
    return name;
  }
  stream << quantized.getStorage() << '_' << quantized.getScale();
  if (quantized.getGroup())
    stream << "_group" << quantized.getGroup();
  if (quantized.getMinimum())
    stream << "_minimum";
  if (quantized.getBlock())
    stream << "_block" << quantized.getBlock();
  return name;
}

/// "_panels64", as part of a name: two layouts of one shape can stand in one
/// program.
static std::string suffixOf(PackedType weight) {
  std::string name =
      "_panels" + std::to_string(weight.getLayout().getColumns());
  if (int64_t parts = weight.getLayout().getParts(); parts > 1)
    name += "_parts" + std::to_string(parts) + "of" +
            std::to_string(weight.getSpan());
  return name;
}

static std::string nameOf(LinearOp op) {
  PackedType weight = op.getWeight().getType();
  std::string name;
  llvm::raw_string_ostream stream(name);
  stream << "linear_" << weight.getInputs() << '_' << weight.getOutputs() << '_'
         << op.getInput().getType().getElementType();
  if (op.getInput().getType().getElementType() != weight.getElementType())
    stream << "_by_" << nameOf(weight.getElementType());
  stream << suffixOf(weight);
  return name;
}

FailureOr<func::FuncOp> KernelLibrary::get(LinearOp op) {
  FailureOr<LinearForm> form = formOf(op, builder, target);
  if (failed(form))
    return failure();
  PackedType weight = op.getWeight().getType();
  return findOrEmit(nameOf(op), [&](StringRef name) {
    return emitLinear(builder, name, target, weight, *form);
  });
}

FailureOr<func::FuncOp> KernelLibrary::get(LinearGroupOp op) {
  FailureOr<LinearForm> form = formOf(op.getLinear(), builder, target);
  if (failed(form))
    return failure();
  PackedType weight = op.getLinear().getWeight().getType();
  std::string name = nameOf(op.getLinear());
  if (op.getOnTile()) {
    if (StringRef reason = op.whyNotOnTile(); !reason.empty())
      return op.emitOpError() << "no kernel is built yet: " << reason;
    addTileEpilogue(*form, op);
    int64_t number =
        regions.try_emplace(describeTileEpilogue(op), regions.size())
            .first->second;
    name += "_epilogue" + std::to_string(number);
  }
  if (op.getArgmax()) {
    addArgmax(*form);
    name += "_argmax";
  }
  return findOrEmit(name, [&](StringRef name) {
    return emitLinear(builder, name, target, weight, *form);
  });
}

func::FuncOp KernelLibrary::getQuantizeRows(PackedType weight) {
  QuantizedType type = weight.getQuantized();
  return findOrEmit("quantize_rows_" + Twine(weight.getInputs()) + "_" +
                        nameOf(type),
                    [&](StringRef name) {
                      return emitQuantizeRows(builder, name, target, weight);
                    });
}

func::FuncOp KernelLibrary::getArgmaxMerge() {
  return findOrEmit("argmax_merge", [&](StringRef name) {
    return emitArgmaxMerge(builder, name);
  });
}

FailureOr<func::FuncOp> KernelLibrary::get(PackedGatherOp op) {
  PackedType weight = op.getWeight().getType();
  return findOrEmit(
      "packed_gather_" + Twine(weight.getInputs()) + "_" +
          Twine(weight.getOutputs()) + "_" + nameOf(weight.getElementType()) +
          suffixOf(weight),
      [&](StringRef name) { return emitPackedGather(builder, name, weight); });
}

static FailureOr<AttentionShape> shapeOf(Operation *op, Type tensor,
                                         HistoryType history) {
  auto type = cast<NamedTensorType>(tensor);
  if (!type.getElementType().isF32() || !history.getElementType().isF32())
    return op->emitOpError()
           << "no kernel is built yet for " << type << " over " << history;
  return AttentionShape{type.getDim(0).getSize(), history};
}

static std::string nameOf(StringRef kind, const AttentionShape &shape) {
  return (kind + "_" + Twine(shape.queryHeads) + "_over_" +
          Twine(shape.history.getHeads()) + "_" +
          Twine(shape.history.getWidth()) + "_f32")
      .str();
}

FailureOr<func::FuncOp> KernelLibrary::get(AttentionScoresOp op) {
  FailureOr<AttentionShape> shape =
      shapeOf(op, op.getQuery().getType(), op.getKeys().getType());
  if (failed(shape))
    return failure();
  return findOrEmit(nameOf("attention_scores", *shape), [&](StringRef name) {
    return emitAttentionScores(builder, name, target, *shape);
  });
}

FailureOr<func::FuncOp> KernelLibrary::get(AttentionValuesOp op) {
  FailureOr<AttentionShape> shape =
      shapeOf(op, op.getProbability().getType(), op.getValues().getType());
  if (failed(shape))
    return failure();
  return findOrEmit(nameOf("attention_values", *shape), [&](StringRef name) {
    return emitAttentionValues(builder, name, target, *shape);
  });
}

FailureOr<func::FuncOp> KernelLibrary::get(AttentionRelativeOp op) {
  NamedTensorType table = op.getTable().getType();
  int64_t heads = table.getDim(0).getSize(), width = table.getDim(2).getSize();
  auto history = dyn_cast<HistoryType>(op.getRows().getType());
  bool ofKeys = bool(history);
  if (!ofKeys)
    history =
        HistoryType::get(op.getContext(), heads, width, table.getElementType());
  FailureOr<AttentionShape> shape = shapeOf(op, table, history);
  if (failed(shape))
    return failure();
  int64_t buckets = table.getDim(1).getSize();
  std::string name =
      nameOf(ofKeys ? "attention_relative_keys" : "attention_relative_rows",
             *shape) +
      "_" + std::to_string(buckets);
  return findOrEmit(name, [&](StringRef unique) {
    return emitAttentionRelative(builder, unique, target, *shape, buckets,
                                 ofKeys);
  });
}

/// What a kernel is made of beside its operands' types: the same text, the same
/// kernel.
static std::string textOf(AttentionOp op) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::DenseMap<Value, int64_t> numbers;
  for (BlockArgument argument : op.getBody()->getArguments()) {
    numbers[argument] = numbers.size();
    stream << argument.getType() << ' ';
  }
  for (Operation &inner : *op.getBody()) {
    stream << inner.getName() << inner.getPropertiesAsAttribute();
    for (Value operand : inner.getOperands())
      stream << " %" << numbers.lookup(operand);
    for (Value result : inner.getResults()) {
      numbers[result] = numbers.size();
      stream << ' ' << result.getType() << '\n';
    }
  }
  return text;
}

/// Of the name of a kernel that reads a history.
static StringRef suffixOf(HistoryType type) {
  if (type.isQuantized())
    return "_i8";
  return type.getElementType().isBF16() ? "_bf16" : "";
}

FailureOr<func::FuncOp> KernelLibrary::get(AttentionOp op) {
  HistoryType keys = op.getKeys().getType(), values = op.getValues().getType();
  auto isRead = [](HistoryType type) {
    return type.getElementType().isF32() || type.getElementType().isBF16() ||
           type.isQuantized();
  };
  if (!op.getType().getElementType().isF32() || !isRead(keys) ||
      !isRead(values))
    return op.emitOpError() << "no kernel is built yet for " << op.getType()
                            << " over " << keys << " and " << values;
  for (Operation &inner : op.getBody()->without_terminator())
    for (Type type :
         llvm::concat<const Type>(SmallVector<Type>(inner.getOperandTypes()),
                                  SmallVector<Type>(inner.getResultTypes())))
      if (!isVectorElement(cast<NamedTensorType>(type).getElementType()))
        return inner.emitOpError()
               << "no kernel is built yet for scores made of " << type;
  int64_t region =
      regions.try_emplace(textOf(op), regions.size()).first->second;
  std::string name =
      ("attention_" + Twine(op.getHeads()) + "_over_" + Twine(keys.getHeads()) +
       "_" + Twine(keys.getWidth()) + "_and_" + Twine(values.getHeads()) + "_" +
       Twine(values.getWidth()) + "_f32" + suffixOf(keys) + suffixOf(values) +
       (op.getRounded() ? "_pairs" : "") + "_window" +
       Twine(int64_t(op.getWindow().value_or(0))) + "_scores" + Twine(region))
          .str();
  return findOrEmit(name, [&](StringRef name) {
    return emitTiledAttention(builder, name, target, op);
  });
}

func::FuncOp KernelLibrary::getMerge(AttentionOp op) {
  std::string name = ("attention_merge_" + Twine(op.getHeads()) + "_" +
                      Twine(op.getValues().getType().getWidth()) + "_window" +
                      Twine(int64_t(op.getWindow().value_or(0))))
                         .str();
  return findOrEmit(name, [&](StringRef name) {
    return emitAttentionMerge(builder, name, target, op);
  });
}

FailureOr<func::FuncOp> KernelLibrary::get(CacheAppendOp op) {
  HistoryType history = op.getType();
  if (history.isQuantized())
    return findOrEmit("cache_append_" + Twine(history.getHeads()) + "_" +
                          Twine(history.getWidth()) + "_i8",
                      [&](StringRef name) {
                        return emitQuantizedAppend(builder, name, target,
                                                   history);
                      });
  int64_t bytes = history.getRowBytes();
  return findOrEmit("cache_append_" + Twine(bytes), [&](StringRef name) {
    return emitCacheAppend(builder, name, bytes);
  });
}
