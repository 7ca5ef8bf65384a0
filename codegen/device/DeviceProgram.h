//===- DeviceProgram.h - What a device runs, and its step -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_DEVICE_DEVICEPROGRAM_H
#define SINTER_CODEGEN_DEVICE_DEVICEPROGRAM_H

#include "codegen/RowGroups.h"
#include "codegen/halide/device/DeviceWork.h"
#include "codegen/kernels/KernelLibrary.h"

namespace sinter {

/// A kernel as the runtime launches it (`sinter_device_kernel`).
struct DeviceKernelRecord {
  std::string name;
  /// A character each: `enum sinter_device_argument`.
  std::string arguments;
  std::array<int, 3> threads{1, 1, 1};
  int64_t localBytes = 0;
};

/// What stands in the binary for a device (`sinter_device_program`).
struct DeviceProgram {
  uint32_t kind = 0; ///< `enum sinter_device_kind`
  std::string architecture;
  std::vector<DeviceKernelRecord> kernels;
  std::string code;
};

/// What computes the kernel ops of a module on a device: ops that are alike
/// have the same kernels.
struct DeviceKernels {
  /// Row work, whose programs are the first works.
  RowGroups rows;
  /// What computes each work, and the number of its first kernel.
  std::vector<std::vector<rows::DeviceKernel>> kernels;
  std::vector<int64_t> firstKernel;
  /// Of contractions (within groups, too), attention, appends to caches and
  /// what finds the largest.
  llvm::DenseMap<mlir::Operation *, size_t> works;
  DeviceProgram program;
};

/// Compiles the kernels of all functions of `module` to OpenCL C. An op that
/// cannot be computed on a device yet is an error at the op.
llvm::Expected<DeviceKernels> compileDeviceKernels(mlir::ModuleOp module);

/// Emits the step of an entry as codegen/HostProgram.h's `emitStep` does, for
/// one thread that launches kernels.
mlir::LogicalResult emitDeviceStep(mlir::func::FuncOp entry,
                                   mlir::ModuleOp module,
                                   KernelLibrary &library,
                                   const DeviceKernels &kernels);

} // namespace sinter

#endif // SINTER_CODEGEN_DEVICE_DEVICEPROGRAM_H
