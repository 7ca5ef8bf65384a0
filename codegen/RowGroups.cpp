//===- RowGroups.cpp - Row work as functions ------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/RowGroups.h"
#include "codegen/RowModule.h"
#include "passes/Buffers.h"
#include "passes/Names.h"
#include "runtime/Program.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sinter;
using rows::Element;
using rows::Kind;

static_assert(
    SINTER_DIMENSION_TOKENS == 0 && SINTER_DIMENSION_ROWS == 1 &&
        SINTER_DIMENSION_COUNT == 4,
    "codegen/halide numbers the dimensions of a call like the runtime");

/// An error that says which group is meant, by an op in it.
static llvm::Error failAt(Operation *op, const Twine &message) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << "in row work, '" << op->getName() << "' " << message << " (at "
         << op->getLoc() << ")";
  return llvm::createStringError(text);
}

static std::optional<Kind> kindOf(Operation *op) {
  return TypeSwitch<Operation *, std::optional<Kind>>(op)
      .Case([](ConstantOp) { return Kind::Constant; })
      .Case([](IotaOp) { return Kind::Iota; })
      .Case([](NegOp) { return Kind::Neg; })
      .Case([](AbsOp) { return Kind::Abs; })
      .Case([](ExpOp) { return Kind::Exp; })
      .Case([](LogOp) { return Kind::Log; })
      .Case([](SqrtOp) { return Kind::Sqrt; })
      .Case([](RsqrtOp) { return Kind::Rsqrt; })
      .Case([](SinOp) { return Kind::Sin; })
      .Case([](CosOp) { return Kind::Cos; })
      .Case([](TanhOp) { return Kind::Tanh; })
      .Case([](ErfOp) { return Kind::Erf; })
      .Case([](FloorOp) { return Kind::Floor; })
      .Case([](NotOp) { return Kind::Not; })
      .Case([](ConvertOp) { return Kind::Convert; })
      .Case([](AddOp) { return Kind::Add; })
      .Case([](SubOp) { return Kind::Sub; })
      .Case([](MulOp) { return Kind::Mul; })
      .Case([](DivOp) { return Kind::Div; })
      .Case([](ModOp) { return Kind::Mod; })
      .Case([](PowOp) { return Kind::Pow; })
      .Case([](MaxOp) { return Kind::Max; })
      .Case([](MinOp) { return Kind::Min; })
      .Case([](AndOp) { return Kind::And; })
      .Case([](OrOp) { return Kind::Or; })
      .Case([](CompareOp op) {
        switch (op.getPredicate()) {
        case ComparePredicate::eq:
          return Kind::Equal;
        case ComparePredicate::ne:
          return Kind::NotEqual;
        case ComparePredicate::lt:
          return Kind::Less;
        case ComparePredicate::le:
          return Kind::LessEqual;
        case ComparePredicate::gt:
          return Kind::Greater;
        case ComparePredicate::ge:
          return Kind::GreaterEqual;
        }
        llvm_unreachable("all predicates are handled");
      })
      .Case([](SelectOp) { return Kind::Select; })
      .Case([](MatmulOp) { return Kind::Matmul; })
      .Case([](ReduceOp op) {
        switch (op.getKind()) {
        case ReduceKind::sum:
          return Kind::ReduceSum;
        case ReduceKind::max:
          return Kind::ReduceMax;
        case ReduceKind::mean:
          return Kind::ReduceMean;
        }
        llvm_unreachable("all kinds are handled");
      })
      .Case([](TransposeOp) { return Kind::Transpose; })
      .Case([](ReshapeOp) { return Kind::Reshape; })
      .Case([](BroadcastOp) { return Kind::Broadcast; })
      .Case([](SliceOp) { return Kind::Slice; })
      .Case([](ConcatOp) { return Kind::Concat; })
      .Case([](GatherOp) { return Kind::Gather; })
      .Default([](Operation *) { return std::nullopt; });
}

static std::vector<int64_t> numbersOf(Operation *op) {
  return TypeSwitch<Operation *, std::vector<int64_t>>(op)
      .Case([](ReduceOp op) {
        return std::vector<int64_t>{int64_t(op.getAxis())};
      })
      .Case([](TransposeOp op) {
        return std::vector<int64_t>(op.getPermutation());
      })
      .Case([](SliceOp op) {
        return std::vector<int64_t>{int64_t(op.getAxis()),
                                    int64_t(op.getStart()),
                                    int64_t(op.getStride())};
      })
      .Case([](ConcatOp op) {
        return std::vector<int64_t>{int64_t(op.getAxis())};
      })
      .Default([](Operation *) { return std::vector<int64_t>(); });
}

