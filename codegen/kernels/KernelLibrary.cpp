//===- KernelLibrary.cpp - Every kernel of a program, once -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/KernelLibrary.h"
#include "codegen/kernels/Attention.h"
#include "codegen/kernels/Linear.h"

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

FailureOr<func::FuncOp> KernelLibrary::get(LinearOp op) {
  PackedType weight = op.getWeight().getType();
  Type input = op.getInput().getType().getElementType();
  Type result = op.getType().getElementType();
  if (!input.isF32() || !result.isF32() || !weight.getElementType().isF32() ||
      weight.getLayout().getDepth() != 1)
    return op.emitOpError() << "no kernel is built yet for " << input << " by "
                            << weight << " to " << result;
  // Panels are part of the name: two layouts of one shape can stand in one
  // program.
  return findOrEmit(
      "linear_" + Twine(weight.getInputs()) + "_" + Twine(weight.getOutputs()) +
          "_f32_panels" + Twine(weight.getLayout().getColumns()),
      [&](StringRef name) {
        return emitLinear(builder, name, target, weight, floatForm(builder));
      });
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

FailureOr<func::FuncOp> KernelLibrary::get(CacheAppendOp op) {
  HistoryType history = op.getType();
  int64_t bytes = history.getHeads() * history.getWidth() *
                  history.getElementType().getIntOrFloatBitWidth() / 8;
  return findOrEmit("cache_append_" + Twine(bytes), [&](StringRef name) {
    return emitCacheAppend(builder, name, bytes);
  });
}
