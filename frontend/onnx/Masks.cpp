//===- Masks.cpp - Positions, and who sees whom -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exporters build positions and masks of the lengths that a graph is run with,
// or cut them from tables. Passes prove things about comparisons of positions;
// so that is what everything becomes here.
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Importer.h"
#include <cmath>

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

/// Whether a table's elements are start, start + 1, ... along `axis` (the same
/// along all others); returns the start.
static std::optional<double> countsAlong(const Tensor &table, int64_t axis) {
  int64_t inner = 1, size = table.shape[axis];
  for (size_t i = axis + 1; i < table.shape.size(); ++i)
    inner *= table.shape[i];
  double start = table.real(0);
  for (int64_t i = 0, count = table.getNumElements(); i < count; ++i)
    if (table.real(i) != start + double(i / inner % size))
      return std::nullopt;
  return start;
}

namespace {
/// A square table that is one number where key <= query + offset and another
/// elsewhere, the same along all axes before.
struct Triangle {
  int64_t offset;
  double inside, outside;
};
} // namespace

static std::optional<Triangle> findTriangle(const Tensor &table) {
  size_t rank = table.shape.size();
  if (rank < 2 || table.shape[rank - 1] != table.shape[rank - 2])
    return std::nullopt;
  int64_t size = table.shape[rank - 1];
  if (size < 2)
    return std::nullopt;
  // Either the diagonal belongs to what is seen, or it does not.
  for (int64_t offset : {0, -1}) {
    Triangle result{offset, table.real(size * (size - 1)),
                    table.real(size - 1)};
    bool holds = result.inside != result.outside;
    for (int64_t i = 0, count = table.getNumElements(); holds && i < count;
         ++i) {
      int64_t query = i / size % size, key = i % size;
      holds = table.real(i) ==
              (key <= query + offset ? result.inside : result.outside);
    }
    if (holds)
      return result;
  }
  return std::nullopt;
}

/// The first elements of a table, as many as a sequence has.
Importer::Result Importer::materializeWindow(const Value &value) {
  const Tensor &table = *value.stored;
  auto refuse = [&](const Twine &message) {
    return fail("initializer '" + table.name + "', " + toString(value.shape) +
                " of it: " + message);
  };
  if (table.getNumElements() == 0)
    return refuse("it has no elements");
  SmallVector<int64_t> cut;
  for (int64_t i = 0; i < value.getRank(); ++i)
    if (value.shape[i] != Extent(table.shape[i]))
      cut.push_back(i);
  auto limit = [&](int64_t axis) {
    if (!value.shape[axis].isStatic())
      context = std::min(context.value_or(INT64_MAX), table.shape[axis]);
  };

  bool isUniform = true;
  for (int64_t i = 1, count = table.getNumElements(); isUniform && i < count;
       ++i)
    isUniform = table.real(i) == table.real(0);
  if (isUniform) {
    Result scalar = constant(table.real(0), value.kind);
    return broadcastTo(*scalar, value.shape);
  }

  int64_t rank = value.getRank();
  bool isSquare = cut == SmallVector<int64_t>{rank - 2, rank - 1} ||
                  (cut.empty() && rank >= 2);
  if (std::optional<Triangle> found =
          isSquare ? findTriangle(table) : std::nullopt) {
    limit(rank - 1);
    mlir::Value seen =
        triangle(value.shape[rank - 2], value.shape[rank - 1], found->offset);
    Result tensor = seen;
    if (value.kind == Kind::Truth && found->inside == 0)
      tensor = unary<NotOp>(seen);
    else if (value.kind != Kind::Truth)
      tensor = select(seen, constant(found->inside, value.kind),
                      constant(found->outside, value.kind));
    return failed(tensor) ? tensor : broadcastTo(*tensor, value.shape);
  }

  // Along one axis: counting, or rows of a table of floats.
  int64_t along = cut.empty() ? -1 : cut.front();
  for (int64_t i = 0; cut.empty() && i < rank; ++i)
    if (table.shape[i] > 1 && along < 0)
      along = i;
  if (cut.size() <= 1 && along >= 0 && value.kind == Kind::Integer)
    if (std::optional<double> start = countsAlong(table, along)) {
      limit(along);
      mlir::Value numbers = iota(value.shape[along]);
      if (*start != 0)
        numbers = *binary<AddOp>(numbers, constant(*start, Kind::Integer));
      Extents shape(rank, Extent(1));
      shape[along] = value.shape[along];
      Result placed = reshape(numbers, shape);
      return failed(placed) ? placed : broadcastTo(*placed, value.shape);
    }
  if (cut.size() != 1 || value.kind != Kind::Float)
    return refuse("neither counting nor a triangle that says who sees whom: "
                  "such tables are not supported");
  limit(along);
  Value all = value;
  all.shape.assign(table.shape.begin(), table.shape.end());
  Result whole = materializeStored(all);
  if (failed(whole))
    return failure();
  SmallVector<int64_t> toFront{along}, back;
  for (int64_t i = 0; i < rank; ++i)
    if (i != along)
      toFront.push_back(i);
  for (int64_t i = 0; i < rank; ++i)
    back.push_back(llvm::find(toFront, i) - toFront.begin());
  Result rows = transpose(*whole, toFront);
  if (failed(rows))
    return failure();
  rows = gather(*rows, iota(value.shape[along]));
  return failed(rows) ? rows : transpose(*rows, back);
}

