//===- ParameterErrors.h - What goes wrong with a parameter -----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_PARAMETERERRORS_H
#define SINTER_CODEGEN_PARAMETERERRORS_H

#include "ir/Sinter.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Error.h"

namespace sinter {

/// Collects what goes wrong while a parameter is computed, which is a
/// diagnostic at an op, as one error.
class ParameterErrors {
public:
  explicit ParameterErrors(ParameterOp parameter)
      : parameter(parameter),
        handler(parameter.getContext(), [this](mlir::Diagnostic &diagnostic) {
          if (message.empty())
            message = diagnostic.str();
          return mlir::success();
        }) {}

  llvm::Error take() {
    return llvm::createStringError(
        std::errc::invalid_argument, "parameter '%s': %s",
        parameter.getSymName().str().c_str(), message.c_str());
  }

private:
  ParameterOp parameter;
  std::string message;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace sinter

#endif // SINTER_CODEGEN_PARAMETERERRORS_H
