//===- Elementwise.cpp - Element by element -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Importer.h"
#include <cmath>
#include <numbers>

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

//===----------------------------------------------------------------------===//
// Two operands
//===----------------------------------------------------------------------===//

static bool isNumber(const onnx::Value &value, double number) {
  if (value.form != onnx::Value::Uniform &&
      !(value.form == onnx::Value::Listed && value.numbers.size() == 1))
    return false;
  const Number &only = value.numbers.front();
  return value.kind == Kind::Float ? only.real == number
                                   : only.integer == Extent(int64_t(number));
}

/// Whether `other`'s shape is that of both together.
static bool covers(const onnx::Value &other, const onnx::Value &unit) {
  if (unit.getRank() > other.getRank())
    return false;
  for (int64_t i = 0; i < unit.getRank(); ++i) {
    const Extent &size = unit.shape[unit.getRank() - 1 - i];
    if (size != Extent(1) && size != other.shape[other.getRank() - 1 - i])
      return false;
  }
  return true;
}

LogicalResult Importer::importAdd() {
  if (failed(checkInputs(2)))
    return failure();
  // What a mask without padding adds.
  for (auto [zero, other] : {std::pair(0, 1), std::pair(1, 0)})
    if (isNumber(in(zero), 0) && covers(in(other), in(zero)))
      return set(0, in(other));
  if (std::optional<Value> counted = addCounting(in(0), in(1), 1))
    return set(0, *counted);
  FailureOr<Value> sum = combine(
      in(0), in(1), in(0).kind,
      [](const Number &x, const Number &y, Kind) {
        return std::optional(Number{x.real + y.real, x.integer + y.integer});
      },
      [&](mlir::Value x, mlir::Value y) { return binary<AddOp>(x, y); });
  return failed(sum) ? failure() : set(0, *sum);
}

LogicalResult Importer::importSub() {
  if (failed(checkInputs(2)))
    return failure();
  if (isNumber(in(1), 0) && covers(in(0), in(1)))
    return set(0, in(0));
  if (std::optional<Value> counted = addCounting(in(0), in(1), -1))
    return set(0, *counted);
  FailureOr<Value> difference = combine(
      in(0), in(1), in(0).kind,
      [](const Number &x, const Number &y, Kind) {
        return std::optional(Number{x.real - y.real, x.integer - y.integer});
      },
      [&](mlir::Value x, mlir::Value y) { return binary<SubOp>(x, y); });
  return failed(difference) ? failure() : set(0, *difference);
}

LogicalResult Importer::importMul() {
  if (failed(checkInputs(2)))
    return failure();
  for (auto [one, other] : {std::pair(0, 1), std::pair(1, 0)})
    if (isNumber(in(one), 1) && covers(in(other), in(one)))
      return set(0, in(other));
  FailureOr<Value> product = combine(
      in(0), in(1), in(0).kind,
      [](const Number &x, const Number &y, Kind) -> std::optional<Number> {
        std::optional<Extent> integer = x.integer.times(y.integer);
        if (!integer)
          return std::nullopt;
        return Number{x.real * y.real, *integer};
      },
      [&](mlir::Value x, mlir::Value y) { return binary<MulOp>(x, y); });
  return failed(product) ? failure() : set(0, *product);
}

LogicalResult Importer::importDiv() {
  if (failed(checkInputs(2)))
    return failure();
  if (isNumber(in(1), 1) && covers(in(0), in(1)))
    return set(0, in(0));
  FailureOr<Value> quotient = combine(
      in(0), in(1), in(0).kind,
      [](const Number &x, const Number &y, Kind kind) -> std::optional<Number> {
        if (kind == Kind::Float)
          return Number{x.real / y.real, Extent()};
        std::optional<Extent> integer = x.integer.dividedBy(y.integer);
        if (!integer)
          return std::nullopt;
        return Number{0, *integer};
      },
      [&](mlir::Value x, mlir::Value y) { return binary<DivOp>(x, y); });
  return failed(quotient) ? failure() : set(0, *quotient);
}

