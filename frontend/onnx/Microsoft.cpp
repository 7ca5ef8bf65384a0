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
