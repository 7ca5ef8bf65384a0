//===- RowBlocks.cpp - Rows as tensor cores take them -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/RowBlocks.h"
#include "codegen/kernels/Elementwise.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace sinter;

/// Threads take consecutive rows of a run: what they write lies side by side,
/// and each reads whole sectors of 32 bytes of f32.
CudaKernel sinter::emitRowBlocks(CudaBuilder &b, StringRef name, int64_t inputs,
                                 Type element) {
  RowBlocks blocks(inputs);
  constexpr int64_t threads = 256, runsAtOnce = threads / RowBlocks::rows;
  Type pointer = b.pointerType();
  func::FuncOp kernel =
      b.beginKernel(name, {pointer, pointer, b.indexType()}, threads);
  Value x = kernel.getArgument(0), y = kernel.getArgument(1),
        rows = kernel.getArgument(2);
  Value inBlock = b.rem(b.thread(), b.index(RowBlocks::rows));
  Value first = b.div(b.thread(), b.index(RowBlocks::rows));
  Value row = b.add(b.mul(b.block(), RowBlocks::rows), inBlock);
  Value from = b.elementsFrom(x, b.mul(row, inputs), element);
  Value to = b.bytesFrom(y, b.add(b.mul(b.block(), blocks.blockBytes()),
                                  b.mul(inBlock, RowBlocks::run * 2)));
  // Rows of a whole number of runs begin at multiples of 16 bytes.
  int64_t alignment = inputs % RowBlocks::run == 0 ? 16 : 0;
  b.ifLess(row, rows, [&] {
    auto store = [&](Value run, Value vector) {
      Type half = b.getBF16Type();
      Value rounded = vector;
      if (!element.isBF16()) {
        SmallVector<Value> pairs;
        for (int64_t i = 0; i < RowBlocks::run; i += 2)
          pairs.push_back(b.packBrainFloats(b.elementOf(vector, i),
                                            b.elementOf(vector, i + 1)));
        rounded = LLVM::BitcastOp::create(b, b.vectorType(RowBlocks::run, half),
                                          b.vectorOf(pairs));
      }
      b.store(rounded, b.bytesFrom(to, b.mul(run, blocks.runBytes())), 16);
    };
    int64_t whole = inputs / RowBlocks::run, rest = inputs % RowBlocks::run;
    Type type = b.vectorType(RowBlocks::run, element);
    b.loop(first, b.index(whole), runsAtOnce, [&](Value run) {
      store(run,
            b.load(type,
                   b.elementsFrom(from, b.mul(run, RowBlocks::run), element),
                   alignment));
    });
    // The last run, and zeros.
    b.loop(b.add(b.index(whole), first),
           b.index(blocks.paddedInputs() / RowBlocks::run), runsAtOnce,
           [&](Value run) { store(run, b.zero(type)); });
    if (rest == 0)
      return;
    b.ifEqual(first, b.index(0), [&] {
      SmallVector<Value> elements;
      for (int64_t i = 0; i < RowBlocks::run; ++i)
        elements.push_back(
            i < rest ? b.load(element,
                              b.elementsFrom(from, whole * RowBlocks::run + i,
                                             element))
                     : b.zero(element));
      store(b.index(whole), b.vectorOf(elements));
    });
  });
  b.endFunction();
  return {kernel, threads, 0};
}
