//===- Shapes.cpp - Shapes, and what is computed of them -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Importer.h"

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

//===----------------------------------------------------------------------===//
// Constants and shapes
//===----------------------------------------------------------------------===//

LogicalResult Importer::importConstant() {
  auto numbers = [&](Kind kind, std::vector<Number> elements, bool isScalar) {
    Extents shape;
    if (!isScalar)
      shape.push_back(Extent(elements.size()));
    return set(0, listed(kind, shape, std::move(elements)));
  };
  for (const Attribute &attribute : node->attributes) {
    std::vector<Number> elements;
    if (attribute.name == "value" && attribute.tensor) {
      const Tensor &tensor = *attribute.tensor;
      if (byteSize(tensor.type) == 0)
        return fail("elements of " + name(tensor.type) + " are not supported");
      return set(0, load(tensor));
    }
    if (attribute.name == "value_float" && attribute.real)
      return numbers(Kind::Float, {{*attribute.real, Extent()}}, true);
    if (attribute.name == "value_int" && attribute.integer)
      return numbers(Kind::Integer, {{0, Extent(*attribute.integer)}}, true);
    if (attribute.name == "value_floats") {
      for (float real : attribute.reals)
        elements.push_back({real, Extent()});
      return numbers(Kind::Float, elements, false);
    }
    if (attribute.name == "value_ints") {
      for (int64_t integer : attribute.integers)
        elements.push_back({0, Extent(integer)});
      return numbers(Kind::Integer, elements, false);
    }
  }
  return fail("it has no value that is supported");
}

LogicalResult Importer::importConstantOfShape() {
  if (failed(checkInputs(1)))
    return failure();
  FailureOr<std::vector<Extent>> shape = extents(0, "its shape");
  if (failed(shape))
    return failure();
  Value result =
      uniform(Kind::Float, Extents(shape->begin(), shape->end()), {});
  if (const Attribute *value = node->find("value"); value && value->tensor) {
    Value element = load(*value->tensor);
    if (element.form != Value::Listed || element.numbers.size() != 1)
      return fail("its value is no single number");
    result.kind = element.kind;
    result.numbers = element.numbers;
  }
  return set(0, result);
}

LogicalResult Importer::importIdentity() {
  return failed(checkInputs(1)) ? failure() : set(0, in(0));
}

LogicalResult Importer::importDropout() {
  if (failed(checkInputs(1)))
    return failure();
  // Inference: everything stays, and so says the mask.
  if (failed(set(1, uniform(Kind::Truth, in(0).shape, {0, Extent(1)}))))
    return failure();
  return set(0, in(0));
}

LogicalResult Importer::importShape() {
  if (failed(checkInputs(1)))
    return failure();
  int64_t rank = in(0).getRank();
  auto resolve = [&](int64_t number) {
    return std::clamp<int64_t>(number < 0 ? number + rank : number, 0, rank);
  };
  int64_t start = resolve(node->integer("start", 0));
  int64_t end = resolve(node->integer("end", rank));
  std::vector<Number> numbers;
  for (int64_t i = start; i < end; ++i)
    numbers.push_back({0, in(0).shape[i]});
  return set(0, listed(Kind::Integer, {Extent(numbers.size())}, numbers));
}

LogicalResult Importer::importSize() {
  if (failed(checkInputs(1)))
    return failure();
  std::optional<Extent> size = Extent(1);
  for (const Extent &extent : in(0).shape)
    size = size ? size->times(extent) : std::nullopt;
  if (!size)
    return fail("a size of " + toString(in(0).shape) + " is not supported");
  return set(0, listed(Kind::Integer, {}, {{0, *size}}));
}

//===----------------------------------------------------------------------===//
// The same elements in another shape
//===----------------------------------------------------------------------===//

/// Where an axis is after axes of one element came or went; nothing where the
/// others changed, too.
static std::optional<int64_t> followAxis(ArrayRef<Extent> from, int64_t axis,
                                         ArrayRef<Extent> to) {
  auto next = to.begin();
  std::optional<int64_t> result;
  for (auto [i, extent] : llvm::enumerate(from)) {
    if (extent == Extent(1))
      continue;
    while (next != to.end() && *next == Extent(1))
      ++next;
    if (next == to.end() || *next != extent)
      return std::nullopt;
    if (int64_t(i) == axis)
      result = next - to.begin();
    ++next;
  }
  for (; next != to.end(); ++next)
    if (*next != Extent(1))
      return std::nullopt;
  return result;
}

