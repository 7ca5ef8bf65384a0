//===- Passes.h - The passes and the pipeline ---------------------*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_PASSES_H
#define SINTER_PASSES_PASSES_H

#include "ir/Sinter.h"
#include "mlir/Pass/Pass.h"

namespace sinter {

#define GEN_PASS_DECL
#include "passes/Passes.h.inc"

/// Makes every pass and the pipeline known to tools by name.
void registerPasses();

} // namespace sinter

#endif // SINTER_PASSES_PASSES_H
