//===- Ptx.h - CUDA kernels as PTX and as machine code -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_PTX_H
#define SINTER_CODEGEN_CUDA_PTX_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <string>

namespace sinter {

/// An architecture of NVIDIA's: "sm_80" to "sm_90a". Code for sm_80 runs on all
/// later ones; code for one that ends in `a` on no other.
struct CudaArchitecture {
  std::string name;
  /// 80 for sm_80.
  int64_t version = 0;
  /// Whether it has `wgmma` and bulk copies.
  bool hasWarpgroups = false;
};

/// An error names what is known.
llvm::Expected<CudaArchitecture> findCudaArchitecture(llvm::StringRef name);

/// Loads the dialects that CUDA kernels are written in.
void loadCudaDialects(mlir::MLIRContext &context);

/// Lowers a module of kernels, in place, and writes it as PTX: text that the
/// driver compiles for the GPU at hand.
llvm::Expected<std::string> emitPtx(mlir::ModuleOp module,
                                    const CudaArchitecture &architecture);

/// Where `ptxas` is: on the PATH or with a CUDA toolkit; empty where it is not.
std::string findPtxas();

/// PTX as machine code for one architecture, by `ptxas`.
llvm::Expected<std::string> assemblePtx(llvm::StringRef ptxas,
                                        llvm::StringRef text,
                                        const CudaArchitecture &architecture);

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_PTX_H