/// Fails, at `op`, where a size or a distance between elements does not fit the
/// 32 bits that row kernels index with.
static llvm::Expected<rows::Tensor> describeType(Operation *op, Type type) {
  auto tensor = dyn_cast<NamedTensorType>(type);
  if (!tensor)
    return failAt(op, "works on tensors only");
  rows::Tensor result;
  Type element = tensor.getElementType();
  if (element.isF32())
    result.element = Element::F32;
  else if (element.isF16())
    result.element = Element::F16;
  else if (element.isBF16())
    result.element = Element::BF16;
  else if (element.isInteger(32))
    result.element = Element::I32;
  else
    result.element = Element::I1;

  static constexpr StringLiteral names[] = {tokensDimension, rowsDimension,
                                            pastDimension, sourcePastDimension};
  int64_t inner = 1;
  SmallVector<Dimension> shape = tensor.getShape();
  for (size_t axis = shape.size(); axis-- > 0;) {
    rows::Size size;
    if (shape[axis].isSymbol()) {
      const auto *name = llvm::find(names, shape[axis].getSymbol());
      if (name == std::end(names))
        return failAt(op, "has a dimension '" + shape[axis].getSymbol() +
                              "', which no call binds; N, R, P and SP are");
      size.dimension = name - std::begin(names);
    } else {
      size.number = shape[axis].getSize();
      if (inner > INT32_MAX || size.number > INT32_MAX)
        return failAt(op, "works on a row of more than 2^31 elements");
      inner *= size.number;
    }
    result.shape.insert(result.shape.begin(), size);
  }
  return result;
}

namespace {

/// Row work of a group: `ops` make `outputs` of `inputs`.
struct RowWork {
  Operation *group;
  SmallVector<Value> inputs;
  SmallVector<Operation *> ops;
  SmallVector<Value> outputs;
  /// Whether the output takes the place of an input.
  bool inPlace = false;
};

/// Describes row work, or says what is in the way.
class Describer {
public:
  explicit Describer(const RowWork &work) : work(work) {}

  llvm::Expected<rows::RowProgram> describe() {
    for (Value input : work.inputs) {
      auto type = describeType(work.group, input.getType());
      if (!type)
        return type.takeError();
      numbers[input] = program.operations.size();
      program.operations.push_back({Kind::Input, std::move(*type), {}, {}});
    }
    program.inputs = program.operations.size();
    for (Operation *op : work.ops)
      if (!isa<CacheAppendOp>(op))
        if (llvm::Error error = add(op))
          return error;
    for (Value output : work.outputs)
      if (llvm::Error error = addOutput(output))
        return error;
    return std::move(program);
  }

private:
  llvm::Error add(Operation *op) {
    std::optional<Kind> kind = kindOf(op);
    if (!kind)
      return failAt(op, "is no row work");
    auto type = describeType(op, op->getResult(0).getType());
    if (!type)
      return type.takeError();
    rows::Operation operation{*kind, std::move(*type), {}, numbersOf(op)};
    for (Value operand : op->getOperands())
      operation.operands.push_back(numbers.lookup(operand));
    if (auto constant = dyn_cast<ConstantOp>(op))
      operation.value = constant.getValue().convertToDouble();
    numbers[op->getResult(0)] = program.operations.size();
    program.operations.push_back(std::move(operation));
    return llvm::Error::success();
  }

  llvm::Error addOutput(Value value) {
    rows::Output output;
    if (auto append = value.getDefiningOp<CacheAppendOp>()) {
      auto positions = positionsOf(append);
      if (!positions)
        return positions.takeError();
      output = {numbers.lookup(append.getRows()),
                numbers.lookup(append.getSequence()),
                numbers.lookup(append.getPosition()), *positions};
    } else {
      output.value = numbers.lookup(value);
      output.inPlace = work.inPlace;
    }
    const rows::Tensor &type = program.operations[output.value].type;
    int axis = rows::findRowAxis(type);
    if (axis < 0)
      return failAt(work.group, "has a result without an axis N or R");
    if (rows.value_or(type.shape[axis].dimension) != type.shape[axis].dimension)
      return failAt(work.group, "has results with N and with R rows");
    rows = type.shape[axis].dimension;
    program.outputs.push_back(output);
    return llvm::Error::success();
  }

  static llvm::Expected<int64_t> positionsOf(CacheAppendOp append) {
    auto cache = SymbolTable::lookupNearestSymbolFrom<CacheOp>(
        append, append.getCacheAttr());
    auto positions =
        append->getParentOfType<ModuleOp>()->getAttrOfType<IntegerAttr>(
            cache.getOfSource() ? sourceContextAttribute : contextAttribute);
    if (!positions || positions.getInt() < 1)
      return failAt(append, "writes into a cache, but the module does not say "
                            "how many positions it has room for");
    return positions.getInt();
  }

  const RowWork &work;
  rows::RowProgram program;
  llvm::DenseMap<Value, int> numbers;
  std::optional<int> rows;
};

/// Describes the row work of all groups; alike work is one program.
class Collector {
public:
  llvm::Error collect(ModuleOp module, RowGroups &result) {
    llvm::Error error = llvm::Error::success();
    for (auto function : module.getOps<func::FuncOp>()) {
      Buffers ofFunction(function);
      buffers = &ofFunction;
      function.walk([&](Operation *op) {
        if (auto group = dyn_cast<RowGroupOp>(op))
          error = add(group, result);
        else if (auto group = dyn_cast<LinearGroupOp>(op))
          error = add(group, result);
        return error ? WalkResult::interrupt() : WalkResult::advance();
      });
      if (error)
        return error;
    }
    return error;
  }

private:
  const Buffers *buffers = nullptr;

