//===- Builtin.cpp - Functions of the language ----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Builtin.h"

using namespace llvm;

namespace sinter::spec {

static constexpr StringRef oneValue[] = {"x"};
static constexpr StringRef valueAndAxis[] = {"x", "axis"};
static constexpr StringRef whereParameters[] = {"condition", "yes", "no"};
static constexpr StringRef reshapeParameters[] = {"x", "shape"};
static constexpr StringRef transposeParameters[] = {"x", "axes"};
static constexpr StringRef splitParameters[] = {"x", "parts", "axis"};
static constexpr StringRef takeParameters[] = {"x", "index"};
static constexpr StringRef countParameters[] = {"count"};
static constexpr StringRef listParameters[] = {"numbers"};
static constexpr StringRef endsWithParameters[] = {"strings", "ending"};
static constexpr StringRef nameAndAxis[] = {"name", "axis"};

ArrayRef<Builtin> builtins() {
  static const Builtin table[] = {
      {"exp", Builtin::Exp, oneValue, 1, false},
      {"log", Builtin::Log, oneValue, 1, false},
      {"sqrt", Builtin::Sqrt, oneValue, 1, false},
      {"sin", Builtin::Sin, oneValue, 1, false},
      {"cos", Builtin::Cos, oneValue, 1, false},
      {"tanh", Builtin::Tanh, oneValue, 1, false},
      {"erf", Builtin::Erf, oneValue, 1, false},
      {"abs", Builtin::Abs, oneValue, 1, false},
      {"floor", Builtin::Floor, oneValue, 1, false},
      {"max", Builtin::Max, valueAndAxis, 1, true},
      {"min", Builtin::Min, oneValue, 2, true},
      {"sum", Builtin::Sum, valueAndAxis, 1, false},
      {"mean", Builtin::Mean, valueAndAxis, 1, false},
      {"where", Builtin::Where, whereParameters, 3, false},
      {"size", Builtin::Size, valueAndAxis, 1, false},
      {"reshape", Builtin::Reshape, reshapeParameters, 2, false},
      {"transpose", Builtin::Transpose, transposeParameters, 2, false},
      {"broadcast", Builtin::Broadcast, reshapeParameters, 2, false},
      {"concat", Builtin::Concat, valueAndAxis, 1, true},
      {"split", Builtin::Split, splitParameters, 2, false},
      {"take", Builtin::Take, takeParameters, 2, false},
      {"iota", Builtin::Iota, countParameters, 1, false},
      {"range", Builtin::Range, countParameters, 1, false},
      {"vector", Builtin::Vector, listParameters, 1, false},
      {"real", Builtin::ToReal, oneValue, 1, false},
      {"int", Builtin::ToInt, oneValue, 1, false},
      {"has", Builtin::Has, oneValue, 1, false},
      {"ends_with", Builtin::EndsWith, endsWithParameters, 2, false},
      {"weight_size", Builtin::WeightSize, nameAndAxis, 2, false},
  };
  return table;
}

const Builtin *findBuiltin(StringRef name) {
  for (const Builtin &builtin : builtins())
    if (builtin.name == name)
      return &builtin;
  return nullptr;
}

ArrayRef<StringRef> builtinValues() {
  static constexpr StringRef names[] = {"pi", "context", "task"};
  return names;
}

} // namespace sinter::spec