FailureOr<onnx::Value> Importer::reshaped(const Value &value,
                                          ArrayRef<Extent> shape) {
  if (value.isKnown()) {
    Value result = value;
    result.shape.assign(shape.begin(), shape.end());
    result.stored = nullptr;
    return result;
  }
  if (value.form == Value::Counting)
    if (std::optional<int64_t> axis =
            followAxis(value.shape, value.axis, shape))
      return counting(Extents(shape.begin(), shape.end()), *axis,
                      value.numbers.front().integer, value.step);
  Result tensor = materialize(value);
  if (failed(tensor))
    return failure();
  tensor = reshape(*tensor, shape);
  if (failed(tensor))
    return failure();
  return wrap(*tensor);
}

/// 0 copies the input's size, -1 is what is left.
FailureOr<Extents> Importer::resolveShape(const Value &value,
                                          ArrayRef<Extent> target,
                                          bool zeroCopies) {
  Extents shape(target.begin(), target.end());
  int64_t rest = -1;
  for (auto [i, extent] : llvm::enumerate(shape)) {
    if (extent == Extent(0) && zeroCopies) {
      if (int64_t(i) >= value.getRank()) {
        (void)fail("it copies axis " + Twine(i) + " of " +
                   toString(value.shape));
        return failure();
      }
      extent = value.shape[i];
    } else if (extent == Extent(-1)) {
      if (rest >= 0) {
        (void)fail("its shape has two sizes of -1");
        return failure();
      }
      rest = i;
    }
  }
  if (rest < 0)
    return shape;
  // What both have cancels, so that at most one length of a sequence is left.
  std::vector<Extent> have(value.shape.begin(), value.shape.end());
  std::optional<Extent> above = Extent(1), below = Extent(1);
  for (auto [i, extent] : llvm::enumerate(shape)) {
    if (int64_t(i) == rest)
      continue;
    auto same = llvm::find(have, extent);
    if (!extent.isStatic() && same != have.end())
      have.erase(same);
    else if (below)
      below = below->times(extent);
  }
  for (const Extent &extent : have)
    above = above ? above->times(extent) : std::nullopt;
  std::optional<Extent> left =
      above && below ? above->dividedBy(*below) : std::nullopt;
  if (!left) {
    (void)fail("the size that -1 stands for cannot be told: " +
               toString(value.shape) + " as " + toString(target));
    return failure();
  }
  shape[rest] = *left;
  return shape;
}

LogicalResult Importer::importReshape() {
  if (failed(checkInputs(2)))
    return failure();
  FailureOr<std::vector<Extent>> target = extents(1, "its shape");
  if (failed(target))
    return failure();
  FailureOr<Extents> shape =
      resolveShape(in(0), *target, node->integer("allowzero", 0) == 0);
  if (failed(shape))
    return failure();
  FailureOr<Value> result = reshaped(in(0), *shape);
  return failed(result) ? failure() : set(0, *result);
}

LogicalResult Importer::importFlatten() {
  if (failed(checkInputs(1)))
    return failure();
  int64_t rank = in(0).getRank(), number = node->integer("axis", 1);
  int64_t at = number < 0 ? number + rank : number;
  if (at < 0 || at > rank)
    return fail("there is no axis " + Twine(number));
  Extents shape{Extent(1), Extent(1)};
  for (int64_t i = 0; i < rank; ++i) {
    std::optional<Extent> size = shape[i >= at].times(in(0).shape[i]);
    if (!size)
      return fail("it flattens " + toString(in(0).shape) +
                  ": this is not supported");
    shape[i >= at] = *size;
  }
  FailureOr<Value> result = reshaped(in(0), shape);
  return failed(result) ? failure() : set(0, *result);
}

LogicalResult Importer::importSqueeze() {
  if (failed(checkInputs(1)))
    return failure();
  FailureOr<std::vector<int64_t>> given = axes("axes", 1, in(0).getRank());
  if (failed(given))
    return failure();
  bool all = !node->find("axes") && !has(1);
  Extents shape;
  for (auto [i, extent] : llvm::enumerate(in(0).shape)) {
    bool drop =
        all ? extent == Extent(1) : llvm::is_contained(*given, int64_t(i));
    if (drop && extent != Extent(1))
      return fail("axis " + Twine(i) + " of " + toString(in(0).shape) +
                  " has more than one element");
    if (!drop)
      shape.push_back(extent);
  }
  FailureOr<Value> result = reshaped(in(0), shape);
  return failed(result) ? failure() : set(0, *result);
}

