//===- FormsOfAttention.cpp - Attention in all its forms --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter-fuzz/Forms.h"
#include <cmath>

using namespace mlir;
using namespace sinter;

Value sinter::writeRotary(GraphBuilder &graph, Value x) {
  int64_t width = GraphBuilder::shapeOf(x).back().getSize(), half = width / 2;
  Dimension heads = GraphBuilder::shapeOf(x)[0], length = graph.length();
  Type real = graph.builder.getF32Type();
  Value number = graph.convert(graph.iota(graph.size(half)), real);
  Value frequency = graph.binary<PowOp>(
      graph.constant(100), graph.mulAny(number, graph.constant(-2.0 / width)));
  Value position = graph.convert(graph.iota(length), real);
  Value angle =
      graph.mul(graph.reshape(position, {length, graph.size(1)}), frequency);
  bool isHalfSplit = graph.chance(60);
  Value cos = graph.unary<CosOp>(angle), sin = graph.unary<SinOp>(angle);
  Value first, second;
  if (isHalfSplit) {
    first = graph.slice(x, 2, 0, half);
    second = graph.slice(x, 2, half, half);
  } else {
    first = graph.slice(x, 2, 0, half, 2);
    second = graph.slice(x, 2, 1, half, 2);
  }
  if (isHalfSplit && graph.chance(50)) { // x * cos + rotated * sin
    Value rotated = graph.concat({graph.unary<NegOp>(second), first}, 2);
    return graph.addAny(graph.mulAny(x, graph.concat({cos, cos}, 1)),
                        graph.mulAny(rotated, graph.concat({sin, sin}, 1)));
  }
  bool isBackwards = graph.chance(8); // almost
  Value a = graph.mulAny(first, cos), b = graph.mulAny(second, sin);
  Value c = graph.mulAny(second, cos), d = graph.mulAny(first, sin);
  Value one = isBackwards ? graph.add(a, b) : graph.sub(a, b);
  Value two = isBackwards ? graph.sub(c, d) : graph.addAny(c, d);
  if (isHalfSplit)
    return graph.concat({one, two}, 2);
  SmallVector<Dimension> pairs{heads, length, graph.size(half), graph.size(1)};
  Value both =
      graph.concat({graph.reshape(one, pairs), graph.reshape(two, pairs)}, 3);
  return graph.reshape(both, {heads, length, graph.size(width)});
}

/// [T, heads * width] to [heads, T, width].
static Value splitHeads(GraphBuilder &graph, Value x, int64_t heads,
                        int64_t width) {
  return graph.transpose(
      graph.reshape(x, {graph.length(), graph.size(heads), graph.size(width)}),
      {1, 0, 2});
}

/// The same keys for a group of query heads.
static Value repeatHeads(GraphBuilder &graph, Value x, int64_t times) {
  SmallVector<Dimension> shape = GraphBuilder::shapeOf(x);
  if (times == 1)
    return x;
  SmallVector<Dimension> grouped{shape[0], graph.size(1), shape[1], shape[2]};
  SmallVector<Dimension> wide{shape[0], graph.size(times), shape[1], shape[2]};
  Value y = graph.broadcast(graph.reshape(x, grouped), wide);
  return graph.reshape(
      y, {graph.size(shape[0].getSize() * times), shape[1], shape[2]});
}

/// Which keys a row sees, as i1 [T, T]; at times a window, or all of them.
static Value writeSeen(GraphBuilder &graph) {
  Dimension length = graph.length(), one = graph.size(1);
  Value query = graph.reshape(graph.iota(length), {length, one});
  Value key = graph.iota(length);
  if (graph.chance(50))
    key = graph.reshape(key, {one, length});
  Value seen = graph.chance(70)
                   ? graph.compare(ComparePredicate::ge, query, key)
                   : graph.compare(ComparePredicate::le, key, query);
  if (graph.chance(20)) { // a sliding window
    Value distance = graph.sub(query, key);
    seen = graph.binary<AndOp>(
        seen, graph.compare(ComparePredicate::lt, distance, graph.integer(3)));
  }
  return seen;
}

