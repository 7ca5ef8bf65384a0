//===- Indexing.cpp - What stands in brackets -----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Elaborator.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace sinter::spec {
namespace {

/// first:last:step of an axis of `size`, as it is counted from the start.
struct Range {
  int64_t start = 0;
  int64_t size = 0;
  int64_t step = 1;
};

} // namespace

/// Reads the three parts; what is wrong is reported through `fail`.
static std::optional<Range>
rangeOf(const IndexItem &item, int64_t size,
        function_ref<std::optional<int64_t>(const Expr &)> evaluate,
        function_ref<void(const Twine &)> fail) {
  int64_t first = 0, last = size, step = 1;
  for (auto [part, number] :
       {std::pair(&item.first, &first), std::pair(&item.last, &last),
        std::pair(&item.step, &step)}) {
    if (!*part)
      continue;
    std::optional<int64_t> value = evaluate(**part);
    if (!value)
      return std::nullopt;
    *number = *value;
  }
  for (int64_t *end : {&first, &last})
    if (*end < 0 && *end >= -size)
      *end += size;
  if (step < 1) {
    fail("the step is at least 1, not " + Twine(step));
    return std::nullopt;
  }
  if (first < 0 || last > size || first >= last) {
    fail(Twine(first) + ":" + Twine(last) + " is no part of " + Twine(size) +
         " elements");
    return std::nullopt;
  }
  return Range{first, 1 + (last - first - 1) / step, step};
}

/// h[i], h[a:b], h[a:b:c]: one of the layers, or some of them.
Value Elaborator::indexLayers(const IndexExpr &expr, const Value &base,
                              Frame &frame) {
  if (expr.items.size() != 1 || (expr.items[0].kind != IndexItem::Single &&
                                 expr.items[0].kind != IndexItem::Slice))
    return fail(expr.range, "layers have one index: h[i] or h[a:b]",
                {originNote(base)});
  const IndexItem &item = expr.items[0];
  auto number = [&](const Expr &part) -> std::optional<int64_t> {
    Value value = evaluate(part, frame);
    if (value.is(Value::Int))
      return value.integer;
    if (!value.is(Value::Poison))
      fail(part.range,
           "layers are counted by integers, not by " + describe(value),
           {originNote(value)});
    return std::nullopt;
  };
  Value result = base;
  if (item.kind == IndexItem::Slice) {
    std::optional<Range> range =
        rangeOf(item, base.layers, number, [&](const Twine &message) {
          fail(item.range,
               message + ": '" + base.weights->path + "' has " +
                   Twine(base.layers) + " layers",
               {originNote(base)});
        });
    if (!range)
      return Value();
    LayerOf &layer = result.ownLayer();
    layer.offset += layer.factor * range->start;
    layer.factor *= range->step;
    result.layers = range->size;
    return result;
  }
  std::optional<int64_t> at = number(*item.first);
  if (!at)
    return Value();
  if (*at < -base.layers || *at >= base.layers)
    return fail(item.range, "layer " + Twine(*at) + " of " + Twine(base.layers),
                {originNote(base)});
  LayerOf &layer = result.ownLayer();
  layer.offset += layer.factor * (*at < 0 ? *at + base.layers : *at);
  layer.factor = 0;
  result.weights = base.weights->element.get();
  result.layers = 0;
  return result;
}

/// x[i, a:b, .., new], and table[index] with a tensor of integers.
Value Elaborator::indexTensor(const IndexExpr &expr, const Value &base,
                              Frame &frame) {
  // Evaluated once, and first: a tensor among them means rows of a table.
  std::vector<Value> singles(expr.items.size());
  int64_t taken = 0;
  bool hasEllipsis = false;
  for (auto [item, single] : zip_equal(expr.items, singles)) {
    if (item.kind == IndexItem::Single) {
      single = evaluate(*item.first, frame);
      if (single.is(Value::Poison))
        return single;
    }
    if (item.kind == IndexItem::Ellipsis && hasEllipsis)
      return fail(item.range, "'..' stands for all other axes; one is enough");
    hasEllipsis |= item.kind == IndexItem::Ellipsis;
    taken += item.kind == IndexItem::Single || item.kind == IndexItem::Slice;
  }
  if (expr.items.size() == 1 && singles[0].isTensor())
    return gather(base, singles[0], expr.range);

  int64_t rank = shapeOf(base).size();
  if (taken > rank)
    return fail(expr.range,
                Twine(taken) + " axes are indexed of " + describe(base),
                {originNote(base)});

  Value value = base;
  SmallVector<Dimension> shape; // of the result, with axes dropped and added
  int64_t axis = 0;
  bool reshaped = false;
  auto keep = [&](int64_t count) {
    for (; count > 0; --count)
      shape.push_back(shapeOf(value)[axis++]);
  };
  for (auto [item, single] : zip_equal(expr.items, singles)) {
    if (item.kind == IndexItem::Ellipsis) {
      keep(rank - taken);
      continue;
    }
    if (item.kind == IndexItem::NewAxis) {
      shape.push_back(Dimension::get(&context, 1));
      reshaped = true;
      continue;
    }
    bool all = item.kind == IndexItem::Slice && !item.first && !item.last &&
               !item.step;
    if (all) {
      keep(1);
      continue;
    }
    Dimension dim = shapeOf(value)[axis];
    if (dim.isSymbol())
      return fail(item.range,
                  "the axis " + dim.getSymbol() + " of " + describe(value) +
                      " is known only when the model runs, it cannot be cut",
                  {originNote(base)});
    int64_t size = dim.getSize();
    if (item.kind == IndexItem::Single) {
      if (!single.is(Value::Int))
        return fail(item.range,
                    "an index is an integer, not " + describe(single),
                    {originNote(single)});
      if (single.integer < -size || single.integer >= size)
        return fail(item.range,
                    "element " + Twine(single.integer) + " of " + Twine(size),
                    {originNote(base)});
      int64_t at = single.integer < 0 ? single.integer + size : single.integer;
      value = slice(value, axis, at, 1, 1, expr.range);
      reshaped = true;
      ++axis;
    } else {
      auto number = [&](const Expr &part) -> std::optional<int64_t> {
        Value end = evaluate(part, frame);
        if (end.is(Value::Int))
          return end.integer;
        if (!end.is(Value::Poison))
          fail(part.range,
               "an end of a slice is an integer, not " + describe(end),
               {originNote(end)});
        return std::nullopt;
      };
      std::optional<Range> range =
          rangeOf(item, size, number, [&](const Twine &message) {
            fail(item.range, message, {originNote(base)});
          });
      if (!range)
        return Value();
      value = slice(value, axis, range->start, range->size, range->step,
                    expr.range);
      if (!value.is(Value::Poison))
        keep(1);
    }
    if (value.is(Value::Poison))
      return value;
  }
  keep(rank - axis);
  return reshaped ? reshape(value, shape, expr.range) : value;
}

} // namespace sinter::spec
