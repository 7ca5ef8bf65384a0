//===- RowPipeline.h - From row work to Halide --------------------*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_HALIDE_ROWPIPELINE_H
#define SINTER_CODEGEN_HALIDE_ROWPIPELINE_H

#include "codegen/halide/RowProgram.h"
#include <Halide.h>

namespace sinter::rows {

/// The algorithm and schedule of one output of `program`, lowered. Outputs
/// before it are in memory already, for the same row. Throws Halide::Error.
struct LoweredRow {
  Halide::Module module;
  RowKernel kernel;
};
LoweredRow lowerRow(const RowProgram &program, int output,
                    const std::string &name, const Halide::Target &target,
                    int lanes);

} // namespace sinter::rows

#endif // SINTER_CODEGEN_HALIDE_ROWPIPELINE_H
