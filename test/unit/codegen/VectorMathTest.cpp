//===- VectorMathTest.cpp - How near functions are to the truth -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/VectorMath.h"
#include "KernelJit.h"
#include "gtest/gtest.h"
#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>

using namespace sinter;
using namespace sinter::test;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float notANumber = std::numeric_limits<float>::quiet_NaN();

struct Function {
  const char *name;
  mlir::Value (*emit)(KernelBuilder &, mlir::Value);
  double (*exact)(double);
  /// The header's claim, in units in the last place of the result.
  double bound;
};

double inverseRoot(double x) { return 1 / std::sqrt(x); }
mlir::Value emitInverseRoot(KernelBuilder &b, mlir::Value x) {
  return emitPower(b, emitSquareRoot(b, x), x, -1.0);
}

const Function functions[] = {
    {"exp", emitExponential, std::exp, 1.5},
    {"log", emitLogarithm, std::log, 1.5},
    {"tanh", emitHyperbolicTangent, std::tanh, 2},
    {"erf", emitErrorFunction, std::erf, 2},
    {"sqrt", emitSquareRoot, std::sqrt, 0.5},
    {"rsqrt", emitInverseRoot, inverseRoot, 1.5},
};

/// One unit in the last place of numbers as large as `x`.
double unit(double x) {
  int exponent;
  std::frexp(std::fabs(x), &exponent);
  return std::ldexp(1.0, std::max(exponent - 24, -149));
}

class VectorMath : public testing::TestWithParam<std::string> {
protected:
  VectorMath()
      : kernel(GetParam(), [this](KernelBuilder &b,
                                  const TargetDescription &target) {
          lanes = target.vectorLanes(32);
          for (const Function &function : functions)
            emitFunction(b, function.name, function.emit);
          emitFunction(b, "small_exp", emitSmallExponential);
          emitFunction(b, "sin", emitSine);
          emitFunction(b, "cos", emitCosine);
          emitFunction(b, "floor", emitFloor);
          emitFunction(b, "square", [](KernelBuilder &b, mlir::Value x) {
            return emitPower(b, x, x, 2.0);
          });
          emitFunction(b, "cube", [](KernelBuilder &b, mlir::Value x) {
            return emitPower(b, x, x, 3.0);
          });
          emitFunction(b, "inverse", [](KernelBuilder &b, mlir::Value x) {
            return emitPower(b, x, x, -1.0);
          });
        }) {}

  void emitFunction(KernelBuilder &b, llvm::StringRef name,
                    mlir::Value (*emit)(KernelBuilder &, mlir::Value)) {
    // Not the plain name: generated code may call the library's function.
    auto function = b.beginFunction(("vector_" + name).str(),
                                    {b.pointerType(), b.pointerType()});
    auto arguments = function.getArguments();
    mlir::Value x = b.load(b.vectorType(lanes, b.getF32Type()), arguments[0]);
    b.store(emit(b, x), arguments[1]);
    b.endFunction();
  }

  std::vector<float> apply(const char *name, std::vector<float> x) {
    size_t count = x.size();
    x.resize((count + lanes - 1) / lanes * lanes, 0);
    std::vector<float> result(x.size());
    auto *function =
        kernel.get<void(const float *, float *)>(std::string("vector_") + name);
    for (size_t i = 0; i < x.size(); i += lanes)
      function(&x[i], &result[i]);
    result.resize(count);
    return result;
  }

  int64_t lanes; // set while the kernels are emitted
  KernelJit kernel;
};

/// Every 997th float: all exponents, both signs, subnormal ones too.
std::vector<float> allOver() {
  std::vector<float> numbers;
  for (uint64_t bits = 0; bits < (uint64_t(1) << 32); bits += 997) {
    float x = std::bit_cast<float>(uint32_t(bits));
    if (std::isfinite(x))
      numbers.push_back(x);
  }
  return numbers;
}

TEST_P(VectorMath, IsWithinItsBound) {
  std::vector<float> x = allOver();
  for (const Function &function : functions) {
    std::vector<float> result = apply(function.name, x);
    double worst = 0;
    float where = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      double exact = function.exact(x[i]);
      if (std::isnan(exact)) {
        ASSERT_TRUE(std::isnan(result[i])) << function.name << " " << x[i];
        continue;
      }
      if (std::fabs(exact) > std::numeric_limits<float>::max()) {
        ASSERT_EQ(float(exact), result[i]) << function.name << " " << x[i];
        continue;
      }
      double error = std::fabs(result[i] - exact) / unit(exact);
      if (!(error <= worst))
        worst = error, where = x[i];
    }
    RecordProperty(function.name, std::to_string(worst));
    std::printf("%s: %.2f units in the last place\n", function.name, worst);
    EXPECT_LE(worst, function.bound)
        << function.name << "(" << where << ") is " << worst << " units off";
  }
}

