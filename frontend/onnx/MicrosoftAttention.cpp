//===- MicrosoftAttention.cpp - ONNX Runtime's attention -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attention with its projection, of rows, and of grouped heads with rotary
// positions:
// github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md.
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Importer.h"

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

/// ONNX Runtime's masks, as what is added to a score: one of [batch, keys] or
/// [batch, queries, keys] that is 0 where a key is hidden, or [batch] numbers
/// of keys that are there. Nothing where all are seen.
FailureOr<mlir::Value> Importer::hiddenBias(const Value &mask, Extent batch,
                                            Extent keys) {
  if (mask.isAbsent())
    return mlir::Value();
  bool isLength = mask.getRank() == 1;
  if (mask.form == Value::Uniform &&
      mask.numbers.front().integer == (isLength ? keys : Extent(1)))
    return mlir::Value();
  if (mask.kind != Kind::Integer || mask.getRank() < 1 || mask.getRank() > 3) {
    (void)fail("a mask of " + toString(ArrayRef(mask.shape)) +
               " is not supported");
    return failure();
  }
  Result given = materialize(mask);
  if (failed(given))
    return failure();
  Result seen;
  Extents shape{mask.shape[0], Extent(1), Extent(1), keys};
  if (isLength) {
    // [3 batch + 2] and [2 batch] are other things again.
    if (mask.shape[0] != batch) {
      (void)fail("a mask of " + toString(ArrayRef(mask.shape)) +
                 " is not supported: expected a length for each of " +
                 batch.toString() + " sequences");
      return failure();
    }
    Result length = reshape(*given, {batch, Extent(1), Extent(1), Extent(1)});
    Result numbers =
        reshape(iota(keys), {Extent(1), Extent(1), Extent(1), keys});
    if (failed(length) || failed(numbers))
      return failure();
    seen = compare(ComparePredicate::lt, *numbers, *length);
  } else {
    if (mask.getRank() == 3)
      shape[2] = mask.shape[1];
    if (mask.shape.back() != keys) {
      (void)fail("a mask of " + toString(ArrayRef(mask.shape)) + " for " +
                 keys.toString() + " keys is not supported");
      return failure();
    }
    Result spread = reshape(*given, shape);
    if (failed(spread))
      return failure();
    seen = compare(ComparePredicate::gt, *spread, constant(0, Kind::Integer));
  }
  if (failed(seen))
    return failure();
  return select(*seen, constant(0),
                constant(node->real("mask_filter_value", -10000)));
}

