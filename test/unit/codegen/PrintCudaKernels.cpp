//===- PrintCudaKernels.cpp - Kernels of large shapes as PTX -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//     print-cuda-kernels ARCHITECTURE
//
// writes kernels of shapes as large models have them; lit tests look at the
// text, and at what `ptxas` says of it.
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/MatrixTile.h"
#include "codegen/cuda/Ptx.h"
#include "ir/Sinter.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/InitLLVM.h"

using namespace sinter;

static void emitKernels(CudaBuilder &b, const CudaArchitecture &architecture) {
  auto weight =
      PackedType::get(b.getContext(), 2048, 8192, b.getBF16Type(),
                      PanelsAttr::get(b.getContext(), 128, RowBlocks::run));
  emitRowBlocks(b, "row_blocks", 2048, b.getF32Type());
  emitMatrixTile(b, "matrix_tile", weight, outputForm(b, {}));
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  if (argc != 2) {
    llvm::errs() << "usage: print-cuda-kernels ARCHITECTURE\n";
    return 1;
  }
  llvm::ExitOnError exitOnError("print-cuda-kernels: ");
  CudaArchitecture architecture = exitOnError(findCudaArchitecture(argv[1]));
  mlir::MLIRContext context;
  context.loadDialect<SinterDialect>();
  loadCudaDialects(context);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  CudaBuilder builder(*module);
  emitKernels(builder, architecture);
  llvm::outs() << exitOnError(emitPtx(*module, architecture));
  return 0;
}
