//===- Functions.cpp - The functions of the language ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Elaborator.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace llvm;

namespace sinter::spec {

/// Items of one list.
static constexpr int64_t maximumItems = 1 << 16;
/// Parts that one tensor is split into.
static constexpr int64_t maximumParts = 1 << 12;

Value Elaborator::callBuiltin(const Builtin &builtin,
                              const std::vector<NamedValue> &arguments,
                              SMRange where) {
  // The values of the parameters in their order; of a variadic function,
  // `values` of the first.
  std::vector<Value> values;
  std::vector<const Value *> given(builtin.parameters.size(), nullptr);
  for (const NamedValue &argument : arguments) {
    if (argument.name.empty() && builtin.variadic) {
      values.push_back(argument.value);
      continue;
    }
    const auto *found =
        argument.name.empty()
            ? builtin.parameters.begin() + (&argument - arguments.data())
            : find(builtin.parameters, argument.name);
    if (found >= builtin.parameters.end())
      return fail(where, argument.name.empty()
                             ? "'" + builtin.name + "' takes fewer arguments"
                             : "'" + builtin.name + "' has no parameter '" +
                                   argument.name + "'");
    given[found - builtin.parameters.begin()] = &argument.value;
  }
  if (builtin.variadic && given[0])
    values.push_back(*given[0]);
  for (unsigned index = builtin.variadic ? 1 : 0; index < builtin.required;
       ++index)
    if (index < given.size() && !given[index])
      return fail(where, "'" + builtin.name + "' needs a value for '" +
                             builtin.parameters[index] + "'");
  if (builtin.variadic && values.size() < builtin.required)
    return fail(where, "'" + builtin.name + "' needs at least " +
                           Twine(builtin.required) +
                           (builtin.required == 1 ? " value" : " values"));

  auto optional = [&](unsigned index) {
    return index < given.size() ? given[index] : nullptr;
  };
  switch (builtin.kind) {
  case Builtin::Exp:
  case Builtin::Log:
  case Builtin::Sqrt:
  case Builtin::Sin:
  case Builtin::Cos:
  case Builtin::Tanh:
  case Builtin::Erf:
  case Builtin::Abs:
  case Builtin::Floor:
    return unaryFunction(builtin, *given[0], where);
  case Builtin::Max:
  case Builtin::Min:
    return extremum(builtin, values, optional(1), where);
  case Builtin::Sum:
    return reduceFunction(ReduceKind::sum, *given[0], optional(1), where);
  case Builtin::Mean:
    return reduceFunction(ReduceKind::mean, *given[0], optional(1), where);
  case Builtin::Where:
    return select(*given[0], *given[1], *given[2], where);
  case Builtin::Take:
    return take(*given[0], *given[1], where);
  case Builtin::Size:
    return sizeFunction(*given[0], optional(1), where);
  case Builtin::Reshape:
  case Builtin::Broadcast: {
    std::optional<SmallVector<Dimension>> shape =
        shapeArgument(*given[1], where);
    if (!shape)
      return Value();
    return builtin.kind == Builtin::Reshape
               ? reshape(*given[0], *shape, where)
               : broadcast(*given[0], *shape, where);
  }
  case Builtin::Transpose:
    return transposeFunction(*given[0], *given[1], where);
  case Builtin::Concat: {
    std::vector<Value> parts = values.size() == 1 && values[0].is(Value::List)
                                   ? *values[0].list
                                   : values;
    for (const Value &part : parts) {
      if (part.is(Value::Poison))
        return part;
      if (!part.isTensor())
        return fail(where, "'concat' joins tensors, not " + describe(part),
                    {originNote(part)});
    }
    if (parts.empty())
      return fail(where, "'concat' has nothing to join");
    Value last = Value::makeInt(-1, where);
    std::optional<int64_t> axis = axisOf(optional(1) ? *optional(1) : last,
                                         shapeOf(parts[0]).size(), where);
    return axis ? concat(parts, *axis, where) : Value();
  }
  case Builtin::Split:
    return splitFunction(*given[0], *given[1], optional(2), where);
  case Builtin::Iota:
    return iotaFunction(*given[0], where);
  case Builtin::Range:
    return rangeFunction(*given[0], where);
  case Builtin::Vector:
    return vectorFunction(*given[0], where);
  case Builtin::ToReal:
  case Builtin::ToInt:
    return convertFunction(*given[0], builtin.kind == Builtin::ToReal, where);
  case Builtin::Has:
    if (given[0]->is(Value::String))
      return Value::makeBool(
          input.weights && input.weights->find(given[0]->string).has_value(),
          where);
    return Value::makeBool(!given[0]->is(Value::None), where);
  case Builtin::EndsWith:
    return endsWithFunction(*given[0], *given[1], where);
  case Builtin::WeightSize:
    return weightSizeFunction(*given[0], *given[1], where);
  }
  return Value();
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

std::optional<int64_t> Elaborator::axisOf(const Value &axis, int64_t rank,
                                          SMRange where) {
  if (!axis.is(Value::Int)) {
    fail(where, "an axis is an integer, not " + describe(axis),
         {originNote(axis)});
    return std::nullopt;
  }
  if (axis.integer < -rank || axis.integer >= rank) {
    fail(where,
         "axis " + Twine(axis.integer) + " of a tensor with " + Twine(rank) +
             " axes",
         {originNote(axis)});
    return std::nullopt;
  }
  return axis.integer < 0 ? axis.integer + rank : axis.integer;
}

std::optional<Dimension> Elaborator::dimensionOf(const Value &value,
                                                 SMRange where) {
  if (value.is(Value::Poison))
    return std::nullopt;
  if (value.is(Value::Dim))
    return Dimension::get(&context, value.string);
  if (!value.is(Value::Int)) {
    fail(where, "a dimension is an integer or a name, not " + describe(value),
         {originNote(value)});
    return std::nullopt;
  }
  if (value.integer < 1) {
    fail(where, "a dimension is at least 1, not " + Twine(value.integer),
         {originNote(value)});
    return std::nullopt;
  }
  return Dimension::get(&context, value.integer);
}

std::optional<SmallVector<Dimension>>
Elaborator::shapeArgument(const Value &list, SMRange where) {
  if (!list.is(Value::List)) {
    fail(where, "a shape is a list such as [12, T, 64], not " + describe(list),
         {originNote(list)});
    return std::nullopt;
  }
  SmallVector<Dimension> shape;
  for (const Value &item : *list.list) {
    std::optional<Dimension> dim = dimensionOf(item, where);
    if (!dim)
      return std::nullopt;
    shape.push_back(*dim);
  }
  return shape;
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

Value Elaborator::unaryFunction(const Builtin &builtin, const Value &operand,
                                SMRange where) {
  if (operand.isNumber()) {
    double x = operand.asReal();
    switch (builtin.kind) {
    case Builtin::Exp:
      return Value::makeReal(std::exp(x), where);
    case Builtin::Log:
      return Value::makeReal(std::log(x), where);
    case Builtin::Sqrt:
      return Value::makeReal(std::sqrt(x), where);
    case Builtin::Sin:
      return Value::makeReal(std::sin(x), where);
    case Builtin::Cos:
      return Value::makeReal(std::cos(x), where);
    case Builtin::Tanh:
      return Value::makeReal(std::tanh(x), where);
    case Builtin::Erf:
      return Value::makeReal(std::erf(x), where);
    case Builtin::Floor:
      return operand.is(Value::Int) ? operand
                                    : Value::makeReal(std::floor(x), where);
    default:
      if (operand.is(Value::Real))
        return Value::makeReal(std::fabs(x), where);
      return operand.integer < 0 ? negate(operand, where) : operand;
    }
  }
  if (!operand.isTensor() || elementTypeOf(operand).isInteger(1))
    return fail(where,
                "'" + builtin.name + "' is of a number or a tensor, not of " +
                    describe(operand),
                {originNote(operand)});
  mlir::Value x =
      materialize(convert(operand, builder.getF32Type(), where), where);
  mlir::Location location = locationOf(where);
  mlir::Value made;
  switch (builtin.kind) {
  case Builtin::Exp:
    made = ExpOp::create(builder, location, x);
    break;
  case Builtin::Log:
    made = LogOp::create(builder, location, x);
    break;
  case Builtin::Sqrt:
    made = SqrtOp::create(builder, location, x);
    break;
  case Builtin::Sin:
    made = SinOp::create(builder, location, x);
    break;
  case Builtin::Cos:
    made = CosOp::create(builder, location, x);
    break;
  case Builtin::Tanh:
    made = TanhOp::create(builder, location, x);
    break;
  case Builtin::Erf:
    made = ErfOp::create(builder, location, x);
    break;
  case Builtin::Floor:
    made = FloorOp::create(builder, location, x);
    break;
  default:
    made = AbsOp::create(builder, location, x);
    break;
  }
  return Value::makeTensor(made, where);
}

/// max(a, b, ...) of several values; max(x, axis = -1) along an axis of one.
Value Elaborator::extremum(const Builtin &builtin,
                           const std::vector<Value> &values, const Value *axis,
                           SMRange where) {
  if (values.size() == 1 && builtin.kind == Builtin::Max)
    return reduceFunction(ReduceKind::max, values[0], axis, where);
  if (axis)
    return fail(where,
                "'axis' is for the maximum of one tensor; here are several");
  Value best = values[0];
  for (const Value &value : drop_begin(values)) {
    if (best.isNumber() && value.isNumber()) {
      bool larger = value.asReal() > best.asReal();
      best = larger == (builtin.kind == Builtin::Max) ? value : best;
      continue;
    }
    best = elementwise(builtin.name, best, value, where);
    if (best.is(Value::Poison))
      return best;
  }
  return best;
}

Value Elaborator::reduceFunction(ReduceKind kind, const Value &operand,
                                 const Value *axis, SMRange where) {
  if (!operand.isTensor())
    return fail(
        where, "sums and the like are of a tensor, not of " + describe(operand),
        {originNote(operand)});
  Value last = Value::makeInt(-1, where);
  std::optional<int64_t> at =
      axisOf(axis ? *axis : last, shapeOf(operand).size(), where);
  return at ? reduce(kind, operand, *at, where) : Value();
}

Value Elaborator::convertFunction(const Value &operand, bool toReal,
                                  SMRange where) {
  if (operand.isNumber()) {
    if (toReal)
      return Value::makeReal(operand.asReal(), where);
    if (operand.is(Value::Int))
      return operand;
    constexpr double limit = 9.2e18;
    if (!(std::fabs(operand.real) < limit))
      return fail(where, describe(operand) + " is no integer",
                  {originNote(operand)});
    return Value::makeInt(static_cast<int64_t>(operand.real), where);
  }
  if (!operand.isTensor())
    return fail(where,
                "expected a number or a tensor, not " + describe(operand),
                {originNote(operand)});
  return convert(operand,
                 toReal ? mlir::Type(builder.getF32Type())
                        : mlir::Type(builder.getI32Type()),
                 where);
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// size(list), size(x, axis)
Value Elaborator::sizeFunction(const Value &operand, const Value *axis,
                               SMRange where) {
  if (operand.is(Value::List) && !axis)
    return Value::makeInt(operand.list->size(), where);
  if (operand.isLayers() && !axis)
    return Value::makeInt(operand.layers, where);
  if (!operand.isTensor())
    return fail(where, describe(operand) + " has no axes",
                {originNote(operand)});
  if (!axis)
    return fail(where, "'size' of a tensor needs the axis");
  SmallVector<Dimension> shape = shapeOf(operand);
  std::optional<int64_t> at = axisOf(*axis, shape.size(), where);
  if (!at)
    return Value();
  if (shape[*at].isStatic())
    return Value::makeInt(shape[*at].getSize(), where);
  Value dim = Value::make(Value::Dim, operand.origin);
  dim.string = shape[*at].getSymbol().str();
  return dim;
}

Value Elaborator::transposeFunction(const Value &operand, const Value &axes,
                                    SMRange where) {
  if (!operand.isTensor())
    return fail(where,
                "only tensors have axes to put in order, not " +
                    describe(operand),
                {originNote(operand)});
  if (!axes.is(Value::List))
    return fail(where,
                "the order of axes is a list such as [1, 0, 2], not " +
                    describe(axes),
                {originNote(axes)});
  int64_t rank = shapeOf(operand).size();
  SmallVector<int64_t> order;
  for (const Value &item : *axes.list) {
    if (item.is(Value::Poison))
      return item;
    std::optional<int64_t> axis = axisOf(item, rank, where);
    if (!axis)
      return Value();
    order.push_back(*axis);
  }
  return transpose(operand, order, where);
}

/// split(x, 3): as many equal parts; split(x, [a, b]): parts of these sizes.
Value Elaborator::splitFunction(const Value &operand, const Value &parts,
                                const Value *axis, SMRange where) {
  if (!operand.isTensor())
    return fail(where, "'split' is of a tensor, not of " + describe(operand),
                {originNote(operand)});
  Value last = Value::makeInt(-1, where);
  SmallVector<Dimension> shape = shapeOf(operand);
  std::optional<int64_t> at = axisOf(axis ? *axis : last, shape.size(), where);
  if (!at)
    return Value();
  if (shape[*at].isSymbol())
    return fail(where,
                "the axis " + shape[*at].getSymbol() + " of " +
                    describe(operand) +
                    " is known only when the model runs, it cannot be split",
                {originNote(operand)});
  int64_t size = shape[*at].getSize();
  SmallVector<int64_t> sizes;
  if (parts.is(Value::Int)) {
    if (parts.integer > maximumParts)
      return fail(where, Twine(parts.integer) + " parts are too many",
                  {originNote(parts)});
    if (parts.integer < 1 || size % parts.integer != 0)
      return fail(where,
                  Twine(size) + " elements of " + describe(operand) +
                      " do not make " + Twine(parts.integer) + " equal parts",
                  {originNote(operand), originNote(parts)});
    sizes.assign(parts.integer, size / parts.integer);
  } else if (parts.is(Value::List)) {
    int64_t total = 0;
    for (const Value &part : *parts.list) {
      if (part.is(Value::Poison))
        return part;
      if (!part.is(Value::Int) || part.integer < 1 || part.integer > size)
        return fail(where,
                    "the size of a part of " + Twine(size) +
                        " elements is no " + describe(part),
                    {originNote(operand), originNote(part)});
      sizes.push_back(part.integer);
      total += part.integer;
      if (total > size)
        break;
    }
    if (total != size)
      return fail(where,
                  "the sizes of the parts do not add up to the " + Twine(size) +
                      " elements of " + describe(operand),
                  {originNote(operand), originNote(parts)});
  } else {
    return fail(where,
                "'split' wants a number of parts or a list of sizes, not " +
                    describe(parts),
                {originNote(parts)});
  }
  if (!spend(sizes.size(), where))
    return Value();
  std::vector<Value> results;
  int64_t start = 0;
  for (int64_t part : sizes) {
    results.push_back(slice(operand, *at, start, part, 1, where));
    start += part;
  }
  return Value::makeList(std::move(results), where);
}

//===----------------------------------------------------------------------===//
// Making values
//===----------------------------------------------------------------------===//

Value Elaborator::iotaFunction(const Value &count, SMRange where) {
  std::optional<Dimension> dim = dimensionOf(count, where);
  if (!dim)
    return Value();
  if (dim->isStatic() && dim->getSize() > INT32_MAX)
    return fail(where,
                "'iota' counts in 32 bits, not to " + Twine(dim->getSize()));
  auto type = NamedTensorType::get(*dim, builder.getI32Type());
  return Value::makeTensor(IotaOp::create(builder, locationOf(where), type),
                           where);
}

Value Elaborator::rangeFunction(const Value &count, SMRange where) {
  if (!count.is(Value::Int) || count.integer < 0 ||
      count.integer > maximumItems)
    return fail(where,
                "'range' wants an integer from 0 to " + Twine(maximumItems) +
                    ", not " + describe(count),
                {originNote(count)});
  if (!spend(count.integer, where))
    return Value();
  std::vector<Value> items;
  for (int64_t item = 0; item < count.integer; ++item)
    items.push_back(Value::makeInt(item, where));
  return Value::makeList(std::move(items), where);
}

/// A list of numbers as a tensor with one axis. The dialect has constants of
/// one value only, so runs of equal numbers are joined.
Value Elaborator::vectorFunction(const Value &numbers, SMRange where) {
  constexpr size_t maximumNumbers = 4096;
  if (!numbers.is(Value::List) || numbers.list->empty() ||
      numbers.list->size() > maximumNumbers)
    return fail(where,
                "'vector' wants a list of 1 to " + Twine(maximumNumbers) +
                    " numbers, not " + describe(numbers),
                {originNote(numbers)});
  if (!spend(numbers.list->size(), where))
    return Value();
  std::vector<Value> parts;
  ArrayRef<Value> rest(*numbers.list);
  while (!rest.empty()) {
    for (const Value &number : rest.take_front(1))
      if (!number.isNumber())
        return fail(where, "'vector' wants numbers, not " + describe(number),
                    {originNote(number)});
    double number = rest.front().asReal();
    ArrayRef<Value> run = rest.take_while([&](const Value &next) {
      return next.isNumber() && next.asReal() == number;
    });
    // NaN equals nothing, itself neither.
    size_t count = std::max<size_t>(1, run.size());
    Dimension dim = Dimension::get(&context, count);
    parts.push_back(Value::makeTensor(
        constant(number, builder.getF32Type(), dim, where), where));
    rest = rest.drop_front(count);
  }
  return parts.size() == 1 ? parts.front() : concat(parts, 0, where);
}

/// weight_size("decoder.embeddings.weight", 0): sizes that a checkpoint knows
/// and its config not.
Value Elaborator::weightSizeFunction(const Value &name, const Value &axis,
                                     SMRange where) {
  if (!name.is(Value::String))
    return fail(where,
                "'weight_size' wants the name of a weight in quotes, not " +
                    describe(name));
  if (!input.weights)
    return fail(where, "the size of '" + name.string +
                           "' is asked for, but there is no checkpoint to ask");
  std::optional<StoredTensor> info = input.weights->find(name.string);
  if (!info) {
    std::vector<std::string> names = input.weights->names();
    std::vector<StringRef> known(names.begin(), names.end());
    return fail(where, input.weights->description() + " has no weight '" +
                           name.string + "'" + didYouMean(name.string, known));
  }
  std::optional<int64_t> at = axisOf(axis, info->shape.size(), where);
  return at ? Value::makeInt(info->shape[*at], where) : Value();
}

/// ends_with("abc", "c"); of a list, whether any of its strings does.
Value Elaborator::endsWithFunction(const Value &strings, const Value &ending,
                                   SMRange where) {
  std::vector<Value> items =
      strings.is(Value::List) ? *strings.list : std::vector<Value>{strings};
  bool does = false;
  for (const Value &item : items) {
    if (!item.is(Value::String) || !ending.is(Value::String))
      return fail(where,
                  "'ends_with' is of a string or a list of strings and of its "
                  "ending, not of " +
                      describe(item) + " and " + describe(ending),
                  {originNote(item)});
    does |= StringRef(item.string).ends_with(ending.string);
  }
  return Value::makeBool(does, where);
}

} // namespace sinter::spec
