//===- BuiltinSpecs.h - Specs that come with the compiler -------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_SPEC_BUILTINSPECS_H
#define SINTER_FRONTEND_SPEC_BUILTINSPECS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace sinter::spec {

/// A file of frontend/models, kept in the compiler so that it runs from
/// anywhere.
struct BuiltinSpec {
  llvm::StringRef name; ///< Of the file, without ".sinter".
  llvm::StringRef text;
};

/// Sorted by name. The build writes this function from
/// frontend/models/*.sinter.
llvm::ArrayRef<BuiltinSpec> builtinSpecs();

} // namespace sinter::spec

#endif // SINTER_FRONTEND_SPEC_BUILTINSPECS_H