//===----------------------------------------------------------------------===//
// Counting
//===----------------------------------------------------------------------===//

LogicalResult Importer::importRange() {
  if (failed(checkInputs(3)))
    return failure();
  std::optional<Value> start = list(in(0)), limit = list(in(1)),
                       step = list(in(2));
  for (const std::optional<Value> &value : {start, limit, step})
    if (!value || value->numbers.size() != 1)
      return fail("its bounds are not known while importing");
  if (in(0).kind == Kind::Float) {
    double first = start->numbers[0].real, by = step->numbers[0].real;
    double count =
        by == 0 ? 0 : std::ceil((limit->numbers[0].real - first) / by);
    if (!(count >= 0 && count <= mostListed))
      return fail("it counts from " + std::to_string(first) +
                  " on in steps of " + std::to_string(by) +
                  ": this is not supported");
    std::vector<Number> numbers;
    for (int64_t i = 0; i < int64_t(count); ++i)
      numbers.push_back({first + double(i) * by, Extent()});
    return set(0, listed(Kind::Float, {Extent(numbers.size())}, numbers));
  }
  Extent first = start->numbers[0].integer, by = step->numbers[0].integer;
  Extent span = limit->numbers[0].integer - first;
  if (!first.isStatic() || !by.isStatic() || by == Extent(0))
    return fail("it counts from " + first.toString() + " on in steps of " +
                by.toString() + ": this is not supported");
  if (isFixedLength(span) && first == Extent(0) && by == Extent(1))
    return set(0, counting({*fixedLengthIs}, 0, first, 1));
  if (span.isStatic()) {
    int64_t count =
        (span.getStatic() + by.getStatic() - (by.getStatic() > 0 ? 1 : -1)) /
        by.getStatic();
    count = std::max<int64_t>(count, 0);
    if (count > mostListed)
      return fail("it counts " + Twine(count) +
                  " numbers: this is not supported");
    std::vector<Number> numbers;
    for (int64_t i = 0; i < count; ++i)
      numbers.push_back({0, first + Extent(i * by.getStatic())});
    return set(0, listed(Kind::Integer, {Extent(count)}, numbers));
  }
  if (by != Extent(1) || !span.getSymbol())
    return fail("it counts " + span.toString() + " in steps of " +
                by.toString() + ": this is not supported");
  return set(0, counting({span}, 0, first, 1));
}

