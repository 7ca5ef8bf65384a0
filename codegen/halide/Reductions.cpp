//===- Reductions.cpp - Sums, maxima and small contractions ---------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/Elementwise.h"
#include "codegen/halide/RowBuilder.h"
#include <limits>

using namespace Halide;

namespace sinter::rows {

/// `index` is that of an element of the result, 0 along the axis that goes.
void Builder::defineReduction(int value, Kept &kept, const Index &index) {
  const Operation &op = operation(value);
  const Tensor &type = operation(op.operands[0]).type;
  Reduction reduction;
  reduction.name = "v" + std::to_string(value);
  bool integer = op.type.element == Element::I32;
  if (op.type.element == Element::I1)
    throw CompileError("row work cannot reduce i1 elements");

  if (op.kind == Kind::Matmul) {
    size_t rank = index.size();
    const Tensor &right = operation(op.operands[1]).type;
    reduction.size = type.shape.back();
    reduction.body = [=, this](const Expr &position) {
      Index lhs = index, rhs = index;
      lhs[rank - 1] = rhs[rank - 2] = position;
      return at(op.operands[0], broadcastIndex(lhs, type)) *
             at(op.operands[1], broadcastIndex(rhs, right));
    };
  } else {
    int64_t axis = op.numbers[0];
    reduction.size = type.shape[axis];
    reduction.body = [=, this](const Expr &position) {
      Index moved = index;
      moved[axis] = position;
      return at(op.operands[0], moved);
    };
    if (op.operands.size() > 1)
      reduction.extent = clamp(at(op.operands[1], {index[findTokenAxis(type)]}),
                               0, sizeOf(reduction.size));
  }

  if (op.kind == Kind::ReduceMax) {
    reduction.initial = integer ? Expr(std::numeric_limits<int32_t>::min())
                                : Expr(-std::numeric_limits<float>::infinity());
    reduction.combine = [](const Expr &most, const Expr &element) {
      return larger(element, most);
    };
  } else {
    reduction.initial = integer ? Expr(0) : Expr(0.0f);
    reduction.combine = [](const Expr &sum, const Expr &element) {
      return sum + element;
    };
  }
  Expr count =
      reduction.extent.defined() ? reduction.extent : sizeOf(reduction.size);
  reduction.finish = [=](const Expr &sum) {
    if (op.kind != Kind::ReduceMean)
      return roundTo(sum, op.type.element);
    return integer ? sum / count
                   : roundTo(sum / cast<float>(count), op.type.element);
  };

  // Along the axis whose elements are neighbours, sums run in lanes side by
  // side; along others, the neighbours are the lanes.
  size_t innermost = type.shape.size();
  while (innermost > 0 && type.shape[innermost - 1].isOne())
    --innermost;
  bool alongLanes =
      op.kind != Kind::Matmul && int64_t(innermost) - 1 <= op.numbers[0];
  if (alongLanes) {
    kept.lanes = chooseLanes(reduction.size, value);
    defineAlongLanes(kept, reduction);
  } else {
    defineAcross(kept, reduction);
  }
}

int Builder::chooseLanes(const Size &size, int value) const {
  int count = lanes;
  if (size.isStatic()) {
    // Two vectors of sums hide the latency of one, where there is enough to do.
    if (size.number >= 8 * lanes)
      count = 2 * lanes;
    while (count > size.number)
      count /= 2;
  }
  return count;
}

void Builder::defineAlongLanes(Kept &kept, const Reduction &reduction) {
  int count = kept.lanes;
  Var lane("lane");
  kept.lane = lane;
  kept.partial = Func(reduction.name + "_lanes");
  std::vector<Var> arguments = kept.arguments;
  arguments.insert(arguments.begin(), lane);
  Func &partial = kept.partial;
  partial(arguments) = reduction.initial;

  Expr size = sizeOf(reduction.size);
  Expr extent = reduction.extent.defined() ? reduction.extent : size;
  RDom r(0, size / count, reduction.name + "_r");
  if (reduction.extent.defined())
    r.where(r < extent / count);
  partial(arguments) = share(
      reduction.combine(partial(arguments), reduction.body(r * count + lane)));
  if (!reduction.size.isStatic() || reduction.size.number % count != 0) {
    // What is left over: lanes behind the end read the last element and drop
    // it.
    Expr begin = extent / count * count, rest = extent % count;
    Expr position = max(begin + min(lane, rest - 1), 0);
    partial(arguments) = share(
        select(lane < rest,
               reduction.combine(partial(arguments), reduction.body(position)),
               partial(arguments)));
  }

  std::vector<Expr> sums;
  for (int i = 0; i < count; ++i) {
    std::vector<Expr> indices(kept.arguments.begin(), kept.arguments.end());
    indices.insert(indices.begin(), i);
    sums.push_back(partial(indices));
  }
  while (sums.size() > 1) {
    size_t half = sums.size() / 2;
    for (size_t i = 0; i < half; ++i)
      sums[i] = reduction.combine(sums[i], sums[half + i]);
    sums.resize(half);
  }
  kept.func(kept.arguments) = share(reduction.finish(sums[0]));
}

void Builder::defineAcross(Kept &kept, const Reduction &reduction) {
  kept.partial = Func(reduction.name + "_sum");
  Func &partial = kept.partial;
  partial(kept.arguments) = reduction.initial;
  RDom r(0, sizeOf(reduction.size), reduction.name + "_r");
  if (reduction.extent.defined())
    r.where(r < reduction.extent);
  partial(kept.arguments) =
      share(reduction.combine(partial(kept.arguments), reduction.body(r)));
  kept.reduced = r;
  kept.func(kept.arguments) = share(reduction.finish(partial(kept.arguments)));
}

} // namespace sinter::rows
