//===- Syntax.h - A chat template as a tree -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_SYNTAX_H
#define SINTER_RUNTIME_CHAT_SYNTAX_H

#include "runtime/chat/Value.h"

#include <memory>
#include <string>
#include <vector>

namespace sinter::runtime::chat {

struct Expression;
struct Statement;
using ExpressionPointer = std::unique_ptr<Expression>;
using Block = std::vector<std::unique_ptr<Statement>>;

/// What stands in the parentheses of a call, a filter or a test.
struct ArgumentSyntax {
  std::string name; ///< empty: by its position
  ExpressionPointer value;
  int stars = 0; ///< 1: `*list`, 2: `**mapping`
};

struct Expression {
  enum Kind {
    Literal,     ///< value
    Name,        ///< name
    ListDisplay, ///< [children]
    TupleDisplay,
    DictDisplay, ///< keys and values by turns
    Attribute,   ///< children[0].name
    Item,        ///< children[0][children[1]]
    Slice,       ///< children[0][begin:end:step]; a part may be null
    Call,        ///< children[0](arguments)
    Filter,      ///< children[0] | name(arguments)
    Test,        ///< children[0] is name(arguments)
    Not,
    And,
    Or,
    Sign,       ///< name: "-" or "+"
    Arithmetic, ///< children[0] name children[1]: + - * / // % ** ~
    Comparison, ///< children[0] operators[0] children[1] operators[1] ...
    Conditional ///< children[0] if children[1] else children[2], which may be
                ///< null
  } kind;
  size_t place = 0; ///< where it begins in the template's text
  Value value = {};
  std::string name = {};
  std::vector<ExpressionPointer> children = {};
  std::vector<ArgumentSyntax> arguments = {};
  std::vector<std::string> operators = {};
};

/// What a `set` or a `for` gives values to: a name, an attribute of a
/// namespace, or several.
struct Target {
  size_t place = 0;
  std::string name, attribute; ///< attribute empty: a name
  std::vector<Target> parts;   ///< not empty: each gets an element
};

struct Parameter {
  std::string name;
  ExpressionPointer standard; ///< null: it has to be given
};

struct Statement {
  enum Kind {
    Text,      ///< text
    Output,    ///< {{ expression }}
    If,        ///< body where the expression holds, else otherwise
    For,       ///< target, expression, condition (may be null), body, otherwise
    Set,       ///< target = expression
    SetBlock,  ///< target = what body writes, through filters
    Macro,     ///< name(parameters): body
    CallBlock, ///< expression (a call) with body as caller(parameters)
    FilterBlock, ///< what body writes, through filters
    With,        ///< targets = expressions, body
    Generation,  ///< body: what the model is to write, for those who train it
    Break,
    Continue
  } kind;
  size_t place = 0;
  std::string text = {}, name = {};
  ExpressionPointer expression = {}, condition = {};
  Target target = {};
  std::vector<std::pair<Target, ExpressionPointer>> assignments = {};
  std::vector<Parameter> parameters = {};
  /// Filters without what they are applied to, the innermost first.
  std::vector<ExpressionPointer> filters = {};
  Block body = {}, otherwise = {};
};

} // namespace sinter::runtime::chat

#endif // SINTER_RUNTIME_CHAT_SYNTAX_H
