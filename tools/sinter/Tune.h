//===- Tune.h - Register tiles, chosen by measurement -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_TUNE_H
#define SINTER_TOOLS_SINTER_TUNE_H

#include "tools/sinter/CommandLine.h"
#include "llvm/Support/Error.h"

namespace sinter {

/// Times contractions on this machine with every register tile that may fit,
/// says which is the fastest for each kind of weights and by how much, and
/// writes the table to `line.output` where one is named.
llvm::Error tuneTiles(const CommandLine &line);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_TUNE_H
