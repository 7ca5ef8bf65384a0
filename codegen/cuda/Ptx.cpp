//===- Ptx.cpp - CUDA kernels as PTX and as machine code -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/Ptx.h"
#include "codegen/Lowering.h"
#include "codegen/Object.h"
#include "codegen/cuda/CudaBuilder.h"
#include "mlir/Conversion/NVVMToLLVM/NVVMToLLVM.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "passes/TargetDescription.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include <mutex>

using namespace sinter;

llvm::Expected<CudaArchitecture>
sinter::findCudaArchitecture(llvm::StringRef name) {
  for (const CudaArchitecture &known : {CudaArchitecture{"sm_80", 80, false},
                                        CudaArchitecture{"sm_86", 86, false},
                                        CudaArchitecture{"sm_89", 89, false},
                                        CudaArchitecture{"sm_90", 90, false},
                                        CudaArchitecture{"sm_90a", 90, true}})
    if (known.name == name)
      return known;
  return llvm::createStringError(
      "no kernels are made for '%s': sm_80, sm_86, sm_89, sm_90 and sm_90a are "
      "known",
      name.str().c_str());
}

void sinter::loadCudaDialects(mlir::MLIRContext &context) {
  loadKernelDialects(context);
  context.loadDialect<mlir::NVVM::NVVMDialect>();
  mlir::DialectRegistry translations;
  mlir::registerNVVMDialectTranslation(translations);
  context.appendDialectRegistry(translations);
}

/// LLVM's back end, with the oldest PTX that has all that kernels use: what a
/// driver must know.
static llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createMachine(TargetDescription &target, const CudaArchitecture &architecture) {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
  });
  target.triple = "nvptx64-nvidia-cuda";
  target.cpu = target.processor = architecture.name;
  target.features = architecture.version >= 90 ? "+ptx80" : "+ptx78";
  target.vectorBits = 128;
  std::string message;
  llvm::Triple triple(target.triple);
  const llvm::Target *found =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!found)
    return llvm::createStringError("LLVM has no back end for NVIDIA's GPUs: %s",
                                   message.c_str());
  return std::unique_ptr<llvm::TargetMachine>(found->createTargetMachine(
      triple, target.processor, target.features, {}, std::nullopt, std::nullopt,
      llvm::CodeGenOptLevel::Aggressive));
}

llvm::Expected<std::string>
sinter::emitPtx(mlir::ModuleOp module, const CudaArchitecture &architecture) {
  TargetDescription target;
  auto machine = createMachine(target, architecture);
  if (!machine)
    return machine.takeError();
  llvm::StringMap<std::pair<int64_t, int64_t>> kernels;
  for (auto function : module.getOps<mlir::func::FuncOp>())
    if (auto threads = function->getAttrOfType<mlir::IntegerAttr>(
            CudaBuilder::threadsAttribute))
      kernels[function.getName()] = {
          threads.getInt(),
          function
              ->getAttrOfType<mlir::IntegerAttr>(CudaBuilder::blocksAttribute)
              .getInt()};
  // What has no intrinsic becomes text in the code: `wgmma`.
  mlir::PassManager passes(module.getContext());
  passes.addPass(mlir::createConvertNVVMToLLVMPass());
  if (failed(passes.run(module)))
    return llvm::createStringError("kernels cannot be lowered to LLVM IR");
  llvm::LLVMContext context;
  auto lowered = lowerToLLVM(module, context);
  if (!lowered)
    return lowered.takeError();
  (*lowered)->setTargetTriple((*machine)->getTargetTriple());
  (*lowered)->setDataLayout((*machine)->createDataLayout());
  for (const auto &kernel : kernels) {
    auto [threads, blocks] = kernel.second;
    llvm::Function *function = (*lowered)->getFunction(kernel.first());
    function->setCallingConv(llvm::CallingConv::PTX_Kernel);
    function->addFnAttr("nvvm.reqntid", std::to_string(threads) + ",1,1");
    function->addFnAttr("nvvm.minctasm", std::to_string(blocks));
  }
  optimizeFor(target, **machine, **lowered);

  llvm::SmallString<0> text;
  llvm::raw_svector_ostream stream(text);
  llvm::legacy::PassManager emission;
  if ((*machine)->addPassesToEmitFile(emission, stream, nullptr,
                                      llvm::CodeGenFileType::AssemblyFile))
    return llvm::createStringError("LLVM cannot write PTX");
  emission.run(**lowered);
  return text.str().str();
}

std::string sinter::findPtxas() {
  if (auto found = llvm::sys::findProgramByName("ptxas"))
    return *found;
  if (auto found =
          llvm::sys::findProgramByName("ptxas", {"/usr/local/cuda/bin"}))
    return *found;
  return "";
}

llvm::Expected<std::string>
sinter::assemblePtx(llvm::StringRef ptxas, llvm::StringRef text,
                    const CudaArchitecture &architecture) {
  llvm::SmallString<64> input, output, errors;
  for (auto [path, suffix] :
       {std::pair{&input, "ptx"}, {&output, "cubin"}, {&errors, "txt"}})
    if (std::error_code error =
            llvm::sys::fs::createTemporaryFile("sinter", suffix, *path))
      return llvm::createStringError(error, "cannot write a temporary file");
  llvm::scope_exit finish([&] {
    for (const auto &path : {input, output, errors})
      llvm::sys::fs::remove(path);
  });
  {
    std::error_code error;
    llvm::raw_fd_ostream stream(input, error);
    if (error)
      return llvm::createStringError(error, "cannot write '%s'", input.c_str());
    stream << text;
  }
  std::string architectureOption = "-arch=" + architecture.name;
  std::optional<llvm::StringRef> redirects[] = {"", errors.str(), errors.str()};
  int status = llvm::sys::ExecuteAndWait(
      ptxas, {ptxas, architectureOption, "-O3", input, "-o", output},
      std::nullopt, redirects);
  auto result = llvm::MemoryBuffer::getFile(status == 0 ? output : errors);
  if (!result)
    return llvm::createStringError(
        result.getError(), "cannot read what '%s' wrote", ptxas.str().c_str());
  if (status != 0)
    return llvm::createStringError("'%s' refuses the kernels: %s",
                                   ptxas.str().c_str(),
                                   (*result)->getBuffer().str().c_str());
  return (*result)->getBuffer().str();
}
