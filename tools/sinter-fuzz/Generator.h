//===- Generator.h - Random programs of the math level ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_FUZZ_GENERATOR_H
#define SINTER_TOOLS_SINTER_FUZZ_GENERATOR_H

#include "ir/Sinter.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace sinter {

/// A model of small shapes that is well-formed and whose values stay tame:
/// layers of attention, feed-forward and random row work, in the forms that
/// papers and exporters write and in forms that are almost those. The same seed
/// gives the same program in every run of one build.
mlir::OwningOpRef<mlir::ModuleOp> generateProgram(mlir::MLIRContext &context,
                                                  uint64_t seed);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_FUZZ_GENERATOR_H
