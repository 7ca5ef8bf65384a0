//===- NormalizationMatch.cpp - LayerNorm and RMSNorm, however written ----===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/NormalizationMatch.h"
#include <cmath>
#include <random>

using namespace mlir;
using namespace sinter;

using Row = RowExpression::Row;

/// How far numbers that exporters rounded to f32 may be apart.
static constexpr double tolerance = 1e-6;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

static bool isNear(double x, double y) {
  return std::fabs(x - y) <= tolerance * std::max(std::fabs(x), std::fabs(y));
}

namespace {

/// What an expression makes of a row: the row, or the row less its mean, times
/// `scale`.
struct Measurement {
  bool isCentred;
  double scale;
  /// Mean square of the row, or of the row less its mean.
  double squares;
  /// How far `scale` may be from what it should be.
  double tolerance;
};

/// Rows that tell normalizations apart.
struct Samples {
  /// The first is next to nothing, so that what comes out tells epsilon.
  SmallVector<Row> rows;
  Row gains, biases;

  explicit Samples(int64_t width);
};

} // namespace

Samples::Samples(int64_t width) {
  // Plain arithmetic on the generator's numbers, so that all machines agree.
  std::mt19937 generator(1);
  auto random = [&](double middle, double size) {
    Row row;
    for (int64_t column = 0; column < width; ++column)
      row.push_back(middle + size * (generator() / double(1LL << 31) - 1));
    return row;
  };
  // The last is nearly constant, so that an epsilon times the mean square, as
  // of RMSNorm before LayerNorm, is none.
  rows = {random(0, 1e-6), random(0.3, 1), random(-5, 20), random(1, 1e-3)};
  gains = random(2, 1);
  biases = random(0, 1);
}

/// What a row less `mean` is multiplied by to become `result`, if it is by one
/// number.
static std::optional<Measurement> findScale(const Row &row, const Row &result,
                                            double mean) {
  double largest = 0, scale = 0;
  for (auto [x, y] : llvm::zip(row, result))
    if (std::fabs(x - mean) > largest) {
      largest = std::fabs(x - mean);
      scale = y / (x - mean);
    }
  if (!(scale > 0) || !std::isfinite(scale))
    return std::nullopt;
  // A mean that is a sum times 1 / n is off by as much as f32 holds 1 / n.
  double allowed = tolerance + 0x1p-23 * std::fabs(mean) / largest;
  double squares = 0;
  for (auto [x, y] : llvm::zip(row, result)) {
    if (!(std::fabs(y - scale * (x - mean)) <= allowed * scale * largest))
      return std::nullopt;
    squares += (x - mean) * (x - mean) / row.size();
  }
  return Measurement{mean != 0, scale, squares, allowed};
}

static std::optional<Measurement> measure(const Row &row, const Row &result) {
  if (std::optional<Measurement> whole = findScale(row, result, 0))
    return whole;
  double mean = 0;
  for (double x : row)
    mean += x / row.size();
  return findScale(row, result, mean);
}

/// The shortest number that is the same as f32: 1e-05 for 9.99999974e-06.
static double shorten(double value) {
  for (int digits = 0; digits < 9; ++digits) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.*e", digits, value);
    double candidate = std::strtod(text, nullptr);
    if (isNear(candidate, value))
      return candidate;
  }
  return value;
}

/// The epsilon that explains all measurements, inside of the root or outside.
static std::optional<double> fitEpsilon(ArrayRef<Measurement> measurements,
                                        bool isOutside) {
  auto epsilonOf = [&](const Measurement &m) {
    return isOutside ? 1 / m.scale - std::sqrt(m.squares)
                     : 1 / (m.scale * m.scale) - m.squares;
  };
  double epsilon = epsilonOf(measurements[0]);
  double size =
      isOutside ? std::sqrt(measurements[0].squares) : measurements[0].squares;
  epsilon = std::fabs(epsilon) <= tolerance * size ? 0 : shorten(epsilon);
  if (epsilon < 0)
    return std::nullopt;
  for (const Measurement &m : measurements) {
    double divisor = isOutside ? std::sqrt(m.squares) + epsilon
                               : std::sqrt(m.squares + epsilon);
    if (!(std::fabs(m.scale * divisor - 1) <= m.tolerance))
      return std::nullopt;
  }
  return epsilon;
}

