//===- VectorMath.cpp - Functions of real numbers, on vectors -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Coefficients are Chebyshev fits of the function named beside them, made with
// 40 digits and rounded to f32: those of codegen/halide/Mathematics.cpp.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/VectorMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include <limits>

using namespace mlir;
using namespace sinter;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float notANumber = std::numeric_limits<float>::quiet_NaN();

/// A vector and what builds with it, so that formulas read as such.
struct Vector {
  KernelBuilder &b;
  Value value;

  Vector(KernelBuilder &b, Value value) : b(b), value(value) {}
  Vector(const Vector &) = default;
  Vector &operator=(const Vector &other) {
    value = other.value;
    return *this;
  }

  VectorType type() const { return cast<VectorType>(value.getType()); }
  Vector like(Value other) const { return {b, other}; }
  VectorType typeOf(Type element) const { return type().clone(element); }
  bool isFloat() const { return isa<FloatType>(type().getElementType()); }

  /// The same number in every lane.
  Vector operator()(double number) const {
    Type element = type().getElementType();
    TypedAttr attribute = isFloat()
                              ? TypedAttr(b.getFloatAttr(element, number))
                              : b.getIntegerAttr(element, int64_t(number));
    return like(arith::ConstantOp::create(
        b, DenseElementsAttr::get(type(), attribute)));
  }
  Vector bits() const {
    return like(arith::BitcastOp::create(b, typeOf(b.getI32Type()), value));
  }
  Vector asFloat() const {
    return like(arith::BitcastOp::create(b, typeOf(b.getF32Type()), value));
  }
  Vector toInteger() const {
    return like(arith::FPToSIOp::create(b, typeOf(b.getI32Type()), value));
  }
  Vector toFloat() const {
    return like(arith::SIToFPOp::create(b, typeOf(b.getF32Type()), value));
  }
  Vector widen() const {
    return like(arith::ExtFOp::create(b, typeOf(b.getF64Type()), value));
  }
  Vector narrow() const {
    return like(arith::TruncFOp::create(b, typeOf(b.getF32Type()), value));
  }
  Vector shiftLeft(int64_t count) const {
    return like(arith::ShLIOp::create(b, value, (*this)(double(count)).value));
  }
  Vector shiftRight(int64_t count) const { // with the sign
    return like(arith::ShRSIOp::create(b, value, (*this)(double(count)).value));
  }
  Vector operator&(int64_t mask) const {
    return like(arith::AndIOp::create(b, value, (*this)(double(mask)).value));
  }
  Vector magnitude() const { return like(LLVM::FAbsOp::create(b, value)); }
  Vector floor() const { return like(LLVM::FFloorOp::create(b, value)); }
  Vector withSignOf(const Vector &other) const {
    return like(LLVM::CopySignOp::create(b, value, other.value));
  }

  Vector compare(arith::CmpFPredicate predicate, const Vector &rhs) const {
    return like(arith::CmpFOp::create(b, predicate, value, rhs.value));
  }
  Vector operator<(double number) const {
    return compare(arith::CmpFPredicate::OLT, (*this)(number));
  }
  Vector operator>(double number) const {
    return compare(arith::CmpFPredicate::OGT, (*this)(number));
  }
  Vector equals(double number) const {
    return compare(arith::CmpFPredicate::OEQ, (*this)(number));
  }
  Vector isNaN() const { return compare(arith::CmpFPredicate::UNO, *this); }
  Vector operator|(const Vector &rhs) const {
    return like(arith::OrIOp::create(b, value, rhs.value));
  }
  /// Of a condition.
  Vector choose(const Vector &onTrue, const Vector &onFalse) const {
    return like(arith::SelectOp::create(b, value, onTrue.value, onFalse.value));
  }
};

Vector operator+(const Vector &lhs, const Vector &rhs) {
  return lhs.like(lhs.b.add(lhs.value, rhs.value));
}
Vector operator-(const Vector &lhs, const Vector &rhs) {
  return lhs.like(lhs.b.sub(lhs.value, rhs.value));
}
Vector operator*(const Vector &lhs, const Vector &rhs) {
  return lhs.like(lhs.b.mul(lhs.value, rhs.value));
}
Vector operator/(const Vector &lhs, const Vector &rhs) {
  return lhs.like(arith::DivFOp::create(lhs.b, lhs.value, rhs.value));
}
Vector operator-(const Vector &x) {
  return x.like(arith::NegFOp::create(x.b, x.value));
}

