//===- KernelCosts.h - What the kernels of an entry cost -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELCOSTS_H
#define SINTER_CODEGEN_KERNELCOSTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "runtime/Program.h"
#include <array>
#include <string>
#include <vector>

namespace sinter {

/// What `sinter_kernel` says of a kernel.
struct KernelCost {
  /// Of a contraction, the weights that it reads, "h.{i}.attn.c_attn"; of other
  /// kernels what they do.
  std::string name;
  std::string type;
  int64_t window = 0;
  /// By enum sinter_quantity.
  std::array<double, SINTER_QUANTITY_COUNT> bytes = {}, operations = {};
};

/// The kernels of an entry, in the order in which a step calls them: those of
/// layers once.
std::vector<KernelCost> costsOfKernels(mlir::func::FuncOp entry);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELCOSTS_H
