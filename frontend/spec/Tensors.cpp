//===- Tensors.cpp - Operations on tensors --------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Elaborator.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace sinter::spec {

//===----------------------------------------------------------------------===//
// Values of the IR
//===----------------------------------------------------------------------===//

SmallVector<Dimension> Elaborator::shapeOf(const Value &value) {
  if (value.is(Value::Tensor))
    return cast<NamedTensorType>(value.tensor.getType()).getShape();
  SmallVector<Dimension> shape;
  if (value.isTensor())
    for (int64_t size : value.weights->shape)
      shape.push_back(Dimension::get(&context, size));
  return shape;
}

mlir::Type Elaborator::elementTypeOf(const Value &value) {
  if (value.is(Value::Tensor))
    return cast<NamedTensorType>(value.tensor.getType()).getElementType();
  return builder.getF32Type();
}

std::optional<SmallVector<Dimension>>
Elaborator::checkShape(ShapeOr shape, SMRange where,
                       ArrayRef<const Value *> operands) {
  SmallVector<Note> notes;
  for (const Value *operand : operands)
    if (operand->isTensor())
      notes.push_back(originNote(*operand));
  if (!shape) {
    fail(where, toString(shape.takeError()), notes);
    return std::nullopt;
  }
  constexpr int64_t maximumElements = int64_t(1) << 48;
  int64_t elements = 1;
  for (Dimension dim : *shape) {
    if (dim.isSymbol())
      continue;
    if (__builtin_mul_overflow(elements, dim.getSize(), &elements) ||
        elements > maximumElements) {
      fail(where, "a tensor " + toString(*shape) + " is too large", notes);
      return std::nullopt;
    }
  }
  return std::move(*shape);
}

/// What a pattern names at the layers that were taken, and the number, if any,
/// that is left in it: as in "h.{i/8}.experts.{i%8}" of 8 experts.
static std::string nameOfLayer(StringRef pattern, const LayerOf &layer,
                               const LayerOf &inner, mlir::Value &index) {
  auto taken = [](StringRef text, const LayerOf &of) {
    return cantFail(of.index ? sliceWeightName(text, of.offset, of.factor)
                             : instantiateWeightName(text, of.offset));
  };
  // "{j}" stands for the layer of a layer; the numbers left are one, that of
  // the innermost loop.
  bool counts = inner.index && inner.turns > 0;
  auto [head, tail] = pattern.split(innerLayerMark);
  std::string middle = head.size() == pattern.size() ? "" : taken("{i}", inner);
  std::string front = taken(head, layer), back = taken(tail, layer);
  if (counts) {
    front = cantFail(nestWeightName(front, inner.turns, /*isInner=*/false));
    back = cantFail(nestWeightName(back, inner.turns, /*isInner=*/false));
    middle = cantFail(nestWeightName(middle, inner.turns, /*isInner=*/true));
  } else if (layer.index && layer.turns > 0) {
    front = cantFail(nestWeightName(front, layer.turns, /*isInner=*/true));
    back = cantFail(nestWeightName(back, layer.turns, /*isInner=*/true));
  }
  std::string name = front + middle + back;
  if (StringRef(name).contains('{'))
    index = StringRef(middle).contains('{') ? inner.index : layer.index;
  return name;
}

StoredAttr
Elaborator::storedAttribute(const std::optional<StoredNumbers> &numbers) {
  if (!numbers)
    return {};
  auto type =
      QuantizedType::get(&context, numbers->bits, builder.getF16Type(),
                         numbers->group, numbers->hasLeast, numbers->block);
  return StoredAttr::get(&context, type, numbers->axis, numbers->isExact,
                         numbers->isMixed);
}

mlir::Value Elaborator::materializeWeight(const Value &value, SMRange where) {
  const WeightNode &node = *value.weights;
  mlir::Value index;
  std::string name = nameOfLayer(node.name, value.layer, value.inner, index);
  mlir::Value &known = weightValues[{builder.getInsertionBlock(), name}];
  if (known)
    return known;
  auto type = NamedTensorType::get(shapeOf(value), builder.getF32Type());
  // Of several layers, the values of the enclosing block cannot serve: each has
  // its own name.
  mlir::Location location = locationOf(where);
  return known = WeightOp::create(builder, location, type,
                                  builder.getStringAttr(name), index,
                                  storedAttribute(node.numbers));
}