/// The expression as a normalization with this gain and bias, or why it is
/// none.
static std::optional<NormalizationMatch> match(const RowExpression &expression,
                                               Value gain, Value bias,
                                               const Samples &samples,
                                               std::string &reason) {
  Value input = expression.getVariables()[0];
  SmallVector<Measurement> measurements;
  for (const Row &row : samples.rows) {
    DenseMap<Value, Row> inputs = {{input, row}};
    if (gain)
      inputs[gain] = samples.gains;
    if (bias)
      inputs[bias] = samples.biases;
    Row result = expression.evaluate(inputs);
    if (result.size() != row.size())
      return std::nullopt;
    for (auto [column, y] : llvm::enumerate(result))
      y = (y - (bias ? samples.biases[column] : 0)) /
          (gain ? samples.gains[column] : 1);
    std::optional<Measurement> measurement = measure(row, result);
    if (!measurement || (!measurements.empty() &&
                         measurements[0].isCentred != measurement->isCentred)) {
      reason = "what it leads to is not a row, or a row less its mean, over "
               "one number";
      return std::nullopt;
    }
    measurements.push_back(*measurement);
  }
  for (bool isOutside : {false, true})
    if (std::optional<double> epsilon = fitEpsilon(measurements, isOutside))
      return NormalizationMatch{
          expression, input,   gain, bias, measurements[0].isCentred,
          isOutside,  *epsilon};
  reason = "a row is divided by something else than its root mean square or "
           "standard deviation: by " +
           std::to_string(1 / measurements[1].scale /
                          std::sqrt(measurements[1].squares)) +
           " times that of a row of size 1";
  return std::nullopt;
}

/// Whether a weight belongs to the columns of `type`.
static bool isVectorOf(Value weight, NamedTensorType type) {
  NamedTensorType vector = typeOf(weight);
  return vector.getElementType() == type.getElementType() &&
         vector.getRank() > 0 &&
         vector.getNumElements() == type.getShape().back().getSize() &&
         vector.getShape().back() == type.getShape().back();
}

/// Whether the op has rows like `type`, whole or with one element each.
static bool hasRowsLike(Operation *op, NamedTensorType type) {
  SmallVector<Dimension> shape = typeOf(op->getResult(0)).getShape();
  if (ArrayRef(shape) == ArrayRef(type.getShape()))
    return true;
  SmallVector<Dimension> one = type.getShape();
  one.back() = Dimension::get(type.getContext(), 1);
  return ArrayRef(shape) == ArrayRef(one);
}

std::optional<NormalizationMatch>
NormalizationMatch::find(RowExpression &expression, std::string &reason) {
  NamedTensorType type = typeOf(expression.getRoot()->getResult(0));
  if (type.getRank() == 0 || !type.getShape().back().isStatic() ||
      type.getShape().back().getSize() < 2)
    return std::nullopt;
  std::optional<Samples> samples;
  std::optional<NormalizationMatch> found;
  // Behind what is centred may be the mean itself.
  constexpr int patience = 6;
  int steps = 0;
  do {
    if (!hasRowsLike(expression.getOps().back(), type))
      break;
    ArrayRef<Value> variables = expression.getVariables(),
                    weights = expression.getParameters();
    if (weights.size() > 2 || !llvm::all_of(weights, [&](Value weight) {
          return isVectorOf(weight, type);
        }))
      break;
    if (variables.size() != 1 || variables[0].getType() != type ||
        !expression.hasReduction())
      continue;
    if (!samples)
      samples.emplace(type.getShape().back().getSize());
    SmallVector<Value> parts(weights);
    parts.resize(2); // absent ones are null
    std::optional<NormalizationMatch> match;
    for (auto [gain, bias] :
         {std::pair(parts[0], parts[1]), std::pair(parts[1], parts[0])})
      if (!match)
        match = ::match(expression, gain, bias, *samples, reason);
    if (!match)
      continue;
    if (Operation *shared = expression.findSharedOp()) {
      reason = "something else uses the '" +
               shared->getName().getStringRef().str() + "' within, too";
      continue;
    }
    found = match;
    steps = 0;
  } while ((!found || ++steps < patience) && expression.grow());
  return found;
}
