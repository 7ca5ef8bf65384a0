//===- Evaluator.cpp - Runs a chat template -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Evaluator.h"
#include "runtime/chat/Functions.h"
#include "runtime/chat/Text.h"

#include <algorithm>

using namespace sinter::runtime::chat;

// Bounds that no conversation reaches.
static constexpr int64_t maximumSteps = 1'000'000;
static constexpr size_t maximumBytes = 64 << 20;
static constexpr int maximumCalls = 60;

/// A scope as long as this lives.
class Evaluator::Enter {
public:
  Enter(Evaluator &evaluator, std::shared_ptr<Scope> around)
      : evaluator(evaluator), before(evaluator.scope) {
    evaluator.scope = std::make_shared<Scope>();
    evaluator.scope->around = std::move(around);
  }
  ~Enter() { evaluator.scope = std::move(before); }
  Enter(const Enter &) = delete;

private:
  Evaluator &evaluator;
  std::shared_ptr<Scope> before;
};

Evaluator::Evaluator(const Dict &names) : scope(std::make_shared<Scope>()) {
  for (const auto &[name, value] : names.entries)
    scope->names.emplace(name.text(), value);
}

Evaluator::~Evaluator() {
  for (const std::shared_ptr<Scope> &each : captured)
    each->names.clear();
}

void Evaluator::step() {
  if (++steps > maximumSteps)
    throw TemplateError("the template takes more than 1,000,000 steps");
}

void Evaluator::write(const std::string &text) {
  bytes += text.size();
  if (bytes > maximumBytes)
    throw TemplateError("the template writes more than 64 MiB");
  *out += text;
}

