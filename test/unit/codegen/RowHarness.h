//===- RowHarness.h - Runs row groups, compiled and evaluated ------*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_UNIT_CODEGEN_ROWHARNESS_H
#define SINTER_TEST_UNIT_CODEGEN_ROWHARNESS_H

#include "CudaEmulator.h"
#include "codegen/RowGroups.h"
#include "ir/Evaluator.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include <gtest/gtest.h>
#include <random>

namespace sinter::test {

/// Sizes of N, R, P and SP in a call.
using Dimensions = std::array<int64_t, 4>;

/// One row group, compiled for a machine that this one can run, or for a GPU
/// that is emulated: "cuda".
class CompiledGroup {
public:
  /// `text` is a module with a function @f that holds one row group, whose
  /// inputs are the function's arguments and whose results it returns.
  static std::unique_ptr<CompiledGroup> compile(const std::string &text,
                                                llvm::StringRef cpu = "native");

  /// Runs it on random arguments, rows cut at `cuts`, and compares with the
  /// evaluator. Results lie between guard zones; what is written outside, or a
  /// row outside the range, is a failure. Where the evaluator has no value,
  /// anything may be.
  void check(Dimensions dimensions, unsigned seed,
             std::vector<double> cuts = {}, double tolerance = 2e-5);

  /// Runs it on one argument of f32 in place of all of them.
  std::vector<float> apply(llvm::ArrayRef<float> argument,
                           Dimensions dimensions);

  /// Fills an argument for `check`: by default, random numbers in [-2, 2], and
  /// in [0, 8) for integers.
  std::function<void(int argument, TensorValue &value, std::mt19937 &random)>
      fill;

private:
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp function;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  std::unique_ptr<CudaEmulator> emulator;
  std::function<void(void **, const int64_t *, int64_t, int64_t)> entry;

  bool compileForCuda(const std::string &text);
};

} // namespace sinter::test

#endif // SINTER_TEST_UNIT_CODEGEN_ROWHARNESS_H
