//===- PairProducts.cpp - Products of pairs of bf16 -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/PairProducts.h"
#include "codegen/kernels/ByteProducts.h"
#include "codegen/kernels/Elementwise.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace sinter;

SmallVector<Value, 2> sinter::widenPairs(KernelBuilder &b, Value pairs) {
  Value first =
      arith::ShLIOp::create(b, pairs, integers(b, pairs.getType(), 16));
  Value second = arith::AndIOp::create(
      b, pairs, integers(b, pairs.getType(), int32_t(0xffff0000)));
  Type f32 = b.getF32Type();
  return {withElements(b, first, f32), withElements(b, second, f32)};
}

Value sinter::multiplyPairs(KernelBuilder &b, const TargetDescription &target,
                            Value sum, Value left, Value right) {
  auto type = cast<VectorType>(sum.getType());
  int64_t lanes = type.getNumElements();
  // Vectors of a remainder may be narrower than the instruction's.
  int64_t least = 4;
  if (!target.dotProducts.bf16 || lanes < least) {
    SmallVector<Value, 2> lefts = widenPairs(b, left),
                          rights = widenPairs(b, right);
    sum = b.fusedMultiplyAdd(lefts[1], rights[1], sum);
    return b.fusedMultiplyAdd(lefts[0], rights[0], sum);
  }
  Type brain = b.getBF16Type();
  std::string name =
      target.isArm()
          ? "llvm.aarch64.neon.bfdot.v" + std::to_string(lanes) + "f32.v" +
                std::to_string(2 * lanes) + "bf16"
          : "llvm.x86.avx512bf16.dpbf16ps." + std::to_string(32 * lanes);
  return b.callIntrinsic(
      name, {sum, withElements(b, left, brain), withElements(b, right, brain)},
      type);
}

Value sinter::roundToPairs(KernelBuilder &b, const TargetDescription &target,
                           Value floats) {
  auto type = cast<VectorType>(floats.getType());
  Value brain = target.dotProducts.bf16
                    ? Value(arith::TruncFOp::create(
                          b, type.clone(b.getBF16Type()), floats))
                    : emitBrainFloat(b, floats);
  return withElements(b, brain, b.getI16Type());
}
