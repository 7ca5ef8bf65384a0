//===- OnlineSoftmax.cpp - Softmax of one block after the other -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/OnlineSoftmax.h"
#include "codegen/kernels/ByteProducts.h"
#include "codegen/kernels/Elementwise.h"
#include "codegen/kernels/PairProducts.h"
#include "codegen/kernels/VectorMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>
#include <numbers>

using namespace mlir;
using namespace sinter;

static constexpr float infinity = std::numeric_limits<float>::infinity();

static Value number(KernelBuilder &b, float value) {
  return arith::ConstantOp::create(b, b.getF32FloatAttr(value));
}

static Value larger(KernelBuilder &b, Value lhs, Value rhs) {
  return arith::SelectOp::create(
      b, arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, lhs, rhs), lhs,
      rhs);
}

/// The largest element, in every lane.
static Value largestOfLanes(KernelBuilder &b, Value vector, int64_t lanes) {
  for (int64_t width = lanes / 2; width > 0; width /= 2) {
    SmallVector<int64_t> turned;
    for (int64_t lane = 0; lane < lanes; ++lane)
      turned.push_back(lane ^ width);
    vector =
        larger(b, vector, vector::ShuffleOp::create(b, vector, vector, turned));
  }
  return vector;
}

static Value firstLane(KernelBuilder &b, Value vector) {
  return vector::ExtractOp::create(b, vector, int64_t(0));
}

/// Writes the logits of a block over its scores; gives the largest of each
/// lane.
static Value emitLogits(KernelBuilder &b, ScoreFunction &function, Value line,
                        Value vectors, int64_t lanes, Value block, Value begin,
                        Value end) {
  VectorType type = b.vectorType(lanes, b.getF32Type());
  auto everywhere = [&](Value position) {
    return b.broadcast(arith::TruncIOp::create(b, b.getI32Type(), position),
                       lanes);
  };
  Value first = begin ? everywhere(begin) : Value();
  Value behind = everywhere(end);
  Value never = emitConstant(b, -infinity, b.getF32Type(), lanes);
  auto visit = [&](Value vector, ValueRange carried) {
    Value place = b.elementsFrom(line, b.mul(vector, lanes), b.getF32Type());
    Value position = b.add(block, b.mul(vector, lanes));
    Value logits = function.emit(b.load(type, place, lanes * 4), position);
    Value count = emitCount(b, position, lanes);
    Value seen =
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, count, behind);
    if (first)
      seen = arith::AndIOp::create(
          b, seen,
          arith::CmpIOp::create(b, arith::CmpIPredicate::sge, count, first));
    logits = arith::SelectOp::create(b, seen, logits, never);
    b.store(logits, place, lanes * 4);
    return SmallVector<Value>{larger(b, logits, carried[0])};
  };
  return b.loop(b.index(0), vectors, 1, {never}, visit)[0];
}

/// The smallest multiple of ln 2 that is not below x, about.
static Value roundUp(KernelBuilder &b, Value x, int64_t lanes) {
  auto constant = [&](double number) {
    return emitConstant(b, number, b.getF32Type(), lanes);
  };
  Value powers = emitCeiling(b, b.mul(x, constant(std::numbers::log2e)));
  return b.mul(powers, constant(std::numbers::ln2));
}

void sinter::emitSoftmaxOfBlock(KernelBuilder &b,
                                const TargetDescription &target, bool isRounded,
                                ScoreFunction &function, Value line,
                                Value vectors, int64_t lanes, Value block,
                                Value begin, Value end,
                                const RunningSoftmax &running) {
  Type f32 = b.getF32Type();
  VectorType type = b.vectorType(lanes, f32);
  Value largest =
      emitLogits(b, function, line, vectors, lanes, block, begin, end);
  Value before = b.broadcast(b.load(f32, running.maximum), lanes);
  largest = largestOfLanes(b, largest, lanes);
  if (isRounded)
    largest = roundUp(b, largest, lanes);
  Value now = larger(b, largest, before);
  b.store(firstLane(b, now), running.maximum);
  // Where nothing was seen yet, minus infinity relative to itself is not 0.
  Value isNone = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, now,
                                       emitConstant(b, -infinity, f32, lanes));
  Value base = arith::SelectOp::create(b, isNone, b.zero(type), now);
  Value correction = emitSmallExponential(b, b.sub(before, base));
  b.store(firstLane(b, correction), running.correction);
  Value total = b.mul(b.load(type, running.total, lanes * 4), correction);
  auto visit = [&](Value vector, ValueRange carried) {
    Value place = b.elementsFrom(line, b.mul(vector, lanes), f32);
    Value weights =
        emitSmallExponential(b, b.sub(b.load(type, place, lanes * 4), base));
    if (isRounded) {
      // Never behind what is still to be read.
      Value bits = roundToPairs(b, target, weights);
      b.store(bits, b.elementsFrom(line, b.mul(vector, lanes), b.getI16Type()),
              lanes * 2);
      Value words =
          arith::ExtUIOp::create(b, b.vectorType(lanes, b.getI32Type()), bits);
      weights = withElements(
          b, arith::ShLIOp::create(b, words, integers(b, words.getType(), 16)),
          f32);
    } else {
      b.store(weights, place, lanes * 4);
    }
    return SmallVector<Value>{b.add(carried[0], weights)};
  };
  b.store(b.loop(b.index(0), vectors, 1, {total}, visit)[0], running.total,
          lanes * 4);
}

Value sinter::emitInverseTotal(KernelBuilder &b, Value total, int64_t lanes) {
  Value sum =
      b.sumLanes(b.load(b.vectorType(lanes, b.getF32Type()), total, lanes * 4));
  Value isNone =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, sum, number(b, 0));
  return arith::SelectOp::create(b, isNone, number(b, 0),
                                 arith::DivFOp::create(b, number(b, 1), sum));
}