std::string Evaluator::run(const Block &block) {
  std::string text;
  out = &text;
  execute(block);
  return text;
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

Evaluator::Flow Evaluator::execute(const Block &block) {
  for (const auto &statement : block)
    if (Flow flow = execute(*statement); flow != Flow::Next)
      return flow;
  return Flow::Next;
}

std::string Evaluator::written(const Block &block) {
  std::string text;
  std::string *around = std::exchange(out, &text);
  struct Restore {
    std::string *&out, *around;
    ~Restore() { out = around; }
  } restore{out, around};
  Enter enter(*this, scope);
  execute(block);
  return text;
}

Value Evaluator::applyFilters(const Statement &statement, Value value) {
  for (const ExpressionPointer &filter : statement.filters)
    value = applyFilter(filter->name, value, argumentsOf(filter->arguments));
  return value;
}

Evaluator::Flow Evaluator::execute(const Statement &statement) {
  try {
    step();
    return perform(statement);
  } catch (TemplateError &error) {
    if (error.place == TemplateError::unknown)
      error.place = statement.place;
    throw;
  }
}

Evaluator::Flow Evaluator::perform(const Statement &statement) {
  switch (statement.kind) {
  case Statement::Text:
    write(statement.text);
    break;
  case Statement::Output:
    write(evaluate(*statement.expression).text());
    break;
  case Statement::If:
    return execute(evaluate(*statement.expression).truth()
                       ? statement.body
                       : statement.otherwise);
  case Statement::For:
    return loop(statement);
  case Statement::Set:
    assign(statement.target, evaluate(*statement.expression));
    break;
  case Statement::SetBlock:
    assign(statement.target, applyFilters(statement, written(statement.body)));
    break;
  case Statement::Macro:
    captured.push_back(scope);
    scope->names[statement.name] = macro(statement);
    break;
  case Statement::CallBlock:
    callBlock(statement);
    break;
  case Statement::FilterBlock:
    write(applyFilters(statement, written(statement.body)).text());
    break;
  case Statement::With: {
    List values;
    for (const auto &[target, expression] : statement.assignments)
      values.push_back(evaluate(*expression));
    Enter enter(*this, scope);
    for (size_t i = 0; i < values.size(); ++i)
      assign(statement.assignments[i].first, values[i]);
    return execute(statement.body);
  }
  case Statement::Generation: {
    Enter enter(*this, scope);
    return execute(statement.body);
  }
  case Statement::Break:
    return Flow::Break;
  case Statement::Continue:
    return Flow::Continue;
  }
  return Flow::Next;
}

void Evaluator::assign(const Target &target, const Value &value) {
  if (!target.parts.empty()) {
    List elements = value.elements();
    if (elements.size() != target.parts.size())
      throw TemplateError(std::to_string(target.parts.size()) + " names for " +
                              std::to_string(elements.size()) + " values",
                          target.place);
    for (size_t i = 0; i < elements.size(); ++i)
      assign(target.parts[i], elements[i]);
    return;
  }
  if (target.attribute.empty()) {
    scope->names[target.name] = value;
    return;
  }
  Value object = lookUp(target.name);
  if (!object.isNamespace())
    throw TemplateError("only attributes of a namespace can be set, and '" +
                            target.name + "' is " + object.kind(),
                        target.place);
  object.dict().set(target.attribute, value);
}

Evaluator::Flow Evaluator::loop(const Statement &statement) {
  List elements = evaluate(*statement.expression).elements();
  std::shared_ptr<Scope> around = scope;
  if (statement.condition) {
    List kept;
    for (const Value &element : elements) {
      Enter enter(*this, around);
      assign(statement.target, element);
      if (evaluate(*statement.condition).truth())
        kept.push_back(element);
    }
    elements = std::move(kept);
  }
  const auto length = int64_t(elements.size());
  const Value *outer = nullptr;
  if (auto found = scope->names.find("loop"); found != scope->names.end())
    outer = &found->second;
  int64_t level = 1;
  if (outer && outer->isNamespace())
    if (const Value *value = outer->dict().find("depth"))
      level = value->integer() + 1;
  auto changed = std::make_shared<Value>();
  for (int64_t index = 0; index < length; ++index) {
    step();
    Dict facts;
    facts.entries = {
        {"index", index + 1},
        {"index0", index},
        {"first", index == 0},
        {"last", index + 1 == length},
        {"length", length},
        {"revindex", length - index},
        {"revindex0", length - index - 1},
        {"depth", level},
        {"depth0", level - 1},
        {"previtem", index > 0 ? elements[size_t(index) - 1]
                               : Value::undefined("loop.previtem")},
        {"nextitem", index + 1 < length ? elements[size_t(index) + 1]
                                        : Value::undefined("loop.nextitem")},
        {"cycle", Function([index](const Arguments &arguments) {
           if (arguments.positional.empty())
             throw TemplateError("loop.cycle() needs values");
           return arguments
               .positional[size_t(index) % arguments.positional.size()];
         })},
        {"changed", Function([changed](const Arguments &arguments) {
           Value now = Value::tuple(arguments.positional);
           bool differs = !changed->equals(now);
           *changed = now;
           return Value(differs);
         })}};
    Enter enter(*this, around);
    scope->names["loop"] = Value::makeNamespace(std::move(facts));
    assign(statement.target, elements[size_t(index)]);
    if (execute(statement.body) == Flow::Break)
      break;
  }
  return length == 0 ? execute(statement.otherwise) : Flow::Next;
}

/// A function that writes the statement's body with its parameters set.
Value Evaluator::macro(const Statement &statement) {
  // The scope that it was written in; the evaluator clears it in the end.
  return Function([this, &statement, around = scope](const Arguments &given) {
    if (given.positional.size() > statement.parameters.size())
      throw TemplateError("'" + statement.name + "' takes " +
                          std::to_string(statement.parameters.size()) +
                          " arguments");
    if (++depth > maximumCalls)
      throw TemplateError("macros call each other too deep");
    struct Leave {
      int &depth;
      ~Leave() { --depth; }
    } leave{depth};
    Enter enter(*this, around);
    for (size_t i = 0; i < statement.parameters.size(); ++i) {
      const Parameter &parameter = statement.parameters[i];
      const Value *value = given.find(i, parameter.name);
      scope->names[parameter.name] = value ? *value
                                     : parameter.standard
                                         ? evaluate(*parameter.standard)
                                         : Value::undefined(parameter.name);
    }
    for (const auto &[name, value] : given.named)
      if (name == "caller")
        scope->names[name] = value;
      else if (!scope->names.contains(name))
        throw TemplateError("'" + statement.name + "' has no parameter '" +
                            name + "'");
    return Value(written(statement.body));
  });
}

void Evaluator::callBlock(const Statement &statement) {
  captured.push_back(scope);
  Arguments arguments = argumentsOf(statement.expression->arguments);
  arguments.named.emplace_back("caller", macro(statement));
  write(call(*statement.expression, std::move(arguments)).text());
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

Value Evaluator::lookUp(const std::string &name) const {
  for (const Scope *each = scope.get(); each; each = each->around.get())
    if (auto found = each->names.find(name); found != each->names.end())
      return found->second;
  const Value *global = findGlobal(name);
  return global ? *global : Value::undefined(name);
}

Arguments Evaluator::argumentsOf(const std::vector<ArgumentSyntax> &syntax) {
  Arguments arguments;
  for (const ArgumentSyntax &argument : syntax) {
    Value value = evaluate(*argument.value);
    if (argument.stars == 2) {
      if (!value.isDict())
        throw TemplateError("'**' needs a mapping, not " + value.kind());
      for (const auto &[key, element] : value.dict().entries)
        arguments.named.emplace_back(key.text(), element);
    } else if (argument.stars == 1) {
      for (const Value &element : value.elements())
        arguments.positional.push_back(element);
    } else if (!argument.name.empty()) {
      arguments.named.emplace_back(argument.name, value);
    } else {
      arguments.positional.push_back(value);
    }
  }
  return arguments;
}

Value Evaluator::evaluate(const Expression &expression) {
  step();
  try {
    return compute(expression);
  } catch (TemplateError &error) {
    if (error.place == TemplateError::unknown)
      error.place = expression.place;
    throw;
  }
}

Value Evaluator::call(const Expression &expression, Arguments arguments) {
  Value function = evaluate(*expression.children[0]);
  if (!function.isFunction())
    throw TemplateError(function.kind() + " cannot be called");
  return function.function()(arguments);
}

bool Evaluator::compare(const Expression &expression) {
  Value left = evaluate(*expression.children[0]);
  for (size_t i = 0; i < expression.operators.size(); ++i) {
    Value right = evaluate(*expression.children[i + 1]);
    const std::string &name = expression.operators[i];
    Arguments arguments{{right}, {}};
    bool holds = name == "not in" ? !applyTest("in", left, arguments)
                                  : applyTest(name, left, arguments);
    if (!holds)
      return false;
    left = right;
  }
  return true;
}

Value Evaluator::slice(const Expression &expression) {
  Value object = evaluate(*expression.children[0]);
  if (!object.isList() && !object.isString())
    throw TemplateError(object.kind() + " cannot be sliced");
  int64_t length = object.length();
  auto part = [&](size_t i, int64_t standard) {
    if (!expression.children[i])
      return standard;
    Value value = evaluate(*expression.children[i]);
    return value.isNone() ? standard : wholeNumber(value, "a slice's part");
  };
  int64_t step = part(3, 1);
  if (step == 0)
    throw TemplateError("the step of a slice is 0");
  auto bounded = [&](int64_t index) {
    index += index < 0 ? length : 0;
    return std::clamp<int64_t>(index, step > 0 ? 0 : -1,
                               step > 0 ? length : length - 1);
  };
  bool hasBegin = expression.children[1] != nullptr,
       hasEnd = expression.children[2] != nullptr;
  int64_t begin = hasBegin ? bounded(part(1, step > 0 ? 0 : length - 1))
                           : (step > 0 ? 0 : length - 1);
  int64_t end = hasEnd ? bounded(part(2, step > 0 ? length : -length - 1))
                       : (step > 0 ? length : -1);
  List elements = object.elements(), list;
  for (int64_t i = begin; step > 0 ? i < end : i > end;) {
    list.push_back(elements[size_t(i)]);
    if (__builtin_add_overflow(i, step, &i))
      break;
  }
  if (object.isString()) {
    std::string text;
    for (const Value &character : list)
      text += character.string();
    return text;
  }
  return object.isTuple() ? Value::tuple(std::move(list)) : Value(list);
}

Value Evaluator::compute(const Expression &expression) {
  auto child = [&](size_t i) { return evaluate(*expression.children[i]); };
  switch (expression.kind) {
  case Expression::Literal:
    return expression.value;
  case Expression::Name:
    return lookUp(expression.name);
  case Expression::ListDisplay:
  case Expression::TupleDisplay: {
    List list;
    for (size_t i = 0; i < expression.children.size(); ++i)
      list.push_back(child(i));
    return expression.kind == Expression::TupleDisplay
               ? Value::tuple(std::move(list))
               : Value(list);
  }
  case Expression::DictDisplay: {
    Dict dict;
    for (size_t i = 0; i < expression.children.size(); i += 2)
      dict.set(child(i), child(i + 1));
    return dict;
  }
  case Expression::Attribute:
    return attributeOf(child(0), expression.name);
  case Expression::Item:
    return elementOf(child(0), child(1));
  case Expression::Slice:
    return slice(expression);
  case Expression::Call:
    return call(expression, argumentsOf(expression.arguments));
  case Expression::Filter:
    return applyFilter(expression.name, child(0),
                       argumentsOf(expression.arguments));
  case Expression::Test:
    return applyTest(expression.name, child(0),
                     argumentsOf(expression.arguments));
  case Expression::Not:
    return !child(0).truth();
  case Expression::And: {
    Value left = child(0);
    return left.truth() ? child(1) : left;
  }
  case Expression::Or: {
    Value left = child(0);
    return left.truth() ? left : child(1);
  }
  case Expression::Sign: {
    Value value = child(0);
    return expression.name == "-" ? arithmetic("-", 0, value)
                                  : arithmetic("+", 0, value);
  }
  case Expression::Arithmetic: {
    Value left = child(0);
    return arithmetic(expression.name, left, child(1));
  }
  case Expression::Comparison:
    return compare(expression);
  case Expression::Conditional:
    if (child(1).truth())
      return child(0);
    return expression.children[2] ? child(2) : Value();
  }
  return Value();
}
