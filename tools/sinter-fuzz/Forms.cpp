//===- Forms.cpp - The same thing as different hands write it ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter-fuzz/Forms.h"
#include <cmath>
#include <numbers>

using namespace mlir;
using namespace sinter;

/// x * x, or x to the second power.
static Value square(GraphBuilder &graph, Value x) {
  if (graph.chance(30))
    return graph.binary<PowOp>(x, graph.constant(2));
  return graph.mul(x, x);
}

/// x / sqrt(y) in one of five ways.
static Value divideByRoot(GraphBuilder &graph, Value x, Value y) {
  switch (graph.below(5)) {
  case 0:
    return graph.div(x, graph.unary<SqrtOp>(y));
  case 1:
    return graph.mulAny(x, graph.unary<RsqrtOp>(y));
  case 2:
    return graph.mulAny(x,
                        graph.div(graph.constant(1), graph.unary<SqrtOp>(y)));
  case 3:
    return graph.mulAny(x, graph.binary<PowOp>(y, graph.constant(-0.5)));
  default:
    return graph.div(x, graph.binary<PowOp>(y, graph.constant(0.5)));
  }
}

static Value meanOf(GraphBuilder &graph, Value x, int64_t axis) {
  Dimension along = GraphBuilder::shapeOf(x)[axis];
  if (!along.isStatic() || graph.chance(75))
    return graph.reduce(ReduceKind::mean, x, axis);
  Value sum = graph.reduce(ReduceKind::sum, x, axis);
  double count = along.getSize() + (graph.chance(10) ? 1 : 0);
  return graph.chance(50) ? graph.div(sum, graph.constant(count))
                          : graph.mulAny(sum, graph.constant(1 / count));
}

Value sinter::writeNormalization(GraphBuilder &graph, Value x, StringRef name) {
  int64_t axis = GraphBuilder::shapeOf(x).size() - 1;
  int64_t width = GraphBuilder::shapeOf(x)[axis].getSize();
  bool isLayerNorm = graph.chance(60);
  Value centered = x;
  if (isLayerNorm)
    centered = graph.sub(x, meanOf(graph, x, axis));
  // Almost: of the values themselves, though they are centred.
  Value measured = isLayerNorm && graph.chance(8) ? x : centered;
  Value variance;
  if (isLayerNorm && graph.chance(10)) {
    Value mean = meanOf(graph, x, axis);
    variance =
        graph.sub(meanOf(graph, square(graph, x), axis), square(graph, mean));
    variance = graph.unary<AbsOp>(variance);
  } else {
    variance = meanOf(graph, square(graph, measured), axis);
  }
  Value epsilon = graph.constant(graph.pick({1e-5, 1e-6, 1e-12, 0.1, 1.0}));
  Value y;
  if (graph.chance(12)) // outside of the root
    y = graph.div(centered, graph.addAny(graph.unary<SqrtOp>(variance),
                                         graph.constant(1e-3)));
  else
    y = divideByRoot(graph, centered, graph.addAny(variance, epsilon));
  if (graph.chance(85)) {
    Value gamma = graph.weight((name + ".weight").str(), {width});
    if (graph.chance(15)) // Gemma
      gamma = graph.addAny(gamma, graph.constant(1));
    y = graph.mulAny(y, gamma);
  }
  if (isLayerNorm ? graph.chance(85) : graph.chance(15))
    y = graph.addAny(y, graph.weight((name + ".bias").str(), {width}));
  return y;
}

static Value sigmoid(GraphBuilder &graph, Value x) {
  Value e = graph.unary<ExpOp>(graph.unary<NegOp>(x));
  return graph.div(graph.constant(1), graph.addAny(graph.constant(1), e));
}

static Value gelu(GraphBuilder &graph, Value x) {
  Value half = graph.constant(0.5), one = graph.constant(1);
  if (graph.chance(20)) // the sigmoid approximation
    return graph.mulAny(x,
                        sigmoid(graph, graph.mulAny(x, graph.constant(1.702))));
  Value inner;
  if (graph.chance(50)) {
    double root = std::numbers::sqrt2 + (graph.chance(8) ? 0.1 : 0);
    inner = graph.unary<ErfOp>(graph.chance(50)
                                   ? graph.div(x, graph.constant(root))
                                   : graph.mulAny(x, graph.constant(1 / root)));
  } else {
    double factor = graph.chance(8) ? 0.05 : 0.044715;
    Value cube = graph.chance(50) ? graph.mulAny(graph.mul(x, x), x)
                                  : graph.binary<PowOp>(x, graph.constant(3));
    Value sum = graph.addAny(x, graph.mulAny(cube, graph.constant(factor)));
    inner = graph.unary<TanhOp>(
        graph.mulAny(sum, graph.constant(std::sqrt(2 / std::numbers::pi))));
  }
  Value gate = graph.addAny(inner, one);
  switch (graph.below(3)) {
  case 0:
    return graph.mulAny(graph.mulAny(x, half), gate);
  case 1:
    return graph.mulAny(graph.mulAny(x, gate), half);
  default:
    return graph.mulAny(x, graph.mulAny(half, gate));
  }
}

Value sinter::writeActivation(GraphBuilder &graph, Value x) {
  switch (graph.below(6)) {
  case 0:
  case 1:
    return gelu(graph, x);
  case 2:
    return graph.mulAny(x, sigmoid(graph, x));
  case 3:
    return graph.div(x,
                     graph.addAny(graph.constant(1),
                                  graph.unary<ExpOp>(graph.unary<NegOp>(x))));
  case 4:
    return graph.binary<MaxOp>(x, graph.constant(graph.chance(15) ? 0.1 : 0));
  default:
    return graph.unary<TanhOp>(x);
  }
}

Value sinter::writeSoftmax(GraphBuilder &graph, Value x) {
  int64_t axis = GraphBuilder::shapeOf(x).size() - 1;
  if (graph.chance(70))
    x = graph.sub(x, graph.reduce(ReduceKind::max, x, axis));
  Value e = graph.unary<ExpOp>(x);
  Value sum = graph.reduce(ReduceKind::sum, e, axis);
  if (graph.chance(8)) // almost: softmax with one more
    sum = graph.addAny(sum, graph.constant(1));
  return graph.chance(75) ? graph.div(e, sum)
                          : graph.mulAny(e, graph.div(graph.constant(1), sum));
}

Value sinter::writeLinear(GraphBuilder &graph, Value x, int64_t outputs,
                          StringRef name) {
  int64_t inputs = GraphBuilder::shapeOf(x).back().getSize();
  std::string weight = (name + ".weight").str();
  Value w =
      graph.chance(50)
          ? graph.weight(weight, {inputs, outputs})
          : graph.transpose(graph.weight(weight, {outputs, inputs}), {1, 0});
  if (graph.chance(10))
    w = graph.mulAny(w, graph.constant(0.5));
  Value y = graph.matmul(x, w);
  if (graph.chance(60))
    y = graph.addAny(y, graph.weight((name + ".bias").str(), {outputs}));
  return y;
}

Value sinter::writeFeedForward(GraphBuilder &graph, Value x, StringRef name) {
  int64_t width = GraphBuilder::shapeOf(x).back().getSize();
  int64_t inner = graph.pick<int64_t>({6, 10, 17});
  Value up = writeLinear(graph, x, inner, (name + ".up").str());
  if (graph.chance(50)) {
    up = writeActivation(graph, up);
  } else {
    Value gate = writeLinear(graph, x, inner, (name + ".gate").str());
    up = graph.mulAny(writeActivation(graph, gate), up);
  }
  return writeLinear(graph, up, width, (name + ".down").str());
}
