//===- Elementwise.cpp - Operations on single elements --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/Elementwise.h"
#include "codegen/halide/Mathematics.h"
#include <cmath>

using namespace Halide;

namespace sinter::rows {

Type storageType(Element element) {
  switch (element) {
  case Element::F32:
    return Float(32);
  case Element::F16:
  case Element::BF16:
    return UInt(16);
  case Element::I32:
    return Int(32);
  case Element::I1:
    return UInt(8);
  }
  return {};
}

Expr fromStorage(const Expr &stored, Element element) {
  switch (element) {
  case Element::F16:
    return cast<float>(reinterpret(Float(16), stored));
  case Element::BF16:
    return reinterpret<float>(cast<uint32_t>(stored) << 16);
  case Element::I1:
    return stored != 0;
  default:
    return stored;
  }
}

Expr toStorage(const Expr &value, Element element) {
  switch (element) {
  case Element::F16:
    return reinterpret<uint16_t>(cast(Float(16), value));
  case Element::BF16: // rounded before
    return cast<uint16_t>(reinterpret<uint32_t>(value) >> 16);
  case Element::I1:
    return cast<uint8_t>(value);
  default:
    return value;
  }
}

Expr constant(double value, Element element) {
  if (element == Element::I1)
    return value != 0 ? Internal::const_true() : Internal::const_false();
  if (element == Element::I32)
    return int32_t(value);
  return roundTo(Expr(float(value)), element);
}

Expr roundTo(const Expr &value, Element element) {
  if (element == Element::BF16)
    return roundToBrain(value);
  if (element == Element::F16)
    return roundToHalf(value);
  return value;
}

Expr choose(const Expr &condition, const Expr &onTrue, const Expr &onFalse) {
  if (onTrue.type().is_bool())
    return (condition && onTrue) || (!condition && onFalse);
  return select(condition, onTrue, onFalse);
}

Expr larger(const Expr &a, const Expr &b) { return select(a > b, a, b); }

static bool isFloat(Element element) {
  return element == Element::F32 || element == Element::F16 ||
         element == Element::BF16;
}

static Expr convert(const Expr &value, Element from, Element to) {
  if (from == to)
    return value;
  if (to == Element::I1)
    return isFloat(from) ? value != 0.0f : value != 0;
  Expr wide = value;
  if (from == Element::I1)
    wide = select(value, 1, 0);
  if (to == Element::I32)
    return cast<int32_t>(wide); // truncates
  return roundTo(cast<float>(wide), to);
}

/// Rounds down, as Halide does for positive divisors only.
static Expr floorDivide(const Expr &a, const Expr &b) {
  return select(b < 0, -a, a) / select(b < 0, -b, b);
}

static Expr onFloats(Kind kind, const std::vector<Expr> &x) {
  switch (kind) {
  case Kind::Neg:
    return -x[0];
  case Kind::Abs:
    return abs(x[0]);
  case Kind::Exp:
    return exponential(x[0]);
  case Kind::Log:
    return logarithm(x[0]);
  case Kind::Sqrt:
    return sqrt(x[0]);
  case Kind::Rsqrt:
    return 1.0f / sqrt(x[0]);
  case Kind::Sin:
    return sine(x[0]);
  case Kind::Cos:
    return cosine(x[0]);
  case Kind::Tanh:
    return hyperbolicTangent(x[0]);
  case Kind::Erf:
    return errorFunction(x[0]);
  case Kind::Floor:
    return floor(x[0]);
  case Kind::Add:
    return x[0] + x[1];
  case Kind::Sub:
    return x[0] - x[1];
  case Kind::Mul:
    return x[0] * x[1];
  case Kind::Div:
    return x[0] / x[1];
  case Kind::Mod:
    return x[0] - x[1] * floor(x[0] / x[1]);
  case Kind::Pow:
    return power(x[0], x[1]);
  case Kind::Max:
    return larger(x[0], x[1]);
  case Kind::Min:
    return select(x[0] < x[1], x[0], x[1]);
  default:
    return {};
  }
}

static Expr onIntegers(Kind kind, const std::vector<Expr> &x) {
  switch (kind) {
  case Kind::Neg:
    return -x[0];
  case Kind::Abs:
    return select(x[0] < 0, -x[0], x[0]);
  case Kind::Floor:
    return x[0];
  case Kind::Add:
    return x[0] + x[1];
  case Kind::Sub:
    return x[0] - x[1];
  case Kind::Mul:
    return x[0] * x[1];
  case Kind::Div:
    return floorDivide(x[0], x[1]);
  case Kind::Mod:
    return x[0] - x[1] * floorDivide(x[0], x[1]);
  case Kind::Max:
    return max(x[0], x[1]);
  case Kind::Min:
    return min(x[0], x[1]);
  default:
    return {};
  }
}

static Expr onTruthValues(Kind kind, const std::vector<Expr> &x) {
  switch (kind) {
  case Kind::Not:
    return !x[0];
  case Kind::And:
    return x[0] && x[1];
  case Kind::Or:
    return x[0] || x[1];
  default:
    return {};
  }
}

static Expr compare(Kind kind, const Expr &a, const Expr &b) {
  switch (kind) {
  case Kind::Equal:
    return a == b;
  case Kind::NotEqual:
    return a != b;
  case Kind::Less:
    return a < b;
  case Kind::LessEqual:
    return a <= b;
  case Kind::Greater:
    return a > b;
  case Kind::GreaterEqual:
    return a >= b;
  default:
    return {};
  }
}

Expr applyElementwise(const Operation &operation,
                      const std::vector<Expr> &operands, Element from) {
  Kind kind = operation.kind;
  if (kind == Kind::Convert)
    return convert(operands[0], from, operation.type.element);
  if (kind == Kind::Select)
    return choose(operands[0], operands[1], operands[2]);
  Expr result;
  if (kind >= Kind::Equal && kind <= Kind::GreaterEqual) {
    Expr a = operands[0], b = operands[1];
    if (from == Element::I1) {
      a = cast<uint8_t>(a);
      b = cast<uint8_t>(b);
    }
    result = compare(kind, a, b);
  } else if (from == Element::I1) {
    result = onTruthValues(kind, operands);
  } else if (from == Element::I32) {
    result = onIntegers(kind, operands);
  } else {
    result = onFloats(kind, operands);
    if (result.defined())
      result = roundTo(result, from);
  }
  if (!result.defined()) {
    static const char *const names[] = {"f32", "f16", "bf16", "i32", "i1"};
    throw CompileError(std::string("row work has no such operation on ") +
                       names[int(from)] + " elements");
  }
  return result;
}

} // namespace sinter::rows