  /// Whether the result of a group that has one stands where an input does.
  bool isInPlace(Operation *group) {
    int64_t buffer =
        group->getNumResults() == 1 ? buffers->find(group->getResult(0)) : -1;
    return buffer >= 0 && llvm::any_of(group->getOperands(), [&](Value input) {
             return buffers->find(input) == buffer;
           });
  }

  /// The function of this work; `values` are its buffers.
  llvm::Expected<RowFunction> add(const RowWork &work,
                                  SmallVector<Value> values,
                                  std::vector<rows::RowProgram> &programs) {
    llvm::Expected<rows::RowProgram> program = Describer(work).describe();
    if (!program)
      return program.takeError();
    size_t number = llvm::find(programs, *program) - programs.begin();
    if (number == programs.size())
      programs.push_back(std::move(*program));
    return RowFunction{number, rowFunctionName(number), std::move(values)};
  }

  llvm::Error add(RowGroupOp group, RowGroups &result) {
    Block *body = group.getBody();
    RowWork work{group, SmallVector<Value>(body->getArguments()), {}, {}};
    for (Operation &op : body->without_terminator())
      work.ops.push_back(&op);
    llvm::append_range(work.outputs, body->getTerminator()->getOperands());
    work.inPlace = isInPlace(group);
    SmallVector<Value> values(group.getInputs());
    llvm::append_range(values, group.getResults());
    llvm::Expected<RowFunction> function =
        add(work, std::move(values), result.programs);
    if (!function)
      return function.takeError();
    result.groups[group] = std::move(*function);
    return llvm::Error::success();
  }

  llvm::Error add(LinearGroupOp group, RowGroups &result) {
    Block *body = group.getBody();
    SmallVector<Operation *> before = group.getPrologue(),
                             behind = group.getEpilogue();
    if (!before.empty()) {
      RowWork work{group, {}, before, {group.getContractionInput()}};
      for (BlockArgument argument : body->getArguments())
        if (isa<NamedTensorType>(argument.getType()) &&
            group.isReadBefore(argument.getArgNumber()))
          work.inputs.push_back(argument);
      SmallVector<Value> values = work.inputs;
      values.push_back(group.getContractionInput());
      llvm::Expected<RowFunction> function =
          add(work, std::move(values), result.programs);
      if (!function)
        return function.takeError();
      result.prologues[group] = std::move(*function);
    }
    if (group.hasRowEpilogue()) {
      RowWork work{group, {}, behind, {}};
      for (BlockArgument argument : body->getArguments())
        if (isa<NamedTensorType>(argument.getType()) &&
            group.isReadBehind(argument.getArgNumber()))
          work.inputs.push_back(argument);
      work.inputs.push_back(group.getLinear().getResult());
      if (!before.empty())
        work.inputs.push_back(group.getContractionInput());
      llvm::append_range(work.outputs, body->getTerminator()->getOperands());
      work.inPlace = isInPlace(group);
      SmallVector<Value> values = work.inputs;
      llvm::append_range(values, group.getResults());
      llvm::Expected<RowFunction> function =
          add(work, std::move(values), result.programs);
      if (!function)
        return function.takeError();
      result.epilogues[group] = std::move(*function);
    }
    return llvm::Error::success();
  }
};

} // namespace

llvm::Expected<RowGroups> sinter::describeRowGroups(ModuleOp module) {
  RowGroups result;
  if (llvm::Error error = Collector().collect(module, result))
    return error;
  return result;
}

llvm::Expected<rows::RowProgram> sinter::describeScores(AttentionOp op) {
  Block *body = op.getBody();
  RowWork work{op, SmallVector<Value>(body->getArguments()), {}, {}};
  for (Operation &inner : body->without_terminator())
    work.ops.push_back(&inner);
  work.outputs.push_back(op.getYielded());
  return Describer(work).describe();
}

llvm::Expected<rows::RowProgram> sinter::describeAppend(CacheAppendOp op) {
  RowWork work{op,
               {op.getRows(), op.getSequence(), op.getPosition()},
               {},
               {op.getResult()}};
  return Describer(work).describe();
}

llvm::Expected<RowGroups>
sinter::compileRowGroups(ModuleOp module, const TargetDescription &target,
                         llvm::LLVMContext &context) {
  llvm::Expected<RowGroups> result = describeRowGroups(module);
  if (!result || result->programs.empty())
    return result;
  auto compiled = makeRowModule(result->programs, target, context);
  if (!compiled)
    return compiled.takeError();
  result->module = std::move(*compiled);
  return result;
}
