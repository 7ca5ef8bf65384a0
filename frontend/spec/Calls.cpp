//===- Calls.cpp - Functions, called with values
//-----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Elaborator.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"

using namespace llvm;

namespace sinter::spec {

/// Calls within calls.
static constexpr unsigned maximumCalls = 64;

void Elaborator::collectArguments(const CallExpr &expr, Frame &frame,
                                  std::vector<NamedValue> &arguments) {
  for (const Argument &argument : expr.arguments)
    arguments.push_back({argument.name, evaluate(*argument.value, frame)});
}

Value Elaborator::evaluateCall(const CallExpr &expr, Frame &frame) {
  std::vector<NamedValue> arguments;
  collectArguments(expr, frame, arguments);
  return callNamed(expr, std::move(arguments), frame);
}

/// A parameter or let may hold a function; then a function of the module, then
/// one of the language.
Value Elaborator::callNamed(const CallExpr &expr,
                            std::vector<NamedValue> arguments, Frame &frame) {
  StringRef callee = expr.callee;
  std::optional<Value> value;
  if (auto found = frame.locals.find(callee); found != frame.locals.end())
    value = found->second;
  else
    value = lookupGlobal(*frame.module, callee, expr.calleeRange);
  if (value && value->is(Value::Poison))
    return *value;
  if (value && !value->is(Value::Function))
    return fail(expr.calleeRange,
                "'" + callee + "' is " + describe(*value) + ", not a function",
                {originNote(*value)});
  if (value && value->function)
    return callFunction(*value->function, *value->home, std::move(arguments),
                        expr.range, frame);
  const Builtin *builtin =
      findBuiltin(value ? StringRef(value->string) : callee);
  if (!builtin)
    return fail(expr.calleeRange, "there is no function '" + callee + "'");
  for (const NamedValue &argument : arguments)
    if (argument.value.is(Value::Poison))
      return argument.value;
  return callBuiltin(*builtin, arguments, expr.range);
}

Value Elaborator::callFunction(const FunctionDecl &function, const Module &home,
                               std::vector<NamedValue> arguments, SMRange where,
                               Frame &frame) {
  unsigned calls = 0;
  for (const Frame *outer = &frame; outer; outer = outer->caller)
    ++calls;
  if (calls > maximumCalls)
    return fail(where, "'" + function.name + "' is called within " +
                           Twine(maximumCalls) +
                           " calls; does it call itself?");
  Frame inner;
  inner.module = &home;
  inner.caller = &frame;
  inner.callRange = where;
  inner.function = function.name;
  inner.callLocation = locationOf(where);

  size_t next = 0;
  std::map<StringRef, Value> given;
  for (NamedValue &argument : arguments) {
    if (argument.value.is(Value::Poison))
      return argument.value;
    if (argument.name.empty() && next >= function.parameters.size())
      return fail(where,
                  "'" + function.name + "' takes " +
                      Twine(function.parameters.size()) +
                      " arguments, here are more",
                  {{function.range, "declared here"}});
    StringRef name = argument.name.empty() ? function.parameters[next++].name
                                           : argument.name;
    bool known = any_of(function.parameters,
                        [&](const Parameter &p) { return p.name == name; });
    if (!known || !given.try_emplace(name, std::move(argument.value)).second)
      return fail(where,
                  "'" + function.name + "' " +
                      (known ? "is given '" + name + "' twice"
                             : "has no parameter '" + name + "'"),
                  {{function.range, "declared here"}});
  }
  Frame *outer = current;
  current = &inner;
  scope_exit leave([&] { current = outer; });
  for (const Parameter &parameter : function.parameters) {
    auto found = given.find(parameter.name);
    if (found != given.end())
      inner.locals[parameter.name] = found->second;
    else if (parameter.defaultValue)
      inner.locals[parameter.name] = evaluate(*parameter.defaultValue, inner);
    else
      return fail(function.range, "'" + function.name +
                                      "' needs a value for '" + parameter.name +
                                      "'");
  }
  for (const Parameter &parameter : function.parameters)
    if (parameter.hasShape &&
        !bindShape(parameter, inner.locals[parameter.name], inner))
      return Value();
  return evaluateBody(function, inner);
}

/// Holds a value against the shape of its parameter; names that stand for
/// nothing yet get their meaning here.
bool Elaborator::bindShape(const Parameter &parameter, const Value &value,
                           Frame &frame) {
  if (value.is(Value::Poison))
    return false;
  if (!value.isTensor()) {
    fail(parameter.range,
         "'" + parameter.name + "' must be a tensor, but it is " +
             describe(value),
         {originNote(value)});
    return false;
  }
  SmallVector<Dimension> shape = shapeOf(value);
  size_t wanted = parameter.shape.size();
  if (parameter.leadingAxes ? shape.size() < wanted : shape.size() != wanted) {
    fail(parameter.range,
         "'" + parameter.name + "' must have " +
             (parameter.leadingAxes ? "at least " : "") + Twine(wanted) +
             (wanted == 1 ? " axis" : " axes") + ", but it is " +
             describe(value),
         {originNote(value)});
    return false;
  }
  ArrayRef<Dimension> dims = ArrayRef(shape).take_back(wanted);
  for (auto [expr, dim] : zip_equal(parameter.shape, dims)) {
    const auto *name = dyn_cast<NameExpr>(expr.get());
    Value size = dim.isStatic() ? Value::makeInt(dim.getSize(), value.origin)
                                : Value::make(Value::Dim, value.origin);
    if (dim.isSymbol())
      size.string = dim.getSymbol().str();
    bool isNew = name && !frame.locals.count(name->name) &&
                 !frame.module->config.count(name->name) &&
                 !frame.module->lets.count(name->name);
    if (isNew) {
      frame.locals[name->name] = size;
      continue;
    }
    Value expected = evaluate(*expr, frame);
    if (expected.is(Value::Poison))
      return false;
    if (!equal(expected, size)) {
      fail(parameter.range,
           "'" + parameter.name + "' is " + describe(value) + ": its axis of " +
               describe(size) + " must be " +
               StringRef(expr->range.Start.getPointer(),
                         expr->range.End.getPointer() -
                             expr->range.Start.getPointer()) +
               ", which is " + describe(expected),
           {originNote(value),
            originNote(expected, describe(expected) + " comes from here")});
      return false;
    }
  }
  return true;
}

Value Elaborator::evaluateBody(const FunctionDecl &function, Frame &frame) {
  bool valid = true;
  for (const Statement &statement : function.body) {
    switch (statement.kind) {
    case Statement::Let:
      // After a mistake the names are poison, and what does not use them is
      // still checked.
      if (!destructure(statement, evaluate(*statement.value, frame), frame))
        for (auto [name, range] : statement.names)
          frame.locals[name] = Value();
      break;
    case Statement::Require:
      valid &= checkRequire(statement, frame);
      break;
    case Statement::Result: {
      Value value = evaluate(*statement.value, frame);
      return valid ? value : Value();
    }
    }
  }
  return Value();
}

bool Elaborator::destructure(const Statement &statement, const Value &value,
                             Frame &frame) {
  if (value.is(Value::Poison))
    return false;
  if (statement.names.size() == 1) {
    frame.locals[statement.names[0].first] = value;
    return true;
  }
  if (!value.is(Value::List) || value.list->size() != statement.names.size()) {
    fail(statement.names[0].second,
         Twine(statement.names.size()) + " names stand for " + describe(value),
         {originNote(value)});
    return false;
  }
  for (auto [name, item] : zip_equal(statement.names, *value.list))
    frame.locals[name.first] = item;
  return true;
}

bool Elaborator::checkRequire(const Statement &statement, Frame &frame) {
  Value value = evaluate(*statement.value, frame);
  std::optional<bool> holds =
      truth(value, statement.value->range, "what is required");
  if (holds && !*holds)
    fail(statement.value->range, statement.message);
  return holds && *holds;
}

} // namespace sinter::spec
