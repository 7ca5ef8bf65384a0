//===- Mathematics.cpp - Functions of real numbers, in f32 ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Coefficients are Chebyshev fits of the function named beside them, made with
// 40 digits and rounded to f32.
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/Mathematics.h"
#include <cmath>
#include <limits>

using namespace Halide;

namespace sinter::rows {

static constexpr float infinity = std::numeric_limits<float>::infinity();
static constexpr float notANumber = std::numeric_limits<float>::quiet_NaN();

/// c[0] + c[1] x + c[2] x^2 + ...
static Expr polynomial(const Expr &x, const std::vector<float> &coefficients) {
  Expr result = coefficients.back();
  for (size_t i = coefficients.size() - 1; i-- > 0;)
    result = result * x + coefficients[i];
  return result;
}

static Expr bits(const Expr &x) { return reinterpret<int32_t>(x); }

/// 2^n for n in [-126, 127].
static Expr powerOfTwo(const Expr &n) {
  return reinterpret<float>((n + 127) << 23);
}

static Expr copySign(const Expr &magnitude, const Expr &sign) {
  return reinterpret<float>((bits(magnitude) & 0x7fffffff) |
                            (bits(sign) & int32_t(0x80000000)));
}

static Expr magnitude(const Expr &x) {
  return reinterpret<float>(bits(x) & 0x7fffffff);
}

Expr exponential(Expr x) {
  // Beyond these ends the result is 0 and infinity; a NaN passes both.
  Expr bounded = select(x < -105.0f, -105.0f, x);
  bounded = select(bounded > 89.0f, 89.0f, bounded);
  Expr n = floor(bounded * 1.44269504088896341f + 0.5f);
  // ln 2 in two parts; the first has so few bits that its product with n is
  // exact.
  Expr r = (bounded - n * 0.693359375f) - n * -2.12194440e-4f;
  // (e^r - 1 - r) / r^2 on |r| <= ln 2 / 2
  Expr q = polynomial(
      r, {0.5f, 0.166665763f, 0.0416665561f, 0.00836317893f, 0.0013926184f});
  Expr value = (q * r * r + r) + 1.0f;
  // In two steps, since 2^n alone may be out of range where the result is not.
  Expr exponent = cast<int32_t>(n);
  Expr half = exponent >> 1;
  return value * powerOfTwo(half) * powerOfTwo(exponent - half);
}

Expr logarithm(Expr x) {
  // Subnormal numbers have no exponent of their own.
  Expr tiny = x < std::numeric_limits<float>::min();
  Expr scaled = select(tiny, x * 8388608.0f, x);
  // The mantissa is taken from [sqrt(1/2), sqrt(2)), so that its logarithm is
  // small.
  Expr shifted = bits(scaled) - 0x3f3504f3;
  Expr exponent = shifted >> 23;
  Expr f = reinterpret<float>(bits(scaled) - (exponent << 23)) - 1.0f;
  Expr n = cast<float>(exponent) + select(tiny, -23.0f, 0.0f);
  // (log(1 + f) - f + f^2 / 2) / f^3
  Expr q = polynomial(f, {0.333333313f, -0.24999997f, 0.200007156f,
                          -0.166678026f, 0.142490581f, -0.124256872f,
                          0.116854198f, -0.114797339f, 0.0697161183f});
  Expr small = q * f * f * f + n * -2.12194440e-4f - 0.5f * f * f;
  Expr value = (f + small) + n * 0.693359375f;
  value = select(x == infinity, infinity, value);
  value = select(x == 0.0f, -infinity, value);
  return select(x < 0.0f || is_nan(x), notANumber, value);
}

Expr hyperbolicTangent(Expr x) {
  Expr t = magnitude(x), z = x * x;
  // (tanh(x) / x - 1) / x^2 on |x| <= 0.625
  Expr q = polynomial(z, {-0.333333343f, 0.133333042f, -0.0539592579f,
                          0.0217689183f, -0.00834394526f, 0.00229274482f});
  Expr inner = q * z * x + x;
  Expr outer = 1.0f - 2.0f / (exponential(t + t) + 1.0f);
  return select(t < 0.625f, inner, copySign(outer, x));
}

Expr errorFunction(Expr x) {
  Expr t = magnitude(x), z = x * x;
  // erf(x) / x - 1 on |x| <= 1
  Expr q =
      polynomial(z, {0.128379166f, -0.37612626f, 0.112835944f, -0.0268542115f,
                     0.00518908724f, -0.00080168643f, 7.87587487e-05f});
  Expr inner = q * x + x;
  // log(1 - erf(t)) on [1, 4]; behind, erf is 1 in f32
  Expr bounded = select(t > 4.0f, 4.0f, t);
  Expr outer =
      1.0f - exponential(polynomial(
                 bounded, {-0.000765897799f, -1.12589359f, -0.639141262f,
                           -0.103281118f, 0.0226047728f, -0.0034323514f,
                           0.000316937017f, -1.32723617e-05f}));
  return select(t < 1.0f, inner, copySign(outer, x));
}

/// Sine of x + quarters * pi / 2.
static Expr shiftedSine(const Expr &x, int quarters) {
  Expr wide = cast<double>(x);
  Expr n = floor(wide * Expr(0.63661977236758134308) + Expr(0.5));
  // pi / 2 in two parts; the first has 33 bits, so that its product with n is
  // exact while n has 20.
  Expr r = cast<float>((wide - n * Expr(1.57079632673412561417)) -
                       n * Expr(6.07710050650619224932e-11));
  // Arguments so large that nothing is left of the angle still give a number
  // within [-1, 1].
  r = select(r > 0.7854f, 0.7854f, select(r < -0.7854f, -0.7854f, r));
  Expr quadrant = cast<int32_t>(n - Expr(4.0) * floor(n * Expr(0.25))) +
                  quarters; // 0 to 3, then on
  Expr z = r * r;
  // (sin(r) / r - 1) / r^2 and (cos(r) - 1 + r^2 / 2) / r^4 on |r| <= pi / 4
  Expr sin =
      polynomial(z, {-0.166666642f, 0.00833274797f, -0.000195878907f}) * z * r +
      r;
  Expr cos =
      polynomial(z, {0.0416666642f, -0.00138883025f, 2.45479423e-05f}) * z * z +
      (1.0f - 0.5f * z);
  Expr value = select((quadrant & 1) != 0, cos, sin);
  value = select((quadrant & 2) != 0, -value, value);
  return select(is_nan(x) || magnitude(x) == infinity, notANumber, value);
}

Expr sine(Expr x) { return shiftedSine(x, 0); }
Expr cosine(Expr x) { return shiftedSine(x, 1); }

Expr power(Expr x, Expr y) {
  if (const double *exponent = Internal::as_const_float(y)) {
    if (*exponent == 2)
      return x * x;
    if (*exponent == 3)
      return x * x * x;
    if (*exponent == -1)
      return 1.0f / x;
    // Not sqrt(x): the power of -infinity is infinity.
  }
  return Internal::Call::make(Float(32), "powf", {x, y},
                              Internal::Call::PureExtern);
}

Expr roundToBrain(Expr x) {
  Expr word = reinterpret<uint32_t>(x);
  Expr rounded =
      (word + Expr(uint32_t(0x7fff)) + ((word >> 16) & Expr(uint32_t(1)))) &
      Expr(uint32_t(0xffff0000));
  return select(is_nan(x), x, reinterpret<float>(rounded));
}

Expr roundToHalf(Expr x) { return cast<float>(cast(Float(16), x)); }

} // namespace sinter::rows
