//===- RaiseActivation.cpp - GELU and SiLU from arithmetic ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/RowExpression.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

namespace sinter {
#define GEN_PASS_DEF_RAISEACTIVATIONPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

namespace {

/// A function that has a name.
struct Activation {
  StringLiteral name;
  double (*apply)(double);
  Value (*build)(OpBuilder &, Location, Value);
};

template <GeluKind kind>
Value buildGelu(OpBuilder &builder, Location location, Value x) {
  return GeluOp::create(builder, location, kind, x);
}

} // namespace

static double normalProbability(double x) {
  return 0.5 * (1 + std::erf(x / std::sqrt(2.0)));
}

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

static const Activation activations[] = {
    {"gelu erf", [](double x) { return x * normalProbability(x); },
     buildGelu<GeluKind::erf>},
    {"gelu tanh",
     [](double x) {
       double cubic = x + 0.044715 * x * x * x;
       return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * cubic));
     },
     buildGelu<GeluKind::tanh>},
    {"gelu sigmoid", [](double x) { return x * sigmoid(1.702 * x); },
     buildGelu<GeluKind::sigmoid>},
    {"silu", [](double x) { return x * sigmoid(x); },
     [](OpBuilder &builder, Location location, Value x) -> Value {
       return SiluOp::create(builder, location, x);
     }}};

/// What exporters round constants to changes a function by less; the next
/// function that someone could mean differs by more.
static constexpr double tolerance = 2e-6;
/// Beyond this, nobody could have meant the function.
static constexpr double vicinity = 0.02;

namespace {

/// How an expression compares with an activation times a number.
struct Comparison {
  const Activation *activation = nullptr;
  double factor = 1;
  double difference = std::numeric_limits<double>::infinity();
  double worstAt = 0;
};

} // namespace

/// The activation to which the samples come closest.
static Comparison findClosest(ArrayRef<double> xs, ArrayRef<double> ys) {
  Comparison closest;
  for (const Activation &activation : activations) {
    // Where it is nearly linear, all of these functions are x.
    double factor = ys.back() / activation.apply(xs.back());
    if (std::fabs(factor - 1) < tolerance)
      factor = 1;
    Comparison comparison{&activation, factor, 0, 0};
    for (auto [x, y] : llvm::zip(xs, ys)) {
      double expected = activation.apply(x);
      double difference =
          std::fabs(y / factor - expected) / std::max(1.0, std::fabs(expected));
      if (!(difference <= comparison.difference)) {
        comparison.difference = difference;
        comparison.worstAt = x;
      }
    }
    if (comparison.difference < closest.difference)
      closest = comparison;
  }
  return closest;
}

namespace {

struct RaiseActivation
    : sinter::impl::RaiseActivationPassBase<RaiseActivation> {
  void runOnOperation() override {
    // Not quite regular, so that no period agrees with them.
    for (double x = -12; x < 12; x += 0.0917)
      samples.push_back(x);
    for (Block *block : blocksOfRowWork(getOperation())) {
      // The last op of a function before what it is made of.
      for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*block)))
        if (!done.contains(&op) && RowExpression::isPart(&op) &&
            isa<ElementwiseOpInterface>(op))
          raise(&op);
      eraseDeadOps(*block);
      done.clear();
    }
  }

  void raise(Operation *root) {
    Value result = root->getResult(0);
    RowExpression expression(root);
    bool isFunction = false; // not polynomials and the like
    do {
      isFunction |= isa<ErfOp, TanhOp, ExpOp>(expression.getOps().back());
      if (!isWithin(expression, result.getType()))
        return;
      ArrayRef<Value> variables = expression.getVariables();
      if (!isFunction || variables.size() != 1 ||
          variables[0].getType() != result.getType())
        continue;
      std::vector<double> ys = expression.evaluate({{variables[0], samples}});
      if (ys.size() != samples.size())
        continue;
      Comparison comparison = findClosest(samples, ys);
      if (comparison.difference < vicinity) {
        replace(expression, comparison);
        return;
      }
    } while (expression.grow());
  }

  /// Whether the op taken in last works on elements alone.
  static bool isWithin(const RowExpression &expression, Type type) {
    Operation *op = expression.getOps().back();
    return isa<ElementwiseOpInterface>(op) &&
           op->getResult(0).getType() == type &&
           expression.getParameters().empty();
  }

  void replace(const RowExpression &expression, const Comparison &comparison) {
    Operation *root = expression.getRoot();
    std::string name = comparison.activation->name.str();
    if (comparison.difference > tolerance) {
      done.insert_range(expression.getOps());
      remarkMissed(root, "raise-activation", "activation")
          << llvm::formatv("this is not {0}: it differs by {1:e1} at x = "
                           "{2:f2}, as a constant is another one",
                           name, comparison.difference, comparison.worstAt)
                 .str();
      return;
    }
    if (Operation *shared = expression.findSharedOp()) {
      done.insert_range(expression.getOps());
      remarkMissed(root, "raise-activation", "activation")
          << "this is " + name + ", but something else uses the '" +
                 shared->getName().getStringRef().str() + "' within, too";
      return;
    }
    OpBuilder builder(root);
    Value result = comparison.activation->build(builder, root->getLoc(),
                                                expression.getVariables()[0]);
    if (comparison.factor != 1) {
      auto scalar = cast<NamedTensorType>(result.getType()).withShape({});
      Value factor = ConstantOp::create(builder, root->getLoc(),
                                        comparison.factor, scalar);
      result = MulOp::create(builder, root->getLoc(), result, factor);
    }
    root->getResult(0).replaceAllUsesWith(result);
    done.insert_range(expression.getOps());
    ++raised;
    remarkPassed(root, "raise-activation", "activation")
        << std::to_string(expression.getOps().size()) + " operations are " +
               name;
  }

  std::vector<double> samples;
  /// What need not be looked at again.
  DenseSet<Operation *> done;
};

} // namespace
