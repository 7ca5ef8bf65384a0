//===- Passes.td - The passes, in the order of the pipeline ----*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_TD
#define SINTER_PASSES_TD

include "passes/MathPasses.td"
include "passes/WeightPasses.td"
include "passes/KernelPasses.td"

#endif // SINTER_PASSES_TD
