//===- CudaLibrary.h - Every kernel of a program for a GPU, once -*- C++ -*-==//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_CUDALIBRARY_H
#define SINTER_CODEGEN_CUDA_CUDALIBRARY_H

#include "codegen/cuda/Ptx.h"
#include "codegen/cuda/RowKernel.h"
#include "codegen/device/DeviceProgram.h"
#include "llvm/ADT/StringMap.h"

namespace sinter {

/// Kernels that compute one contraction, by their numbers; each for so many
/// rows a block.
struct CudaContraction {
  /// Of few rows, and of many; the same where there is one for all.
  int64_t few = 0, many = 0;
  int64_t fewRows = 8, manyRows = 8;
  /// Blocks that share the columns.
  int64_t fewColumnBlocks = 1, manyColumnBlocks = 1;
  /// Whether rows come in blocks of bf16 (RowBlocks.h).
  bool takesBlocks = false;
};

/// Kernels that compute an attention. `many` is for many tokens at once; -1
/// where `few` serves any.
struct CudaAttention {
  int64_t few = 0, merge = 0, many = -1;
  int64_t headBlocks = 1;
};

/// Emits a kernel when it is first asked for, as
/// codegen/kernels/KernelLibrary.h does for a CPU: the same kernel for what is
/// computed alike, whatever the layer. Kernels are numbered in the order in
/// which they are asked for.
class CudaLibrary {
public:
  /// Kernels are put at the end of `module`.
  CudaLibrary(mlir::ModuleOp module, CudaArchitecture architecture)
      : builder(module), architecture(std::move(architecture)) {}

  mlir::FailureOr<int64_t> getRows(const CudaRowWork &work);
  /// What rounds rows of this type to blocks.
  int64_t getRowBlocks(int64_t inputs, mlir::Type element);
  /// Of a group's contraction, with its epilogue where that is on tiles; or of
  /// a contraction of its own, where `group` is null.
  mlir::FailureOr<CudaContraction> get(LinearOp op, LinearGroupOp group);
  mlir::FailureOr<CudaAttention> get(AttentionOp op);
  int64_t getArgmax(int64_t width);

  const std::vector<DeviceKernelRecord> &getKernels() const { return records; }
  /// The same, as they were emitted.
  const std::vector<CudaKernel> &getEmitted() const { return emitted; }
  const CudaArchitecture &getArchitecture() const { return architecture; }

private:
  mlir::FailureOr<int64_t> findOrEmit(
      const llvm::Twine &kind, const std::string &key,
      llvm::function_ref<mlir::FailureOr<CudaKernel>(llvm::StringRef)> emit);
  int64_t alwaysEmit(const llvm::Twine &kind, const std::string &key,
                     llvm::function_ref<CudaKernel(llvm::StringRef name)> emit);

  CudaBuilder builder;
  CudaArchitecture architecture;
  std::vector<DeviceKernelRecord> records;
  std::vector<CudaKernel> emitted;
  /// Numbers of kernels by all that their code depends on.
  llvm::StringMap<int64_t> kernels;
};

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_CUDALIBRARY_H
