//===- Frontend.cpp - A spec and a config into IR
//--------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Frontend.h"

#include "frontend/spec/BuiltinSpecs.h"
#include "frontend/spec/Elaborator.h"
#include "frontend/spec/Names.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;
using namespace sinter;

/// The model that the input's spec declares; null after an error.
static const spec::Module *loadSpec(spec::Loader &loader,
                                    const SpecInput &input,
                                    const spec::Config &config,
                                    spec::Diagnostics &diagnostics) {
  if (input.specText)
    return loader.loadText(input.spec, *input.specText);
  if (!input.spec.empty()) {
    // A name alone is that of a spec that comes with the compiler, unless there
    // is such a file.
    bool isFile =
        StringRef(input.spec).find_first_of("./\\") != StringRef::npos ||
        sys::fs::exists(input.spec);
    return isFile ? loader.loadFile(input.spec)
                  : loader.loadBuiltin(input.spec);
  }
  const spec::ConfigValue *type = config.lookup("model_type");
  if (type && type->kind == spec::ConfigValue::String)
    return loader.loadBuiltin(type->string);
  diagnostics.error(SMRange(), input.configName +
                                   " has no \"model_type\" that says which "
                                   "spec to take; give one with --spec");
  return nullptr;
}

mlir::OwningOpRef<mlir::ModuleOp> sinter::elaborate(mlir::MLIRContext &context,
                                                    const SpecInput &input,
                                                    raw_ostream &messages) {
  context.loadDialect<SinterDialect, mlir::func::FuncDialect>();
  SourceMgr sources;
  spec::Diagnostics diagnostics(sources, messages);
  // What the verifier says of IR that should not be possible.
  mlir::ScopedDiagnosticHandler handler(&context,
                                        [&](mlir::Diagnostic &diagnostic) {
                                          messages << diagnostic << '\n';
                                          return mlir::success();
                                        });

  auto readConfig = [&](const std::string &name, const std::string &text) {
    std::string problem;
    spec::Config config = spec::Config::parse(text, problem);
    if (!problem.empty())
      diagnostics.error(SMRange(), name + ": " + problem);
    return config;
  };
  spec::Config config = readConfig(input.configName, input.configText);
  spec::Config generationConfig;
  if (!input.generationConfigText.empty())
    generationConfig =
        readConfig(input.generationConfigName, input.generationConfigText);
  if (!input.embeddingConfigText.empty())
    config.add("sentence_transformers.",
               readConfig("modules.json", input.embeddingConfigText));
  if (diagnostics.hasErrors())
    return nullptr;

  spec::Loader loader(diagnostics);
  const spec::Module *module = loadSpec(loader, input, config, diagnostics);
  if (!module)
    return nullptr;
  spec::checkNames(*module, diagnostics);
  if (diagnostics.hasErrors())
    return nullptr;
  return spec::Elaborator(context, *module, input, config, generationConfig,
                          diagnostics)
      .run();
}

std::optional<std::string> sinter::specText(StringRef name) {
  for (const spec::BuiltinSpec &spec : spec::builtinSpecs())
    if (name == ("models/" + spec.name + ".sinter").str())
      return spec.text.str();
  ErrorOr<std::unique_ptr<MemoryBuffer>> file = MemoryBuffer::getFile(name);
  if (!file)
    return std::nullopt;
  return (*file)->getBuffer().str();
}

std::vector<BuiltinModel> sinter::builtinModels() {
  std::vector<BuiltinModel> models;
  SourceMgr sources;
  spec::Diagnostics diagnostics(sources, nulls());
  spec::Loader loader(diagnostics);
  for (StringRef type : spec::builtinModels()) {
    BuiltinModel model;
    model.type = type.str();
    // "# GPT-2 (Radford et al. 2019): learned positions, ..."
    std::string text =
        specText(("models/" + type + ".sinter").str()).value_or("");
    StringRef line = StringRef(text).split('\n').first;
    line.consume_front("# ");
    model.family = line.split(':').first.rtrim('.').str();
    if (const spec::Module *module = loader.loadBuiltin(type))
      for (const spec::HeadDecl *head : module->heads)
        model.heads.push_back(head->kind.str());
    models.push_back(std::move(model));
  }
  return models;
}
