//===- CudaEmulator.h - Runs CUDA kernels without a GPU -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_UNIT_CODEGEN_CUDAEMULATOR_H
#define SINTER_TEST_UNIT_CODEGEN_CUDAEMULATOR_H

#include "codegen/cuda/CudaBuilder.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sinter::test {

/// Kernels compiled for this machine instead of a GPU: the threads of a block
/// are fibers, and each `nvvm` operation is a function that does what the PTX
/// ISA says, with the documented layout of lanes. What a GPU may do in any
/// order is done in an order that `seed` chooses: which thread runs, and
/// whether an asynchronous copy lands at once or when it is waited for. Shared
/// memory is poisoned before each block.
class CudaEmulator {
public:
  /// Emits kernels; each becomes known by the name of its function.
  using Emit = std::function<std::vector<CudaKernel>(CudaBuilder &)>;

  explicit CudaEmulator(const Emit &emit);
  /// Kernels that stand in `module`, which is lowered.
  CudaEmulator(mlir::ModuleOp module, const std::vector<CudaKernel> &kernels);
  ~CudaEmulator();

  /// A launch; arguments are pointers and numbers in 64 bits. Returns what goes
  /// wrong, or nothing: lanes of a warp that part ways, threads that wait for
  /// ever, shared memory that no launch gave. Blocks along x are counted from
  /// `first` on.
  [[nodiscard]] std::string launch(const std::string &kernel,
                                   std::array<int64_t, 3> grid,
                                   const std::vector<uint64_t> &arguments,
                                   unsigned seed = 0, int64_t first = 0);

private:
  void compile(mlir::ModuleOp module, const std::vector<CudaKernel> &emitted);

  struct Compiled {
    void (*function)(const uint64_t *);
    int64_t threads, sharedBytes;
    size_t arguments;
  };
  std::unique_ptr<llvm::orc::LLJIT> jit;
  std::map<std::string, Compiled> kernels;
  /// Operations that the emulator does not know.
  std::string unknown;
};

} // namespace sinter::test

#endif // SINTER_TEST_UNIT_CODEGEN_CUDAEMULATOR_H