LogicalResult Importer::importMod() {
  if (failed(checkInputs(2)))
    return failure();
  FailureOr<Value> rest = combine(
      in(0), in(1), in(0).kind,
      [](const Number &x, const Number &y, Kind kind) -> std::optional<Number> {
        if (kind == Kind::Float)
          return Number{std::fmod(x.real, y.real), Extent()};
        if (!x.integer.isStatic() || !y.integer.isStatic() ||
            x.integer.getStatic() < 0 || y.integer.getStatic() <= 0)
          return std::nullopt;
        return Number{0, Extent(x.integer.getStatic() % y.integer.getStatic())};
      },
      [&](mlir::Value x, mlir::Value y) { return binary<ModOp>(x, y); });
  return failed(rest) ? failure() : set(0, *rest);
}

LogicalResult Importer::importPow() {
  if (failed(checkInputs(2)))
    return failure();
  Value exponent = in(1);
  if (exponent.isKnown() && exponent.kind == Kind::Integer &&
      in(0).kind == Kind::Float) {
    exponent.kind = Kind::Float;
    for (Number &number : exponent.numbers) {
      if (!number.integer.isStatic())
        return fail("its exponent depends on the length of the sequence");
      number = {double(number.integer.getStatic()), Extent()};
    }
  }
  FailureOr<Value> power = combine(
      in(0), exponent, in(0).kind,
      [](const Number &x, const Number &y, Kind kind) -> std::optional<Number> {
        if (kind != Kind::Float)
          return std::nullopt;
        return Number{std::pow(x.real, y.real), Extent()};
      },
      [&](mlir::Value x, mlir::Value y) -> Result {
        if (wrap(x).kind != Kind::Float)
          return fail("powers of integers are not supported");
        return binary<PowOp>(x, y);
      });
  return failed(power) ? failure() : set(0, *power);
}

/// The larger or smaller of two numbers, where it is known which one that is.
static std::optional<Number> pick(const Number &x, const Number &y, Kind kind,
                                  bool larger) {
  if (kind == Kind::Float)
    return (x.real > y.real) == larger ? x : y;
  Extent difference = x.integer - y.integer;
  if (!difference.isStatic())
    return std::nullopt;
  return (difference.getStatic() > 0) == larger ? x : y;
}

/// Lengths that were made floats are still integers; so are the whole numbers
/// that they are compared with.
static void countAsIntegers(onnx::Value &lhs, onnx::Value &rhs) {
  constexpr double most = 1e15; // of which every whole number is a double
  for (auto [lengths, floats] :
       {std::pair(&lhs, &rhs), std::pair(&rhs, &lhs)}) {
    std::optional<int64_t> count = floats->getNumElements();
    if (!lengths->isKnown() || lengths->kind != Kind::Integer ||
        floats->kind != Kind::Float || !count || *count > mostListed)
      continue;
    std::vector<double> reals;
    for (const Number &number : floats->numbers)
      reals.push_back(number.real);
    if (floats->form == onnx::Value::Stored &&
        floats->stored->getNumElements() == *count)
      for (int64_t i = 0; i < *count; ++i)
        reals.push_back(floats->stored->real(i));
    bool areWhole = !reals.empty() && llvm::all_of(reals, [&](double real) {
      return std::abs(real) < most && real == std::floor(real);
    });
    if (!areWhole)
      continue;
    floats->kind = Kind::Integer;
    floats->stored = nullptr;
    if (floats->form == onnx::Value::Stored)
      floats->form = onnx::Value::Listed;
    floats->numbers.clear();
    for (double real : reals)
      floats->numbers.push_back({0, Extent(int64_t(real))});
  }
}

/// All inputs, one after the other.
LogicalResult Importer::combineAll(
    llvm::function_ref<FailureOr<Value>(const Value &, const Value &)> step) {
  if (inputCount() == 0)
    return fail("it has no inputs");
  if (failed(checkInputs(inputCount())))
    return failure();
  FailureOr<Value> result = in(0);
  for (size_t i = 1; i < inputCount() && succeeded(result); ++i)
    result = step(*result, in(i));
  return failed(result) ? failure() : set(0, *result);
}

