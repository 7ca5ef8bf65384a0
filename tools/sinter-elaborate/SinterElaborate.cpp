//===- SinterElaborate.cpp - A spec and a config into IR ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints the math-level IR of a model, from a folder or from a config alone:
// what writers of specs look at, and what tests of the frontend run.
//
//===----------------------------------------------------------------------===//

#include "frontend/Frontend.h"
#include "frontend/huggingface/Folder.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

static cl::opt<std::string> model(cl::Positional, cl::Required,
                                  cl::desc("<folder or config.json>"));
static cl::opt<std::string> spec("spec", cl::desc("The spec to elaborate"),
                                 cl::value_desc("file"));
static cl::opt<int64_t> contextLength("context",
                                      cl::desc("Most positions of a sequence"),
                                      cl::value_desc("N"));
static cl::opt<std::string> head("head",
                                 cl::desc("The head that the program gets"),
                                 cl::value_desc("name"));
static cl::opt<bool> gguf("gguf",
                          cl::desc("Take the names that GGUF gives to config "
                                   "values and weights"));
static cl::opt<bool> printLocations("locations",
                                    cl::desc("Print the place of every op"));

int main(int argumentCount, char **arguments) {
  InitLLVM init(argumentCount, arguments);
  cl::ParseCommandLineOptions(argumentCount, arguments,
                              "Sinter's specs, elaborated\n");
  sinter::SpecInput input;
  input.spec = spec;
  input.head = head;
  input.gguf = gguf;
  if (contextLength.getNumOccurrences())
    input.context = contextLength;

  sinter::HuggingFaceFolder folder;
  if (StringRef(model).ends_with(".json")) {
    auto config = MemoryBuffer::getFile(model);
    if (!config) {
      errs() << "error: cannot read '" << model
             << "': " << config.getError().message() << '\n';
      return 1;
    }
    input.configText = (*config)->getBuffer().str();
  } else {
    Expected<sinter::HuggingFaceFolder> opened =
        sinter::openHuggingFaceFolder(model);
    if (!opened) {
      errs() << "error: " << toString(opened.takeError()) << '\n';
      return 1;
    }
    folder = std::move(*opened);
    input.configText = folder.configText;
    input.generationConfigText = folder.generationConfigText;
    input.embeddingConfigText = folder.embeddingConfigText;
    input.weights = folder.weights.get();
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module =
      sinter::elaborate(context, input, errs());
  if (!module)
    return 1;
  mlir::OpPrintingFlags flags;
  if (printLocations)
    flags.enableDebugInfo(true).useLocalScope();
  module->print(outs(), flags);
  outs() << '\n';
  return 0;
}
