//===- Parser.h - Tokens of a spec into its syntax tree ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_SPEC_PARSER_H
#define SINTER_FRONTEND_SPEC_PARSER_H

#include "frontend/spec/AST.h"
#include "frontend/spec/Diagnostics.h"

namespace sinter::spec {

/// The syntax tree of a buffer of `diagnostics`' source manager;
/// frontend/README.md has the grammar. After a mistake parsing goes on with the
/// next line of the same depth, so that one run reports several; the tree is
/// then only part of the file.
std::unique_ptr<File> parse(llvm::StringRef text, Diagnostics &diagnostics);

} // namespace sinter::spec

#endif // SINTER_FRONTEND_SPEC_PARSER_H
