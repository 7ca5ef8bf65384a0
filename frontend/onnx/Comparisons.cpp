//===- Comparisons.cpp - Comparisons, and what truths come to -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Most comparisons of an exported graph guard against what cannot be, such as a
// position below the first: their answers are known while importing.
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Importer.h"

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

static std::optional<bool> holds(ComparePredicate predicate,
                                 double difference) {
  switch (predicate) {
  case ComparePredicate::eq:
    return difference == 0;
  case ComparePredicate::ne:
    return difference != 0;
  case ComparePredicate::lt:
    return difference < 0;
  case ComparePredicate::le:
    return difference <= 0;
  case ComparePredicate::gt:
    return difference > 0;
  case ComparePredicate::ge:
    return difference >= 0;
  }
  return std::nullopt;
}

std::optional<int64_t> Importer::leastDifference(const Value &lhs,
                                                 const Value &rhs) {
  std::optional<Value> distance = addCounting(lhs, rhs, -1);
  if (!distance)
    return std::nullopt;
  Extent least = distance->numbers.front().integer;
  if (distance->form == Value::Counting && distance->step < 0) {
    // A length minus the positions up to it.
    std::optional<Extent> fall =
        (distance->shape[distance->axis] - Extent(1)).times(distance->step);
    if (!fall)
      return std::nullopt;
    least = least + *fall;
  }
  return least.isStatic() ? std::optional(least.getStatic()) : std::nullopt;
}

/// What holds at the least difference of two values that count, and so at all.
std::optional<bool> Importer::compareBounds(ComparePredicate predicate) {
  using enum ComparePredicate;
  for (bool isSwapped : {false, true}) {
    std::optional<int64_t> least =
        leastDifference(in(isSwapped ? 1 : 0), in(isSwapped ? 0 : 1));
    if (!least || *least < 0)
      continue;
    if (predicate == (isSwapped ? le : ge))
      return true;
    if (predicate == (isSwapped ? gt : lt))
      return false;
    if (*least > 0 && predicate == (isSwapped ? lt : gt))
      return true;
    if (*least > 0 && predicate == (isSwapped ? ge : le))
      return false;
  }
  return std::nullopt;
}

LogicalResult Importer::compareNode(ComparePredicate predicate) {
  if (failed(checkInputs(2)))
    return failure();
  // Positions of one kind are compared by their distance.
  if (std::optional<Value> distance = addCounting(in(0), in(1), -1);
      distance && distance->form == Value::Uniform &&
      distance->numbers.front().integer.isStatic()) {
    bool truth = *holds(predicate,
                        double(distance->numbers.front().integer.getStatic()));
    return set(0, uniform(Kind::Truth, distance->shape, {0, Extent(truth)}));
  }
  // A position is never below the first one: guards of indices always hold.
  if (std::optional<bool> truth = compareBounds(predicate)) {
    FailureOr<Extents> shape = broadcastShape(in(0).shape, in(1).shape);
    if (failed(shape))
      return failure();
    return set(0, uniform(Kind::Truth, *shape, {0, Extent(*truth)}));
  }
  FailureOr<Value> result = combine(
      in(0), in(1), Kind::Truth,
      [&](const Number &x, const Number &y,
          Kind kind) -> std::optional<Number> {
        double difference;
        if (kind == Kind::Float) {
          // Infinities are equal to themselves.
          difference = x.real == y.real ? 0 : x.real - y.real;
        } else {
          Extent distance = x.integer - y.integer;
          if (!distance.isStatic()) {
            // A length of a sequence is no -1, which is how shapes say "the
            // rest".
            bool isRest = x.integer == Extent(-1) || y.integer == Extent(-1);
            if (!isRest || predicate != ComparePredicate::eq)
              return std::nullopt;
            return Number{0, Extent(0)};
          }
          difference = double(distance.getStatic());
        }
        std::optional<bool> truth = holds(predicate, difference);
        return Number{0, Extent(*truth ? 1 : 0)};
      },
      [&](mlir::Value x, mlir::Value y) -> Result {
        // Truths are compared as numbers.
        if (wrap(x).kind == Kind::Truth)
          return compare(predicate, convert(x, Kind::Integer),
                         convert(y, Kind::Integer));
        return compare(predicate, x, y);
      });
  return failed(result) ? failure() : set(0, *result);
}

LogicalResult Importer::importEqual() {
  return compareNode(ComparePredicate::eq);
}
LogicalResult Importer::importLess() {
  return compareNode(ComparePredicate::lt);
}
LogicalResult Importer::importLessOrEqual() {
  return compareNode(ComparePredicate::le);
}
LogicalResult Importer::importGreater() {
  return compareNode(ComparePredicate::gt);
}
LogicalResult Importer::importGreaterOrEqual() {
  return compareNode(ComparePredicate::ge);
}

/// `and` where `absorbing` is false, `or` where it is true.
static const onnx::Value *findUnit(const onnx::Value &lhs,
                                   const onnx::Value &rhs, bool absorbing) {
  for (auto [unit, other] : {std::pair(&lhs, &rhs), std::pair(&rhs, &lhs)})
    if (unit->form == onnx::Value::Uniform &&
        (unit->numbers.front().integer != Extent(0)) != absorbing)
      return other;
  return nullptr;
}

LogicalResult Importer::importAnd() {
  if (failed(checkInputs(2)))
    return failure();
  FailureOr<Extents> shape = broadcastShape(in(0).shape, in(1).shape);
  if (failed(shape))
    return failure();
  if (const Value *other = findUnit(in(0), in(1), false);
      other && other->shape == *shape)
    return set(0, *other);
  FailureOr<Value> result = combine(
      in(0), in(1), Kind::Truth,
      [](const Number &x, const Number &y, Kind) {
        bool both = x.integer != Extent(0) && y.integer != Extent(0);
        return std::optional(Number{0, Extent(both)});
      },
      [&](mlir::Value x, mlir::Value y) { return binary<AndOp>(x, y); });
  return failed(result) ? failure() : set(0, *result);
}

LogicalResult Importer::importOr() {
  if (failed(checkInputs(2)))
    return failure();
  FailureOr<Extents> shape = broadcastShape(in(0).shape, in(1).shape);
  if (failed(shape))
    return failure();
  if (const Value *other = findUnit(in(0), in(1), true);
      other && other->shape == *shape)
    return set(0, *other);
  FailureOr<Value> result = combine(
      in(0), in(1), Kind::Truth,
      [](const Number &x, const Number &y, Kind) {
        bool one = x.integer != Extent(0) || y.integer != Extent(0);
        return std::optional(Number{0, Extent(one)});
      },
      [&](mlir::Value x, mlir::Value y) { return binary<OrOp>(x, y); });
  return failed(result) ? failure() : set(0, *result);
}

LogicalResult Importer::importNot() {
  if (failed(checkInputs(1)))
    return failure();
  if (in(0).kind != Kind::Truth)
    return fail("its input is no truth value");
  if (in(0).isKnown()) {
    Value value = in(0);
    value.stored = nullptr;
    for (Number &number : value.numbers)
      number.integer = Extent(number.integer == Extent(0));
    return set(0, value);
  }
  Result tensor = materialize(in(0));
  return failed(tensor) ? failure() : set(0, Result(unary<NotOp>(*tensor)));
}

/// Guards against rows that see nothing, whose softmax is 0 / 0: with no
/// padding there are none.
LogicalResult Importer::importIsNaN() {
  if (failed(checkInputs(1)))
    return failure();
  return set(0, uniform(Kind::Truth, in(0).shape, {0, Extent(0)}));
}
