//===- Elementwise.cpp - Elementwise operations on vectors -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/Elementwise.h"
#include "codegen/kernels/VectorMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sinter;

bool sinter::isVectorElement(Type element) {
  return element.isF32() || element.isInteger(32) || element.isInteger(1);
}

int64_t sinter::elementBytes(Type element) {
  return llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

Value sinter::emitConstant(KernelBuilder &b, double number, Type element,
                           int64_t lanes) {
  VectorType type = b.vectorType(lanes, element);
  if (isa<FloatType>(element))
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(type, b.getFloatAttr(element, number)));
  bool isTruth = element.isInteger(1);
  return arith::ConstantOp::create(
      b, DenseElementsAttr::get(
             type, b.getIntegerAttr(element, isTruth ? int64_t(number != 0)
                                                     : int64_t(number))));
}

/// Bytes that say whether, as conditions.
static Value fromBytes(KernelBuilder &b, Value bytes) {
  return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, bytes,
                               b.zero(bytes.getType()));
}

Value sinter::loadEverywhere(KernelBuilder &b, Type element, Value pointer,
                             int64_t lanes) {
  if (!element.isInteger(1))
    return b.broadcast(b.load(element, pointer), lanes);
  return fromBytes(b, b.broadcast(b.load(b.getI8Type(), pointer), lanes));
}

Value sinter::loadMasked(KernelBuilder &b, Type element, Value pointer,
                         Value mask) {
  Type stored = element.isInteger(1) ? b.getI8Type() : element;
  int64_t lanes = cast<VectorType>(mask.getType()).getNumElements();
  VectorType type = b.vectorType(lanes, stored);
  Value loaded = LLVM::MaskedLoadOp::create(
      b, type, pointer, mask, b.zero(type), uint32_t(elementBytes(stored)));
  return element.isInteger(1) ? fromBytes(b, loaded) : loaded;
}

/// i8, or the bits of bf16, each the upper half of an f32.
static Value widen(KernelBuilder &b, Value bits) {
  int64_t lanes = cast<VectorType>(bits.getType()).getNumElements();
  VectorType words = b.vectorType(lanes, b.getI32Type());
  if (cast<VectorType>(bits.getType()).getElementType().isInteger(8))
    return arith::SIToFPOp::create(b, b.vectorType(lanes, b.getF32Type()),
                                   arith::ExtSIOp::create(b, words, bits));
  Value upper = arith::ShLIOp::create(
      b, arith::ExtUIOp::create(b, words, bits),
      arith::ConstantOp::create(
          b, DenseElementsAttr::get(words, b.getI32IntegerAttr(16))));
  return arith::BitcastOp::create(b, b.vectorType(lanes, b.getF32Type()),
                                  upper);
}

Value sinter::loadWidened(KernelBuilder &b, Type element, Value pointer,
                          int64_t lanes, int64_t alignment) {
  if (element.isF32())
    return b.load(b.vectorType(lanes, element), pointer, alignment);
  Type bits = b.getIntegerType(element.getIntOrFloatBitWidth());
  return widen(b, b.load(b.vectorType(lanes, bits), pointer, alignment));
}

Value sinter::loadWidened(KernelBuilder &b, Type element, Value pointer,
                          Value mask) {
  if (element.isF32())
    return loadMasked(b, element, pointer, mask);
  Type bits = b.getIntegerType(element.getIntOrFloatBitWidth());
  return widen(b, loadMasked(b, bits, pointer, mask));
}

