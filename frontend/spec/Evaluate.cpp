//===- Evaluate.cpp - Expressions and calls -------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Elaborator.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"

#include <numbers>

using namespace llvm;

namespace sinter::spec {

/// Expressions within expressions within calls, before the stack would
/// overflow.
static constexpr unsigned maximumDepth = 800;
/// Expressions evaluated in all: functions that call each other twice grow
/// exponentially.
static constexpr uint64_t maximumSteps = 1'000'000;

bool Elaborator::spend(uint64_t amount, SMRange where) {
  bool before = steps > maximumSteps;
  steps += amount;
  if (steps > maximumSteps && !before)
    fail(where, "this model takes more than " + Twine(maximumSteps) +
                    " steps to elaborate; do functions call each other "
                    "without end?");
  return steps <= maximumSteps;
}

Value Elaborator::evaluate(const Expr &expr, Frame &frame) {
  scope_exit leave([this] { --depth; });
  ++depth;
  if (!spend(1, expr.range))
    return Value();
  if (depth > maximumDepth)
    return fail(expr.range, "calls are nested too deeply here");
  return evaluateByKind(expr, frame);
}

Value Elaborator::evaluateByKind(const Expr &expr, Frame &frame) {
  switch (expr.kind) {
  case Expr::Literal: {
    const auto &literal = cast<LiteralExpr>(expr);
    switch (literal.type) {
    case LiteralExpr::Integer:
      return Value::makeInt(literal.integer, expr.range);
    case LiteralExpr::Real:
      return Value::makeReal(literal.real, expr.range);
    case LiteralExpr::String:
      return Value::makeString(literal.string, expr.range);
    case LiteralExpr::Bool:
      return Value::makeBool(literal.integer, expr.range);
    case LiteralExpr::None:
      return Value::makeNone(expr.range);
    }
    return Value();
  }
  case Expr::Name:
    return evaluateName(cast<NameExpr>(expr), frame);
  case Expr::Field:
    return evaluateField(cast<FieldExpr>(expr), frame);
  case Expr::Call:
    return evaluateCall(cast<CallExpr>(expr), frame);
  case Expr::Index:
    return evaluateIndex(cast<IndexExpr>(expr), frame);
  case Expr::Unary: {
    const auto &unary = cast<UnaryExpr>(expr);
    Value operand = evaluate(*unary.operand, frame);
    return unary.op == "-" ? negate(operand, expr.range)
                           : invert(operand, expr.range);
  }
  case Expr::Binary: {
    const auto &both = cast<BinaryExpr>(expr);
    if (both.op == "and" || both.op == "or")
      return evaluateLogic(both, frame);
    Value left = evaluate(*both.left, frame);
    Value right = evaluate(*both.right, frame);
    return binary(both, left, right);
  }
  case Expr::Transpose:
    return transposeMatrix(evaluate(*cast<TransposeExpr>(expr).operand, frame),
                           expr.range);
  case Expr::If:
    return evaluateIf(cast<IfExpr>(expr), frame);
  case Expr::List: {
    std::vector<Value> items;
    for (const ExprPtr &item : cast<ListExpr>(expr).items)
      items.push_back(evaluate(*item, frame));
    return Value::makeList(std::move(items), expr.range);
  }
  case Expr::Comprehension:
    return evaluateComprehension(cast<ComprehensionExpr>(expr), frame);
  case Expr::Through:
    return evaluateThrough(cast<ThroughExpr>(expr), frame);
  }
  return Value();
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

/// Computes a global once, and notices one that depends on itself.
Value Elaborator::global(const Module &home, StringRef name, SMRange where,
                         function_ref<Value()> compute) {
  auto [entry, isNew] = globals.try_emplace({&home, name});
  if (!isNew) {
    if (!entry->second)
      return fail(where, "'" + name + "' depends on itself");
    return *entry->second;
  }
  Value value = compute();
  globals[{&home, name}] = value;
  return value;
}

std::optional<Value> Elaborator::lookupGlobal(const Module &home,
                                              StringRef name, SMRange where) {
  if (auto found = home.config.find(name); found != home.config.end())
    return global(home, name, where,
                  [&] { return bindConfig(*found->second); });
  if (auto found = home.lets.find(name); found != home.lets.end()) {
    const Statement &statement = *found->second;
    // Names of one statement are computed together, under the first of them.
    Value value = global(home, statement.names.front().first, where, [&] {
      Frame frame;
      frame.module = &home;
      return evaluate(*statement.value, frame);
    });
    if (statement.names.size() == 1)
      return value;
    Frame frame;
    frame.module = &home;
    if (!destructure(statement, value, frame))
      return Value();
    return frame.locals[name];
  }
  if (home.isModel && weightsDeclared) {
    auto found = weights.members.find(name);
    if (found != weights.members.end()) {
      const WeightNode &node = *found->second;
      if (!node.present)
        return Value::makeNone(node.range);
      Value value = Value::make(Value::Weights, node.range);
      value.weights = &node;
      value.layers = node.count;
      return value;
    }
  }
  if (auto found = home.symbols.find(name);
      found != home.symbols.end() && found->second.function) {
    Value value = Value::make(Value::Function, found->second.range);
    value.string = name.str();
    value.function = found->second.function;
    value.home = found->second.home;
    return value;
  }
  if (name == "pi")
    return Value::makeReal(std::numbers::pi, where);
  if (name == "task" && home.isModel) {
    const HeadDecl *head = getHead(where);
    return head ? Value::makeString(head->kind.str(), where) : Value();
  }
  if (name == "context" && home.isModel)
    return global(home, name, where, [&] {
      std::optional<int64_t> positions = countProperty("context");
      if (!positions)
        return fail(where, "the program does not say what its context is");
      return Value::makeInt(
          std::min(*positions, input.context.value_or(*positions)), where);
    });
  return std::nullopt;
}

Value Elaborator::evaluateName(const NameExpr &expr, Frame &frame) {
  if (auto found = frame.locals.find(expr.name); found != frame.locals.end())
    return found->second;
  if (std::optional<Value> value =
          lookupGlobal(*frame.module, expr.name, expr.range))
    return *value;
  if (findBuiltin(expr.name)) {
    Value value = Value::make(Value::Function, expr.range);
    value.string = expr.name.str();
    return value;
  }
  return fail(expr.range, "'" + expr.name + "' has no value here");
}

Value Elaborator::evaluateField(const FieldExpr &expr, Frame &frame) {
  Value base = evaluate(*expr.base, frame);
  if (base.is(Value::Poison))
    return base;
  if (base.isLayers())
    return fail(expr.nameRange,
                "'" + base.weights->path + "' has " + Twine(base.layers) +
                    " layers; take one with [i], or go through them with 'x "
                    "through f(" +
                    base.weights->path + ")'",
                {originNote(base)});
  if (!base.is(Value::Weights) || base.weights->kind != WeightNode::Group)
    return fail(expr.nameRange, describe(base) + " has no '" + expr.name + "'",
                {originNote(base)});
  auto found = base.weights->members.find(expr.name);
  if (found == base.weights->members.end()) {
    std::vector<StringRef> names;
    for (const auto &entry : base.weights->members)
      names.push_back(entry.first);
    return fail(expr.nameRange,
                "'" + base.weights->path + "' has no weight '" + expr.name +
                    "'" + didYouMean(expr.name, names),
                {originNote(base)});
  }
  const WeightNode &node = *found->second;
  if (!node.present)
    return Value::makeNone(node.range);
  Value value = Value::make(Value::Weights, node.range);
  value.weights = &node;
  value.layer = base.layer;
  value.inner = base.inner;
  value.layers = node.count;
  return value;
}

Value Elaborator::evaluateIndex(const IndexExpr &expr, Frame &frame) {
  Value base = evaluate(*expr.base, frame);
  if (base.is(Value::Poison))
    return base;
  if (base.isLayers())
    return indexLayers(expr, base, frame);
  if (base.isTensor())
    return indexTensor(expr, base, frame);
  if (!base.is(Value::List))
    return fail(expr.range, describe(base) + " cannot be indexed",
                {originNote(base)});
  if (expr.items.size() != 1 || expr.items[0].kind != IndexItem::Single)
    return fail(expr.range, "a list has one index");
  Value index = evaluate(*expr.items[0].first, frame);
  if (index.is(Value::Poison))
    return index;
  int64_t size = base.list->size();
  if (!index.is(Value::Int))
    return fail(expr.items[0].range,
                "a list is indexed by an integer, not by " + describe(index));
  int64_t at = index.integer < 0 ? index.integer + size : index.integer;
  if (index.integer < -size || index.integer >= size)
    return fail(expr.items[0].range,
                "item " + Twine(index.integer) + " of a list of " + Twine(size),
                {originNote(base)});
  return (*base.list)[at];
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

std::optional<bool> Elaborator::truth(const Value &value, SMRange where,
                                      StringRef what) {
  if (value.is(Value::Poison))
    return std::nullopt;
  if (value.is(Value::Bool))
    return value.integer != 0;
  if (value.isTensor())
    fail(where,
         what + " must be known when compiling, but this is a tensor " +
             toString(shapeOf(value)) +
             "; choose elements with where(condition, yes, no)",
         {originNote(value)});
  else
    fail(where, what + " must be true or false, not " + describe(value),
         {originNote(value)});
  return std::nullopt;
}

Value Elaborator::evaluateIf(const IfExpr &expr, Frame &frame) {
  Value condition = evaluate(*expr.condition, frame);
  std::optional<bool> holds =
      truth(condition, expr.condition->range, "the condition of 'if'");
  if (!holds)
    return Value();
  return evaluate(*holds ? *expr.yes : *expr.no, frame);
}

/// Of what is known when compiling, the right side counts only where the left
/// leaves it open.
Value Elaborator::evaluateLogic(const BinaryExpr &expr, Frame &frame) {
  Value left = evaluate(*expr.left, frame);
  if (left.is(Value::Bool) && (left.integer != 0) == (expr.op == "or"))
    return left;
  Value right = evaluate(*expr.right, frame);
  if (left.isTensor() || right.isTensor())
    return elementwise(expr.op, left, right, expr.range);
  std::optional<bool> leftTruth =
      truth(left, expr.left->range,
            expr.op == "or" ? "a side of 'or'" : "a side of 'and'");
  std::optional<bool> rightTruth =
      truth(right, expr.right->range,
            expr.op == "or" ? "a side of 'or'" : "a side of 'and'");
  if (!leftTruth || !rightTruth)
    return Value();
  return Value::makeBool(*rightTruth, expr.range);
}

Value Elaborator::evaluateComprehension(const ComprehensionExpr &expr,
                                        Frame &frame) {
  Value values = evaluate(*expr.values, frame);
  if (values.is(Value::Poison))
    return values;
  if (!values.is(Value::List))
    return fail(expr.values->range,
                "'for' goes through a list, not through " + describe(values));
  Frame inner = frame;
  std::vector<Value> items;
  for (const Value &value : *values.list) {
    inner.locals[expr.name] = value;
    items.push_back(evaluate(*expr.item, inner));
    if (items.back().is(Value::Poison))
      return items.back();
  }
  return Value::makeList(std::move(items), expr.range);
}

} // namespace sinter::spec
