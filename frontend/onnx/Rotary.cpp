//===- Rotary.cpp - Rotary positions -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Su et al. 2021, as ONNX (opset 23) and ONNX Runtime say it in one node.
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Importer.h"

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

/// The first elements of each head, [B, H, T, D], turned by their position.
Importer::Result Importer::rotate(mlir::Value heads, const Rotation &rotation) {
  Extents shape = wrap(heads).shape;
  // A row of cosines for each position, [B or 1, 1, T, half].
  auto angles = [&](const Value &table) -> Result {
    Result rows = materialize(table);
    if (failed(rows) || table.getRank() == 3)
      return failed(rows) ? rows
                          : reshape(*rows, {table.shape[0], Extent(1),
                                            table.shape[1], table.shape[2]});
    if (table.getRank() != 2)
      return fail("its cosines and sines are no tables");
    Value places = rotation.positions;
    bool counts = places.isAbsent() ||
                  (places.isOneNumber() && places.getNumElements() == 1 &&
                   places.numbers.front().integer == Extent(0));
    if (counts)
      places = counting({Extent(1), shape[2]}, 1, Extent(0), 1);
    Result numbers = materialize(places);
    if (failed(numbers))
      return failure();
    Result taken = gather(*rows, *numbers);
    if (failed(taken))
      return failure();
    if (wrap(*taken).getRank() != 3)
      return fail("its positions are no matrix");
    Extents sizes = wrap(*taken).shape;
    return reshape(*taken, {sizes[0], Extent(1), sizes[1], sizes[2]});
  };
  Result cosine = angles(rotation.cosines), sine = angles(rotation.sines);
  if (failed(cosine) || failed(sine))
    return failure();
  Extent half = wrap(*cosine).shape[3];
  if (!half.isStatic() || !shape[3].isStatic() ||
      2 * half.getStatic() > shape[3].getStatic())
    return fail("heads of " + shape[3].toString() + " elements have no " +
                half.toString() + " pairs");
  int64_t count = half.getStatic(), rest = shape[3].getStatic() - 2 * count;
  bool isInterleaved = rotation.isInterleaved;
  Result first = isInterleaved ? slice(heads, 3, 0, count, 2)
                               : slice(heads, 3, 0, count, 1);
  Result second = isInterleaved ? slice(heads, 3, 1, count, 2)
                                : slice(heads, 3, count, count, 1);
  if (failed(first) || failed(second))
    return failure();
  Result one = binary<SubOp>(binary<MulOp>(*first, *cosine).value_or(nullptr),
                             binary<MulOp>(*second, *sine).value_or(nullptr));
  Result two = binary<AddOp>(binary<MulOp>(*second, *cosine).value_or(nullptr),
                             binary<MulOp>(*first, *sine).value_or(nullptr));
  if (failed(one) || failed(two))
    return failure();
  SmallVector<mlir::Value> joined{*one, *two};
  if (isInterleaved) {
    Extents spread{shape[0], shape[1], shape[2], half, Extent(1)};
    for (mlir::Value &part : joined) {
      Result reshaped = reshape(part, spread);
      if (failed(reshaped))
        return failure();
      part = *reshaped;
    }
    Result pairs = concat(joined, 4);
    if (succeeded(pairs))
      pairs =
          reshape(*pairs, {shape[0], shape[1], shape[2], Extent(2 * count)});
    if (failed(pairs))
      return failure();
    joined = {*pairs};
  }
  if (rest > 0) {
    Result unturned = slice(heads, 3, 2 * count, rest, 1);
    if (failed(unturned))
      return failure();
    joined.push_back(*unturned);
  }
  return concat(joined, 3);
}

/// ONNX's (opset 23) takes its positions last, ONNX Runtime's first.
LogicalResult Importer::importRotaryEmbedding() {
  bool isOwn = node->domain.empty();
  if (failed(checkInputs(isOwn ? 3 : 4)))
    return failure();
  Rotation rotation{in(isOwn ? 1 : 2), in(isOwn ? 2 : 3), in(isOwn ? 3 : 1),
                    node->integer("interleaved", 0) != 0};
  if (node->real("scale", 1) != 1 ||
      node->integer("is_packed_batching", 0) != 0)
    return fail("scale and is_packed_batching are not supported");
  Result tensor = materialize(in(0));
  if (failed(tensor))
    return failure();
  bool isRows = in(0).getRank() == 3;
  if (isRows) {
    int64_t heads = node->integer("num_heads", 0);
    // Tables of all pairs tell how wide a head is.
    const Extent &width = in(0).shape[2];
    const Extent &half = rotation.cosines.shape.back();
    if (heads == 0 && width.isStatic() && half.isStatic())
      heads = width.getStatic() / (2 * half.getStatic());
    tensor = splitHeads(*tensor, heads);
  }
  if (failed(tensor) || wrap(*tensor).getRank() != 4)
    return failed(tensor) ? failure() : fail("its input is not of heads");
  Result turned = rotate(*tensor, rotation);
  return set(0, failed(turned) || !isRows ? turned : mergeHeads(*turned));
}
