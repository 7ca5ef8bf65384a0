//===- Object.h - LLVM's optimizer and back end -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_OBJECT_H
#define SINTER_CODEGEN_OBJECT_H

#include "passes/TargetDescription.h"

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace sinter {

/// Makes every function of `module` one for `target` and optimizes it, as -O3
/// does but without vectorizing: kernels are vectors already.
void optimizeFor(const TargetDescription &target, llvm::TargetMachine &machine,
                 llvm::Module &module);

} // namespace sinter

#endif // SINTER_CODEGEN_OBJECT_H