/// Adds a mask in one of the ways that there are.
static Value mask(GraphBuilder &graph, Value scores) {
  Value seen = writeSeen(graph);
  Value never = graph.constant(
      graph.chance(70) ? -INFINITY : graph.pick({-1e9, -3.4e38, -1e4}));
  if (graph.chance(50)) {
    Value bias = graph.select(seen, graph.constant(0), never);
    return graph.addAny(scores, bias);
  }
  if (graph.chance(30))
    return graph.select(graph.unary<NotOp>(seen), never, scores);
  return graph.select(seen, scores, never);
}

/// q @ k^T with a scale somewhere.
static Value writeScores(GraphBuilder &graph, Value q, Value k, double width) {
  double scale = 1 / std::sqrt(width);
  int where = graph.below(5);
  if (where == 0)
    q = graph.mulAny(q, graph.constant(scale));
  if (where == 1)
    k = graph.mulAny(k, graph.constant(scale));
  if (where == 2) {
    q = graph.mulAny(q, graph.constant(std::sqrt(scale)));
    k = graph.mulAny(k, graph.constant(std::sqrt(scale)));
  }
  Value scores = graph.matmul(q, graph.transpose(k, {0, 2, 1}));
  if (where == 3)
    scores = graph.div(scores, graph.constant(1 / scale));
  return scores;
}

Value sinter::writeAttention(GraphBuilder &graph, Value x, AttentionShape shape,
                             StringRef name) {
  auto [heads, keyHeads, width] = shape;
  Value q, k, v;
  if (keyHeads == heads && graph.chance(30)) { // one projection, cut in three
    Value all = writeLinear(graph, x, 3 * heads * width, (name + ".qkv").str());
    q = graph.slice(all, 1, 0, heads * width);
    k = graph.slice(all, 1, heads * width, heads * width);
    v = graph.slice(all, 1, 2 * heads * width, heads * width);
  } else {
    q = writeLinear(graph, x, heads * width, (name + ".q").str());
    k = writeLinear(graph, x, keyHeads * width, (name + ".k").str());
    v = writeLinear(graph, x, keyHeads * width, (name + ".v").str());
  }
  q = splitHeads(graph, q, heads, width);
  k = splitHeads(graph, k, keyHeads, width);
  v = splitHeads(graph, v, keyHeads, width);
  if (graph.chance(10)) {
    q = writeNormalization(graph, q, (name + ".q_norm").str());
    k = writeNormalization(graph, k, (name + ".k_norm").str());
  }
  if (width % 2 == 0 && graph.chance(40)) {
    q = writeRotary(graph, q);
    k = writeRotary(graph, k);
  }
  k = repeatHeads(graph, k, heads / keyHeads);
  v = repeatHeads(graph, v, heads / keyHeads);
  Value scores = writeScores(graph, q, k, width);
  if (graph.chance(10)) // Gemma 2
    scores = graph.mulAny(
        graph.unary<TanhOp>(graph.mulAny(scores, graph.constant(0.2))),
        graph.constant(5));
  if (graph.chance(10)) { // a bias by distance, as in ALiBi
    Value key =
        graph.convert(graph.iota(graph.length()), graph.builder.getF32Type());
    Value slope =
        graph.reshape(graph.weight((name + ".slope").str(), {heads}),
                      {graph.size(heads), graph.size(1), graph.size(1)});
    scores = graph.addAny(scores, graph.mulAny(slope, key));
  }
  if (graph.chance(92)) // else every row sees the whole sequence
    scores = mask(graph, scores);
  Value weights = writeSoftmax(graph, scores);
  Value y = graph.transpose(graph.matmul(weights, v), {1, 0, 2});
  y = graph.reshape(y, {graph.length(), graph.size(heads * width)});
  int64_t outputs = GraphBuilder::shapeOf(x).back().getSize();
  return writeLinear(graph, y, outputs, (name + ".o").str());
}