TEST_P(VectorMath, SmallExponentialIsWithinItsBound) {
  std::vector<float> x;
  for (float number : allOver())
    if (number <= 1)
      x.push_back(number);
  for (float number : randomNumbers(100000, 6))
    x.push_back(number * 44 - 43);
  std::vector<float> result = apply("small_exp", x);
  for (size_t i = 0; i < x.size(); ++i) {
    double exact = x[i] < -87 ? 0 : std::exp(double(x[i]));
    ASSERT_LE(std::fabs(result[i] - exact) / unit(exact), 1.5) << x[i];
  }
  EXPECT_EQ(0, apply("small_exp", {-infinity})[0]);
  for (uint32_t bits : {0x7fc00000u, 0xffc00001u, 0x7fffffffu})
    EXPECT_TRUE(
        std::isnan(apply("small_exp", {std::bit_cast<float>(bits)})[0]));
}

TEST_P(VectorMath, TakesAndGivesWhatIsNoNumber) {
  EXPECT_EQ((std::vector<float>{0, infinity, 1, 1}),
            apply("exp", {-infinity, infinity, 0, -0.0f}));
  EXPECT_EQ((std::vector<float>{-infinity, -infinity, infinity, 0}),
            apply("log", {0, -0.0f, infinity, 1}));
  EXPECT_EQ((std::vector<float>{-1, 1}), apply("tanh", {-infinity, infinity}));
  EXPECT_EQ((std::vector<float>{-1, 1}), apply("erf", {-infinity, infinity}));
  for (const char *name : {"exp", "log", "tanh", "erf", "sqrt", "sin", "cos"})
    EXPECT_TRUE(std::isnan(apply(name, {notANumber})[0])) << name;
  for (const char *name : {"sin", "cos"})
    EXPECT_TRUE(std::isnan(apply(name, {infinity})[0])) << name;
}

TEST_P(VectorMath, AnglesAreReducedInDouble) {
  std::vector<float> x;
  for (float number : randomNumbers(20000, 1)) {
    x.push_back(number * 4);
    x.push_back(number * 1e5f);
    x.push_back(number * 1e9f);
  }
  std::vector<float> sine = apply("sin", x), cosine = apply("cos", x);
  for (size_t i = 0; i < x.size(); ++i) {
    ASSERT_NEAR(sine[i], std::sin(double(x[i])), 1.1e-7) << x[i];
    ASSERT_NEAR(cosine[i], std::cos(double(x[i])), 1.1e-7) << x[i];
  }
}

/// Angles that positions of a context make: relative too, next to zeros.
TEST_P(VectorMath, AnglesOfPositionsAreWithinTwoUnits) {
  std::vector<float> x;
  for (float number : randomNumbers(200000, 3)) {
    x.push_back(number * 4);
    x.push_back(number * 1048576);
  }
  for (int i = 1; i < 20000; ++i) // the floats next to zeros
    x.push_back(float(i * 1.57079632679489661923));
  for (auto [name, exact] :
       {std::pair{"sin", static_cast<double (*)(double)>(std::sin)},
        std::pair{"cos", static_cast<double (*)(double)>(std::cos)}}) {
    std::vector<float> result = apply(name, x);
    double worst = 0;
    for (size_t i = 0; i < x.size(); ++i)
      worst = std::max(worst,
                       std::fabs(result[i] - exact(x[i])) / unit(exact(x[i])));
    std::printf("%s: %.2f units in the last place\n", name, worst);
    EXPECT_LE(worst, 2) << name;
  }
}

TEST_P(VectorMath, PowersAndFloor) {
  std::vector<float> x = randomNumbers(1000, 2);
  std::vector<float> square = apply("square", x), cube = apply("cube", x),
                     inverse = apply("inverse", x);
  for (size_t i = 0; i < x.size(); ++i) {
    ASSERT_EQ(square[i], x[i] * x[i]);
    ASSERT_EQ(cube[i], x[i] * x[i] * x[i]);
    ASSERT_EQ(inverse[i], 1 / x[i]);
  }
  EXPECT_EQ((std::vector<float>{-2, -1, 0, 1, 8388609}),
            apply("floor", {-1.5f, -0.5f, 0.5f, 1, 8388609}));
}

INSTANTIATE_TEST_SUITE_P(Targets, VectorMath, testing::ValuesIn(testedCpus()),
                         [](const auto &info) {
                           return testNameOf(info.param);
                         });

} // namespace