LogicalResult Importer::importUnsqueeze() {
  if (failed(checkInputs(1)))
    return failure();
  size_t count = 0;
  if (const Attribute *found = node->find("axes")) {
    count = found->integers.size();
  } else {
    FailureOr<std::vector<int64_t>> raw = integers(1, "its axes");
    if (failed(raw))
      return failure();
    count = raw->size();
  }
  int64_t rank = in(0).getRank() + count;
  FailureOr<std::vector<int64_t>> given = axes("axes", 1, rank);
  if (failed(given))
    return failure();
  Extents shape;
  auto next = in(0).shape.begin();
  for (int64_t i = 0; i < rank; ++i) {
    if (llvm::is_contained(*given, i))
      shape.push_back(Extent(1));
    else if (next != in(0).shape.end())
      shape.push_back(*next++);
  }
  if (int64_t(shape.size()) != rank || next != in(0).shape.end())
    return fail("an axis stands twice in its axes");
  FailureOr<Value> result = reshaped(in(0), shape);
  return failed(result) ? failure() : set(0, *result);
}

//===----------------------------------------------------------------------===//
// Kinds of elements
//===----------------------------------------------------------------------===//

static std::optional<Kind> kindOf(DataType type) {
  if (isFloat(type))
    return Kind::Float;
  if (type == DataType::Bool)
    return Kind::Truth;
  if (isInteger(type))
    return Kind::Integer;
  return std::nullopt;
}

/// What is left of a number in fewer bits.
static void wrapNumber(Number &number, DataType type) {
  if (!number.integer.isStatic())
    return;
  int64_t integer = number.integer.getStatic();
  switch (type) {
  case DataType::UInt8:
    number.integer = Extent(uint8_t(integer));
    break;
  case DataType::Int8:
    number.integer = Extent(int8_t(integer));
    break;
  case DataType::UInt16:
    number.integer = Extent(uint16_t(integer));
    break;
  case DataType::Int16:
    number.integer = Extent(int16_t(integer));
    break;
  default:
    break;
  }
}

static std::optional<Number> convertNumber(const Number &number, Kind from,
                                           Kind to) {
  if (from == Kind::Float) {
    if (to == Kind::Truth)
      return Number{0, Extent(number.real != 0)};
    constexpr double most = 9e18;
    if (to == Kind::Integer && !(std::abs(number.real) < most))
      return std::nullopt;
    return to == Kind::Integer ? Number{0, Extent(int64_t(number.real))}
                               : number;
  }
  if (to == Kind::Integer)
    return number;
  // A length is a number when the model runs; it is never 0.
  if (!number.integer.isStatic())
    return to == Kind::Truth && number.integer.getSymbol()
               ? std::optional(Number{0, Extent(1)})
               : std::nullopt;
  int64_t integer = number.integer.getStatic();
  return to == Kind::Truth ? Number{0, Extent(integer != 0)}
                           : Number{double(integer), Extent()};
}

LogicalResult Importer::importCast() {
  if (failed(checkInputs(1)))
    return failure();
  auto type = DataType(node->integer("to", 0));
  std::optional<Kind> kind = kindOf(type);
  if (!kind)
    return fail("a conversion to " + name(type) + " is not supported");
  Value value = in(0);
  if (value.isKnown() && *kind == Kind::Integer)
    for (Number &number : value.numbers)
      wrapNumber(number, type);
  if (value.kind == *kind)
    return set(0, value);
  // Lengths stay what they are: no float is a length.
  bool holdsLengths = value.isKnown() && value.kind == Kind::Integer &&
                      *kind == Kind::Float &&
                      llvm::any_of(value.numbers, [](const Number &number) {
                        return !number.integer.isStatic();
                      });
  if (holdsLengths)
    return set(0, value);
  if (value.isKnown()) {
    for (Number &number : value.numbers) {
      std::optional<Number> converted =
          convertNumber(number, value.kind, *kind);
      if (!converted)
        return fail("a conversion of " + number.integer.toString() + " to " +
                    name(type) + " is not supported");
      number = *converted;
    }
    value.kind = *kind;
    return set(0, value);
  }
  // Tables of numbers are cut later, and looked at then.
  if (value.form == Value::Stored && value.kind != Kind::Float &&
      *kind != Kind::Float) {
    value.kind = *kind;
    return set(0, value);
  }
  Result tensor = materialize(value);
  return failed(tensor) ? failure() : set(0, Result(convert(*tensor, *kind)));
}

LogicalResult Importer::importCastLike() {
  if (failed(checkInputs(2)))
    return failure();
  if (in(0).kind == in(1).kind)
    return set(0, in(0));
  Result tensor = materialize(in(0));
  return failed(tensor) ? failure()
                        : set(0, Result(convert(*tensor, in(1).kind)));
}
