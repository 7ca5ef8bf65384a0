//===- Microsoft.cpp - Fused operations of ONNX Runtime -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md. Its
// optimizer fuses what exporters write; here they are taken apart again into
// what they compute, so that passes see one kind of graph.
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Importer.h"
#include <cmath>

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

//===----------------------------------------------------------------------===//
// Normalizations
//===----------------------------------------------------------------------===//

LogicalResult Importer::importSimplifiedLayerNormalization() {
  return importRMSNormalization();
}

LogicalResult Importer::importSkipLayerNormalization() {
  if (failed(checkInputs(3)))
    return failure();
  Result tensor = materialize(in(0));
  if (succeeded(tensor))
    tensor = addIfThere(*tensor, in(1));
  if (succeeded(tensor))
    tensor = addIfThere(*tensor, in(4));
  if (failed(tensor) || failed(set(3, wrap(*tensor))))
    return failure();
  return set(0, normalize(*tensor, in(0).getRank() - 1,
                          node->real("epsilon", 1e-12), true, in(2), in(3)));
}

LogicalResult Importer::importSkipSimplifiedLayerNormalization() {
  if (failed(checkInputs(3)))
    return failure();
  Result tensor = materialize(in(0));
  if (succeeded(tensor))
    tensor = addIfThere(*tensor, in(1));
  if (succeeded(tensor))
    tensor = addIfThere(*tensor, in(3));
  if (failed(tensor) || failed(set(3, wrap(*tensor))))
    return failure();
  return set(0, normalize(*tensor, in(0).getRank() - 1,
                          node->real("epsilon", 1e-12), false, in(2), Value()));
}

