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

/// All of a row.
static Value turn(GraphBuilder &graph, Value x) {
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

Value sinter::writeRotary(GraphBuilder &graph, Value x) {
  int64_t width = GraphBuilder::shapeOf(x).back().getSize();
  if (width < 6 || graph.chance(80))
    return turn(graph, x);
  // The first elements only, as in GPT-NeoX.
  Value rest = graph.slice(x, 2, 4, width - 4);
  return graph.concat({turn(graph, graph.slice(x, 2, 0, 4)), rest}, 2);
}

/// [T, heads * width] to [heads, T, width].
static Value splitHeads(GraphBuilder &graph, Value x, int64_t heads,
                        int64_t width) {
  return graph.transpose(
      graph.reshape(x, {graph.length(), graph.size(heads), graph.size(width)}),
      {1, 0, 2});
}

/// The same keys for a group of query heads: each repeated by a broadcast, or
/// by putting it there as often.
static Value repeatHeads(GraphBuilder &graph, Value x, int64_t times) {
  SmallVector<Dimension> shape = GraphBuilder::shapeOf(x);
  if (times == 1)
    return x;
  int64_t heads = shape[0].getSize();
  if (graph.chance(25)) {
    SmallVector<Value> parts;
    for (int64_t head = 0; head < heads; ++head)
      parts.append(times, graph.slice(x, 0, head, 1));
    return graph.concat(parts, 0);
  }
  SmallVector<Dimension> grouped{shape[0], graph.size(1), shape[1], shape[2]};
  SmallVector<Dimension> wide{shape[0], graph.size(times), shape[1], shape[2]};
  Value y = graph.broadcast(graph.reshape(x, grouped), wide);
  return graph.reshape(y, {graph.size(heads * times), shape[1], shape[2]});
}

namespace {

/// softmax(q @ k^T) @ v in one of its forms.
class AttentionWriter {
public:
  AttentionWriter(GraphBuilder &graph, const AttentionShape &shape,
                  StringRef name)
      : graph(graph), shape(shape), name(name) {}

  Value write(Value x);

private:
  void project(Value x);
  Value scale(Value x, double factor);
  Value writeScores();
  Value writeBiases(Value scores);
  Value writeGroups();
  Value writeRepeated();

  GraphBuilder &graph;
  const AttentionShape &shape;
  StringRef name;
  Value q, k, v;
};

} // namespace

/// Queries, keys and values of [heads, T, width].
void AttentionWriter::project(Value x) {
  int64_t all = shape.heads * shape.width, few = shape.keyHeads * shape.width;
  if (graph.chance(30)) { // one projection, cut in three
    Value joint = writeLinear(graph, x, all + 2 * few, (name + ".qkv").str());
    q = graph.slice(joint, 1, 0, all);
    k = graph.slice(joint, 1, all, few);
    v = graph.slice(joint, 1, all + few, few);
  } else {
    q = writeLinear(graph, x, all, (name + ".q").str());
    k = writeLinear(graph, x, few, (name + ".k").str());
    v = writeLinear(graph, x, few, (name + ".v").str());
  }
  q = splitHeads(graph, q, shape.heads, shape.width);
  k = splitHeads(graph, k, shape.keyHeads, shape.width);
  v = splitHeads(graph, v, shape.keyHeads, shape.width);
  if (graph.chance(10)) {
    q = writeNormalization(graph, q, (name + ".q_norm").str());
    k = writeNormalization(graph, k, (name + ".k_norm").str());
  }
  if (shape.width % 2 == 0 && graph.chance(40)) {
    q = writeRotary(graph, q);
    k = writeRotary(graph, k);
  }
}

Value AttentionWriter::scale(Value x, double factor) {
  return graph.chance(50) ? graph.mulAny(x, graph.constant(factor))
                          : graph.div(x, graph.constant(1 / factor));
}

/// q @ k^T with a scale somewhere, or with none.
Value AttentionWriter::writeScores() {
  double factor = 1 / std::sqrt(double(shape.width));
  int where = graph.below(6);
  if (where == 0)
    q = scale(q, factor);
  if (where == 1)
    k = scale(k, factor);
  if (where == 2) {
    q = scale(q, std::sqrt(factor));
    k = scale(k, std::sqrt(factor));
  }
  SmallVector<int64_t> order = GraphBuilder::shapeOf(k).size() == 4
                                   ? SmallVector<int64_t>{0, 1, 3, 2}
                                   : SmallVector<int64_t>{0, 2, 1};
  Value scores = graph.matmul(q, graph.transpose(k, order));
  return where == 3 || where == 4 ? scale(scores, factor) : scores;
}

/// What is done to scores of [heads, T, T] before softmax.
Value AttentionWriter::writeBiases(Value scores) {
  if (graph.chance(10)) // Gemma 2
    scores = graph.mulAny(
        graph.unary<TanhOp>(graph.mulAny(scores, graph.constant(0.2))),
        graph.constant(5));
  if (graph.chance(10))
    scores = writeSlopes(graph, scores, name);
  if (shape.bias)
    scores = graph.addAny(scores, shape.bias);
  return writeMask(graph, scores, shape);
}

/// Keys for each query head.
Value AttentionWriter::writeRepeated() {
  int64_t times = shape.heads / shape.keyHeads;
  k = repeatHeads(graph, k, times);
  v = repeatHeads(graph, v, times);
  Value weights = writeSoftmax(graph, writeBiases(writeScores()));
  return graph.matmul(weights, v);
}

/// Query heads in an axis of their own beside the keys' heads.
Value AttentionWriter::writeGroups() {
  Dimension length = graph.length(), heads = graph.size(shape.heads),
            few = graph.size(shape.keyHeads), one = graph.size(1),
            width = graph.size(shape.width),
            times = graph.size(shape.heads / shape.keyHeads);
  q = graph.reshape(q, {few, times, length, width});
  k = graph.reshape(k, {few, one, length, width});
  v = graph.reshape(v, {few, one, length, width});
  Value scores = writeScores();
  scores = graph.reshape(scores, {heads, length, length});
  Value weights = writeSoftmax(graph, writeBiases(scores));
  weights = graph.reshape(weights, {few, times, length, length});
  return graph.reshape(graph.matmul(weights, v), {heads, length, width});
}

Value AttentionWriter::write(Value x) {
  project(x);
  bool isGrouped = shape.heads != shape.keyHeads && graph.chance(30);
  Value y = isGrouped ? writeGroups() : writeRepeated();
  y = graph.reshape(graph.transpose(y, {1, 0, 2}),
                    {graph.length(), graph.size(shape.heads * shape.width)});
  int64_t outputs = GraphBuilder::shapeOf(x).back().getSize();
  return writeLinear(graph, y, outputs, (name + ".o").str());
}

Value sinter::writeAttention(GraphBuilder &graph, Value x,
                             const AttentionShape &shape, StringRef name) {
  return AttentionWriter(graph, shape, name).write(x);
}
