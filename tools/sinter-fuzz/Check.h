//===- Check.h - Does a program survive the compiler? -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_FUZZ_CHECK_H
#define SINTER_TOOLS_SINTER_FUZZ_CHECK_H

#include "mlir/IR/BuiltinOps.h"
#include <string>

namespace sinter {

struct CheckOptions {
  /// Of inputs and weights; also chooses the pipeline's options.
  uint64_t seed = 1;
  /// The program that compares generated code with the evaluator; empty: only
  /// passes are checked.
  std::string checkProgram;
  /// Passes that run first, as text: how the fuzzer itself is tested.
  std::string firstPasses;
};

struct Outcome {
  enum Kind {
    Right,   ///< every pass kept what the program computes
    Refused, ///< a pass said that it does not build this
    Wrong    ///< a value changed, IR is ill-formed, or the compiler crashed
  };
  Kind kind;
  /// The first error, without what differs from graph to graph: numbers, types.
  std::string message;
};

/// Runs all passes on a copy of `module`, evaluated before and after each.
Outcome checkProgram(mlir::ModuleOp module, const CheckOptions &options);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_FUZZ_CHECK_H