/// x * y + z, rounded once.
Vector fma(const Vector &x, const Vector &y, const Vector &z) {
  return x.like(x.b.fusedMultiplyAdd(x.value, y.value, z.value));
}

/// c[0] + c[1] x + c[2] x^2 + ...
Vector polynomial(const Vector &x, ArrayRef<float> coefficients) {
  Vector result = x(coefficients.back());
  for (float coefficient : llvm::reverse(coefficients.drop_back()))
    result = fma(result, x, x(coefficient));
  return result;
}

/// 2^n for whole n in [-126, 127].
Vector powerOfTwo(const Vector &n) {
  return (n + n(127)).shiftLeft(23).asFloat();
}

/// e^r on |r| <= ln 2 / 2.
Vector nearOne(const Vector &r) {
  // (e^r - 1 - r) / r^2
  Vector q = polynomial(
      r, {0.5f, 0.166665763f, 0.0416665561f, 0.00836317893f, 0.0013926184f});
  return fma(q, r * r, r) + r(1);
}

/// x - n ln 2. The first part of ln 2 has so few bits that its product with n
/// is exact.
Vector withoutPowers(const Vector &x, const Vector &n) {
  return fma(n, x(2.12194440e-4), fma(n, x(-0.693359375), x));
}

Vector exponential(const Vector &x) {
  // Beyond these ends the result is 0 and infinity; a NaN passes both.
  Vector bounded = (x < -105).choose(x(-105), x);
  bounded = (bounded > 89).choose(x(89), bounded);
  Vector n = fma(bounded, x(1.44269504088896341), x(0.5)).floor();
  Vector value = nearOne(withoutPowers(bounded, n));
  // In two steps, since 2^n alone may be out of range where the result is not.
  Vector exponent = n.toInteger();
  Vector half = exponent.shiftRight(1);
  return value * powerOfTwo(half) * powerOfTwo(exponent - half);
}

/// For x up to 1.
Vector smallExponential(const Vector &x) {
  // A NaN passes.
  Vector isNothing = x < -87;
  Vector bounded = isNothing.choose(x(-87), x);
  // What this adds leaves n + 127 in the low bits, which is 2^n once it stands
  // where exponents do.
  Vector shift = x(0x1.8p23 + 127);
  Vector shifted = fma(bounded, x(1.44269504088896341), shift);
  Vector value = nearOne(withoutPowers(bounded, shifted - shift));
  value = value * shifted.bits().shiftLeft(23).asFloat();
  return isNothing.choose(x(0), value);
}

Vector logarithm(const Vector &x) {
  // Subnormal numbers have no exponent of their own.
  Vector tiny = x < std::numeric_limits<float>::min();
  Vector scaled = tiny.choose(x * x(8388608), x);
  // The mantissa is taken from [sqrt(1/2), sqrt(2)), so that its logarithm is
  // small.
  Vector bits = scaled.bits();
  Vector exponent = (bits - bits(0x3f3504f3)).shiftRight(23);
  Vector f = (bits - exponent.shiftLeft(23)).asFloat() - x(1);
  Vector n = exponent.toFloat() + tiny.choose(x(-23), x(0));
  // (log(1 + f) - f + f^2 / 2) / f^3
  Vector q = polynomial(f, {0.333333313f, -0.24999997f, 0.200007156f,
                            -0.166678026f, 0.142490581f, -0.124256872f,
                            0.116854198f, -0.114797339f, 0.0697161183f});
  Vector square = f * f;
  Vector small = fma(n, x(-2.12194440e-4), q * square * f);
  small = fma(x(-0.5), square, small);
  Vector value = fma(n, x(0.693359375), f + small);
  value = x.equals(infinity).choose(x(infinity), value);
  value = x.equals(0).choose(x(-infinity), value);
  return ((x < 0) | x.isNaN()).choose(x(notANumber), value);
}

Vector hyperbolicTangent(const Vector &x) {
  Vector t = x.magnitude(), z = x * x;
  // (tanh(x) / x - 1) / x^2 on |x| <= 0.625
  Vector q = polynomial(z, {-0.333333343f, 0.133333042f, -0.0539592579f,
                            0.0217689183f, -0.00834394526f, 0.00229274482f});
  Vector inner = fma(q * z, x, x);
  Vector outer = x(1) - x(2) / (exponential(t + t) + x(1));
  return (t < 0.625).choose(inner, outer.withSignOf(x));
}