Value sinter::emitBrainFloat(KernelBuilder &b, Value floats) {
  int64_t lanes = cast<VectorType>(floats.getType()).getNumElements();
  VectorType words = b.vectorType(lanes, b.getI32Type());
  auto constant = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(words, b.getI32IntegerAttr(value)));
  };
  Value bits = arith::BitcastOp::create(b, words, floats);
  Value upper = arith::ShRUIOp::create(b, bits, constant(16));
  Value odd = arith::AndIOp::create(b, upper, constant(1));
  Value half = arith::AddIOp::create(b, odd, constant(0x7fff));
  Value rounded = arith::ShRUIOp::create(
      b, arith::AddIOp::create(b, bits, half), constant(16));
  Value isNumber =
      arith::CmpFOp::create(b, arith::CmpFPredicate::ORD, floats, floats);
  Value quiet = arith::OrIOp::create(b, upper, constant(0x40));
  Value chosen = arith::SelectOp::create(b, isNumber, rounded, quiet);
  Value narrow =
      arith::TruncIOp::create(b, b.vectorType(lanes, b.getI16Type()), chosen);
  return arith::BitcastOp::create(b, b.vectorType(lanes, b.getBF16Type()),
                                  narrow);
}

namespace {

/// One operation on vectors; `x` are its operands.
class ElementwiseEmitter {
public:
  ElementwiseEmitter(KernelBuilder &b, ValueRange operands)
      : b(b), x(operands) {}

  Value emit(Operation *op) {
    return llvm::TypeSwitch<Operation *, Value>(op)
        .Case<NegOp, AbsOp, ExpOp, LogOp, SqrtOp, RsqrtOp, SinOp, CosOp, TanhOp,
              ErfOp, FloorOp, NotOp, AddOp, SubOp, MulOp, DivOp, ModOp, PowOp,
              MaxOp, MinOp, AndOp, OrOp, CompareOp, SelectOp, ConvertOp>(
            [&](auto typed) { return of(typed); })
        .Default([](Operation *) -> Value {
          llvm_unreachable("every elementwise operation is emitted");
        });
  }

private:
  Type element(unsigned operand = 0) {
    return cast<VectorType>(x[operand].getType()).getElementType();
  }
  bool isFloat() { return isa<FloatType>(element()); }
  int64_t lanes() { return cast<VectorType>(x[0].getType()).getNumElements(); }
  Value number(double value) {
    return emitConstant(b, value, element(), lanes());
  }
  template <typename FloatOp, typename IntegerOp> Value either() {
    if (isFloat())
      return FloatOp::create(b, x[0], x[1]);
    return IntegerOp::create(b, x[0], x[1]);
  }
  /// Numbers of i32 as f64, which holds them and the floor of their quotients.
  Value wide(Value integers) {
    return arith::SIToFPOp::create(b, b.vectorType(lanes(), b.getF64Type()),
                                   integers);
  }
  Value compare(ComparePredicate predicate) {
    if (isFloat()) {
      using P = arith::CmpFPredicate;
      static constexpr P predicates[] = {P::OEQ, P::UNE, P::OLT,
                                         P::OLE, P::OGT, P::OGE};
      return arith::CmpFOp::create(b, predicates[int(predicate)], x[0], x[1]);
    }
    using P = arith::CmpIPredicate;
    static constexpr P ofNumbers[] = {P::eq,  P::ne,  P::slt,
                                      P::sle, P::sgt, P::sge};
    static constexpr P ofTruth[] = {P::eq,  P::ne,  P::ult,
                                    P::ule, P::ugt, P::uge};
    bool isTruth = element().isInteger(1);
    return arith::CmpIOp::create(
        b, isTruth ? ofTruth[int(predicate)] : ofNumbers[int(predicate)], x[0],
        x[1]);
  }
  Value choose(Value condition, Value onTrue, Value onFalse) {
    return arith::SelectOp::create(b, condition, onTrue, onFalse);
  }