mlir::Value Elaborator::constant(double number, mlir::Type elementType,
                                 ArrayRef<Dimension> shape, SMRange where) {
  SmallVector<mlir::Attribute> dims;
  for (Dimension dim : shape)
    dims.push_back(dim.getAttribute());
  return ConstantOp::create(builder, locationOf(where), number,
                            NamedTensorType::get(&context, dims, elementType));
}

mlir::Value Elaborator::materialize(const Value &value, SMRange where,
                                    mlir::Type like) {
  switch (value.kind) {
  case Value::Poison:
    return {};
  case Value::Tensor:
    return value.tensor;
  case Value::Int:
  case Value::Real:
    return constant(value.asReal(), like ? like : builder.getF32Type(), {},
                    where);
  case Value::Weights:
    if (value.isTensor())
      return materializeWeight(value, where);
    [[fallthrough]];
  default:
    fail(where, "expected a tensor or a number, not " + describe(value),
         {originNote(value)});
    return {};
  }
}

Value Elaborator::convert(const Value &operand, mlir::Type elementType,
                          SMRange where) {
  if (!operand.isTensor() || elementTypeOf(operand) == elementType)
    return operand;
  mlir::Value value = materialize(operand, where);
  auto type =
      cast<NamedTensorType>(value.getType()).withElementType(elementType);
  return Value::makeTensor(
      ConvertOp::create(builder, locationOf(where), type, value),
      operand.origin);
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

Value Elaborator::binary(const BinaryExpr &expr, const Value &left,
                         const Value &right) {
  if (left.is(Value::Poison) || right.is(Value::Poison))
    return Value();
  if (!left.isTensor() && !right.isTensor())
    return scalarBinary(expr, left, right);
  if (expr.op == "@")
    return matmul(expr, left, right);
  if (expr.op == "^" && left.isTensor())
    return power(left, right, expr.range);
  // Whether a weight is there is asked with has(): comparing with none would
  // never be true.
  if (expr.op == "in" || expr.op == "//" || left.is(Value::None) ||
      right.is(Value::None))
    return fail(expr.opRange,
                "'" + expr.op + "' cannot join " + describe(left) + " and " +
                    describe(right),
                {originNote(left), originNote(right)});
  return elementwise(expr.op, left, right, expr.opRange);
}

/// Both sides as tensors of one element type: integers stay integers, unless
/// the operation makes real numbers of them.
Value Elaborator::elementwise(StringRef op, const Value &left,
                              const Value &right, SMRange where) {
  if (left.is(Value::Poison) || right.is(Value::Poison))
    return Value();
  bool logical = op == "and" || op == "or";
  bool compares = is_contained({"==", "!=", "<", "<=", ">", ">="}, op);
  mlir::Type truthType = builder.getI1Type(), intType = builder.getI32Type();
  auto isOf = [&](const Value &value, mlir::Type type, Value::Kind scalar) {
    return value.isTensor() ? elementTypeOf(value) == type : value.is(scalar);
  };
  bool usable = true;
  for (const Value *side : {&left, &right}) {
    bool isTruth = isOf(*side, truthType, Value::Bool);
    usable &=
        logical ? isTruth : !isTruth && (side->isTensor() || side->isNumber());
  }
  if (!usable)
    return fail(where,
                "'" + op + "' cannot join " + describe(left) + " and " +
                    describe(right) + (logical ? "; it joins conditions" : ""),
                {originNote(left), originNote(right)});

  std::optional<SmallVector<Dimension>> shape = checkShape(
      broadcastShapes(shapeOf(left), shapeOf(right)), where, {&left, &right});
  if (!shape)
    return Value();
  bool integers = isOf(left, intType, Value::Int) &&
                  isOf(right, intType, Value::Int) && op != "/" && op != "^";
  auto fits = [](const Value &value) {
    return !value.is(Value::Int) ||
           (value.integer >= INT32_MIN && value.integer <= INT32_MAX);
  };
  if (integers && (!fits(left) || !fits(right)))
    integers = false;
  mlir::Type type = logical    ? truthType
                    : integers ? intType
                               : builder.getF32Type();
  auto side = [&](const Value &value) -> mlir::Value {
    if (value.is(Value::Bool))
      return constant(value.integer, type, {}, where);
    return materialize(convert(value, type, where), where, type);
  };
  mlir::Value a = side(left), b = side(right);
  mlir::Location location = locationOf(where);
  mlir::Value made;
  if (compares) {
    ComparePredicate predicate = op == "=="   ? ComparePredicate::eq
                                 : op == "!=" ? ComparePredicate::ne
                                 : op == "<"  ? ComparePredicate::lt
                                 : op == "<=" ? ComparePredicate::le
                                 : op == ">"  ? ComparePredicate::gt
                                              : ComparePredicate::ge;
    made = CompareOp::create(builder, location, predicate, a, b);
  } else if (op == "+") {
    made = AddOp::create(builder, location, a, b);
  } else if (op == "-") {
    made = SubOp::create(builder, location, a, b);
  } else if (op == "*") {
    made = MulOp::create(builder, location, a, b);
  } else if (op == "/") {
    made = DivOp::create(builder, location, a, b);
  } else if (op == "%") {
    made = ModOp::create(builder, location, a, b);
  } else if (op == "^") {
    made = PowOp::create(builder, location, a, b);
  } else if (op == "max") {
    made = MaxOp::create(builder, location, a, b);
  } else if (op == "min") {
    made = MinOp::create(builder, location, a, b);
  } else if (op == "and") {
    made = AndOp::create(builder, location, a, b);
  } else {
    made = OrOp::create(builder, location, a, b);
  }
  return Value::makeTensor(made, where);
}

/// Small whole powers are products, and the root is a root: what the paper
/// means by them.
Value Elaborator::power(const Value &base, const Value &exponent,
                        SMRange where) {
  if (exponent.isNumber()) {
    double number = exponent.asReal();
    if (number == 2 || number == 3) {
      Value square = elementwise("*", base, base, where);
      return number == 2 ? square : elementwise("*", square, base, where);
    }
    if (number == 0.5) {
      Value real = convert(base, builder.getF32Type(), where);
      mlir::Value operand = materialize(real, where);
      return Value::makeTensor(
          SqrtOp::create(builder, locationOf(where), operand), where);
    }
  }
  return elementwise("^", base, exponent, where);
}

Value Elaborator::negate(const Value &operand, SMRange where) {
  switch (operand.kind) {
  case Value::Poison:
    return operand;
  case Value::Int:
    if (operand.integer == INT64_MIN)
      return fail(where, "this integer does not fit into 64 bits");
    return Value::makeInt(-operand.integer, where);
  case Value::Real:
    return Value::makeReal(-operand.real, where);
  default:
    break;
  }
  if (!operand.isTensor() || elementTypeOf(operand).isInteger(1))
    return fail(where, "'-' cannot stand before " + describe(operand),
                {originNote(operand)});
  mlir::Value value = materialize(operand, where);
  return Value::makeTensor(NegOp::create(builder, locationOf(where), value),
                           where);
}

Value Elaborator::invert(const Value &operand, SMRange where) {
  if (operand.is(Value::Poison))
    return operand;
  if (operand.isTensor() && elementTypeOf(operand).isInteger(1)) {
    mlir::Value value = materialize(operand, where);
    return Value::makeTensor(NotOp::create(builder, locationOf(where), value),
                             where);
  }
  std::optional<bool> holds = truth(operand, where, "what stands behind 'not'");
  return holds ? Value::makeBool(!*holds, where) : Value();
}

Value Elaborator::select(const Value &condition, const Value &yes,
                         const Value &no, SMRange where) {
  if (condition.is(Value::Bool))
    return condition.integer ? yes : no;
  if (!condition.isTensor() || !elementTypeOf(condition).isInteger(1))
    return fail(where, "'where' asks a condition, not " + describe(condition),
                {originNote(condition)});
  for (const Value *side : {&yes, &no})
    if ((!side->isTensor() && !side->isNumber()) ||
        (side->isTensor() && elementTypeOf(*side).isInteger(1)))
      return fail(where,
                  "'where' chooses between tensors and numbers, not " +
                      describe(*side),
                  {originNote(*side)});
  auto values = checkShape(broadcastShapes(shapeOf(yes), shapeOf(no)), where,
                           {&yes, &no});
  if (!values || !checkShape(broadcastShapes(shapeOf(condition), *values),
                             where, {&condition, &yes, &no}))
    return Value();
  auto isInt = [&](const Value &value) {
    return value.isTensor() && elementTypeOf(value).isInteger(32);
  };
  mlir::Type type = isInt(yes) && isInt(no) ? mlir::Type(builder.getI32Type())
                                            : mlir::Type(builder.getF32Type());
  mlir::Value a = materialize(convert(yes, type, where), where, type);
  mlir::Value b = materialize(convert(no, type, where), where, type);
  mlir::Value c = materialize(condition, where);
  return Value::makeTensor(
      SelectOp::create(builder, locationOf(where), c, a, b), where);
}

//===----------------------------------------------------------------------===//
// Contractions and reductions
//===----------------------------------------------------------------------===//

Value Elaborator::matmul(const BinaryExpr &expr, const Value &left,
                         const Value &right) {
  for (const Value *side : {&left, &right})
    if (!side->isTensor() || !isa<mlir::FloatType>(elementTypeOf(*side)))
      return fail(expr.opRange,
                  "'@' multiplies matrices of real numbers, not " +
                      describe(*side),
                  {originNote(*side)});
  if (!checkShape(matmulShape(shapeOf(left), shapeOf(right)), expr.opRange,
                  {&left, &right}))
    return Value();
  mlir::Value a = materialize(left, expr.left->range),
              b = materialize(right, expr.right->range);
  return Value::makeTensor(
      MatmulOp::create(builder, locationOf(expr.opRange), a, b), expr.range);
}

Value Elaborator::reduce(ReduceKind kind, const Value &operand, int64_t axis,
                         SMRange where) {
  if (!isa<mlir::FloatType>(elementTypeOf(operand)))
    return fail(where,
                "sums and the like are of real numbers; write real(x) to make "
                "them of " +
                    describe(operand),
                {originNote(operand)});
  if (!checkShape(reduceShape(shapeOf(operand), axis), where, {&operand}))
    return Value();
  mlir::Value value = materialize(operand, where);
  return Value::makeTensor(
      ReduceOp::create(builder, locationOf(where), kind, value, axis), where);
}

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

Value Elaborator::transpose(const Value &operand, ArrayRef<int64_t> axes,
                            SMRange where) {
  if (!checkShape(transposeShape(shapeOf(operand), axes), where, {&operand}))
    return Value();
  mlir::Value value = materialize(operand, where);
  return Value::makeTensor(
      TransposeOp::create(builder, locationOf(where), value, axes), where);
}

/// x^T exchanges the last two axes.
Value Elaborator::transposeMatrix(const Value &operand, SMRange where) {
  if (operand.is(Value::Poison))
    return operand;
  int64_t rank = operand.isTensor() ? shapeOf(operand).size() : 0;
  if (rank < 2)
    return fail(where,
                "'^T' exchanges the last two axes; " + describe(operand) +
                    " has not two",
                {originNote(operand)});
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  std::swap(axes[rank - 2], axes[rank - 1]);
  return transpose(operand, axes, where);
}

Value Elaborator::reshape(const Value &operand, ArrayRef<Dimension> shape,
                          SMRange where) {
  if (!operand.isTensor())
    return fail(where, "only tensors have a shape to change, not " +
                           describe(operand));
  SmallVector<Dimension> wanted(shape);
  if (!checkShape(ShapeOr(wanted), where, {&operand}))
    return Value();
  if (Error problem = checkReshape(shapeOf(operand), shape))
    return fail(where, toString(std::move(problem)), {originNote(operand)});
  mlir::Value value = materialize(operand, where);
  auto type = cast<NamedTensorType>(value.getType()).withShape(shape);
  return Value::makeTensor(
      ReshapeOp::create(builder, locationOf(where), type, value), where);
}

Value Elaborator::broadcast(const Value &operand, ArrayRef<Dimension> shape,
                            SMRange where) {
  SmallVector<Dimension> wanted(shape);
  if (!checkShape(ShapeOr(wanted), where, {&operand}))
    return Value();
  if (Error problem = checkBroadcast(shapeOf(operand), shape))
    return fail(where, toString(std::move(problem)), {originNote(operand)});
  mlir::Value value = materialize(operand, where);
  if (!value)
    return Value();
  auto type = cast<NamedTensorType>(value.getType()).withShape(shape);
  return Value::makeTensor(
      BroadcastOp::create(builder, locationOf(where), type, value), where);
}

Value Elaborator::slice(const Value &operand, int64_t axis, int64_t start,
                        int64_t size, int64_t stride, SMRange where) {
  if (!checkShape(sliceShape(shapeOf(operand), axis, start, size, stride),
                  where, {&operand}))
    return Value();
  mlir::Value value = materialize(operand, where);
  return Value::makeTensor(SliceOp::create(builder, locationOf(where), value,
                                           axis, start, size, stride),
                           where);
}

Value Elaborator::concat(const std::vector<Value> &parts, int64_t axis,
                         SMRange where) {
  SmallVector<SmallVector<Dimension>> shapes;
  SmallVector<const Value *> operands;
  for (const Value &part : parts) {
    shapes.push_back(shapeOf(part));
    operands.push_back(&part);
  }
  if (!checkShape(concatShape(shapes, axis), where, operands))
    return Value();
  bool integers = all_of(parts, [&](const Value &part) {
    return elementTypeOf(part).isInteger(32);
  });
  mlir::Type type = integers ? mlir::Type(builder.getI32Type())
                             : mlir::Type(builder.getF32Type());
  SmallVector<mlir::Value> values;
  for (const Value &part : parts)
    values.push_back(materialize(convert(part, type, where), where));
  return Value::makeTensor(
      ConcatOp::create(builder, locationOf(where), values, axis), where);
}

Value Elaborator::gather(const Value &table, const Value &index,
                         SMRange where) {
  if (!elementTypeOf(index).isInteger(32))
    return fail(where,
                "rows of a table are chosen by integers, not by " +
                    describe(index),
                {originNote(index)});
  if (!checkShape(gatherShape(shapeOf(table), shapeOf(index)), where,
                  {&table, &index}))
    return Value();
  mlir::Value rows = materialize(table, where),
              numbers = materialize(index, where);
  return Value::makeTensor(
      GatherOp::create(builder, locationOf(where), rows, numbers), where);
}

/// take(x, index): x[h, i, index[i, j]].
Value Elaborator::take(const Value &rows, const Value &index, SMRange where) {
  for (const Value *value : {&rows, &index}) {
    if (value->is(Value::Poison))
      return Value();
    if (!value->isTensor())
      return fail(where, "'take' is of tensors, not of " + describe(*value),
                  {originNote(*value)});
  }
  if (!elementTypeOf(index).isInteger(32))
    return fail(where,
                "elements of rows are chosen by integers, not by " +
                    describe(index),
                {originNote(index)});
  if (!checkShape(takeShape(shapeOf(rows), shapeOf(index)), where,
                  {&rows, &index}))
    return Value();
  mlir::Value from = materialize(rows, where),
              numbers = materialize(index, where);
  return Value::makeTensor(
      TakeOp::create(builder, locationOf(where), from, numbers), where);
}

} // namespace sinter::spec
