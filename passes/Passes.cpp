//===- Passes.cpp - Registration ----------------------------------*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"
#include "passes/Pipeline.h"

namespace sinter {
#define GEN_PASS_REGISTRATION
#include "passes/Passes.h.inc"
} // namespace sinter

void sinter::registerPasses() {
  registerSinterPasses();
  registerPipeline();
}
