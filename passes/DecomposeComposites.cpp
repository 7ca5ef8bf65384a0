//===- DecomposeComposites.cpp - Named functions as arithmetic --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"

namespace sinter {
#define GEN_PASS_DEF_DECOMPOSECOMPOSITESPASS
#include "passes/Passes.h.inc"
} // namespace sinter

namespace {

struct DecomposeComposites
    : sinter::impl::DecomposeCompositesPassBase<DecomposeComposites> {
  void runOnOperation() override {
    sinter::decomposeComposites(getOperation());
  }
};

} // namespace