LogicalResult Importer::pickNode(bool larger) {
  return combineAll([&](const Value &first,
                        const Value &second) -> FailureOr<Value> {
    Value lhs = first, rhs = second;
    countAsIntegers(lhs, rhs);
    // Positions are never below the first one.
    for (auto [above, below] : {std::pair(&lhs, &rhs), std::pair(&rhs, &lhs)})
      if (std::optional<int64_t> least = leastDifference(*above, *below);
          least && *least >= 0) {
        const Value &picked = larger ? *above : *below;
        if (covers(picked, larger ? *below : *above))
          return picked;
      }
    return combine(
        lhs, rhs, lhs.kind,
        [&](const Number &x, const Number &y, Kind kind) {
          if (!larger && kind != Kind::Float)
            for (auto [length, most] : {std::pair(x, y), std::pair(y, x)})
              if (length.integer.getSymbol() && most.integer.isStatic() &&
                  most.integer.getStatic() > 1) {
                // Sequences are no longer than that.
                context = std::min(context.value_or(INT64_MAX),
                                   most.integer.getStatic());
                return std::optional(length);
              }
          return pick(x, y, kind, larger);
        },
        [&](mlir::Value x, mlir::Value y) {
          return larger ? binary<MaxOp>(x, y) : binary<MinOp>(x, y);
        });
  });
}

LogicalResult Importer::importMax() { return pickNode(true); }
LogicalResult Importer::importMin() { return pickNode(false); }

LogicalResult Importer::importSum() {
  return combineAll([&](const Value &lhs, const Value &rhs) {
    return combine(
        lhs, rhs, lhs.kind,
        [](const Number &x, const Number &y, Kind) {
          return std::optional(Number{x.real + y.real, x.integer + y.integer});
        },
        [&](mlir::Value x, mlir::Value y) { return binary<AddOp>(x, y); });
  });
}

LogicalResult Importer::importClip() {
  if (failed(checkInputs(1)))
    return failure();
  auto bound = [&](size_t input, const char *attribute) -> FailureOr<Value> {
    if (has(input))
      return in(input);
    const Attribute *found = node->find(attribute);
    if (!found || !found->real)
      return Value();
    return uniform(Kind::Float, {}, {*found->real, Extent()});
  };
  FailureOr<Value> result = in(0);
  for (auto [input, attribute, larger] :
       {std::tuple(1, "min", true), std::tuple(2, "max", false)}) {
    FailureOr<Value> limit = bound(input, attribute);
    if (succeeded(result) && succeeded(limit) && !limit->isAbsent())
      result = combine(
          *result, *limit, in(0).kind,
          [&](const Number &x, const Number &y, Kind kind) {
            return pick(x, y, kind, larger);
          },
          [&](mlir::Value x, mlir::Value y) {
            return larger ? binary<MaxOp>(x, y) : binary<MinOp>(x, y);
          });
  }
  return failed(result) ? failure() : set(0, *result);
}

//===----------------------------------------------------------------------===//
// One operand
//===----------------------------------------------------------------------===//

LogicalResult
Importer::foldUnary(llvm::function_ref<double(double)> function,
                    llvm::function_ref<Result(mlir::Value)> emit) {
  if (failed(checkInputs(1)))
    return failure();
  if (in(0).kind != Kind::Float)
    return fail("its input is no tensor of floats");
  if (in(0).isKnown()) {
    Value value = in(0);
    value.stored = nullptr;
    for (Number &number : value.numbers)
      number.real = function(number.real);
    return set(0, value);
  }
  Result tensor = materialize(in(0));
  return failed(tensor) ? failure() : set(0, emit(*tensor));
}

