//===- Names.cpp - Every name of a spec means something -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Names.h"

#include "frontend/spec/Builtin.h"

#include "llvm/ADT/STLExtras.h"

#include <set>

using namespace llvm;

namespace sinter::spec {
namespace {

class Checker {
public:
  Checker(const Module &module, Diagnostics &diagnostics)
      : module(module), diagnostics(diagnostics) {
    for (const auto &entry : module.config)
      globals.insert(entry.first);
    for (const auto &entry : module.lets)
      globals.insert(entry.first);
    for (StringRef name : builtinValues())
      globals.insert(name);
    configNames = globals;
    for (const WeightsDecl *decl : module.weights)
      for (const WeightEntry &entry : decl->entries)
        globals.insert(entry.path.front());
  }

  void run();

private:
  using Scope = std::set<StringRef>;

  void checkFunction(const FunctionDecl &function);
  void checkEntries(const std::vector<WeightEntry> &entries,
                    const Scope &scope);
  void check(const Expr *expr, const Scope &scope);
  void checkName(const NameExpr &expr, const Scope &scope);
  void checkCall(const CallExpr &call, const Scope &scope, bool firstIsImplied);
  void checkParameters(const CallExpr &call, ArrayRef<StringRef> names,
                       bool variadic, function_ref<bool(unsigned)> isRequired,
                       unsigned implied, SMRange declared);

