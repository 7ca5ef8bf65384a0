//===- Quantize.h - What weights of few bits lose -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_QUANTIZE_H
#define SINTER_TOOLS_SINTER_QUANTIZE_H

#include "tools/sinter/CommandLine.h"
#include "llvm/Support/Error.h"

namespace sinter {

/// Quantizes the weights of `line.operand` as `compile` would, and prints how
/// far each is from what would be stored of it, as a table or as JSON.
llvm::Error reportQuantization(const CommandLine &line);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_QUANTIZE_H