/// Adds what a mask and a bias add to scores; false where they cannot be.
LogicalResult Importer::addBiases(AttentionParts &parts, const Value &mask,
                                  const Value &bias) {
  FailureOr<mlir::Value> hidden =
      hiddenBias(mask, wrap(parts.keys).shape[0], wrap(parts.keys).shape[2]);
  if (failed(hidden))
    return failure();
  parts.bias = *hidden;
  if (bias.isAbsent())
    return success();
  Result added = operand(bias);
  if (succeeded(added) && parts.bias)
    added = binary<AddOp>(parts.bias, *added);
  if (failed(added))
    return failure();
  parts.bias = *added;
  return success();
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

/// Self-attention with a fused projection of queries, keys and values.
LogicalResult Importer::importMicrosoftAttention() {
  if (failed(checkInputs(2)))
    return failure();
  int64_t heads = node->integer("num_heads", 0);
  if (node->integer("do_rotary", 0) != 0)
    return fail("rotary positions (do_rotary) are not supported");
  Result input = materialize(in(0)), weight = materialize(in(1));
  if (failed(input) || failed(weight))
    return failure();
  if (in(0).getRank() != 3 || in(1).getRank() != 2 ||
      !in(1).shape[1].isStatic())
    return fail("expected an input of three axes and a weight of two");
  Result joined = matmul(*input, *weight);
  if (succeeded(joined))
    joined = addIfThere(*joined, in(2));
  if (failed(joined))
    return failure();
  std::vector<int64_t> widths(3, in(1).shape[1].getStatic() / 3);
  if (const Attribute *sizes = node->find("qkv_hidden_sizes"))
    widths = sizes->integers;
  if (widths.size() != 3)
    return fail("its qkv_hidden_sizes are not three");
  SmallVector<mlir::Value> split;
  int64_t start = 0;
  for (int64_t width : widths) {
    Result part = slice(*joined, 2, start, width, 1);
    if (succeeded(part))
      part = splitHeads(*part, heads);
    if (failed(part))
      return failure();
    split.push_back(*part);
    start += width;
  }
  AttentionParts parts{split[0], split[1], split[2]};
  if (failed(joinPackedPast(parts)))
    return failure();
  parts.scale = node->real("scale", 0);
  parts.isCausal = node->integer("unidirectional", 0) != 0;
  if (failed(addBiases(parts, in(3), in(5))))
    return failure();
  Result result = attend(parts);
  return set(0, failed(result) ? result : mergeHeads(*result));
}

/// `past` and `present` hold keys and values one behind the other: [2, batch,
/// heads, length, width].
LogicalResult Importer::joinPackedPast(AttentionParts &parts) {
  const Value &past = in(4);
  bool isThere = !past.isAbsent() && past.getNumElements() != 0;
  Result whole = isThere ? materialize(past) : Result(mlir::Value());
  if (failed(whole))
    return failure();
  if (isThere && past.getRank() != 5)
    return fail("its past is not one of keys and values");
  SmallVector<mlir::Value> present;
  mlir::Value *halves[] = {&parts.keys, &parts.values};
  for (auto [number, part] : llvm::enumerate(halves)) {
    if (isThere) {
      Result half = slice(*whole, 0, number, 1, 1);
      if (succeeded(half))
        half = reshape(*half, ArrayRef(past.shape).drop_front());
      if (succeeded(half))
        half = concat({*half, *part}, 2);
      if (failed(half))
        return failure();
      *part = *half;
    }
    Extents shape = wrap(*part).shape;
    shape.insert(shape.begin(), Extent(1));
    Result spread = reshape(*part, shape);
    if (failed(spread))
      return failure();
    present.push_back(*spread);
  }
  if (node->outputs.size() < 2 || node->outputs[1].empty() ||
      wrap(parts.keys).shape != wrap(parts.values).shape)
    return success();
  return set(1, concat(present, 0));
}

/// Attention of queries, keys and values that are projected before.
LogicalResult Importer::importMultiHeadAttention() {
  int64_t heads = node->integer("num_heads", 0);
  if (has(9) || !has(0) || !has(1) || !has(2))
    return fail("queries, keys and values in one input and a "
                "cache_indirection are not supported");
  SmallVector<mlir::Value> split;
  for (size_t i = 0; i < 3; ++i)
    if (failed(splitPart(split, i, heads)))
      return failure();
  AttentionParts parts{split[0], split[1], split[2]};
  if (failed(joinPasts(parts, in(6), in(7))))
    return failure();
  parts.scale = node->real("scale", 0);
  parts.isCausal = node->integer("unidirectional", 0) != 0;
  if (failed(addBiases(parts, in(4), in(5))))
    return failure();
  Result result = attend(parts);
  return set(0, failed(result) ? result : mergeHeads(*result));
}

/// Queries, keys or values of an input of rows, with their part of the bias; of
/// another attention's source they are in heads already, and had it added.
LogicalResult Importer::splitPart(SmallVectorImpl<mlir::Value> &split,
                                  size_t index, int64_t heads) {
  Result part = materialize(in(index));
  if (failed(part))
    return failure();
  if (in(index).getRank() == 4) {
    split.push_back(*part);
    return success();
  }
  if (has(3) && in(index).getRank() == 3) {
    int64_t start = 0;
    for (size_t i = 0; i < index; ++i) {
      const Extent &width = in(i).shape.back();
      // Keys in heads: [batch, heads, length, width].
      start += (in(i).getRank() == 4 ? heads : 1) *
               (width.isStatic() ? width.getStatic() : 0);
    }
    const Extent &width = in(index).shape.back();
    Result bias = materialize(in(3));
    if (succeeded(bias))
      bias =
          slice(*bias, 0, start, width.isStatic() ? width.getStatic() : 0, 1);
    part = failed(bias) ? bias : binary<AddOp>(*part, *bias);
  }
  part = failed(part) ? part : splitHeads(*part, heads);
  if (failed(part))
    return failure();
  split.push_back(*part);
  return success();
}

/// Causal attention of grouped heads, as ONNX Runtime's model builder writes
/// it. Lengths beside the past are those of whole sequences.
LogicalResult Importer::importGroupQueryAttention() {
  if (failed(checkInputs(1)))
    return failure();
  int64_t heads = node->integer("num_heads", 0);
  int64_t groups = node->integer("kv_num_heads", 0);
  if (has(11) || node->integer("smooth_softmax", 0) != 0)
    return fail("attention with a sink is not supported");
  if (in(5).form == Value::Tensor)
    return fail("lengths that depend on the input are not supported");
  if (heads < 1 || groups < 1)
    return fail("it has no num_heads, or no kv_num_heads");
  Result joined = materialize(in(0));
  if (failed(joined))
    return failure();
  SmallVector<mlir::Value> split;
  if (has(1) && has(2)) {
    for (size_t i = 0; i < 3; ++i) {
      Result part = materialize(in(i));
      part = failed(part) ? part : splitHeads(*part, i == 0 ? heads : groups);
      if (failed(part))
        return failure();
      split.push_back(*part);
    }
  } else {
    const Extent &width = in(0).shape.back();
    int64_t size =
        width.isStatic() ? width.getStatic() / (heads + 2 * groups) : 0;
    int64_t start = 0;
    for (int64_t count : {heads, groups, groups}) {
      Result part = slice(*joined, in(0).getRank() - 1, start, count * size, 1);
      part = failed(part) ? part : splitHeads(*part, count);
      if (failed(part))
        return failure();
      split.push_back(*part);
      start += count * size;
    }
  }
  if (node->integer("do_rotary", 0) != 0) {
    Rotation rotation{in(7), in(8), in(9),
                      node->integer("rotary_interleaved", 0) != 0};
    if (rotation.cosines.isAbsent() || rotation.sines.isAbsent())
      return fail("rotary positions need their cosines and sines");
    for (mlir::Value &part : MutableArrayRef(split).drop_back()) {
      Result turned = rotate(part, rotation);
      if (failed(turned))
        return failure();
      part = *turned;
    }
  }
  AttentionParts parts{split[0], split[1], split[2]};
  if (failed(joinPasts(parts, in(3), in(4))))
    return failure();
  parts.scale = node->real("scale", 0);
  parts.cap = node->real("softcap", 0);
  parts.isCausal = true;
  parts.window = node->integer("local_window_size", -1);
  if (failed(addBiases(parts, Value(), in(10))))
    return failure();
  Result result = attend(parts);
  return set(0, failed(result) ? result : mergeHeads(*result));
}
