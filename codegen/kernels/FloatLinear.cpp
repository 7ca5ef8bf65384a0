//===- FloatLinear.cpp - Contractions with f32 and bf16 weights -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/FloatLinear.h"
#include "codegen/kernels/PairProducts.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sinter;

LinearForm sinter::floatForm(KernelBuilder &builder,
                             const TargetDescription &target) {
  LinearForm form;
  form.tile = target.tile;
  form.prefetchBytes = target.prefetchBytes;
  form.prefetchesPanels = target.prefetchesPanels;
  Type f32 = builder.getF32Type();
  form.inputType = form.weightType = form.sumType = form.resultType = f32;
  form.loadInputs = [f32](KernelBuilder &b, Value pointer, int64_t count,
                          int64_t lanes) {
    GroupVectors inputs;
    for (int64_t i = 0; i < count; ++i)
      inputs.push_back(
          b.broadcast(b.load(f32, b.elementsFrom(pointer, i, f32)), lanes));
    return inputs;
  };
  form.unpackWeights = [](KernelBuilder &, const GroupVectors &loaded) {
    return loaded;
  };
  form.multiplyAdd = [](KernelBuilder &b, const GroupVectors &inputs,
                        const GroupVectors &weights, Value sum) {
    for (auto [input, weight] : llvm::zip(inputs, weights))
      sum = b.fusedMultiplyAdd(input, weight, sum);
    return sum;
  };
  form.finish = [](KernelBuilder &, Value sum, const TilePlace &) {
    return sum;
  };
  return form;
}

/// A pair of bf16 in all lanes; the second is 0 where a row ends with the
/// first.
static Value loadPair(KernelBuilder &b, Value pointer, int64_t count,
                      int64_t lanes) {
  // Rows of an odd length leave pairs on any element.
  Value pair = count == 2
                   ? b.load(b.getI32Type(), pointer, /*alignment=*/2)
                   : arith::ExtUIOp::create(b, b.getI32Type(),
                                            b.load(b.getI16Type(), pointer));
  return b.broadcast(pair, lanes);
}

LinearForm sinter::brainFloatForm(KernelBuilder &builder,
                                  const TargetDescription &target,
                                  Type inputType) {
  LinearForm form = floatForm(builder, target);
  form.depth = 2;
  form.inputType = inputType;
  form.weightType = builder.getI32Type();
  bool isRounded = inputType.isBF16();
  bool hasInstruction = isRounded && target.dotProducts.bf16;
  if (isRounded)
    form.loadInputs = [hasInstruction](KernelBuilder &b, Value pointer,
                                       int64_t count, int64_t lanes) {
      Value pair = loadPair(b, pointer, count, lanes);
      return hasInstruction ? GroupVectors{pair} : widenPairs(b, pair);
    };
  if (!hasInstruction) {
    form.unpackWeights = [](KernelBuilder &b, const GroupVectors &loaded) {
      return widenPairs(b, loaded.front());
    };
    return form;
  }
  form.multiplyAdd = [target](KernelBuilder &b, const GroupVectors &inputs,
                              const GroupVectors &weights, Value sum) {
    return multiplyPairs(b, target, sum, inputs.front(), weights.front());
  };
  return form;
}
