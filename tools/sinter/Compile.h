//===- Compile.h - From a model's folder to an output file -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_COMPILE_H
#define SINTER_TOOLS_SINTER_COMPILE_H

#include "mlir/IR/BuiltinOps.h"
#include "tools/sinter/CommandLine.h"
#include "llvm/Support/Error.h"

namespace sinter {

/// Compiles `line.operand` to `line.output`, or says why not. After an error
/// there is no output file. Warnings, and with -v the details, go to the
/// standard error. Messages that were printed already (those with a caret)
/// leave a `ReportedError`.
llvm::Error compileModel(const CommandLine &line);

/// Caches are sized for the context when a model starts: who does not say how
/// much of it they need gets a moderate one, and `note` says so.
void limitContext(mlir::ModuleOp module,
                  llvm::function_ref<void(const llvm::Twine &)> note);

/// The error was printed where it arose; nothing is left to say.
class ReportedError : public llvm::ErrorInfo<ReportedError> {
public:
  static char ID;
  void log(llvm::raw_ostream &stream) const override {
    stream << "the error was reported before";
  }
  std::error_code convertToErrorCode() const override {
    return std::make_error_code(std::errc::invalid_argument);
  }
};

/// Compiles `line.operand` unless the cache holds what this compiler made of
/// the same files with the same options, and replaces this process by the
/// compiled model. Returns only if that failed.
llvm::Error runModel(const CommandLine &line);

/// The folder in which runModel keeps compiled models; it is made.
llvm::Expected<std::string> cacheFolder();

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_COMPILE_H
