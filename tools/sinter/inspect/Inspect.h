//===- Inspect.h - What every pass did to a model ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_INSPECT_INSPECT_H
#define SINTER_TOOLS_SINTER_INSPECT_INSPECT_H

#include "tools/sinter/CommandLine.h"
#include "llvm/Support/Error.h"

namespace sinter {

/// Runs the passes on `line.operand` and writes what each did to `line.output`,
/// as a page, as JSON, as a graph for Graphviz, or as IR.
llvm::Error inspectModel(const CommandLine &line);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_INSPECT_INSPECT_H
