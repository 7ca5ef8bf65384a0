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

#include "codegen/cuda/FewRows.h"
#include "codegen/cuda/MatrixAttention.h"
#include "codegen/cuda/MatrixTile.h"
#include "codegen/cuda/Ptx.h"
#include "codegen/cuda/QuantizedFewRows.h"
#include "codegen/cuda/RowAttention.h"
#include "codegen/cuda/WarpgroupTile.h"
#include "ir/Sinter.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/InitLLVM.h"

using namespace sinter;

/// Attention of Llama 3.2 1B, over caches of bf16.
static constexpr llvm::StringLiteral attention = R"(
  func.func @f(%q: !sinter.tensor<[N, 32, 64], f32>, %k: !sinter.history<[8, 64], bf16>, %v: !sinter.history<[8, 64], bf16>, %n: !sinter.tensor<[N], i32>) {
    %o = sinter.attention %q, %k, %v, %n, %n (%s : !sinter.tensor<[32, N, P], f32>) : !sinter.tensor<[N, 32, 64], f32>, !sinter.history<[8, 64], bf16>, !sinter.history<[8, 64], bf16> -> !sinter.tensor<[N, 32, 64], f32> {
      %c = sinter.constant 0.125 : !sinter.tensor<[], f32>
      %0 = sinter.mul %s, %c : !sinter.tensor<[32, N, P], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[32, N, P], f32>
      sinter.yield %0 : !sinter.tensor<[32, N, P], f32>
    }
    return
  })";

/// Numbers of so many bits with scales of bf16, in place of bf16.
static void emitQuantized(CudaBuilder &b, const CudaArchitecture &architecture,
                          int64_t bits, int64_t group, bool minimum) {
  auto element = QuantizedType::get(
      b.getContext(), b.getIntegerType(unsigned(bits), /*isSigned=*/false),
      b.getBF16Type(), group, minimum);
  auto weight =
      PackedType::get(b.getContext(), 2048, 8192, element,
                      PanelsAttr::get(b.getContext(), 128, element.getDepth()));
  std::string name = "w" + std::to_string(bits) + "_group" +
                     std::to_string(group) + (minimum ? "_minimum" : "");
  emitQuantizedFewRows(b, name + "_few_rows", weight, outputForm(b, {}));
  emitMatrixTile(b, name + "_matrix_tile", weight, outputForm(b, {}));
  if (architecture.hasWarpgroups)
    emitWarpgroupTile(b, name + "_warpgroup_tile", weight, outputForm(b, {}));
}

static void emitKernels(CudaBuilder &b, const CudaArchitecture &architecture) {
  auto weight =
      PackedType::get(b.getContext(), 2048, 8192, b.getBF16Type(),
                      PanelsAttr::get(b.getContext(), 128, RowBlocks::run));
  emitRowBlocks(b, "row_blocks", 2048, b.getF32Type());
  emitFewRows(b, "few_rows", weight, outputForm(b, {}));
  emitMatrixTile(b, "matrix_tile", weight, outputForm(b, {}));
  if (architecture.hasWarpgroups)
    emitWarpgroupTile(b, "warpgroup_tile", weight, outputForm(b, {}));
  emitQuantized(b, architecture, 8, 0, false);
  emitQuantized(b, architecture, 4, 0, false);
  emitQuantized(b, architecture, 4, 32, false);
  emitQuantized(b, architecture, 4, 128, true);
  auto module =
      mlir::parseSourceString<mlir::ModuleOp>(attention, b.getContext());
  module->walk([&](AttentionOp op) {
    emitMatrixAttention(b, "matrix_attention", op);
    emitRowAttention(b, "row_attention", op);
    emitRowAttentionMerge(b, "row_attention_merge", op);
  });
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