LogicalResult Importer::importCumSum() {
  if (failed(checkInputs(2)))
    return failure();
  FailureOr<std::vector<int64_t>> given = integers(1, "its axis");
  if (failed(given))
    return failure();
  if (given->size() != 1)
    return fail("expected one axis");
  FailureOr<int64_t> along = axis(given->front(), in(0).getRank());
  if (failed(along))
    return failure();
  if (in(0).form != Value::Uniform || in(0).kind == Kind::Float ||
      node->integer("reverse", 0) != 0)
    return fail("a running sum of what is not all the same is not supported: "
                "it depends on more than the number of tokens");
  // 1, 2, 3, ... times the number.
  Extent number = in(0).numbers.front().integer;
  if (!number.isStatic())
    return fail("a running sum of lengths is not supported");
  bool exclusive = node->integer("exclusive", 0) != 0;
  return set(0, counting(in(0).shape, *along, exclusive ? Extent(0) : number,
                         number.getStatic()));
}

/// The places of what is not zero: of a vector without zeros, all. Exporters
/// of old count that way.
LogicalResult Importer::importNonZero() {
  if (failed(checkInputs(1)))
    return failure();
  if (!in(0).isKnown() || in(0).getRank() != 1 ||
      !llvm::all_of(in(0).numbers, [&](const Number &number) {
        return in(0).kind == Kind::Float ? number.real != 0
                                         : number.integer != Extent(0);
      }))
    return fail("where its input is not zero depends on more than shapes, or "
                "some of it is zero: this is not supported");
  return set(0, counting({Extent(1), in(0).shape[0]}, 1, Extent(0), 1));
}

//===----------------------------------------------------------------------===//
// Who sees whom
//===----------------------------------------------------------------------===//

LogicalResult Importer::importTrilu() {
  if (failed(checkInputs(1)))
    return failure();
  int64_t offset = 0;
  if (has(1)) {
    FailureOr<std::vector<int64_t>> given = integers(1, "its diagonal");
    if (failed(given))
      return failure();
    offset = given->empty() ? 0 : given->front();
  }
  Value value = in(0);
  if (value.getRank() < 2)
    return fail("its input is no matrix");
  bool upper = node->integer("upper", 1) != 0;
  // Upper: key >= query + offset stays, which is not key <= query + offset - 1.
  mlir::Value below =
      triangle(value.shape[value.getRank() - 2],
               value.shape[value.getRank() - 1], upper ? offset - 1 : offset);
  Result kept = operand(value);
  if (failed(kept))
    return failure();
  mlir::Value zero = constant(0, value.kind);
  Result result;
  if (value.kind == Kind::Truth) {
    mlir::Value inside = upper ? unary<NotOp>(below) : below;
    result = binary<AndOp>(inside, *kept);
  } else {
    result = upper ? select(below, zero, *kept) : select(below, *kept, zero);
  }
  return set(0, failed(result) ? result : broadcastTo(*result, value.shape));
}

LogicalResult Importer::importWhere() {
  if (failed(checkInputs(3)))
    return failure();
  FailureOr<Extents> shape = broadcastShape(in(1).shape, in(2).shape);
  if (failed(shape))
    return failure();
  shape = broadcastShape(in(0).shape, *shape);
  if (failed(shape))
    return failure();
  const Value &condition = in(0);
  bool isUniform = condition.isKnown() && llvm::all_equal(condition.numbers);
  if (isUniform && !condition.numbers.empty()) {
    Value chosen = in(condition.numbers.front().integer != Extent(0) ? 1 : 2);
    if (chosen.form == Value::Uniform)
      chosen.shape = *shape;
    if (chosen.shape == *shape)
      return set(0, chosen);
    Result tensor = materialize(chosen);
    return failed(tensor) ? failure() : set(0, broadcastTo(*tensor, *shape));
  }
  std::optional<Value> conditions = list(condition), yes = list(in(1)),
                       no = list(in(2));
  if (conditions && yes && no && yes->shape == *shape && no->shape == *shape &&
      conditions->shape == *shape) {
    Value result = *yes;
    for (size_t i = 0; i < result.numbers.size(); ++i)
      if (conditions->numbers[i].integer == Extent(0))
        result.numbers[i] = no->numbers[i];
    return set(0, result);
  }
  Result test = operand(condition), onTrue = operand(in(1)),
         onFalse = operand(in(2));
  if (failed(test) || failed(onTrue) || failed(onFalse))
    return failure();
  Result result = select(*test, *onTrue, *onFalse);
  return set(0, failed(result) ? result : broadcastTo(*result, *shape));
}
