//===- RowElements.cpp - Single elements of row work -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/RowElements.h"
#include "codegen/kernels/Elementwise.h"
#include "codegen/kernels/VectorMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "passes/Names.h"
#include "llvm/ADT/TypeSwitch.h"
#include <limits>

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

Value RowElements::sizeOf(Dimension dimension) {
  if (dimension.isStatic())
    return b.index(dimension.getSize());
  for (auto [name, size] :
       llvm::zip(ArrayRef<StringRef>{tokensDimension, rowsDimension,
                                     pastDimension, sourcePastDimension},
                 sizes))
    if (dimension.isSymbol(name))
      return size;
  llvm_unreachable("row work has the dimensions of a call");
}

int64_t RowElements::rowAxis(NamedTensorType type) {
  int64_t axis = type.findSymbol(tokensDimension);
  return axis >= 0 ? axis : type.findSymbol(rowsDimension);
}

Value RowElements::offsetOf(NamedTensorType type, const Indices &at,
                            int64_t without) {
  Value offset = b.index(0);
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (axis != without)
      offset = b.add(b.mul(offset, sizeOf(type.getDim(axis))), at[axis]);
  return offset;
}

RowElements::Indices RowElements::indicesOf(NamedTensorType type, Value offset,
                                            int64_t axis, Value row) {
  Indices at(type.getRank());
  for (int64_t i = type.getRank() - 1; i >= 0; --i) {
    if (i == axis) {
      at[i] = row;
      continue;
    }
    // What is left is the first axis's.
    bool isFirst = i == 0 || (i == 1 && axis == 0);
    Value size = sizeOf(type.getDim(i));
    at[i] = isFirst ? offset : b.rem(offset, size);
    if (!isFirst)
      offset = b.div(offset, size);
  }
  return at;
}

/// Indices of an operand that is broadcast to a result.
RowElements::Indices RowElements::broadcast(NamedTensorType type,
                                            const Indices &at) {
  Indices own;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    own.push_back(type.getDim(axis).isOne()
                      ? b.index(0)
                      : at[at.size() - type.getRank() + axis]);
  return own;
}

Value RowElements::element(Value value, const Indices &given) {
  // An axis of one has one index: elements are found again by them.
  Indices at = given;
  NamedTensorType type = typeOf(value);
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (type.getDim(axis).isOne())
      at[axis] = Value();
  for (auto &[where, result] : known[value])
    if (where == at)
      return result;
  Indices full = at;
  for (Value &index : full)
    if (!index)
      index = b.index(0);
  Value result = compute(value, full);
  known[value].push_back({at, result});
  return result;
}

Value RowElements::compute(Value value, const Indices &at) {
  NamedTensorType type = typeOf(value);
  Type element = type.getElementType();
  if (auto found = kept.find(value); found != kept.end()) {
    auto [row, pointer] = found->second;
    int64_t axis = rowAxis(type);
    if (axis < 0 || at[axis] == row)
      return loadEverywhere(
          b, element,
          b.elementsFrom(pointer, offsetOf(type, at, axis), element), 1);
  }
  if (auto found = buffers.find(value); found != buffers.end()) {
    Value place = b.mul(offsetOf(type, at), elementBytes(element));
    return loadEverywhere(b, element, b.bytesFrom(found->second, place), 1);
  }
  return compute(value.getDefiningOp(), at);
}

/// x to the y: e to the y * log |x|, with the sign that an odd y keeps. LLVM
/// has no function for it on a GPU.
static Value emitGeneralPower(CudaBuilder &b, Value x, Value y) {
  Value zero = emitConstant(b, 0, b.getF32Type(), 1);
  Value one = emitConstant(b, 1, b.getF32Type(), 1);
  Value half = emitConstant(b, 0.5, b.getF32Type(), 1);
  Value notANumber = emitConstant(b, std::numeric_limits<double>::quiet_NaN(),
                                  b.getF32Type(), 1);
  auto is = [&](arith::CmpFPredicate predicate, Value lhs, Value rhs) -> Value {
    return arith::CmpFOp::create(b, predicate, lhs, rhs);
  };
  Value magnitude = LLVM::FAbsOp::create(b, x);
  Value power = emitExponential(b, b.mul(y, emitLogarithm(b, magnitude)));
  Value isWhole = is(arith::CmpFPredicate::OEQ, emitFloor(b, y), y);
  Value halves = b.mul(y, half);
  Value isEven = is(arith::CmpFPredicate::OEQ, emitFloor(b, halves), halves);
  Value ofNegative = b.choose(
      isWhole,
      b.choose(isEven, power, arith::NegFOp::create(b, power).getResult()),
      notANumber);
  Value result =
      b.choose(is(arith::CmpFPredicate::OLT, x, zero), ofNegative, power);
  return b.choose(is(arith::CmpFPredicate::OEQ, y, zero), one, result);
}

