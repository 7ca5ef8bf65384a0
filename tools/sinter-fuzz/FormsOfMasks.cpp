//===- FormsOfMasks.cpp - What a row sees, and how well ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter-fuzz/Forms.h"
#include <cmath>

using namespace mlir;
using namespace sinter;

namespace {

/// Positions of rows [T, 1] and of what they may see.
struct Positions {
  Value query, key;

  Positions(Value query, Value key) : query(query), key(key) {}
  /// Of i32, or as f32.
  Positions(GraphBuilder &graph, bool isReal) {
    Dimension length = graph.length(), one = graph.size(1);
    query = graph.reshape(graph.iota(length), {length, one});
    key = graph.iota(length);
    if (graph.chance(50))
      key = graph.reshape(key, {one, length});
    if (isReal) {
      query = graph.convert(query, graph.builder.getF32Type());
      key = graph.convert(key, graph.builder.getF32Type());
    }
  }
};

} // namespace

/// Buckets that are as wide as a position at first, and wider the further away.
static Value writeBuckets(GraphBuilder &graph, Value distance) {
  if (graph.chance(50))
    return graph.binary<MinOp>(distance, graph.integer(7));
  Type real = graph.builder.getF32Type();
  Value far =
      graph.convert(graph.binary<MaxOp>(distance, graph.integer(1)), real);
  Value octaves =
      graph.mulAny(graph.unary<LogOp>(graph.div(far, graph.constant(4))),
                   graph.constant(4 / std::log(2)));
  Value wide = graph.convert(graph.addAny(octaves, graph.constant(4.01)),
                             graph.builder.getI32Type());
  wide = graph.binary<MinOp>(wide, graph.integer(7));
  Value isNear =
      graph.compare(ComparePredicate::lt, distance, graph.integer(4));
  return graph.select(isNear, distance, wide);
}

Value sinter::writeDistanceTable(GraphBuilder &graph, int64_t heads,
                                 bool isBidirectional) {
  Positions at(graph, /*isReal=*/false);
  Value distance = graph.sub(at.query, at.key), index;
  if (isBidirectional) { // the other direction has buckets of its own
    Value isBehind =
        graph.compare(ComparePredicate::lt, distance, graph.integer(0));
    index = writeBuckets(graph, graph.unary<AbsOp>(distance));
    index = graph.add(
        index, graph.select(isBehind, graph.integer(8), graph.integer(0)));
  } else {
    index =
        writeBuckets(graph, graph.binary<MaxOp>(distance, graph.integer(0)));
  }
  Value table = graph.weight("distances", {isBidirectional ? 16 : 8, heads});
  Value bias = GatherOp::create(graph.builder, graph.location(), table, index);
  return graph.transpose(bias, {2, 0, 1});
}

Value sinter::writeSlopes(GraphBuilder &graph, Value scores, StringRef name) {
  Dimension heads = GraphBuilder::shapeOf(scores)[0];
  Value slope;
  if (graph.chance(50)) {
    slope = graph.weight((name + ".slope").str(), {heads.getSize()});
  } else {
    Value number = graph.convert(graph.iota(heads), graph.builder.getF32Type());
    slope = graph.binary<PowOp>(graph.constant(2), graph.unary<NegOp>(number));
  }
  slope = graph.reshape(slope, {heads, graph.size(1), graph.size(1)});
  Positions at(graph, /*isReal=*/true);
  Value distance;
  switch (graph.below(3)) {
  case 0: // differs by one number a row, which softmax does not see
    distance = at.key;
    break;
  case 1:
    distance = graph.sub(at.key, at.query);
    break;
  default:
    distance =
        graph.unary<NegOp>(graph.unary<AbsOp>(graph.sub(at.query, at.key)));
    break;
  }
  return graph.addAny(scores, graph.mulAny(slope, distance));
}

/// The number that positions are compared with.
static Value limit(GraphBuilder &graph, int64_t number, bool isReal) {
  return isReal ? graph.constant(number) : graph.integer(number);
}

/// Less than `width` back from the row, in one of five ways.
static Value writeNear(GraphBuilder &graph, Positions at, int64_t width,
                       bool isReal) {
  Value distance = graph.sub(at.query, at.key);
  switch (graph.below(5)) {
  case 0:
    return graph.compare(ComparePredicate::lt, distance,
                         limit(graph, width, isReal));
  case 1:
    return graph.compare(ComparePredicate::le, distance,
                         limit(graph, width - 1, isReal));
  case 2:
    return graph.compare(ComparePredicate::gt, at.key,
                         graph.sub(at.query, limit(graph, width, isReal)));
  case 3:
    return graph.compare(ComparePredicate::gt,
                         graph.addAny(at.key, limit(graph, width, isReal)),
                         at.query);
  default:
    return graph.unary<NotOp>(graph.compare(ComparePredicate::ge, distance,
                                            limit(graph, width, isReal)));
  }
}

/// Which keys a row sees, as i1 [T, T]; null if all.
static Value writeSeen(GraphBuilder &graph, const AttentionShape &shape) {
  bool isReal = graph.chance(15);
  Positions at(graph, isReal);
  Value seen;
  if (shape.isBidirectional) {
    if (!shape.window)
      return {};
    if (graph.chance(50)) {
      Value distance = graph.unary<AbsOp>(graph.sub(at.query, at.key));
      return graph.compare(ComparePredicate::lt, distance,
                           limit(graph, shape.window, isReal));
    }
    seen = writeNear(graph, {at.key, at.query}, shape.window, isReal);
  } else {
    seen = graph.chance(70)
               ? graph.compare(ComparePredicate::ge, at.query, at.key)
               : graph.compare(ComparePredicate::le, at.key, at.query);
    if (!shape.window)
      return seen;
  }
  return graph.binary<AndOp>(seen, writeNear(graph, at, shape.window, isReal));
}

Value sinter::writeMask(GraphBuilder &graph, Value scores,
                        const AttentionShape &shape) {
  Value seen = writeSeen(graph, shape);
  if (!seen)
    return scores;
  double low = graph.chance(70) ? -INFINITY : graph.pick({-1e9, -3.4e38, -1e4});
  Value never = graph.constant(low);
  switch (graph.below(std::isinf(low) ? 4 : 5)) {
  case 0:
  case 1:
    return graph.addAny(scores, graph.select(seen, graph.constant(0), never));
  case 2:
    return graph.select(graph.unary<NotOp>(seen), never, scores);
  case 3:
    return graph.select(seen, scores, never);
  default: { // (1 - mask) * -1e9
    Value mask = graph.convert(seen, graph.builder.getF32Type());
    Value hidden = graph.sub(graph.constant(1), mask);
    return graph.addAny(scores, graph.mulAny(hidden, never));
  }
  }
}
