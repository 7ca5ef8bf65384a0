//===- Layers.cpp - What goes through layers
//---------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Elaborator.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace sinter::spec {

/// initial through f(h, ...) becomes a `sinter.repeat`: the body is one call of
/// f, on the value carried and on the layer that the index says. Layers of a
/// layer are a loop in its loop, which counts on from layer to layer.
Value Elaborator::evaluateThrough(const ThroughExpr &expr, Frame &frame) {
  const auto &call = cast<CallExpr>(*expr.call);
  Value initial = evaluate(*expr.initial, frame);
  std::vector<NamedValue> arguments;
  collectArguments(call, frame, arguments);

  int64_t count = -1;
  const Value *counted = nullptr;
  // The number of the layer around, where layers of it go through.
  mlir::Value outer;
  for (const NamedValue &argument : arguments) {
    if (!argument.value.isLayers())
      continue;
    if (counted && argument.value.layers != count)
      return fail(expr.opRange,
                  "layers of two lengths go through '" + call.callee +
                      "' together: " + Twine(count) + " and " +
                      Twine(argument.value.layers),
                  {originNote(*counted, Twine(count) + " layers"),
                   originNote(argument.value,
                              Twine(argument.value.layers) + " layers")});
    counted = &argument.value;
    count = counted->layers;
    if (counted->weights->isInner && counted->layer.index)
      outer = counted->layer.index;
  }
  if (expr.times) {
    Value times = evaluate(*expr.times, frame);
    if (times.is(Value::Poison))
      return times;
    if (!times.is(Value::Int) || times.integer < 1)
      return fail(expr.times->range,
                  "'times' wants a positive integer, not " + describe(times));
    if (counted && times.integer != count)
      return fail(expr.times->range,
                  "'times' says " + Twine(times.integer) + ", but there are " +
                      Twine(count) + " layers",
                  {originNote(*counted)});
    count = times.integer;
  }
  if (initial.is(Value::Poison))
    return initial;
  if (any_of(arguments, [](const NamedValue &argument) {
        return argument.value.is(Value::Poison);
      }))
    return Value();
  if (count < 0)
    return fail(
        expr.opRange,
        "nothing says how often: no argument is layers of weights, and there "
        "is no 'times'");

  // One value is carried, or a tuple of them.
  std::vector<Value> carried =
      initial.is(Value::List) ? *initial.list : std::vector<Value>{initial};
  SmallVector<mlir::Value> inits;
  for (const Value &value : carried) {
    if (!value.isTensor())
      return fail(expr.initial->range,
                  "tensors go through layers, not " + describe(value));
    inits.push_back(materialize(value, expr.initial->range));
  }

  auto repeat =
      RepeatOp::create(builder, locationOf(expr.range), count, inits, outer);
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(repeat.getBody());
  std::vector<Value> inside;
  for (auto [value, argument] : zip_equal(carried, repeat.getCarried()))
    inside.push_back(Value::makeTensor(argument, value.origin));
  for (NamedValue &argument : arguments) {
    if (!argument.value.isLayers())
      continue;
    Value layer = Value::make(Value::Weights, argument.value.origin);
    layer.weights = argument.value.weights->element.get();
    layer.layer = argument.value.layer;
    layer.inner = argument.value.inner;
    LayerOf &own = argument.value.weights->isInner ? layer.inner : layer.layer;
    own.index = repeat.getLayer();
    own.turns = outer ? count : 0;
    argument.value = layer;
  }
  Value state = initial.is(Value::List)
                    ? Value::makeList(inside, initial.origin)
                    : inside.front();
  arguments.insert(arguments.begin(), {StringRef(), state});
  Value out = callNamed(call, std::move(arguments), frame);
  if (out.is(Value::Poison))
    return out;

  std::vector<Value> outs =
      out.is(Value::List) ? *out.list : std::vector<Value>{out};
  if (outs.size() != carried.size())
    return fail(expr.call->range, "'" + call.callee + "' gives " +
                                      Twine(outs.size()) + " values, but " +
                                      Twine(carried.size()) + " go in");
  SmallVector<mlir::Value> yielded;
  for (auto [before, after] : zip_equal(carried, outs)) {
    if (!after.isTensor())
      return fail(expr.call->range,
                  "'" + call.callee + "' gives " + describe(after) +
                      ", which cannot go on",
                  {originNote(after)});
    if (shapeOf(before) != shapeOf(after) ||
        elementTypeOf(before) != elementTypeOf(after))
      return fail(expr.call->range,
                  "'" + call.callee + "' makes " + describe(after) + " of " +
                      describe(before) +
                      "; what goes through layers keeps its shape",
                  {originNote(before, "goes in as " + describe(before)),
                   originNote(after, "comes out as " + describe(after))});
    yielded.push_back(materialize(after, expr.call->range));
  }
  YieldOp::create(builder, locationOf(expr.call->range), yielded);
  std::vector<Value> results;
  for (mlir::Value value : repeat.getResults())
    results.push_back(Value::makeTensor(value, expr.range));
  return initial.is(Value::List)
             ? Value::makeList(std::move(results), expr.range)
             : results.front();
}

} // namespace sinter::spec
