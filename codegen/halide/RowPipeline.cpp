//===- RowPipeline.cpp - From row work to Halide --------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel computes one row: `row` is a parameter, not a loop, so that what a
// row needs is known exactly, however its index is computed. The value that is
// wanted becomes a Func over its other axes. Values that are not kept are
// written into the expressions of those that are (codegen/halide/Plan.h).
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/Elementwise.h"
#include "codegen/halide/Plan.h"
#include "codegen/halide/RowBuilder.h"
#include <utility>

using namespace Halide;

namespace sinter::rows {

namespace {

class CollectVariables : public Internal::IRGraphVisitor {
public:
  std::set<std::string> names;

private:
  using IRGraphVisitor::visit;
  void visit(const Internal::Variable *op) override {
    if (!op->param.defined() && !op->reduction_domain.defined())
      names.insert(op->name);
  }
};

} // namespace

Expr share(const Expr &expression) {
  return Internal::common_subexpression_elimination(expression);
}

/// Reshaping changes no byte: what an output holds is what stands before its
/// reshapes.
int Builder::peel(int value) const {
  while (operation(value).kind == Kind::Reshape)
    value = operation(value).operands[0];
  return value;
}

/// An element of a buffer, as computations take it: f32, i32 or a truth value.
Expr Builder::read(int buffer, const Tensor &type, const Index &index) {
  size_t view = 0;
  while (view < views.size() &&
         !(views[view].buffer == buffer && views[view].type == type))
    ++view;
  std::vector<int> axes;
  for (int axis = type.shape.size() - 1; axis >= 0; --axis)
    if (!type.shape[axis].isOne())
      axes.push_back(axis);
  if (view == views.size()) {
    views.push_back({buffer, type});
    ImageParam image(storageType(type.element), axes.size(),
                     "in" + std::to_string(view));
    Expr stride = 1;
    for (size_t i = 0; i < axes.size(); ++i) {
      Expr size = sizeOf(type.shape[axes[i]]);
      image.dim(i).set_bounds(0, size).set_stride(stride);
      stride = Internal::simplify(stride * size);
    }
    images.push_back(image);
  }
  std::vector<Expr> arguments;
  for (int axis : axes)
    arguments.push_back(index[axis]);
  return fromStorage(images[view](arguments), type.element);
}

/// One element of a value, written into the current definition.
Expr Builder::at(int value, const Index &index) {
  for (const auto &[seen, expression] : known[value])
    if (equalIndex(seen, index))
      return expression;
  Expr result = compute(value, index);
  known[value].emplace_back(index, result);
  return result;
}

Expr Builder::compute(int value, const Index &index) {
  const Operation &op = operation(value);
  if (auto given = computed.find(value); given != computed.end())
    return given->second(index);
  if (op.kind == Kind::Input)
    return read(value, op.type, index);
  if (op.kind == Kind::Reshape && operation(peel(value)).kind == Kind::Input)
    return read(peel(value), op.type, index);
  // An output that stands before this one is in memory, at this row.
  int rowAxis = findRowAxis(op.type);
  for (int before = 0; before < output && rowAxis >= 0; ++before)
    if (!program.outputs[before].isCached() &&
        peel(program.outputs[before].value) == value &&
        Internal::equal(index[rowAxis], row))
      return read(program.inputs + before, op.type, index);

  if (keptValues[value] && reader != value) {
    Kept &producer = keep(value);
    Kept::Use use{reader, {}};
    std::vector<Expr> arguments;
    for (int axis : producer.axes) {
      CollectVariables variables;
      index[axis].accept(&variables);
      use.variables.push_back(variables.names);
      arguments.push_back(index[axis]);
    }
    producer.uses.push_back(use);
    Expr element = producer.func(arguments);
    return op.type.element == Element::I1 ? element != 0 : element;
  }

  auto operand = [&](int number, const Index &at) {
    return this->at(op.operands[number], at);
  };
  auto operandType = [&](int number) -> const Tensor & {
    return operation(op.operands[number]).type;
  };
  switch (op.kind) {
  case Kind::Constant:
    return constant(op.value, op.type.element);
  case Kind::Iota:
    return index[0];
  case Kind::Transpose: {
    Index moved(index.size());
    for (size_t axis = 0; axis < index.size(); ++axis)
      moved[op.numbers[axis]] = index[axis];
    return operand(0, moved);
  }
  case Kind::Reshape:
    return operand(0, reshapeIndex(index, op.type, operandType(0)));
  case Kind::Broadcast:
    return operand(0, broadcastIndex(index, operandType(0)));
  case Kind::Slice: {
    Index moved = index;
    int64_t axis = op.numbers[0];
    moved[axis] = index[axis] * int32_t(op.numbers[2]) + int32_t(op.numbers[1]);
    return operand(0, moved);
  }
  case Kind::Concat: {
    int64_t axis = op.numbers[0];
    int64_t end = op.type.shape[axis].number;
    Expr result;
    // The last piece first, so that each earlier one is chosen over it.
    for (int number = op.operands.size() - 1; number >= 0; --number) {
      int64_t size = operandType(number).shape[axis].number;
      int64_t begin = end - size;
      Index moved = index;
      // Both sides of a choice are computed, so both must stay within bounds.
      moved[axis] =
          op.operands.size() == 1
              ? index[axis]
              : clamp(index[axis] - int32_t(begin), 0, int32_t(size - 1));
      Expr piece = operand(number, moved);
      result = result.defined()
                   ? choose(index[axis] < int32_t(end), piece, result)
                   : piece;
      end = begin;
    }
    return result;
  }
  case Kind::Gather: {
    size_t indexRank = operandType(1).shape.size();
    Index where(index.begin(), index.begin() + indexRank);
    Index moved{
        clamp(operand(1, where), 0, sizeOf(operandType(0).shape[0]) - 1)};
    moved.insert(moved.end(), index.begin() + indexRank, index.end());
    return operand(0, moved);
  }
  default: {
    std::vector<Expr> operands;
    for (size_t number = 0; number < op.operands.size(); ++number)
      operands.push_back(
          operand(number, broadcastIndex(index, operandType(number))));
    return applyElementwise(op, operands,
                            operation(op.operands[0]).type.element);
  }
  }
}

/// Defines the Func of a kept value, unless that is done.
Kept &Builder::keep(int value) {
  auto found = kept.find(value);
  if (found != kept.end())
    return found->second;
  int outerReader = std::exchange(reader, value);
  auto outerKnown = std::exchange(known, {});

  Kept result;
  const Operation &op = operation(value);
  std::string name = "v" + std::to_string(value);
  result.func = Func(name);
  Index index(op.type.shape.size(), Expr(0));
  // Innermost first, as Halide stores.
  for (int axis = int(index.size()) - 1; axis >= 0; --axis) {
    if (op.type.shape[axis].isOne())
      continue;
    result.axes.push_back(axis);
    result.arguments.emplace_back(name + "_" + std::to_string(axis));
    index[axis] = result.arguments.back();
  }
  if (isReduction(op.kind)) {
    defineReduction(value, result, index);
  } else {
    Expr element = at(value, index);
    if (op.type.element == Element::I1)
      element = cast<uint8_t>(element);
    result.func(result.arguments) = share(element);
  }
  reader = outerReader;
  known = std::move(outerKnown);
  order.push_back(value);
  return kept.emplace(value, std::move(result)).first->second;
}

LoweredRow RowBuilder::lower(const std::string &name) {
  int root = peel(program.outputs[output].value);
  keptValues = chooseKept(program, root);
  const Tensor &type = operation(root).type;
  int rowAxis = findRowAxis(type);

  reader = rootReader;
  Index index(type.shape.size(), Expr(0));
  std::vector<Var> arguments;
  std::vector<Size> sizes;
  std::vector<Expr> strides;
  Func func("out");
  Expr stride = 1;
  // Innermost first, as Halide stores.
  for (int axis = int(index.size()) - 1; axis >= 0; --axis) {
    Expr size = sizeOf(type.shape[axis]);
    if (axis == rowAxis) {
      index[axis] = row;
    } else if (!type.shape[axis].isOne()) {
      arguments.emplace_back("o" + std::to_string(axis));
      sizes.push_back(type.shape[axis]);
      strides.push_back(stride);
      index[axis] = arguments.back();
    }
    stride = Internal::simplify(stride * size);
  }
  Expr element = toStorage(at(root, index), type.element);
  func(arguments) = share(element);
  for (size_t i = 0; i < arguments.size(); ++i)
    func.output_buffer()
        .dim(i)
        .set_bounds(0, sizeOf(sizes[i]))
        .set_stride(strides[i]);
  schedule(func, arguments, sizes);

  std::vector<Argument> signature(images.begin(), images.end());
  signature.insert(signature.end(), dimensions.begin(), dimensions.end());
  signature.push_back(rowParameter);
  LoweredRow result{
      Pipeline(func).compile_to_module(signature, name, target,
                                       LinkageType::External),
      {name, views, {program.inputs + output, type}, program.outputs[output]}};
  return result;
}

LoweredRow lowerRow(const RowProgram &program, int output,
                    const std::string &name, const Target &target, int lanes) {
  return RowBuilder(program, output, target, lanes).lower(name);
}

} // namespace sinter::rows
