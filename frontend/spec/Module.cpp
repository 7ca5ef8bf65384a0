//===- Module.cpp - A spec with what it imports ---------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Module.h"

#include "frontend/spec/Builtin.h"
#include "frontend/spec/BuiltinSpecs.h"
#include "frontend/spec/Parser.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace sinter::spec {

/// A larger file is no spec.
static constexpr uint64_t maximumBytes = 1 << 20;
/// Longest chain of `model c from b`, `model b from a`.
static constexpr unsigned maximumBases = 8;

//===----------------------------------------------------------------------===//
// Finding the text
//===----------------------------------------------------------------------===//

bool Loader::readFile(const std::string &path, SMRange importedAt,
                      Source &source) {
  sys::fs::file_status status;
  std::error_code problem = sys::fs::status(path, status);
  if (!problem && !sys::fs::is_regular_file(status)) {
    diagnostics.error(importedAt, "'" + path + "' is not a file");
    return false;
  }
  if (!problem && status.getSize() > maximumBytes) {
    diagnostics.error(importedAt,
                      "'" + path + "' is larger than 1 MiB: that is no spec");
    return false;
  }
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false,
                                      /*RequiresNullTerminator=*/true,
                                      /*IsVolatile=*/true);
  if (!buffer) {
    diagnostics.error(importedAt, "cannot read '" + path +
                                      "': " + buffer.getError().message());
    return false;
  }
  source.identifier = path;
  source.directory = sys::path::parent_path(path).str();
  if (source.directory.empty())
    source.directory = ".";
  source.text = (*buffer)->getBuffer();
  diagnostics.getSources().AddNewSourceBuffer(std::move(*buffer), SMLoc());
  return true;
}

bool Loader::readBuiltin(StringRef name, Source &source) {
  for (const BuiltinSpec &spec : builtinSpecs()) {
    if (spec.name != name)
      continue;
    source.identifier = ("models/" + name + ".sinter").str();
    source.directory = "";
    auto buffer = MemoryBuffer::getMemBuffer(spec.text, source.identifier);
    source.text = buffer->getBuffer();
    diagnostics.getSources().AddNewSourceBuffer(std::move(buffer), SMLoc());
    return true;
  }
  return false;
}

static std::vector<StringRef> builtinNames() {
  std::vector<StringRef> names;
  for (const BuiltinSpec &spec : builtinSpecs())
    names.push_back(spec.name);
  return names;
}

std::vector<StringRef> builtinModels() {
  std::vector<StringRef> names;
  for (const BuiltinSpec &spec : builtinSpecs())
    if (spec.text.starts_with("model ") || spec.text.contains("\nmodel "))
      names.push_back(spec.name);
  return names;
}

/// Beside the importing file, then among those that come with the compiler.
bool Loader::find(StringRef name, const Source &from, SMRange where,
                  Source &source) {
  if (!from.directory.empty()) {
    SmallString<128> path(from.directory);
    sys::path::append(path, name + ".sinter");
    if (sys::fs::exists(path))
      return readFile(path.str().str(), where, source);
  }
  if (readBuiltin(name, source))
    return true;
  diagnostics.error(where, "there is no '" + name +
                               ".sinter' here or among the built-in specs" +
                               didYouMean(name, builtinNames()));
  return false;
}

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

const Module *Loader::loadFile(StringRef path) {
  Source source;
  if (!readFile(path.str(), SMRange(), source))
    return nullptr;
  return loadModel(source);
}

const Module *Loader::loadText(StringRef name, StringRef text) {
  Source source;
  source.identifier = name.str();
  auto buffer = MemoryBuffer::getMemBufferCopy(text, name);
  source.text = buffer->getBuffer();
  diagnostics.getSources().AddNewSourceBuffer(std::move(buffer), SMLoc());
  return loadModel(source);
}

const Module *Loader::loadModel(const Source &source) {
  Module *module = load(source, SMRange());
  if (!module || diagnostics.hasErrors())
    return nullptr;
  if (!module->isModel) {
    diagnostics.error(SMRange(),
                      "'" + source.identifier +
                          "' declares no model: a spec begins with 'model "
                          "name'");
    return nullptr;
  }
  return module;
}

const Module *Loader::loadBuiltin(StringRef modelType) {
  Source source;
  std::vector<StringRef> models = builtinModels();
  // A name has no hyphens: xlm-roberta is xlm_roberta.
  std::string name = modelType.str();
  std::replace(name.begin(), name.end(), '-', '_');
  if (!is_contained(models, StringRef(name)) || !readBuiltin(name, source)) {
    diagnostics.error(SMRange(), "there is no spec for the model type '" +
                                     modelType + "'; give one with --spec" +
                                     didYouMean(modelType, models));
    return nullptr;
  }
  Module *module = load(source, SMRange());
  return diagnostics.hasErrors() ? nullptr : module;
}

Module *Loader::load(const Source &source, SMRange importedAt) {
  auto [entry, isNew] = modules.try_emplace(source.identifier);
  if (!isNew) {
    if (!entry->second)
      diagnostics.error(importedAt, "'" + source.identifier +
                                        "' imports itself in a circle");
    return entry->second.get();
  }
  auto module = std::make_unique<Module>();
  bool loaded = addFile(*module, source, 0);
  if (!loaded) {
    modules.erase(source.identifier);
    return nullptr;
  }
  return (modules[source.identifier] = std::move(module)).get();
}

