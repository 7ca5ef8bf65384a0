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
#include "codegen/cuda/CudaStep.h"
#include "codegen/device/DeviceProgram.h"
#include "mlir/IR/Diagnostics.h"
#include "passes/Entry.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/IPO/Internalize.h"

using namespace sinter;

/// Kernels and steps as LLVM IR, with row groups declared only; where the
/// program is for a device, steps that launch `device`. Messages of ops that
/// have no kernel go to the context's diagnostic handler.
static llvm::Expected<std::unique_ptr<llvm::Module>>
generateKernels(mlir::ModuleOp program, const RowGroups &rowGroups,
                const DeviceKernels *device, const TargetDescription &target,
                llvm::LLVMContext &context) {
  mlir::MLIRContext &mlirContext = *program.getContext();
  loadKernelDialects(mlirContext);
  mlir::OwningOpRef<mlir::ModuleOp> kernels =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&mlirContext));
  KernelLibrary library(*kernels, target);
  bool any = false;
  for (llvm::StringRef name : {"forward", "encode"})
    if (auto entry = program.lookupSymbol<mlir::func::FuncOp>(name)) {
      any = true;
      if (failed(device ? emitDeviceStep(entry, *kernels, library, *device)
                        : emitStep(entry, *kernels, library, rowGroups)))
        return llvm::createStringError("no code can be generated for @%s",
                                       name.str().c_str());
    }
  if (!any)
    return llvm::createStringError(
        "the module has no function @forward: the passes have not run");
  return lowerToLLVM(*kernels, context);
}

/// Steps that launch kernels for the GPU that `target` names, and these.
static llvm::Expected<std::unique_ptr<llvm::Module>>
generateForCuda(mlir::ModuleOp program, const TargetDescription &target,
                llvm::LLVMContext &context, DeviceProgram &device) {
  llvm::Expected<CudaArchitecture> architecture =
      findCudaArchitecture(target.deviceArchitecture);
  if (!architecture)
    return architecture.takeError();
  mlir::MLIRContext &mlirContext = *program.getContext();
  loadCudaDialects(mlirContext);
  auto location = mlir::UnknownLoc::get(&mlirContext);
  mlir::OwningOpRef<mlir::ModuleOp> steps = mlir::ModuleOp::create(location),
                                    kernels = mlir::ModuleOp::create(location);
  KernelLibrary host(*steps, target);
  CudaLibrary library(*kernels, *architecture);
  for (auto entry : program.getOps<mlir::func::FuncOp>())
    if (failed(emitCudaStep(entry, *steps, host, library)))
      return llvm::createStringError("no code can be generated for @%s",
                                     entry.getName().str().c_str());
  llvm::Expected<DeviceProgram> compiled =
      compileCudaProgram(*kernels, library);
  if (!compiled)
    return compiled.takeError();
  device = std::move(*compiled);
  return lowerToLLVM(*steps, context);
}

/// Kernels stay functions of their own: within the step, the registers of its
/// loops would be taken from theirs, and a profile could not tell them apart.
static void keepKernelsApart(llvm::Module &module) {
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      function.addFnAttr(llvm::Attribute::NoInline);
}

/// The program for one CPU, optimized. Nothing but the steps, under the names
/// of the variant, can be seen from outside.
static llvm::Expected<std::unique_ptr<llvm::Module>>
generateVariant(mlir::ModuleOp program, const DeviceKernels *device,
                const TargetDescription &target, unsigned index,
                llvm::LLVMContext &context, DeviceProgram &deviceProgram) {
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createTargetMachine(target);
  if (!machine)
    return machine.takeError();
  llvm::Expected<RowGroups> rowGroups =
      target.device != Device::none
          ? llvm::Expected<RowGroups>(RowGroups())
          : compileRowGroups(program, target, context);
  if (!rowGroups)
    return rowGroups.takeError();
  llvm::Expected<std::unique_ptr<llvm::Module>> module =
      target.device == Device::cuda
          ? generateForCuda(program, target, context, deviceProgram)
          : generateKernels(program, *rowGroups, device, target, context);
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
  llvm::SmallPtrSet<llvm::GlobalValue *, 2> steps;
  for (auto entry : program.getOps<mlir::func::FuncOp>())
    if (llvm::Function *step = (*module)->getFunction(stepName(entry))) {
      step->setName(variantName(step->getName(), index));
      steps.insert(step);
    }
  llvm::internalizeModule(**module, [&](const llvm::GlobalValue &value) {
    return steps.contains(&value);
  });
  std::string message;
  llvm::raw_string_ostream stream(message);
  if (llvm::verifyModule(**module, &stream))
    return llvm::createStringError("the generated code is not well-formed: %s",
                                   message.c_str());
  optimizeFor(target, **machine, **module);
  return module;
}

llvm::Expected<std::unique_ptr<llvm::Module>>
sinter::generate(mlir::ModuleOp program, const CodegenOptions &options,
                 llvm::LLVMContext &context) {
  // Kernels are made of arithmetic; whoever looks at the program sees names.
  mlir::OwningOpRef<mlir::ModuleOp> primitive = program.clone();
  decomposeComposites(*primitive);
  auto encode = primitive->lookupSymbol<mlir::func::FuncOp>(encodeName);
  if (encode && findInput(encode, featuresInput) &&
      options.targets.front().device != Device::none)
    return llvm::createStringError(
        "a source that is numbers is not built for devices yet: compile this "
        "model for the CPU");
  std::optional<DeviceKernels> device;
  std::vector<DeviceProgram> devicePrograms(options.targets.size());
  if (options.targets.front().device == Device::cuda)
    for (auto entry : primitive->getOps<mlir::func::FuncOp>())
      reserveCudaScratch(entry);
  if (options.targets.front().device == Device::openCL) {
    llvm::Expected<DeviceKernels> compiled = compileDeviceKernels(*primitive);
    if (!compiled)
      return compiled.takeError();
    device = std::move(*compiled);
  }
  std::unique_ptr<llvm::Module> whole;
  for (auto [index, target] : llvm::enumerate(options.targets)) {
    llvm::Expected<std::unique_ptr<llvm::Module>> variant =
        generateVariant(*primitive, device ? &*device : nullptr, target, index,
                        context, devicePrograms[index]);
    if (!variant)
      return variant.takeError();
    // One program of OpenCL serves all CPUs.
    if (device)
      devicePrograms[index] = device->program;
    // Every function says which CPU it is for, so one module holds them all.
    if (!whole)
      whole = std::move(*variant);
    else if (llvm::Linker::linkModules(*whole, std::move(*variant)))
      return llvm::createStringError("code for '%s' cannot be linked",
                                     target.cpu.c_str());
  }
  if (llvm::Error error =
          addProgramDescriptor(*primitive, options, devicePrograms, *whole))
    return error;
  // All that the runtime sees of the program is its descriptor.
  llvm::internalizeModule(*whole, [](const llvm::GlobalValue &value) {
    return value.getName() == "sinter_compiled_model";
  });
  return whole;
}
