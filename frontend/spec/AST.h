//===- AST.h - What a spec says ---------------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The syntax tree of one spec file. Spellings (StringRef) and ranges point into
// the buffers of the source manager that the tree was parsed with.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_SPEC_AST_H
#define SINTER_FRONTEND_SPEC_AST_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Casting.h"
#include "llvm/Support/SMLoc.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sinter::spec {

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

struct Expr {
  enum Kind {
    Literal,
    Name,
    Field,
    Call,
    Index,
    Unary,
    Binary,
    Transpose,
    If,
    List,
    Comprehension,
    Through,
  };

  const Kind kind;
  llvm::SMRange range;
  unsigned height = 1; ///< Of the tree below; bounded, so that walking it
                       ///< recursively is safe.

  Expr(Kind kind, llvm::SMRange range) : kind(kind), range(range) {}
  virtual ~Expr() = default;
};

using ExprPtr = std::unique_ptr<Expr>;

/// 12, 1e-5, "gelu", true, none, infinity.
struct LiteralExpr : Expr {
  enum Type { Integer, Real, String, Bool, None };
  Type type;
  int64_t integer = 0; ///< Bool: 0 or 1.
  double real = 0;
  std::string string;

  LiteralExpr(Type type, llvm::SMRange range)
      : Expr(Literal, range), type(type) {}
  static bool classof(const Expr *expr) { return expr->kind == Literal; }
};

struct NameExpr : Expr {
  llvm::StringRef name;

  NameExpr(llvm::StringRef name, llvm::SMRange range)
      : Expr(Name, range), name(name) {}
  static bool classof(const Expr *expr) { return expr->kind == Name; }
};

/// base.name
struct FieldExpr : Expr {
  ExprPtr base;
  llvm::StringRef name;
  llvm::SMRange nameRange;

  FieldExpr(llvm::SMRange range) : Expr(Field, range) {}
  static bool classof(const Expr *expr) { return expr->kind == Field; }
};

struct Argument {
  llvm::StringRef name; ///< Empty: by position.
  llvm::SMRange nameRange;
  ExprPtr value;
};

/// callee(a, name = b)
struct CallExpr : Expr {
  llvm::StringRef callee;
  llvm::SMRange calleeRange;
  std::vector<Argument> arguments;

  CallExpr(llvm::SMRange range) : Expr(Call, range) {}
  static bool classof(const Expr *expr) { return expr->kind == Call; }
};

struct IndexItem {
  enum Kind {
    Single, ///< x[i]: one position, or the rows of a table that a tensor names.
    Slice,  ///< x[a:b:c], x[:]: any of the three may be null.
    Ellipsis, ///< x[..]: all axes not named.
    NewAxis,  ///< x[new]
  };
  Kind kind;
  llvm::SMRange range;
  ExprPtr first;
  ExprPtr last;
  ExprPtr step;
};

/// base[items]
struct IndexExpr : Expr {
  ExprPtr base;
  std::vector<IndexItem> items;

  IndexExpr(llvm::SMRange range) : Expr(Index, range) {}
  static bool classof(const Expr *expr) { return expr->kind == Index; }
};

/// -a, not a
struct UnaryExpr : Expr {
  llvm::StringRef op;
  ExprPtr operand;

  UnaryExpr(llvm::SMRange range) : Expr(Unary, range) {}
  static bool classof(const Expr *expr) { return expr->kind == Unary; }
};

/// Arithmetic (+ - * / // % @ ^), comparison (== != < <= > >= in), logic (and
/// or).
struct BinaryExpr : Expr {
  llvm::StringRef op;
  llvm::SMRange opRange;
  ExprPtr left;
  ExprPtr right;

  BinaryExpr(llvm::SMRange range) : Expr(Binary, range) {}
  static bool classof(const Expr *expr) { return expr->kind == Binary; }
};

/// operand^T
struct TransposeExpr : Expr {
  ExprPtr operand;

  TransposeExpr(llvm::SMRange range) : Expr(Transpose, range) {}
  static bool classof(const Expr *expr) { return expr->kind == Transpose; }
};

/// if condition then yes else no
struct IfExpr : Expr {
  ExprPtr condition;
  ExprPtr yes;
  ExprPtr no;

  IfExpr(llvm::SMRange range) : Expr(If, range) {}
  static bool classof(const Expr *expr) { return expr->kind == If; }
};

/// [a, b] and (a, b)
struct ListExpr : Expr {
  std::vector<ExprPtr> items;

  ListExpr(llvm::SMRange range) : Expr(List, range) {}
  static bool classof(const Expr *expr) { return expr->kind == List; }
};