bool Loader::addFile(Module &module, const Source &source, unsigned depth) {
  std::unique_ptr<File> file = parse(source.text, diagnostics);
  if (diagnostics.hasErrors())
    return false;
  if (!file->base.empty()) {
    Source base;
    if (depth + 1 >= maximumBases) {
      diagnostics.error(file->baseRange,
                        "this model builds on too many others, or on itself");
      return false;
    }
    if (!find(file->base, source, file->baseRange, base) ||
        !addFile(module, base, depth + 1))
      return false;
    if (!module.isModel) {
      diagnostics.error(file->baseRange, "'" + base.identifier +
                                             "' declares no model to build on");
      return false;
    }
  }
  module.name = file->name;
  module.isModel = !file->name.empty();

  std::map<StringRef, SMRange> here;
  for (const ImportDecl &decl : file->imports)
    import(module, decl, source, here);
  module.files.push_back(std::move(file));
  const File &added = *module.files.back();
  for (const StructDecl &decl : added.structs)
    addSymbol(module, decl.name, {nullptr, &decl, &module, decl.range}, here);
  for (const FunctionDecl &decl : added.functions)
    addSymbol(module, decl.name, {&decl, nullptr, &module, decl.range}, here);
  declare(module, added);
  return !diagnostics.hasErrors();
}

/// Adds a name of one file, that may replace one of a base but not another of
/// the same file.
void Loader::addSymbol(Module &module, StringRef name, const Symbol &symbol,
                       std::map<StringRef, SMRange> &here) {
  auto [entry, isNew] = here.try_emplace(name, symbol.range);
  if (!isNew) {
    diagnostics.error(symbol.range, "'" + name + "' is declared twice")
        .note(entry->second, "first here");
    return;
  }
  if (symbol.function && findBuiltin(name)) {
    diagnostics.error(symbol.range,
                      "'" + name + "' is a function of the language");
    return;
  }
  module.symbols[name] = symbol;
}

void Loader::import(Module &module, const ImportDecl &decl,
                    const Source &source, std::map<StringRef, SMRange> &here) {
  Source imported;
  if (!find(decl.module, source, decl.range, imported))
    return;
  Module *other = load(imported, decl.range);
  if (!other)
    return;
  if (decl.names.empty()) {
    for (const auto &[name, symbol] : other->symbols)
      if (symbol.home == other)
        addSymbol(module, name, symbol, here);
    return;
  }
  std::vector<StringRef> names;
  for (const auto &entry : other->symbols)
    names.push_back(entry.first);
  for (auto [name, range] : decl.names) {
    auto found = other->symbols.find(name);
    if (found == other->symbols.end())
      diagnostics.error(range, "'" + decl.module + "' declares no '" + name +
                                   "'" + didYouMean(name, names));
    else
      addSymbol(module, name, found->second, here);
  }
}

void Loader::declare(Module &module, const File &file) {
  auto onlyModels = [&](bool any, SMRange range, StringRef what) {
    if (any && !module.isModel)
      diagnostics.error(
          range, what + " without a model: this file has no line 'model name'");
  };
  std::map<StringRef, SMRange> here;
  auto isFirst = [&](StringRef name, SMRange range) {
    auto [entry, isNew] = here.try_emplace(name, range);
    if (!isNew)
      diagnostics.error(range, "'" + name + "' is declared twice")
          .note(entry->second, "first here");
    else if (auto symbol = module.symbols.find(name);
             symbol != module.symbols.end())
      diagnostics
          .error(range,
                 "'" + name + "' is the name of a function or struct too")
          .note(symbol->second.range, "declared here");
    return isNew;
  };

  for (const ConfigEntry &entry : file.config) {
    onlyModels(true, entry.range, "config");
    if (!isFirst(entry.name, entry.range))
      continue;
    auto [known, isNew] = module.config.try_emplace(entry.name, &entry);
    if (isNew)
      module.configInOrder.push_back(&entry);
    else {
      std::replace(module.configInOrder.begin(), module.configInOrder.end(),
                   known->second, &entry);
      known->second = &entry;
    }
  }
  for (const Statement &statement : file.statements) {
    module.statements.push_back(&statement);
    for (auto [name, range] : statement.names)
      if (isFirst(name, range))
        module.lets[name] = &statement;
  }
  // Weights and heads belong together: a model that declares some leaves those
  // of its base.
  if (!file.weights.empty())
    module.weights.clear();
  for (const WeightsDecl &decl : file.weights) {
    onlyModels(true, decl.range, "weights");
    module.weights.push_back(&decl);
  }
  if (!file.heads.empty())
    module.heads.clear();
  for (const HeadDecl &decl : file.heads) {
    onlyModels(true, decl.range, "a head");
    module.heads.push_back(&decl);
  }
  std::map<StringRef, SMRange> properties;
  for (const ProgramEntry &entry : file.program) {
    onlyModels(true, entry.range, "a program");
    auto [first, isNew] = properties.try_emplace(entry.key, entry.range);
    if (!isNew)
      diagnostics.error(entry.range, "'" + entry.key + "' is given twice")
          .note(first->second, "first here");
    module.program[entry.key] = &entry;
  }
}

} // namespace sinter::spec