Value RowElements::compute(Operation *op, const Indices &at) {
  return TypeSwitch<Operation *, Value>(op)
      .Case([&](ConstantOp op) {
        return emitConstant(b, op.getValue().convertToDouble(),
                            op.getType().getElementType(), 1);
      })
      .Case([&](IotaOp op) -> Value {
        Value number = arith::TruncIOp::create(b, b.getI32Type(), at.back());
        if (op.getType().getElementType().isInteger(32))
          return b.broadcast(number, 1);
        return b.broadcast(
            arith::SIToFPOp::create(b, op.getType().getElementType(), number),
            1);
      })
      .Case([&](ReduceOp op) { return reduce(op, at); })
      .Case([&](MatmulOp op) { return multiply(op, at); })
      .Case([&](TransposeOp op) {
        Indices from(at.size());
        for (auto [axis, source] : llvm::enumerate(op.getPermutation()))
          from[source] = at[axis];
        return element(op.getOperand(), from);
      })
      .Case([&](ReshapeOp op) {
        // What has the axis of rows in front keeps its index, so that it is
        // known to be the same row.
        NamedTensorType type = op.getType(), source = typeOf(op.getOperand());
        int64_t axis = rowAxis(type), from = rowAxis(source);
        bool isKept = axis == 0 && from == 0;
        Value offset = offsetOf(type, at, isKept ? 0 : -1);
        return element(op.getOperand(),
                       isKept ? indicesOf(source, offset, 0, at[0])
                              : indicesOf(source, offset));
      })
      .Case([&](BroadcastOp op) {
        return element(op.getOperand(), broadcast(typeOf(op.getOperand()), at));
      })
      .Case([&](SliceOp op) {
        Indices from = at;
        Value &index = from[op.getAxis()];
        index = b.add(b.mul(index, int64_t(op.getStride())),
                      b.index(op.getStart()));
        return element(op.getOperand(), from);
      })
      .Case([&](ConcatOp op) { return concatenate(op, at); })
      .Case([&](GatherOp op) { return gather(op, at); })
      .Default([&](Operation *op) {
        SmallVector<Value> operands;
        for (Value operand : op->getOperands())
          operands.push_back(
              widen(element(operand, broadcast(typeOf(operand), at))));
        auto power = dyn_cast<PowOp>(op);
        if (power && !power.getRhs().getDefiningOp<ConstantOp>())
          return narrow(emitGeneralPower(b, operands[0], operands[1]),
                        power.getType());
        return narrow(emitElementwise(b, op, operands),
                      typeOf(op->getResult(0)));
      });
}

/// What is computed of halves is computed in f32 and rounded.
Value RowElements::widen(Value value) {
  Type type = getElementTypeOrSelf(value.getType());
  if (!type.isBF16() && !type.isF16())
    return value;
  return arith::ExtFOp::create(b, b.vectorType(1, b.getF32Type()), value);
}

Value RowElements::narrow(Value value, NamedTensorType to) {
  Type type = to.getElementType();
  if (getElementTypeOrSelf(value.getType()) == type)
    return value;
  return arith::TruncFOp::create(b, b.vectorType(1, type), value);
}

Value RowElements::concatenate(ConcatOp op, const Indices &at) {
  Value result, rest = at[op.getAxis()];
  // The last one first: each other one is chosen where the index is in it.
  SmallVector<Value> begins;
  int64_t begin = 0;
  for (Value input : op.getInputs()) {
    begins.push_back(b.index(begin));
    begin += typeOf(input).getDim(op.getAxis()).getSize();
  }
  for (auto [input, begin] : llvm::reverse(llvm::zip(op.getInputs(), begins))) {
    Indices from = at;
    // Where another is chosen, any element will do.
    Value last = b.index(typeOf(input).getDim(op.getAxis()).getSize() - 1);
    from[op.getAxis()] = b.min(b.max(b.sub(rest, begin), b.index(0)), last);
    Value own = element(input, from);
    if (!result) {
      result = own;
      continue;
    }
    int64_t end = typeOf(input).getDim(op.getAxis()).getSize();
    Value isIn = b.isLess(rest, b.add(begin, b.index(end)));
    result = arith::SelectOp::create(b, isIn, own, result);
  }
  return result;
}