/// Words, positions and segments, normalized together.
LogicalResult Importer::importEmbedLayerNormalization() {
  if (failed(checkInputs(1)))
    return failure();
  if (!has(2) || !has(3) || !has(5) || !has(6))
    return fail("it needs tables of words and positions, a gain and a bias");
  Result words = materialize(in(2)), tokens = materialize(in(0));
  if (failed(words) || failed(tokens) || in(0).getRank() != 2)
    return failed(words) || failed(tokens) ? failure()
                                           : fail("its tokens are no matrix");
  Result sum = gather(*words, *tokens);
  Result places = materialize(in(3));
  if (failed(sum) || failed(places))
    return failure();
  mlir::Value numbers = iota(in(0).shape[1]);
  if (has(8)) {
    Result given = materialize(in(8));
    if (failed(given))
      return failure();
    numbers = *given;
  }
  Result positions = gather(*places, numbers);
  sum = failed(positions) ? positions : binary<AddOp>(*sum, *positions);
  if (failed(sum))
    return failure();
  if (has(1) && has(4)) {
    Result segments = materialize(in(1)), table = materialize(in(4));
    if (failed(segments) || failed(table))
      return failure();
    Result segment = gather(*table, *segments);
    sum = failed(segment) ? segment : binary<AddOp>(*sum, *segment);
    if (failed(sum))
      return failure();
  }
  if (failed(set(2, wrap(*sum))))
    return failure();
  return set(0, normalize(*sum, wrap(*sum).getRank() - 1,
                          node->real("epsilon", 1e-12), true, in(5), in(6)));
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

LogicalResult Importer::importFastGelu() {
  if (failed(checkInputs(1)))
    return failure();
  Result tensor = materialize(in(0));
  if (succeeded(tensor))
    tensor = addIfThere(*tensor, in(1));
  return failed(tensor) ? failure() : set(0, tanhGelu(*tensor));
}

LogicalResult Importer::importBiasGelu() {
  if (failed(checkInputs(2)))
    return failure();
  Result tensor = materialize(in(0));
  if (succeeded(tensor))
    tensor = addIfThere(*tensor, in(1));
  return failed(tensor) ? failure() : set(0, gelu(*tensor));
}

LogicalResult Importer::importQuickGelu() {
  if (failed(checkInputs(1)))
    return failure();
  Result tensor = materialize(in(0));
  if (failed(tensor))
    return failure();
  mlir::Value scaled =
      binary<MulOp>(*tensor, constant(node->real("alpha", 1.702)))
          .value_or(nullptr);
  if (!scaled)
    return failure();
  return set(0, binary<MulOp>(*tensor, *sigmoid(scaled)));
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

LogicalResult Importer::importFusedMatMul() {
  if (failed(checkInputs(2)))
    return failure();
  if (node->integer("transBatchA", 0) != 0 ||
      node->integer("transBatchB", 0) != 0)
    return fail("transBatchA and transBatchB are not supported");
  auto side = [&](size_t index, const char *flag) -> Result {
    Result tensor = materialize(in(index));
    if (failed(tensor) || node->integer(flag, 0) == 0)
      return tensor;
    SmallVector<int64_t> order;
    for (int64_t i = 0; i < in(index).getRank(); ++i)
      order.push_back(i);
    if (order.size() < 2)
      return tensor;
    std::swap(order[order.size() - 1], order[order.size() - 2]);
    return transpose(*tensor, order);
  };
  Result lhs = side(0, "transA"), rhs = side(1, "transB");
  Result product =
      failed(lhs) || failed(rhs) ? Result(failure()) : matmul(*lhs, *rhs);
  double alpha = node->real("alpha", 1);
  if (succeeded(product) && alpha != 1)
    product = binary<MulOp>(*product, constant(alpha));
  return set(0, product);
}

/// Self-attention with a fused projection of queries, keys and values.
LogicalResult Importer::importAttention() {
  if (node->domain.empty())
    return fail("this operation is not supported");
  if (failed(checkInputs(2)))
    return failure();
  const Attribute *sizes = node->find("qkv_hidden_sizes");
  int64_t heads = node->integer("num_heads", 0);
  if (has(4) || has(5) || node->integer("do_rotary", 0) != 0 || sizes)
    return fail("a past, an additive bias, rotary positions and "
                "qkv_hidden_sizes are not supported");
  // All ones: who is there is seen by all.
  if (has(3) && !(in(3).form == Value::Uniform &&
                  in(3).numbers.front().integer == Extent(1)))
    return fail("a mask that depends on the input is not supported");
  Result input = materialize(in(0)), weight = materialize(in(1));
  if (failed(input) || failed(weight))
    return failure();
  Extents shape = in(0).shape, columns = in(1).shape;
  if (shape.size() != 3 || columns.size() != 2 || !columns[1].isStatic() ||
      heads < 1 || columns[1].getStatic() % (3 * heads) != 0)
    return fail("expected an input of three axes and a weight of three times "
                "num_heads heads");
  Result joined = matmul(*input, *weight);
  if (succeeded(joined))
    joined = addIfThere(*joined, in(2));
  if (failed(joined))
    return failure();
  int64_t width = columns[1].getStatic() / 3, head = width / heads;
  SmallVector<mlir::Value> parts; // [B, H, T, D]
  for (int64_t i = 0; i < 3; ++i) {
    Result part = slice(*joined, 2, i * width, width, 1);
    if (succeeded(part))
      part = reshape(*part, {shape[0], shape[1], Extent(heads), Extent(head)});
    if (succeeded(part))
      part = transpose(*part, {0, 2, 1, 3});
    if (failed(part))
      return failure();
    parts.push_back(*part);
  }
  Result keys = transpose(parts[1], {0, 1, 3, 2});
  Result scores = matmul(parts[0], *keys);
  if (failed(scores))
    return failure();
  double scale = node->real("scale", 0);
  scores = binary<MulOp>(
      *scores, constant(scale != 0 ? scale : 1 / std::sqrt(double(head))));
  if (node->integer("unidirectional", 0) != 0)
    scores = select(triangle(shape[1], shape[1], 0), *scores,
                    constant(-std::numeric_limits<double>::infinity()));
  Result weights = failed(scores) ? scores : softmax(*scores, 3);
  Result result = failed(weights) ? weights : matmul(*weights, parts[2]);
  if (succeeded(result))
    result = transpose(*result, {0, 2, 1, 3});
  return set(0, failed(result)
                    ? result
                    : reshape(*result, {shape[0], shape[1], Extent(width)}));
}
