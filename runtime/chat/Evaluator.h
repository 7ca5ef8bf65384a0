//===- Evaluator.h - Runs a chat template -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_EVALUATOR_H
#define SINTER_RUNTIME_CHAT_EVALUATOR_H

#include "runtime/chat/Syntax.h"

#include <map>

namespace sinter::runtime::chat {

class Evaluator {
public:
  explicit Evaluator(const Dict &names);
  ~Evaluator();

  std::string run(const Block &block);

private:
  /// Names in a loop, a macro or the whole template.
  struct Scope {
    std::map<std::string, Value, std::less<>> names;
    std::shared_ptr<Scope> around;
  };
  enum class Flow { Next, Break, Continue };

  Flow execute(const Block &block);
  Flow execute(const Statement &statement);
  Flow perform(const Statement &statement);
  Flow loop(const Statement &statement);
  void callBlock(const Statement &statement);
  void assign(const Target &target, const Value &value);
  Value macro(const Statement &statement);
  Value applyFilters(const Statement &statement, Value value);
  /// What a block writes, in a scope of its own.
  std::string written(const Block &block);
  void write(const std::string &text);

  Value evaluate(const Expression &expression);
  Value compute(const Expression &expression);
  Value lookUp(const std::string &name) const;
  Value slice(const Expression &expression);
  Value call(const Expression &expression, Arguments arguments);
  bool compare(const Expression &expression);
  Arguments argumentsOf(const std::vector<ArgumentSyntax> &syntax);
  /// Templates must end.
  void step();

  class Enter;
  std::shared_ptr<Scope> scope;
  /// Those that a macro holds, which they hold: both would live for ever.
  std::vector<std::shared_ptr<Scope>> captured;
  std::string *out = nullptr;
  int64_t steps = 0;
  size_t bytes = 0;
  int depth = 0;
};

/// `left operator right`: + - * / // % ** ~.
Value arithmetic(const std::string &name, const Value &left,
                 const Value &right);

} // namespace sinter::runtime::chat

#endif // SINTER_RUNTIME_CHAT_EVALUATOR_H
