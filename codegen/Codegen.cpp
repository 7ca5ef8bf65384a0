//===- Codegen.cpp - From the kernel level to machine code -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/Codegen.h"
#include "codegen/HostProgram.h"
#include "codegen/Lowering.h"
#include "codegen/Object.h"
#include "codegen/ProgramDescriptor.h"
#include "codegen/RowGroups.h"
#include "codegen/Target.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/IPO/Internalize.h"

using namespace sinter;

/// Kernels and steps as LLVM IR, with row groups declared only. Messages of
/// ops that have no kernel go to the context's diagnostic handler.
static llvm::Expected<std::unique_ptr<llvm::Module>>
generateKernels(mlir::ModuleOp program, const RowGroups &rowGroups,
                const TargetDescription &target, llvm::LLVMContext &context) {
  mlir::MLIRContext &mlirContext = *program.getContext();
  loadKernelDialects(mlirContext);
  mlir::OwningOpRef<mlir::ModuleOp> kernels =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&mlirContext));
  KernelLibrary library(*kernels, target);
  bool any = false;
  for (llvm::StringRef name : {"forward", "encode"})
    if (auto entry = program.lookupSymbol<mlir::func::FuncOp>(name)) {
      any = true;
      if (failed(emitStep(entry, *kernels, library, rowGroups)))
        return llvm::createStringError("no code can be generated for @%s",
                                       name.str().c_str());
    }
  if (!any)
    return llvm::createStringError(
        "the module has no function @forward: the passes have not run");
  return lowerToLLVM(*kernels, context);
}

/// Kernels stay functions of their own: within the step, the registers of its
/// loops would be taken from theirs, and a profile could not tell them apart.
static void keepKernelsApart(llvm::Module &module) {
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      function.addFnAttr(llvm::Attribute::NoInline);
}

llvm::Expected<std::unique_ptr<llvm::Module>>
sinter::generate(mlir::ModuleOp program, const CodegenOptions &options,
                 llvm::LLVMContext &context) {
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createTargetMachine(options.target);
  if (!machine)
    return machine.takeError();
  // Kernels are made of arithmetic; whoever looks at the program sees names.
  mlir::OwningOpRef<mlir::ModuleOp> primitive = program.clone();
  decomposeComposites(*primitive);
  program = *primitive;
  llvm::Expected<RowGroups> rowGroups =
      compileRowGroups(program, options.target, context);
  if (!rowGroups)
    return rowGroups.takeError();
  llvm::Expected<std::unique_ptr<llvm::Module>> module =
      generateKernels(program, *rowGroups, options.target, context);
  if (!module)
    return module.takeError();

  (*module)->setTargetTriple((*machine)->getTargetTriple());
  (*module)->setDataLayout((*machine)->createDataLayout());
  keepKernelsApart(**module);
  if (rowGroups->module) {
    rowGroups->module->setTargetTriple((*module)->getTargetTriple());
    rowGroups->module->setDataLayout((*module)->getDataLayout());
    if (llvm::Linker::linkModules(**module, std::move(rowGroups->module)))
      return llvm::createStringError("row groups cannot be linked");
  }
  if (llvm::Error error = addProgramDescriptor(program, options, **module))
    return error;

  // All that the runtime sees of the program is its descriptor.
  llvm::internalizeModule(**module, [](const llvm::GlobalValue &value) {
    return value.getName() == "sinter_compiled_model";
  });
  std::string message;
  llvm::raw_string_ostream stream(message);
  if (llvm::verifyModule(**module, &stream))
    return llvm::createStringError("the generated code is not well-formed: %s",
                                   message.c_str());
  optimizeFor(options.target, **machine, **module);
  return module;
}
