//===- ProgramDescriptor.h - What the binary says of itself -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_PROGRAMDESCRIPTOR_H
#define SINTER_CODEGEN_PROGRAMDESCRIPTOR_H

#include "codegen/Codegen.h"
#include "codegen/device/DeviceProgram.h"

namespace sinter {

/// Adds the constant `sinter_compiled_model` (runtime/Program.h) to `module`,
/// which holds the steps of the entries of `program`. `device`: what they
/// launch; null where they compute on the CPU.
llvm::Error addProgramDescriptor(mlir::ModuleOp program,
                                 const CodegenOptions &options,
                                 const DeviceProgram *device,
                                 llvm::Module &module);

} // namespace sinter

#endif // SINTER_CODEGEN_PROGRAMDESCRIPTOR_H
