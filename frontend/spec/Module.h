//===- Module.h - A spec with what it imports -------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_SPEC_MODULE_H
#define SINTER_FRONTEND_SPEC_MODULE_H

#include "frontend/spec/AST.h"
#include "frontend/spec/Diagnostics.h"

#include <map>
#include <vector>

namespace sinter::spec {

struct Module;

/// A function or struct and the module whose names its body sees.
struct Symbol {
  const FunctionDecl *function = nullptr;
  const StructDecl *structure = nullptr;
  const Module *home = nullptr;
  llvm::SMRange range;
};

/// A library, or a model: then of its own file and of those it builds on
/// (`model b from a`), where a later declaration replaces an earlier one of the
/// same name.
struct Module {
  llvm::StringRef name;
  bool isModel = false;
  std::vector<std::unique_ptr<File>> files; ///< The file of the base first.
  std::map<llvm::StringRef, Symbol> symbols;
  std::map<llvm::StringRef, const ConfigEntry *> config;
  std::map<llvm::StringRef, const Statement *> lets;
  std::vector<const ConfigEntry *> configInOrder;
  std::vector<const Statement *> statements;
  std::vector<const WeightsDecl *> weights;
  std::vector<const HeadDecl *> heads;
  std::map<llvm::StringRef, const ProgramEntry *> program;
};

/// Reads specs, follows their imports, and owns the trees.
class Loader {
public:
  explicit Loader(Diagnostics &diagnostics) : diagnostics(diagnostics) {}

  /// The model in a file; null after an error.
  const Module *loadFile(llvm::StringRef path);
  /// The model in a text that messages call `name`; null after an error.
  const Module *loadText(llvm::StringRef name, llvm::StringRef text);
  /// The model that comes with the compiler under this name; null after an
  /// error.
  const Module *loadBuiltin(llvm::StringRef modelType);

private:
  struct Source {
    std::string identifier; ///< As messages name it.
    std::string
        directory; ///< Where imports are looked for first; empty: built in.
    llvm::StringRef text;
  };
  bool readFile(const std::string &path, llvm::SMRange importedAt,
                Source &source);
  bool readBuiltin(llvm::StringRef name, Source &source);
  bool find(llvm::StringRef name, const Source &from, llvm::SMRange where,
            Source &source);
  const Module *loadModel(const Source &source);
  Module *load(const Source &source, llvm::SMRange importedAt);
  bool addFile(Module &module, const Source &source, unsigned depth);
  void declare(Module &module, const File &file);
  void addSymbol(Module &module, llvm::StringRef name, const Symbol &symbol,
                 std::map<llvm::StringRef, llvm::SMRange> &here);
  void import(Module &module, const ImportDecl &decl, const Source &source,
              std::map<llvm::StringRef, llvm::SMRange> &here);

  Diagnostics &diagnostics;
  std::map<std::string, std::unique_ptr<Module>>
      modules; ///< By identifier; null: being loaded.
};

/// Names of the models that come with the compiler, sorted.
std::vector<llvm::StringRef> builtinModels();

} // namespace sinter::spec

#endif // SINTER_FRONTEND_SPEC_MODULE_H