/// [item for name in values]
struct ComprehensionExpr : Expr {
  ExprPtr item;
  llvm::StringRef name;
  ExprPtr values;

  ComprehensionExpr(llvm::SMRange range) : Expr(Comprehension, range) {}
  static bool classof(const Expr *expr) { return expr->kind == Comprehension; }
};

/// initial through f(arguments) [times count]: the value goes through f once
/// for each layer.
struct ThroughExpr : Expr {
  ExprPtr initial;
  ExprPtr call; ///< A CallExpr without its first argument.
  ExprPtr times;
  llvm::SMRange opRange;

  ThroughExpr(llvm::SMRange range) : Expr(Through, range) {}
  static bool classof(const Expr *expr) { return expr->kind == Through; }
};

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

/// int, real, bool, string, "a" | "b"; `list` of them: [int]; `optional`: int?
struct ConfigType {
  enum Base { Int, Real, Bool, String, Choice };
  Base base = Int;
  bool list = false;
  bool optional = false;
  std::vector<std::string> choices;
};

/// name : type = default from "key", "nested.key"
struct ConfigEntry {
  llvm::StringRef name;
  llvm::SMRange range;
  ConfigType type;
  std::shared_ptr<Expr> defaultValue;
  std::vector<std::string> keys; ///< In config.json; empty: the name itself.
  std::vector<std::string> ggufKeys;
};

struct WeightEntry {
  std::vector<llvm::StringRef>
      path; ///< attn.c_attn.weight, as expressions say it.
  llvm::SMRange range;
  std::vector<std::string>
      names; ///< In the checkpoint, the first that exists; empty: the path.
  std::vector<ExprPtr>
      shape; ///< Of a tensor; of `name[count] : Struct` the count.
  llvm::StringRef structName; ///< Empty: a tensor.
  llvm::SMRange structRange;
  std::vector<Argument> arguments;
  ExprPtr condition; ///< when ...
  bool optional = false;
  std::string gguf;
};

/// struct Norm(n): weights that stand together in several places.
struct StructDecl {
  llvm::StringRef name;
  llvm::SMRange range;
  std::vector<llvm::StringRef> parameters;
  std::vector<WeightEntry> entries;
};

/// weights "transformer." or "": entries below a prefix of their checkpoint
/// names.
struct WeightsDecl {
  llvm::SMRange range;
  std::vector<std::string> prefixes;
  ExprPtr condition;
  std::vector<WeightEntry> entries;
};

/// A parameter with the shape it must have: x[.., T, d].
struct Parameter {
  llvm::StringRef name;
  llvm::SMRange range;
  ExprPtr defaultValue;
  bool hasShape = false;
  bool leadingAxes = false; ///< The shape begins with "..".
  std::vector<ExprPtr> shape;
};

/// let a, b = value, require condition : "message", or the value of a function.
struct Statement {
  enum Kind { Let, Require, Result };
  Kind kind;
  llvm::SMRange range;
  std::vector<std::pair<llvm::StringRef, llvm::SMRange>> names;
  ExprPtr value;
  std::string message;
};

struct FunctionDecl {
  llvm::StringRef name;
  llvm::SMRange range;
  std::vector<Parameter> parameters;
  std::vector<Statement> body; ///< Ends with the Result.
};

/// head masked_token = function when condition
struct HeadDecl {
  llvm::StringRef kind;
  llvm::SMRange range;
  llvm::StringRef function;
  llvm::SMRange functionRange;
  ExprPtr condition;
};

/// A line of `program`: context = n_positions.
struct ProgramEntry {
  llvm::StringRef key;
  llvm::SMRange range;
  ExprPtr value;
};

struct ImportDecl {
  llvm::StringRef module;
  llvm::SMRange range;
  std::vector<std::pair<llvm::StringRef, llvm::SMRange>> names; ///< Empty: all.
};

/// One file.
struct File {
  llvm::StringRef name; ///< model <name>; empty: a library of functions.
  llvm::SMRange range;
  llvm::StringRef base; ///< model <name> from <base>
  llvm::SMRange baseRange;
  std::vector<ImportDecl> imports;
  std::vector<ConfigEntry> config;
  std::vector<WeightsDecl> weights;
  std::vector<StructDecl> structs;
  std::vector<FunctionDecl> functions;
  std::vector<Statement> statements; ///< Global let and require, in order.
  std::vector<HeadDecl> heads;
  std::vector<ProgramEntry> program;
};

} // namespace sinter::spec

#endif // SINTER_FRONTEND_SPEC_AST_H
