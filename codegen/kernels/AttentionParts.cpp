//===- AttentionParts.cpp - Attention put together of parts -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/AttentionParts.h"
#include "codegen/kernels/Elementwise.h"
#include "codegen/kernels/OnlineSoftmax.h"
#include "codegen/kernels/VectorMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include <limits>

using namespace mlir;
using namespace sinter;

static constexpr float infinity = std::numeric_limits<float>::infinity();

PartRecords::PartRecords(KernelBuilder &b, AttentionOp op, int64_t lanes)
    : b(b), parts(op), lanes(lanes),
      valueWidth(op.getValues().getType().getWidth()) {}

VectorType PartRecords::vector(int64_t size) {
  return b.vectorType(size, b.getF32Type());
}

Value PartRecords::total(Value record) {
  return b.elementsFrom(record, parts.total(), b.getF32Type());
}

Value PartRecords::maximum(Value record) {
  return b.elementsFrom(record, parts.maximum(), b.getF32Type());
}

void PartRecords::reset(Value record) {
  Value zero = b.zero(vector(lanes));
  for (int64_t e = 0; e < parts.maximum(); e += lanes)
    b.store(zero, b.elementsFrom(record, e, b.getF32Type()));
  b.store(arith::ConstantOp::create(b, b.getF32FloatAttr(-infinity)),
          maximum(record));
}

void PartRecords::copy(Value from, Value to) {
  Type f32 = b.getF32Type();
  for (int64_t e = 0; e < parts.maximum(); e += lanes)
    b.store(b.load(vector(lanes), b.elementsFrom(from, e, f32)),
            b.elementsFrom(to, e, f32));
  b.store(b.load(f32, maximum(from)), maximum(to));
}

void PartRecords::merge(Value part, Value whole) {
  Type f32 = b.getF32Type();
  Value before = b.load(f32, maximum(whole)), own = b.load(f32, maximum(part));
  Value now = arith::SelectOp::create(
      b, arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, own, before), own,
      before);
  b.store(now, maximum(whole));
  // Where nothing was seen yet, minus infinity relative to itself is not 0.
  Value least = arith::ConstantOp::create(b, b.getF32FloatAttr(-infinity));
  Value isNone =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, now, least);
  Value base = arith::SelectOp::create(b, isNone, b.zero(f32), now);
  auto factor = [&](Value maximum) {
    return emitExponential(b, b.broadcast(b.sub(maximum, base), lanes));
  };
  Value ofWhole = factor(before), ofPart = factor(own);
  // The total stands behind the sums.
  for (int64_t e = 0; e < parts.maximum(); e += lanes) {
    Value place = b.elementsFrom(whole, e, f32);
    Value sum = b.mul(b.load(vector(lanes), place), ofWhole);
    Value more = b.load(vector(lanes), b.elementsFrom(part, e, f32));
    b.store(b.fusedMultiplyAdd(more, ofPart, sum), place);
  }
}

void PartRecords::finish(Value record, Value result) {
  Type f32 = b.getF32Type();
  Value factor = emitInverseTotal(b, total(record), lanes);
  int64_t column = 0;
  for (int64_t width : cutIntoVectors(valueWidth, lanes)) {
    b.store(b.mul(b.load(vector(width), b.elementsFrom(record, column, f32)),
                  b.broadcast(factor, width)),
            b.elementsFrom(result, column, f32));
    column += width;
  }
}

Value sinter::partOf(KernelBuilder &b, Value position) {
  return b.div(position, b.index(AttentionParts::positions));
}

Value sinter::partsBelow(KernelBuilder &b, Value end) {
  return partOf(b, b.add(end, b.index(AttentionParts::positions - 1)));
}

Value sinter::isInParts(KernelBuilder &b, Value tokens, Value past) {
  return arith::AndIOp::create(
      b,
      arith::CmpIOp::create(b, arith::CmpIPredicate::sle, tokens,
                            b.index(AttentionParts::mostTokens)),
      arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, past,
                            b.index(AttentionParts::positions)));
}

void sinter::ifInParts(KernelBuilder &b, Value tokens, Value past,
                       llvm::function_ref<void()> body) {
  b.ifLess(tokens, b.index(AttentionParts::mostTokens + 1),
           [&] { b.ifLess(b.index(AttentionParts::positions), past, body); });
}

Value sinter::partialAt(KernelBuilder &b, AttentionOp op, Value partials,
                        Value tokens, Value part, Value token, Value head) {
  Value row =
      b.add(b.mul(b.add(b.mul(part, tokens), token), op.getHeads()), head);
  return b.elementsFrom(partials,
                        b.mul(row, AttentionParts(op).recordElements()),
                        b.getF32Type());
}

func::FuncOp sinter::emitAttentionMerge(KernelBuilder &b, StringRef name,
                                        const TargetDescription &target,
                                        AttentionOp op) {
  Type pointer = b.pointerType(), index = b.indexType();
  func::FuncOp function =
      b.beginFunction(name, {pointer, pointer, pointer, index, index, index});
  Value partials = function.getArgument(0), extents = function.getArgument(1);
  Value result = function.getArgument(2), tokens = function.getArgument(3);
  Value thread = function.getArgument(4), threads = function.getArgument(5);
  PartRecords records(b, op, target.vectorLanes(32));
  Value whole = LLVM::AllocaOp::create(b, pointer, b.getF32Type(),
                                       b.index(records.elements()),
                                       /*alignment=*/64);
  Value rows = b.mul(tokens, op.getHeads()), one = b.index(1);
  Value begin = b.div(b.mul(rows, thread), threads);
  Value end = b.div(b.mul(rows, b.add(thread, one)), threads);
  b.loop(begin, end, 1, [&](Value row) {
    Value token = b.div(row, b.index(op.getHeads()));
    Value head = b.rem(row, b.index(op.getHeads()));
    Value last = b.loadInteger(extents, token), first = b.index(0);
    if (op.getWindow())
      first = b.max(first, b.sub(last, b.index(int64_t(*op.getWindow()))));
    auto partial = [&](Value part) {
      return partialAt(b, op, partials, tokens, part, token, head);
    };
    records.reset(whole);
    first = partOf(b, first);
    last = partsBelow(b, last);
    b.ifLess(first, last, [&] { records.copy(partial(first), whole); });
    b.loop(b.add(first, one), last, 1,
           [&](Value part) { records.merge(partial(part), whole); });
    records.finish(
        whole,
        b.elementsFrom(result, b.mul(row, op.getValues().getType().getWidth()),
                       b.getF32Type()));
  });
  b.endFunction();
  return function;
}