#define SINTER_UNARY(name, formula)                                            \
  LogicalResult Importer::import##name() {                                     \
    return foldUnary(                                                          \
        [](double x) { return formula; },                                      \
        [&](mlir::Value x) -> Result { return unary<name##Op>(x); });          \
  }
SINTER_UNARY(Exp, std::exp(x))
SINTER_UNARY(Log, std::log(x))
SINTER_UNARY(Sqrt, std::sqrt(x))
SINTER_UNARY(Sin, std::sin(x))
SINTER_UNARY(Cos, std::cos(x))
SINTER_UNARY(Tanh, std::tanh(x))
SINTER_UNARY(Erf, std::erf(x))
SINTER_UNARY(Floor, std::floor(x))
#undef SINTER_UNARY

LogicalResult Importer::importNeg() {
  if (failed(checkInputs(1)))
    return failure();
  if (in(0).isKnown()) {
    Value value = in(0);
    value.stored = nullptr;
    for (Number &number : value.numbers)
      number = {-number.real, Extent() - number.integer};
    return set(0, value);
  }
  Result tensor = materialize(in(0));
  return failed(tensor) ? failure() : set(0, unary<NegOp>(*tensor));
}

LogicalResult Importer::importAbs() {
  if (failed(checkInputs(1)))
    return failure();
  if (in(0).kind == Kind::Float)
    return foldUnary([](double x) { return std::fabs(x); },
                     [&](mlir::Value x) -> Result { return unary<AbsOp>(x); });
  Result tensor = materialize(in(0));
  return failed(tensor) ? failure() : set(0, unary<AbsOp>(*tensor));
}

LogicalResult Importer::importReciprocal() {
  return foldUnary(
      [](double x) { return 1 / x; },
      [&](mlir::Value x) { return binary<DivOp>(constant(1), x); });
}

Importer::Result Importer::sigmoid(mlir::Value x) {
  mlir::Value below = binary<AddOp>(unary<ExpOp>(unary<NegOp>(x)), constant(1))
                          .value_or(nullptr);
  return binary<DivOp>(constant(1), below);
}

LogicalResult Importer::importSigmoid() {
  return foldUnary([](double x) { return 1 / (1 + std::exp(-x)); },
                   [&](mlir::Value x) { return sigmoid(x); });
}

LogicalResult Importer::importRelu() {
  return foldUnary(
      [](double x) { return std::max(x, 0.0); },
      [&](mlir::Value x) { return binary<MaxOp>(x, constant(0)); });
}

/// x / 2 * (1 + erf(x / sqrt(2))), Hendrycks and Gimpel 2016.
Importer::Result Importer::gelu(mlir::Value x) {
  mlir::Value scaled = *binary<MulOp>(x, constant(1 / std::numbers::sqrt2));
  mlir::Value gate = *binary<AddOp>(unary<ErfOp>(scaled), constant(1));
  return binary<MulOp>(*binary<MulOp>(x, constant(0.5)), gate);
}

/// x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))), as above.
Importer::Result Importer::tanhGelu(mlir::Value x) {
  mlir::Value cube = *binary<MulOp>(*binary<MulOp>(x, x), x);
  mlir::Value inner =
      *binary<AddOp>(x, *binary<MulOp>(cube, constant(0.044715)));
  double factor = std::sqrt(2 * std::numbers::inv_pi);
  mlir::Value gate = *binary<AddOp>(
      unary<TanhOp>(*binary<MulOp>(inner, constant(factor))), constant(1));
  return binary<MulOp>(*binary<MulOp>(x, constant(0.5)), gate);
}

LogicalResult Importer::importGelu() {
  if (failed(checkInputs(1)))
    return failure();
  const Attribute *form = node->find("approximate");
  Result tensor = materialize(in(0));
  if (failed(tensor) || wrap(*tensor).kind != Kind::Float)
    return failed(tensor) ? failure()
                          : fail("its input is no tensor of floats");
  bool isTanh = form && form->text == "tanh";
  return set(0, isTanh ? tanhGelu(*tensor) : gelu(*tensor));
}
