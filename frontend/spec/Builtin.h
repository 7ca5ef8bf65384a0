//===- Builtin.h - Functions of the language --------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_SPEC_BUILTIN_H
#define SINTER_FRONTEND_SPEC_BUILTIN_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace sinter::spec {

/// What is not written in the language itself.
struct Builtin {
  enum Kind {
    // Elementwise, on numbers and tensors.
    Exp,
    Log,
    Sqrt,
    Sin,
    Cos,
    Tanh,
    Erf,
    Abs,
    Floor,
    // Elementwise of several, or along an axis of one.
    Max,
    Min,
    Sum,
    Mean,
    Where,
    // Shapes.
    Size,
    Reshape,
    Transpose,
    Broadcast,
    Concat,
    Split,
    Take,
    // Making values.
    Iota,
    Range,
    Vector,
    ToReal,
    ToInt,
    // Asking what is there.
    Has,
    EndsWith,
    WeightSize,
  };
  llvm::StringRef name;
  Kind kind;
  /// Names of the parameters.
  llvm::ArrayRef<llvm::StringRef> parameters;
  unsigned required; ///< How many must be given.
  bool variadic; ///< Any number of arguments by position stand for the first
                 ///< parameter.
};

llvm::ArrayRef<Builtin> builtins();
/// Null where there is none.
const Builtin *findBuiltin(llvm::StringRef name);

/// Values of the language: "pi"; "context", the number of positions that the
/// program is compiled for; "task", the kind of its head.
llvm::ArrayRef<llvm::StringRef> builtinValues();

} // namespace sinter::spec

#endif // SINTER_FRONTEND_SPEC_BUILTIN_H