  const Module &module;
  Diagnostics &diagnostics;
  Scope globals;
  Scope configNames; ///< What config, shapes and conditions can speak of.
};

void Checker::run() {
  for (const auto &file : module.files) {
    for (const ConfigEntry &entry : file->config)
      check(entry.defaultValue.get(), configNames);
    for (const Statement &statement : file->statements)
      check(statement.value.get(), configNames);
    for (const StructDecl &decl : file->structs) {
      Scope scope = configNames;
      scope.insert(decl.parameters.begin(), decl.parameters.end());
      checkEntries(decl.entries, scope);
    }
    for (const WeightsDecl &decl : file->weights) {
      check(decl.condition.get(), configNames);
      checkEntries(decl.entries, configNames);
    }
    // One that a derived model replaces may speak of weights that are gone.
    for (const FunctionDecl &function : file->functions) {
      auto found = module.symbols.find(function.name);
      if (found == module.symbols.end() || !found->second.function ||
          found->second.function == &function ||
          found->second.function->name != function.name)
        checkFunction(function);
    }
    for (const HeadDecl &head : file->heads)
      check(head.condition.get(), configNames);
    for (const ProgramEntry &entry : file->program)
      check(entry.value.get(), configNames);
  }
}

void Checker::checkFunction(const FunctionDecl &function) {
  Scope scope = globals;
  std::map<StringRef, SMRange> parameters;
  for (const Parameter &parameter : function.parameters) {
    check(parameter.defaultValue.get(), scope);
    auto [first, isNew] =
        parameters.try_emplace(parameter.name, parameter.range);
    if (!isNew)
      diagnostics
          .error(parameter.range,
                 "two parameters are called '" + parameter.name + "'")
          .note(first->second, "the first is here");
  }
  for (const Parameter &parameter : function.parameters) {
    scope.insert(parameter.name);
    for (const ExprPtr &dim : parameter.shape) {
      // A name that stands for nothing yet is given its meaning by the call.
      if (const auto *name = dyn_cast<NameExpr>(dim.get()))
        scope.insert(name->name);
      else
        check(dim.get(), scope);
    }
  }
  for (const Statement &statement : function.body) {
    check(statement.value.get(), scope);
    for (auto [name, range] : statement.names)
      scope.insert(name);
  }
}

void Checker::checkEntries(const std::vector<WeightEntry> &entries,
                           const Scope &scope) {
  for (const WeightEntry &entry : entries) {
    for (const ExprPtr &dim : entry.shape)
      check(dim.get(), scope);
    for (const Argument &argument : entry.arguments)
      check(argument.value.get(), scope);
    check(entry.condition.get(), scope);
    if (entry.structName.empty())
      continue;
    auto found = module.symbols.find(entry.structName);
    if (found != module.symbols.end() && found->second.structure) {
      size_t wanted = found->second.structure->parameters.size();
      if (entry.arguments.size() != wanted)
        diagnostics
            .error(entry.structRange,
                   "'" + entry.structName + "' takes " + Twine(wanted) +
                       (wanted == 1 ? " value" : " values") + ", here are " +
                       Twine(entry.arguments.size()))
            .note(found->second.range, "declared here");
      continue;
    }
    std::vector<StringRef> names;
    for (const auto &[name, symbol] : module.symbols)
      if (symbol.structure)
        names.push_back(name);
    diagnostics.error(entry.structRange,
                      "there is no struct '" + entry.structName + "'" +
                          didYouMean(entry.structName, names));
  }
}

void Checker::check(const Expr *expr, const Scope &scope) {
  if (!expr)
    return;
  switch (expr->kind) {
  case Expr::Literal:
    return;
  case Expr::Name:
    return checkName(*cast<NameExpr>(expr), scope);
  case Expr::Field:
    return check(cast<FieldExpr>(expr)->base.get(), scope);
  case Expr::Call:
    return checkCall(*cast<CallExpr>(expr), scope, false);
  case Expr::Index: {
    const auto &index = *cast<IndexExpr>(expr);
    check(index.base.get(), scope);
    for (const IndexItem &item : index.items)
      for (const Expr *part :
           {item.first.get(), item.last.get(), item.step.get()})
        check(part, scope);
    return;
  }
  case Expr::Unary:
    return check(cast<UnaryExpr>(expr)->operand.get(), scope);
  case Expr::Binary:
    check(cast<BinaryExpr>(expr)->left.get(), scope);
    return check(cast<BinaryExpr>(expr)->right.get(), scope);
  case Expr::Transpose:
    return check(cast<TransposeExpr>(expr)->operand.get(), scope);
  case Expr::If:
    check(cast<IfExpr>(expr)->condition.get(), scope);
    check(cast<IfExpr>(expr)->yes.get(), scope);
    return check(cast<IfExpr>(expr)->no.get(), scope);
  case Expr::List:
    for (const ExprPtr &item : cast<ListExpr>(expr)->items)
      check(item.get(), scope);
    return;
  case Expr::Comprehension: {
    const auto &list = *cast<ComprehensionExpr>(expr);
    check(list.values.get(), scope);
    Scope inner = scope;
    inner.insert(list.name);
    return check(list.item.get(), inner);
  }
  case Expr::Through: {
    const auto &through = *cast<ThroughExpr>(expr);
    check(through.initial.get(), scope);
    check(through.times.get(), scope);
    return checkCall(*cast<CallExpr>(through.call.get()), scope, true);
  }
  }
}

void Checker::checkName(const NameExpr &expr, const Scope &scope) {
  if (scope.count(expr.name))
    return;
  auto symbol = module.symbols.find(expr.name);
  if (findBuiltin(expr.name))
    return;
  if (symbol != module.symbols.end()) {
    if (symbol->second.structure)
      diagnostics
          .error(expr.range, "'" + expr.name + "' is a struct, not a value")
          .note(symbol->second.range, "declared here");
    return;
  }
  if (globals.count(expr.name)) {
    diagnostics.error(
        expr.range,
        "the weight '" + expr.name +
            "' cannot be used here: this must be known from the config");
    return;
  }
  std::vector<StringRef> candidates(scope.begin(), scope.end());
  for (const auto &entry : module.symbols)
    candidates.push_back(entry.first);
  diagnostics.error(expr.range, "'" + expr.name + "' is not declared" +
                                    didYouMean(expr.name, candidates));
}

void Checker::checkCall(const CallExpr &call, const Scope &scope,
                        bool firstIsImplied) {
  for (const Argument &argument : call.arguments)
    check(argument.value.get(), scope);
  unsigned implied = firstIsImplied;
  if (scope.count(call.callee))
    return; // a value that may be a function; the call itself will say
  if (const Builtin *builtin = findBuiltin(call.callee)) {
    checkParameters(
        call, builtin->parameters, builtin->variadic,
        [&](unsigned index) { return index < builtin->required; }, implied,
        SMRange());
    return;
  }
  auto symbol = module.symbols.find(call.callee);
  if (symbol != module.symbols.end() && symbol->second.function) {
    const FunctionDecl &function = *symbol->second.function;
    std::vector<StringRef> names;
    for (const Parameter &parameter : function.parameters)
      names.push_back(parameter.name);
    checkParameters(
        call, names, false,
        [&](unsigned index) {
          return !function.parameters[index].defaultValue;
        },
        implied, function.range);
    return;
  }
  if (symbol != module.symbols.end()) {
    diagnostics
        .error(call.calleeRange,
               "'" + call.callee + "' is a struct, not a function")
        .note(symbol->second.range, "declared here");
    return;
  }
  std::vector<StringRef> candidates;
  for (const Builtin &builtin : builtins())
    candidates.push_back(builtin.name);
  for (const auto &[name, other] : module.symbols)
    if (other.function)
      candidates.push_back(name);
  diagnostics.error(call.calleeRange, "there is no function '" + call.callee +
                                          "'" +
                                          didYouMean(call.callee, candidates));
}

void Checker::checkParameters(const CallExpr &call, ArrayRef<StringRef> names,
                              bool variadic,
                              function_ref<bool(unsigned)> isRequired,
                              unsigned implied, SMRange declared) {
  auto report = [&](SMRange where, const Twine &message) {
    Report report = diagnostics.error(where, message);
    if (declared.isValid())
      report.note(declared, "declared here");
  };
  std::set<unsigned> given;
  for (unsigned index = 0; index < implied; ++index)
    given.insert(index);
  unsigned next = implied;
  bool named = false;
  for (const Argument &argument : call.arguments) {
    if (argument.name.empty()) {
      if (named)
        report(argument.value->range,
               "an argument by position stands behind one by name");
      if (next >= names.size() && !variadic) {
        report(argument.value->range,
               "'" + call.callee + "' takes " + Twine(names.size()) +
                   (names.size() == 1 ? " argument" : " arguments") +
                   ", this is one too many");
        return;
      }
      given.insert(next++);
      continue;
    }
    named = true;
    const auto *found = find(names, argument.name);
    if (found == names.end()) {
      report(argument.nameRange, "'" + call.callee + "' has no parameter '" +
                                     argument.name + "'" +
                                     didYouMean(argument.name, names));
      continue;
    }
    unsigned index = found - names.begin();
    bool repeated = variadic ? false : !given.insert(index).second;
    if (repeated)
      report(argument.nameRange,
             "'" + argument.name + "' of '" + call.callee + "' is given twice");
  }
  for (unsigned index = 0; index < names.size(); ++index)
    if (isRequired(index) && !given.count(index))
      report(call.calleeRange,
             "'" + call.callee + "' needs a value for '" + names[index] + "'");
}

} // namespace

void checkNames(const Module &module, Diagnostics &diagnostics) {
  std::set<const Module *> checked;
  std::vector<const Module *> waiting = {&module};
  while (!waiting.empty()) {
    const Module *next = waiting.back();
    waiting.pop_back();
    if (!checked.insert(next).second)
      continue;
    Checker(*next, diagnostics).run();
    for (const auto &entry : next->symbols)
      waiting.push_back(entry.second.home);
  }
}

} // namespace sinter::spec
