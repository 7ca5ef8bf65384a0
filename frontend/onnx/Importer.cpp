//===- Importer.cpp - From a graph's nodes to IR -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Importer.h"
#include "mlir/IR/Location.h"

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

std::string Importer::describe(const Node &node) const {
  std::string operation =
      node.domain.empty() ? node.operation : node.domain + "." + node.operation;
  if (!node.name.empty())
    return "node '" + node.name + "' (" + operation + ")";
  return "the " + operation + " node that gives '" +
         (node.outputs.empty() ? "" : node.outputs.front()) + "'";
}

LogicalResult Importer::failAt(const Twine &where, const Twine &message) {
  messages << "error: " << file.description() << ": " << where << ": "
           << message << '\n';
  return failure();
}

LogicalResult Importer::fail(const Twine &message) {
  return failAt(describe(*node), message);
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

struct sinter::onnx::HandlerTable {
  llvm::StringMap<Importer::Handler> table;
  HandlerTable() {
#define SINTER_ONNX_HANDLER(name) table[#name] = &Importer::import##name;
#include "frontend/onnx/Handlers.def"
  }
};

const llvm::StringMap<Importer::Handler> &Importer::handlers() {
  static const HandlerTable table;
  return table.table;
}

LogicalResult Importer::defineInitializers() {
  for (const Tensor &tensor : file.getModel().graph.initializers) {
    if (byteSize(tensor.type) == 0)
      return failAt("initializer '" + tensor.name + "'",
                    "elements of " + name(tensor.type) + " are not supported");
    define(tensor.name, load(tensor));
  }
  return success();
}

/// The nodes that `outputs` need, each behind those whose outputs it takes:
/// files may hold them in any order.
FailureOr<std::vector<const Node *>>
Importer::order(ArrayRef<std::string> outputs) {
  llvm::StringMap<const Node *> makers;
  for (const Node &candidate : file.getModel().graph.nodes)
    for (const std::string &output : candidate.outputs)
      if (!output.empty() && !makers.try_emplace(output, &candidate).second) {
        node = &candidate;
        (void)fail("its output '" + output +
                   "' is the output of another node, too");
        return failure();
      }
  std::vector<const Node *> result;
  llvm::DenseMap<const Node *, size_t> begun; // the next input to look at
  llvm::DenseSet<const Node *> done;
  for (const std::string &output : outputs) {
    std::vector<const Node *> path;
    if (const Node *maker = makers.lookup(output))
      path.push_back(maker);
    while (!path.empty()) {
      const Node *current = path.back();
      size_t next = begun.try_emplace(current, 0).first->second++;
      if (done.contains(current) || next >= current->inputs.size()) {
        if (done.insert(current).second)
          result.push_back(current);
        path.pop_back();
        continue;
      }
      const Node *maker = makers.lookup(current->inputs[next]);
      if (!maker || done.contains(maker))
        continue;
      if (begun.contains(maker)) {
        node = maker;
        (void)fail("it depends on its own output");
        return failure();
      }
      path.push_back(maker);
    }
  }
  return result;
}

LogicalResult Importer::importNodes(ArrayRef<std::string> outputs) {
  FailureOr<std::vector<const Node *>> running = order(outputs);
  if (failed(running))
    return failure();
  for (const Node *candidate : *running) {
    const Node &next = *candidate;
    node = &next;
    location = NameLoc::get(builder.getStringAttr(
        next.name.empty() ? (next.outputs.empty() ? "" : next.outputs.front())
                          : next.name));
    auto handler = handlers().find(next.operation);
    bool isKnownDomain = next.domain.empty() || next.domain == "com.microsoft";
    if (handler == handlers().end() || !isKnownDomain)
      return fail("this operation is not supported");
    for (const std::string &input : next.inputs)
      if (!input.empty() && !values.contains(input))
        return fail("its input '" + input +
                    "' is no input of the graph, no initializer, and not the "
                    "output of a node");
    if (failed((this->*handler->second)()))
      return failure();
    for (const std::string &output : next.outputs)
      if (!output.empty() && !values.contains(output))
        // Statistics and masks that only training reads.
        values[output] = Value();
  }
  node = nullptr;
  return success();
}

FailureOr<onnx::Value> Importer::getValue(StringRef name) {
  auto found = values.find(name);
  if (found == values.end() || found->second.isAbsent()) {
    (void)failAt("output '" + name + "'", "no node gives it");
    return failure();
  }
  return found->second;
}

Importer::Result Importer::getTensor(StringRef name) {
  FailureOr<Value> value = getValue(name);
  if (failed(value))
    return failure();
  return materialize(*value);
}

//===----------------------------------------------------------------------===//
// The current node
//===----------------------------------------------------------------------===//

const onnx::Value &Importer::in(size_t index) const {
  static const Value absent;
  if (index >= node->inputs.size() || node->inputs[index].empty())
    return absent;
  return values.find(node->inputs[index])->second;
}

LogicalResult Importer::set(size_t index, Value value) {
  if (index >= node->outputs.size() || node->outputs[index].empty())
    return success();
  if (!values.try_emplace(node->outputs[index], std::move(value)).second)
    return fail("its output '" + node->outputs[index] +
                "' is the output of another node, too");
  return success();
}

LogicalResult Importer::set(size_t index, Result tensor) {
  if (failed(tensor))
    return failure();
  return set(index, wrap(*tensor));
}

LogicalResult Importer::checkInputs(size_t least) {
  for (size_t i = 0; i < least; ++i)
    if (!has(i))
      return fail("its input " + Twine(i) + " is missing");
  return success();
}

FailureOr<std::vector<Extent>> Importer::extents(size_t index, StringRef what) {
  std::optional<Value> value = list(in(index));
  if (!value || value->kind == Kind::Float) {
    (void)fail(what + " is not known while importing: it depends on more than "
                      "shapes");
    return failure();
  }
  std::vector<Extent> result;
  for (const Number &number : value->numbers)
    result.push_back(number.integer);
  return result;
}

FailureOr<std::vector<int64_t>> Importer::integers(size_t index,
                                                   StringRef what) {
  FailureOr<std::vector<Extent>> numbers = extents(index, what);
  if (failed(numbers))
    return failure();
  std::vector<int64_t> result;
  for (const Extent &number : *numbers) {
    if (!number.isStatic()) {
      (void)fail(what + " depends on the length of the sequence: " +
                 number.toString());
      return failure();
    }
    result.push_back(number.getStatic());
  }
  return result;
}

FailureOr<int64_t> Importer::axis(int64_t number, int64_t rank) {
  if (number < -rank || number >= rank) {
    (void)fail("there is no axis " + Twine(number) + " of " + Twine(rank));
    return failure();
  }
  return number < 0 ? number + rank : number;
}

FailureOr<std::vector<int64_t>> Importer::axes(StringRef attribute,
                                               size_t input, int64_t rank) {
  std::vector<int64_t> result;
  if (const Attribute *found = node->find(attribute)) {
    result = found->integers;
  } else if (has(input)) {
    FailureOr<std::vector<int64_t>> numbers = integers(input, attribute);
    if (failed(numbers))
      return failure();
    result = *numbers;
  }
  for (int64_t &number : result) {
    FailureOr<int64_t> resolved = axis(number, rank);
    if (failed(resolved))
      return failure();
    number = *resolved;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

std::optional<int64_t> onnx::Value::getNumElements() const {
  int64_t count = 1;
  for (const Extent &extent : shape)
    if (!extent.isStatic() ||
        __builtin_mul_overflow(count, extent.getStatic(), &count))
      return std::nullopt;
  return count;
}

onnx::Value Importer::listed(Kind kind, Extents shape,
                             std::vector<Number> numbers) const {
  Value value;
  value.form = Value::Listed;
  value.kind = kind;
  value.shape = std::move(shape);
  value.numbers = std::move(numbers);
  return value;
}

onnx::Value Importer::uniform(Kind kind, Extents shape, Number number) const {
  Value value = listed(kind, std::move(shape), {std::move(number)});
  value.form = Value::Uniform;
  return value;
}

onnx::Value Importer::counting(Extents shape, int64_t axis, Extent start,
                               int64_t step) const {
  Value value = uniform(Kind::Integer, std::move(shape), {0, std::move(start)});
  if (step == 0)
    return value;
  value.form = Value::Counting;
  value.axis = axis;
  value.step = step;
  return value;
}

onnx::Value Importer::load(const Tensor &tensor) const {
  Value value;
  value.form = Value::Stored;
  value.kind = isFloat(tensor.type)            ? Kind::Float
               : tensor.type == DataType::Bool ? Kind::Truth
                                               : Kind::Integer;
  value.shape.assign(tensor.shape.begin(), tensor.shape.end());
  value.stored = &tensor;
  // Floats of more than one element are weights, whatever they hold.
  int64_t count = tensor.getNumElements();
  if (count > (value.kind == Kind::Float ? 1 : mostListed))
    return value;
  std::vector<Number> numbers(count);
  for (int64_t i = 0; i < count; ++i) {
    if (value.kind == Kind::Float)
      numbers[i].real = tensor.real(i);
    else
      numbers[i].integer = tensor.integer(i);
  }
  Value elements = listed(value.kind, value.shape, std::move(numbers));
  elements.stored = &tensor;
  return elements;
}

std::optional<onnx::Value> Importer::list(const Value &value) const {
  if (value.form == Value::Listed) {
    Value elements = value;
    elements.stored = nullptr; // who asks changes them
    return elements;
  }
  std::optional<int64_t> count = value.getNumElements();
  if (value.form != Value::Uniform || !count || *count > mostListed)
    return std::nullopt;
  return listed(value.kind, value.shape,
                std::vector<Number>(*count, value.numbers.front()));
}

onnx::Value Importer::wrap(mlir::Value tensor) const {
  auto type = cast<NamedTensorType>(tensor.getType());
  Value value;
  value.form = Value::Tensor;
  value.kind = type.getElementType().isF32()        ? Kind::Float
               : type.getElementType().isInteger(1) ? Kind::Truth
                                                    : Kind::Integer;
  for (Dimension dimension : type.getShape())
    value.shape.push_back(dimension.isStatic()
                              ? Extent(dimension.getSize())
                              : Extent::symbol(dimension.getSymbol().str()));
  value.tensor = tensor;
  return value;
}

Type Importer::elementType(Kind kind) const {
  return kind == Kind::Float     ? Type(builder.getF32Type())
         : kind == Kind::Integer ? Type(builder.getI32Type())
                                 : Type(builder.getI1Type());
}

FailureOr<SmallVector<Dimension>> Importer::dimensions(ArrayRef<Extent> shape) {
  SmallVector<Dimension> result;
  for (const Extent &extent : shape) {
    std::optional<std::string> symbol = extent.getSymbol();
    if (symbol)
      result.push_back(Dimension::get(builder.getContext(), *symbol));
    else if (extent.isStatic() && extent.getStatic() > 0)
      result.push_back(
          Dimension::get(builder.getContext(), extent.getStatic()));
    else {
      (void)fail("a tensor of " + toString(shape) +
                 " is not supported: its sizes are not all positive numbers or "
                 "the length of the sequence");
      return failure();
    }
  }
  return result;
}

FailureOr<NamedTensorType> Importer::tensorType(Kind kind,
                                                ArrayRef<Extent> shape) {
  FailureOr<SmallVector<Dimension>> dims = dimensions(shape);
  if (failed(dims))
    return failure();
  return NamedTensorType::get(*dims, elementType(kind));
}

FailureOr<Extents> Importer::broadcastShape(ArrayRef<Extent> lhs,
                                            ArrayRef<Extent> rhs) {
  Extents result(std::max(lhs.size(), rhs.size()), Extent(1));
  for (size_t i = 0; i < result.size(); ++i) {
    Extent left = i < lhs.size() ? lhs[lhs.size() - 1 - i] : Extent(1);
    Extent right = i < rhs.size() ? rhs[rhs.size() - 1 - i] : Extent(1);
    if (left != right && left != Extent(1) && right != Extent(1)) {
      (void)fail("shapes " + toString(lhs) + " and " + toString(rhs) +
                 " do not go together");
      return failure();
    }
    result[result.size() - 1 - i] = left == Extent(1) ? right : left;
  }
  return result;
}

mlir::Value Importer::constant(double value, Kind kind) {
  auto type = NamedTensorType::get({}, elementType(kind));
  return ConstantOp::create(builder, location, value, type);
}

mlir::Value Importer::iota(const Extent &size) {
  std::optional<std::string> symbol = size.getSymbol();
  Dimension dimension =
      symbol ? Dimension::get(builder.getContext(), *symbol)
             : Dimension::get(builder.getContext(), size.getStatic());
  return IotaOp::create(
      builder, location,
      NamedTensorType::get({dimension}, builder.getI32Type()));
}

Importer::Result Importer::materialize(const Value &value) {
  switch (value.form) {
  case Value::Absent:
    (void)fail("an input of it is missing");
    return failure();
  case Value::Tensor:
    return value.tensor;
  case Value::Uniform: {
    Result scalar = operand(value);
    return failed(scalar) ? scalar : broadcastTo(*scalar, value.shape);
  }
  case Value::Counting:
    return materializeCounting(value);
  case Value::Listed:
    return materializeListed(value);
  case Value::Stored:
    return materializeStored(value);
  }
  llvm_unreachable("all forms are handled");
}

/// Numbers that count up or are all the same; else a few, one by one.
Importer::Result Importer::materializeListed(const Value &value) {
  if (value.numbers.empty()) {
    (void)fail("a tensor of " + toString(value.shape) + " has no elements");
    return failure();
  }
  auto scalar = [&](const Number &number) -> Result {
    if (value.kind == Kind::Float)
      return constant(number.real, value.kind);
    if (!number.integer.isStatic()) {
      (void)fail("the length of the sequence is needed as a number: this is "
                 "not supported");
      return failure();
    }
    return constant(double(number.integer.getStatic()), value.kind);
  };
  if (llvm::all_equal(value.numbers)) {
    Result one = scalar(value.numbers.front());
    return failed(one) ? one : broadcastTo(*one, value.shape);
  }
  bool counts = value.kind == Kind::Integer;
  for (auto [i, number] : llvm::enumerate(value.numbers))
    counts &= number.integer == value.numbers.front().integer + Extent(i);
  if (counts) {
    Result first = scalar(value.numbers.front());
    if (failed(first))
      return failure();
    mlir::Value numbers = iota(Extent(value.numbers.size()));
    if (value.numbers.front().integer != Extent(0))
      numbers = AddOp::create(builder, location, numbers, *first);
    return reshape(numbers, value.shape);
  }
  constexpr size_t mostOneByOne = 64;
  if (value.numbers.size() > mostOneByOne) {
    (void)fail("a table of " + Twine(value.numbers.size()) +
               " numbers that is computed from constants is not supported");
    return failure();
  }
  SmallVector<mlir::Value> parts;
  for (const Number &number : value.numbers) {
    Result one = scalar(number);
    if (failed(one))
      return failure();
    parts.push_back(*reshape(*one, {Extent(1)}));
  }
  Result joined = concat(parts, 0);
  return failed(joined) ? joined : reshape(*joined, value.shape);
}

Importer::Result Importer::materializeCounting(const Value &value) {
  Extent start = value.numbers.front().integer;
  const Extent &size = value.shape[value.axis];
  if (!start.isStatic() || (!size.isStatic() && !size.getSymbol())) {
    (void)fail("counting from " + start.toString() + " on, " + size.toString() +
               " numbers: this is not supported");
    return failure();
  }
  mlir::Value numbers = iota(size);
  if (value.step != 1)
    numbers = MulOp::create(builder, location, numbers,
                            constant(double(value.step), Kind::Integer));
  if (start != Extent(0))
    numbers = AddOp::create(builder, location, numbers,
                            constant(double(start.getStatic()), Kind::Integer));
  Extents shape(value.getRank(), Extent(1));
  shape[value.axis] = size;
  Result placed = reshape(numbers, shape);
  return failed(placed) ? placed : broadcastTo(*placed, value.shape);
}

Importer::Result Importer::materializeStored(const Value &value) {
  Extents whole(value.stored->shape.begin(), value.stored->shape.end());
  if (whole != value.shape || value.kind != Kind::Float)
    return materializeWindow(value);
  DataType type = value.stored->type;
  if (type == DataType::Double) {
    (void)fail("weights of DOUBLE are not supported: '" + value.stored->name +
               "'");
    return failure();
  }
  FailureOr<NamedTensorType> tensor = tensorType(value.kind, value.shape);
  if (failed(tensor))
    return failure();
  return WeightOp::create(builder, location, *tensor,
                          builder.getStringAttr(value.stored->name),
                          /*layer=*/mlir::Value())
      .getResult();
}

Importer::Result Importer::operand(const Value &value) {
  if (value.form != Value::Uniform)
    return materialize(value);
  return materializeListed(listed(value.kind, {}, value.numbers));
}
