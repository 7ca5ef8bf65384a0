//===- Names.h - Every name of a spec means something -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_SPEC_NAMES_H
#define SINTER_FRONTEND_SPEC_NAMES_H

#include "frontend/spec/Module.h"

namespace sinter::spec {

/// Checks names and calls in all of a module, also where this config never
/// leads: what is unknown is reported with the nearest known name, and calls
/// are held against the function's parameters.
void checkNames(const Module &module, Diagnostics &diagnostics);

} // namespace sinter::spec

#endif // SINTER_FRONTEND_SPEC_NAMES_H
