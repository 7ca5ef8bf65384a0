//===- SinterTranslate.cpp - Kernel-level IR to machine code -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/Codegen.h"
#include "codegen/Target.h"
#include "frontend/onnx/Onnx.h"
#include "ir/Sinter.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

using namespace sinter;
namespace cl = llvm::cl;

namespace {
enum class Form { Object, Assembly, LLVM };
} // namespace

static llvm::Error importGraph(const std::string &input, bool isFragment,
                               const std::string &output) {
  llvm::Expected<std::unique_ptr<OnnxFile>> file = OnnxFile::open(input);
  if (!file)
    return file.takeError();
  mlir::MLIRContext context;
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      isFragment ? importOnnxFragment(context, **file, stream)
                 : importOnnxGraph(context, **file, stream);
  if (!module)
    return llvm::createStringError(
        "%s", llvm::StringRef(messages).rtrim().drop_front(7).str().c_str());
  std::string message;
  std::unique_ptr<llvm::ToolOutputFile> text =
      mlir::openOutputFile(output, &message);
  if (!text)
    return llvm::createStringError("%s", message.c_str());
  module->print(text->os());
  text->keep();
  return llvm::Error::success();
}

int main(int argumentCount, char **arguments) {
  llvm::InitLLVM init(argumentCount, arguments);
  cl::OptionCategory category("Options");
  cl::opt<std::string> input(cl::Positional, cl::init("-"),
                             cl::desc("<file of IR after the passes>"),
                             cl::cat(category));
  cl::opt<std::string> output("o", cl::init("-"), cl::desc("Where to write"),
                              cl::value_desc("file"), cl::cat(category));
  cl::opt<std::string> cpu("cpu", cl::desc("CPU or level to compile for"),
                           cl::value_desc("name"), cl::cat(category));
  cl::opt<std::string> machine("target", cl::desc("Machine to compile for"),
                               cl::value_desc("name"), cl::cat(category));
  cl::opt<Form> form("emit", cl::init(Form::Assembly),
                     cl::desc("What to write"),
                     cl::values(clEnumValN(Form::Object, "obj", "an object"),
                                clEnumValN(Form::Assembly, "asm", "assembly"),
                                clEnumValN(Form::LLVM, "llvm", "LLVM IR")),
                     cl::cat(category));
  cl::opt<bool> fromOnnx(
      "import-onnx",
      cl::desc("Take an ONNX graph, and write it as IR at the math level"),
      cl::cat(category));
  cl::opt<bool> isFragment(
      "fragment",
      cl::desc(
          "With --import-onnx: the graph is a part of a model, of one "
          "sequence; what it takes from other parts is looked up by token"),
      cl::cat(category));
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argumentCount, arguments,
                              "Translates Sinter's kernel level to machine "
                              "code, without weights; or an ONNX graph to the "
                              "math level\n");

  auto fail = [](llvm::Error error) {
    llvm::WithColor::error() << llvm::toString(std::move(error)) << "\n";
    return 1;
  };
  if (fromOnnx) {
    if (llvm::Error error = importGraph(input, isFragment, output))
      return fail(std::move(error));
    return 0;
  }
  llvm::Expected<std::vector<TargetDescription>> targets =
      describeTargets(cpu, machine);
  if (!targets)
    return fail(targets.takeError());

  mlir::DialectRegistry registry;
  registry.insert<SinterDialect, mlir::func::FuncDialect>();
  mlir::MLIRContext context(registry);
  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> file =
      mlir::openInputFile(input, &message);
  if (!file)
    return fail(llvm::createStringError("%s", message.c_str()));
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(file), llvm::SMLoc());
  mlir::SourceMgrDiagnosticHandler diagnostics(sources, &context);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::parseSourceFile<mlir::ModuleOp>(sources, &context);
  if (!module)
    return 1;

  CodegenOptions options;
  options.targets = *targets;
  llvm::LLVMContext llvmContext;
  llvm::Expected<std::unique_ptr<llvm::Module>> code =
      generate(*module, options, llvmContext);
  if (!code)
    return fail(code.takeError());

  std::unique_ptr<llvm::ToolOutputFile> stream =
      mlir::openOutputFile(output, &message);
  if (!stream)
    return fail(llvm::createStringError("%s", message.c_str()));
  // Object files are written through a buffer: standard output cannot seek.
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream buffer(bytes);
  llvm::Error error = llvm::Error::success();
  switch (form) {
  case Form::Object:
    error = emitObject(**code, targets->back(), buffer);
    break;
  case Form::Assembly:
    error = emitAssembly(**code, targets->back(), buffer);
    break;
  case Form::LLVM:
    error = emitLLVM(**code, buffer);
    break;
  }
  if (error)
    return fail(std::move(error));
  stream->os() << buffer.str();
  stream->keep();
  return 0;
}
