//===- JsonText.h - Texts as JSON strings write them -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_GRAMMAR_JSONTEXT_H
#define SINTER_RUNTIME_GRAMMAR_JSONTEXT_H

#include "runtime/grammar/Grammar.h"

#include <string>

namespace sinter::runtime::grammar {

/// The texts of an expression as a JSON string writes them, without the quotes
/// around it. A GrammarError at `path` where JSON has no way to.
Expression escapedInJson(Expression expression, const std::string &path);

} // namespace sinter::runtime::grammar

#endif // SINTER_RUNTIME_GRAMMAR_JSONTEXT_H