Value RowElements::gather(GatherOp op, const Indices &at) {
  NamedTensorType table = typeOf(op.getTable()), index = typeOf(op.getIndex());
  Indices ofIndex(at.begin(), at.begin() + index.getRank());
  Value number = arith::ExtSIOp::create(
      b, b.indexType(), b.elementOf(element(op.getIndex(), ofIndex), 0));
  Value last = b.sub(sizeOf(table.getDim(0)), b.index(1));
  Indices from{b.max(b.min(number, last), b.index(0))};
  from.append(at.begin() + index.getRank(), at.end());
  return element(op.getTable(), from);
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

Value RowElements::reducedCount(ReduceOp op, const Indices &at) {
  if (Value extent = op.getExtent()) {
    int64_t axis = typeOf(op.getOperand()).findSymbol(tokensDimension);
    return arith::ExtSIOp::create(b, b.indexType(),
                                  b.elementOf(element(extent, {at[axis]}), 0));
  }
  return sizeOf(typeOf(op.getOperand()).getDim(op.getAxis()));
}

Value RowElements::beginReduction(ReduceOp op) {
  Type type = op.getType().getElementType();
  if (isa<FloatType>(type))
    type = b.getF32Type();
  bool isMaximum = op.getKind() == ReduceKind::max;
  double least = isa<FloatType>(type) ? -std::numeric_limits<double>::infinity()
                                      : std::numeric_limits<int32_t>::min();
  return emitConstant(b, isMaximum ? least : 0, type, 1);
}

Value RowElements::addToReduction(ReduceOp op, Value sum, Value element) {
  element = widen(element);
  if (op.getKind() != ReduceKind::max)
    return b.add(sum, element);
  if (isa<FloatType>(op.getType().getElementType()))
    return arith::MaxNumFOp::create(b, sum, element);
  return b.max(sum, element);
}

Value RowElements::endReduction(ReduceOp op, Value sum, Value count) {
  if (op.getKind() == ReduceKind::mean) {
    Value number = b.asInteger(count);
    if (!isa<FloatType>(op.getType().getElementType()))
      return arith::FloorDivSIOp::create(b, sum, b.broadcast(number, 1));
    sum = arith::DivFOp::create(
        b, sum,
        b.broadcast(arith::SIToFPOp::create(b, b.getF32Type(), number), 1));
  }
  return narrow(sum, op.getType());
}

Value RowElements::reduce(ReduceOp op, const Indices &at) {
  Value count = reducedCount(op, at);
  Value sum = b.loop(b.index(0), count, 1, {beginReduction(op)},
                     [&](Value index, ValueRange carried) {
                       return inRegion([&] {
                         Indices from = at;
                         from[op.getAxis()] = index;
                         return SmallVector<Value>{addToReduction(
                             op, carried[0], element(op.getOperand(), from))};
                       });
                     })
                  .front();
  return endReduction(op, sum, count);
}

Value RowElements::multiply(MatmulOp op, const Indices &at) {
  NamedTensorType lhs = typeOf(op.getLhs()), rhs = typeOf(op.getRhs());
  Value inner = sizeOf(lhs.getDim(lhs.getRank() - 1));
  Type type = op.getType().getElementType();
  Value zero =
      emitConstant(b, 0, isa<FloatType>(type) ? b.getF32Type() : type, 1);
  Value sum =
      b.loop(b.index(0), inner, 1, {zero}, [&](Value k, ValueRange carried) {
         return inRegion([&] {
           Indices left = at, right = at;
           left.back() = k;
           right[right.size() - 2] = k;
           Value product =
               b.mul(widen(element(op.getLhs(), broadcast(lhs, left))),
                     widen(element(op.getRhs(), broadcast(rhs, right))));
           return SmallVector<Value>{b.add(carried[0], product)};
         });
       }).front();
  return narrow(sum, op.getType());
}