  Value of(NegOp) {
    if (isFloat())
      return arith::NegFOp::create(b, x[0]);
    return arith::SubIOp::create(b, number(0), x[0]);
  }
  Value of(AbsOp) {
    if (isFloat())
      return LLVM::FAbsOp::create(b, x[0]);
    return LLVM::AbsOp::create(b, x[0].getType(), x[0],
                               /*is_int_min_poison=*/false);
  }
  Value of(ExpOp) { return emitExponential(b, x[0]); }
  Value of(LogOp) { return emitLogarithm(b, x[0]); }
  Value of(SqrtOp) { return emitSquareRoot(b, x[0]); }
  Value of(RsqrtOp) {
    return arith::DivFOp::create(b, number(1), emitSquareRoot(b, x[0]));
  }
  Value of(SinOp) { return emitSine(b, x[0]); }
  Value of(CosOp) { return emitCosine(b, x[0]); }
  Value of(TanhOp) { return emitHyperbolicTangent(b, x[0]); }
  Value of(ErfOp) { return emitErrorFunction(b, x[0]); }
  Value of(FloorOp) { return emitFloor(b, x[0]); }
  Value of(NotOp) { return arith::XOrIOp::create(b, x[0], number(1)); }
  Value of(AddOp) { return either<arith::AddFOp, arith::AddIOp>(); }
  Value of(SubOp) { return either<arith::SubFOp, arith::SubIOp>(); }
  Value of(MulOp) { return either<arith::MulFOp, arith::MulIOp>(); }
  Value of(DivOp) {
    if (isFloat())
      return arith::DivFOp::create(b, x[0], x[1]);
    Value quotient = arith::DivFOp::create(b, wide(x[0]), wide(x[1]));
    return arith::FPToSIOp::create(b, x[0].getType(), emitFloor(b, quotient));
  }
  Value of(ModOp) {
    Value lhs = isFloat() ? x[0] : wide(x[0]);
    Value rhs = isFloat() ? x[1] : wide(x[1]);
    Value quotient = emitFloor(b, arith::DivFOp::create(b, lhs, rhs));
    Value rest = b.sub(lhs, b.mul(rhs, quotient));
    if (isFloat())
      return rest;
    return arith::FPToSIOp::create(b, x[0].getType(), rest);
  }
  Value of(PowOp op) {
    std::optional<double> exponent;
    if (auto constant = op.getRhs().getDefiningOp<ConstantOp>())
      exponent = constant.getValue().convertToDouble();
    return emitPower(b, x[0], x[1], exponent);
  }
  Value of(MaxOp) { return choose(compare(ComparePredicate::gt), x[0], x[1]); }
  Value of(MinOp) { return choose(compare(ComparePredicate::lt), x[0], x[1]); }
  Value of(AndOp) { return arith::AndIOp::create(b, x[0], x[1]); }
  Value of(OrOp) { return arith::OrIOp::create(b, x[0], x[1]); }
  Value of(CompareOp op) { return compare(op.getPredicate()); }
  Value of(SelectOp) { return choose(x[0], x[1], x[2]); }
  Value of(ConvertOp op) {
    Type from = element(), to = op.getType().getElementType();
    VectorType type = b.vectorType(lanes(), to);
    if (from == to)
      return x[0];
    if (to.isInteger(1)) {
      if (isFloat())
        return arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, x[0],
                                     number(0));
      return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, x[0],
                                   number(0));
    }
    if (from.isF32() && to.isBF16())
      return emitBrainFloat(b, x[0]);
    if (from.isBF16() && to.isF32())
      return widen(b, arith::BitcastOp::create(
                          b, b.vectorType(lanes(), b.getI16Type()), x[0]));
    if (isa<FloatType>(from) && isa<FloatType>(to))
      return from.getIntOrFloatBitWidth() > to.getIntOrFloatBitWidth()
                 ? Value(arith::TruncFOp::create(b, type, x[0]))
                 : Value(arith::ExtFOp::create(b, type, x[0]));
    if (isa<FloatType>(from))
      return arith::FPToSIOp::create(b, type, x[0]);
    if (from.isInteger(1) && isa<FloatType>(to))
      return arith::UIToFPOp::create(b, type, x[0]);
    if (from.isInteger(1))
      return arith::ExtUIOp::create(b, type, x[0]);
    return arith::SIToFPOp::create(b, type, x[0]);
  }

  KernelBuilder &b;
  ValueRange x;
};

} // namespace

Value sinter::emitElementwise(KernelBuilder &b, Operation *op,
                              ValueRange operands) {
  return ElementwiseEmitter(b, operands).emit(op);
}