Vector errorFunction(const Vector &x) {
  Vector t = x.magnitude(), z = x * x;
  // erf(x) / x - 1 on |x| <= 1
  Vector q =
      polynomial(z, {0.128379166f, -0.37612626f, 0.112835944f, -0.0268542115f,
                     0.00518908724f, -0.00080168643f, 7.87587487e-05f});
  Vector inner = fma(q, x, x);
  // log(1 - erf(t)) on [1, 4]; behind, erf is 1 in f32
  Vector bounded = (t > 4).choose(x(4), t);
  Vector outer =
      x(1) - exponential(polynomial(
                 bounded, {-0.000765897799f, -1.12589359f, -0.639141262f,
                           -0.103281118f, 0.0226047728f, -0.0034323514f,
                           0.000316937017f, -1.32723617e-05f}));
  return (t < 1).choose(inner, outer.withSignOf(x));
}

/// The nearest whole number of an f64 below 2^51: what is added leaves no bits
/// behind the point.
Vector roundWide(const Vector &x) {
  Vector shift = x(6755399441055744.0);
  return (x + shift) - shift;
}

/// Sine of x + quarters * pi / 2.
Vector shiftedSine(const Vector &x, int64_t quarters) {
  Vector wide = x.widen();
  Vector n = roundWide(wide * wide(0.63661977236758134308));
  // pi / 2 in two parts; the first has 33 bits, so that its product with n is
  // exact while n has 20.
  Vector r = fma(n, wide(-1.57079632673412561417), wide);
  r = fma(n, wide(-6.07710050650619224932e-11), r).narrow();
  // Arguments so large that nothing is left of the angle still give a number
  // within [-1, 1].
  r = (r > 0.7854).choose(x(0.7854), (r < -0.7854).choose(x(-0.7854), r));
  Vector within = fma(wide(-4), roundWide(n * wide(0.25)), n); // -2 to 2
  Vector quadrant = within.like(
      arith::FPToSIOp::create(x.b, x.typeOf(x.b.getI32Type()), within.value));
  quadrant = quadrant + quadrant(double(quarters));
  Vector z = r * r;
  // (sin(r) / r - 1) / r^2 and (cos(r) - 1 + r^2 / 2) / r^4 on |r| <= pi / 4
  Vector sin =
      fma(polynomial(z, {-0.166666642f, 0.00833274797f, -0.000195878907f}) * z,
          r, r);
  Vector cos =
      fma(polynomial(z, {0.0416666642f, -0.00138883025f, 2.45479423e-05f}),
          z * z, fma(x(-0.5), z, x(1)));
  auto has = [&](int64_t bit) {
    Vector masked = quadrant & bit;
    return masked.like(arith::CmpIOp::create(x.b, arith::CmpIPredicate::ne,
                                             masked.value, masked(0).value));
  };
  Vector value = has(1).choose(cos, sin);
  value = has(2).choose(-value, value);
  Vector t = x.magnitude();
  return (x.isNaN() | t.equals(infinity)).choose(x(notANumber), value);
}

} // namespace

Value sinter::emitExponential(KernelBuilder &b, Value x) {
  return exponential({b, x}).value;
}
Value sinter::emitSmallExponential(KernelBuilder &b, Value x) {
  return smallExponential({b, x}).value;
}
Value sinter::emitLogarithm(KernelBuilder &b, Value x) {
  return logarithm({b, x}).value;
}
Value sinter::emitHyperbolicTangent(KernelBuilder &b, Value x) {
  return hyperbolicTangent({b, x}).value;
}
Value sinter::emitErrorFunction(KernelBuilder &b, Value x) {
  return errorFunction({b, x}).value;
}
Value sinter::emitSine(KernelBuilder &b, Value x) {
  return shiftedSine({b, x}, 0).value;
}
Value sinter::emitCosine(KernelBuilder &b, Value x) {
  return shiftedSine({b, x}, 1).value;
}
Value sinter::emitSquareRoot(KernelBuilder &b, Value x) {
  return LLVM::SqrtOp::create(b, x);
}
Value sinter::emitFloor(KernelBuilder &b, Value x) {
  return LLVM::FFloorOp::create(b, x);
}
Value sinter::emitCeiling(KernelBuilder &b, Value x) {
  return LLVM::FCeilOp::create(b, x);
}

Value sinter::emitPower(KernelBuilder &b, Value x, Value y,
                        std::optional<double> exponent) {
  Vector base{b, x};
  if (exponent == 2.0)
    return (base * base).value;
  if (exponent == 3.0)
    return (base * base * base).value;
  if (exponent == -1.0)
    return (base(1) / base).value;
  // Not the root for 0.5: the power of -infinity is infinity.
  return LLVM::PowOp::create(b, x, y);
}
