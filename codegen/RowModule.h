//===- RowModule.h - Row kernels as functions over buffers -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_ROWMODULE_H
#define SINTER_CODEGEN_ROWMODULE_H

#include "codegen/halide/RowProgram.h"
#include "passes/TargetDescription.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace sinter {

/// Compiles row programs through Halide into a module of one function for each,
/// "row_group_0" and so on, of the form that codegen/RowGroups.h documents. The
/// same programs and target give the same module.
llvm::Expected<std::unique_ptr<llvm::Module>>
makeRowModule(llvm::ArrayRef<rows::RowProgram> programs,
              const TargetDescription &target, llvm::LLVMContext &context);

/// The name of the function for a program.
std::string rowFunctionName(size_t program);

} // namespace sinter

#endif // SINTER_CODEGEN_ROWMODULE_H
