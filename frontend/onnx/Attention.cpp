//===- Attention.cpp - Attention and rotary positions -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Four operations say attention in one node: ONNX's own (opset 23) and three of
// ONNX Runtime (github.com/microsoft/onnxruntime/blob/main/docs/
// ContribOperators.md), which its optimizer and model builder write. All are
// taken apart into products and a softmax, which `fuse-attention` finds as it
// does in a graph of small operations.
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Importer.h"
#include <cmath>

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

static constexpr double infinity = std::numeric_limits<double>::infinity();

//===----------------------------------------------------------------------===//
// Heads
//===----------------------------------------------------------------------===//

/// [B, T, heads * D] as [B, heads, T, D].
Importer::Result Importer::splitHeads(mlir::Value rows, int64_t heads) {
  Extents shape = wrap(rows).shape;
  if (shape.size() != 3 || !shape[2].isStatic() || heads < 1 ||
      shape[2].getStatic() % heads != 0)
    return fail(toString(ArrayRef(shape)) + " is not rows of " + Twine(heads) +
                " heads");
  Result split = reshape(rows, {shape[0], shape[1], Extent(heads),
                                Extent(shape[2].getStatic() / heads)});
  return failed(split) ? split : transpose(*split, {0, 2, 1, 3});
}

/// [B, heads, T, D] as [B, T, heads * D].
Importer::Result Importer::mergeHeads(mlir::Value heads) {
  Extents shape = wrap(heads).shape;
  std::optional<Extent> width = shape[1].times(shape[3]);
  Result rows = transpose(heads, {0, 2, 1, 3});
  return failed(rows) || !width ? rows
                                : reshape(*rows, {shape[0], shape[2], *width});
}

/// [B, heads, T, D] for as many heads as queries have: consecutive ones share.
Importer::Result Importer::shareHeads(mlir::Value heads, Extent wanted) {
  Extents shape = wrap(heads).shape;
  if (shape[1] == wanted)
    return heads;
  if (!shape[1].isStatic() || !wanted.isStatic() ||
      wanted.getStatic() % shape[1].getStatic() != 0)
    return fail(wanted.toString() + " heads of queries cannot share " +
                shape[1].toString() + " of keys and values");
  Extent group(wanted.getStatic() / shape[1].getStatic());
  Result spread =
      reshape(heads, {shape[0], shape[1], Extent(1), shape[2], shape[3]});
  if (succeeded(spread))
    spread =
        broadcastTo(*spread, {shape[0], shape[1], group, shape[2], shape[3]});
  return failed(spread)
             ? spread
             : reshape(*spread, {shape[0], wanted, shape[2], shape[3]});
}

/// Keys or values of the past, then these.
Importer::Result Importer::joinPast(const Value &past, mlir::Value present) {
  if (past.isAbsent() || past.getNumElements() == 0)
    return present;
  Result before = materialize(past);
  return failed(before) ? before : concat({*before, present}, 2);
}

/// The same of both, which are the node's second and third outputs.
LogicalResult Importer::joinPasts(AttentionParts &parts, const Value &keys,
                                  const Value &values) {
  Result allKeys = joinPast(keys, parts.keys);
  Result allValues = joinPast(values, parts.values);
  if (failed(allKeys) || failed(allValues))
    return failure();
  parts.keys = *allKeys, parts.values = *allValues;
  return success(succeeded(set(1, wrap(*allKeys))) &&
                 succeeded(set(2, wrap(*allValues))));
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

Importer::Result Importer::attend(const AttentionParts &parts) {
  for (mlir::Value part : {parts.queries, parts.keys, parts.values})
    if (wrap(part).getRank() != 4 || wrap(part).kind != Kind::Float)
      return fail("its queries, keys and values are not [batch, heads, length, "
                  "width] of floats");
  Extents queries = wrap(parts.queries).shape, keys = wrap(parts.keys).shape;
  Result shared = shareHeads(parts.keys, queries[1]);
  Result values = shareHeads(parts.values, queries[1]);
  if (failed(shared) || failed(values))
    return failure();
  Result scores = matmul(parts.queries, *transpose(*shared, {0, 1, 3, 2}));
  if (failed(scores) || !queries[3].isStatic())
    return failure();
  double scale = parts.scale != 0
                     ? parts.scale
                     : 1 / std::sqrt(double(queries[3].getStatic()));
  scores = binary<MulOp>(*scores, constant(scale));
  if (parts.cap != 0 && !parts.isBiasCapped)
    scores = capped(*scores, parts.cap);
  if (succeeded(scores) && parts.bias)
    scores = binary<AddOp>(*scores, parts.bias);
  if (succeeded(scores) && parts.seen)
    scores = select(parts.seen, *scores, constant(-infinity));
  if (succeeded(scores) && parts.isCausal) {
    Extent before = keys[2] - queries[2];
    if (!before.isStatic())
      return fail("a past of " + before.toString() +
                  " positions is not supported");
    scores = select(triangle(queries[2], keys[2], before.getStatic()), *scores,
                    constant(-infinity));
    if (succeeded(scores) && parts.window > 0)
      scores = select(
          triangle(queries[2], keys[2], before.getStatic() - parts.window),
          constant(-infinity), *scores);
  }
  if (succeeded(scores) && parts.cap != 0 && parts.isBiasCapped)
    scores = capped(*scores, parts.cap);
  Result weights = failed(scores) ? scores : softmax(*scores, 3);
  return failed(weights) ? weights : matmul(*weights, *values);
}

/// cap * tanh(x / cap), Bello et al. 2016.
Importer::Result Importer::capped(mlir::Value scores, double cap) {
  Result inner = binary<DivOp>(scores, constant(cap));
  return binary<MulOp>(unary<TanhOp>(*inner), constant(cap));
}

//===----------------------------------------------------------------------===//
// ONNX's own
//===----------------------------------------------------------------------===//

LogicalResult Importer::importAttention() {
  if (!node->domain.empty())
    return importMicrosoftAttention();
  if (failed(checkInputs(3)))
    return failure();
  bool isRows = in(0).getRank() == 3;
  SmallVector<mlir::Value> split;
  for (size_t i = 0; i < 3; ++i) {
    Result part = materialize(in(i));
    if (succeeded(part) && isRows)
      part = splitHeads(
          *part, node->integer(i == 0 ? "q_num_heads" : "kv_num_heads", 0));
    if (failed(part))
      return failure();
    split.push_back(*part);
  }
  AttentionParts parts{split[0], split[1], split[2]};
  if (wrap(parts.keys).getRank() != 4 || wrap(parts.values).getRank() != 4)
    return fail("its keys and values do not go with its queries");
  if (failed(joinPasts(parts, in(4), in(5))))
    return failure();
  if (has(6) || (node->outputs.size() > 3 && !node->outputs[3].empty()))
    return fail("nonpad_kv_seqlen and qk_matmul_output are not supported");
  parts.scale = node->real("scale", 0);
  parts.cap = node->real("softcap", 0);
  parts.isBiasCapped = true;
  parts.isCausal = node->integer("is_causal", 0) != 0;
  bool isAllSeen = in(3).kind == Kind::Truth && in(3).isOneNumber() &&
                   in(3).numbers.front().integer == Extent(1);
  if (has(3) && !isAllSeen) {
    Result mask = operand(in(3));
    if (failed(mask))
      return failure();
    (in(3).kind == Kind::Truth ? parts.seen : parts.bias) = *mask;
  }
  Result result = attend(parts);
  return set(0, failed(result) || !isRows ? result : mergeHeads(*result));
}
