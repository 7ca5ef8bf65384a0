//===- Evaluator.cpp - Calls, layers and weights -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Elements.h"
#include "ir/Evaluation.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace sinter;

//===----------------------------------------------------------------------===//
// CacheContents
//===----------------------------------------------------------------------===//

CacheContents::Layer &CacheContents::getLayer(StringRef cache, int64_t layer) {
  return layers[{cache.str(), layer}];
}

void CacheContents::clear(StringRef cache) {
  std::erase_if(layers,
                [&](const auto &entry) { return entry.first.first == cache; });
}

//===----------------------------------------------------------------------===//
// Evaluator
//===----------------------------------------------------------------------===//

FailureOr<std::vector<TensorValue>>
Evaluator::call(func::FuncOp function, ArrayRef<TensorValue> arguments,
                const CallOptions &callOptions) {
  if (function.isDeclaration() || !function.getBody().hasOneBlock())
    return function.emitOpError("has no body of one block to evaluate");
  if (auto module = function->getParentOfType<ModuleOp>())
    for (CacheOp cache : module.getOps<CacheOp>())
      if (!cache.getPersistent())
        caches.clear(cache.getSymName());

  Evaluation evaluation(*this, callOptions);
  Block &body = function.getBody().front();
  if (failed(evaluation.bindArguments(function, arguments)) ||
      failed(evaluation.runBody(body)))
    return failure();
  std::vector<TensorValue> results;
  for (Value result : body.getTerminator()->getOperands()) {
    TensorPointer tensor = evaluation.getTensor(result);
    if (!tensor)
      return function.emitOpError() << "returns a " << result.getType()
                                    << ", which stands for no number";
    results.push_back(*tensor);
  }
  return results;
}

FailureOr<TensorValue> Evaluator::evaluateParameter(ParameterOp parameter,
                                                    int64_t layer) {
  if (layer < 0 || layer >= int64_t(parameter.getLayers()))
    return parameter.emitOpError() << "has " << int64_t(parameter.getLayers())
                                   << " layers, there is no layer " << layer;
  // A parameter may be made of others, but not of itself.
  if (llvm::is_contained(parametersInProgress, parameter.getOperation()))
    return parameter.emitOpError("is made of itself");
  parametersInProgress.push_back(parameter);
  Evaluation evaluation(*this, {});
  Block &body = parameter.getBodyRegion().front();
  evaluation.setLayer(body.getArgument(0), layer);
  LogicalResult result = evaluation.runBody(body);
  parametersInProgress.pop_back();
  if (failed(result))
    return failure();
  return *evaluation.getTensor(body.back().getOperand(0));
}

double Evaluator::round(double value) {
  float nearest = float(value);
  if (options.rounding == Rounding::None || std::isnan(value))
    return value;
  if (options.rounding == Rounding::Nearest || double(nearest) == value ||
      std::isinf(nearest))
    return nearest;
  bool isBelow = double(nearest) < value, wantsBelow = coin() & 1;
  if (isBelow == wantsBelow)
    return nearest;
  return std::nextafter(nearest, isBelow ? HUGE_VALF : -HUGE_VALF);
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

LogicalResult Evaluation::bindDimension(Operation *op, StringRef name,
                                        int64_t size) {
  auto [entry, isNew] = options.dimensions.try_emplace(name, size);
  if (!isNew && entry->second != size)
    return op->emitOpError() << "dimension " << name << " is both "
                             << entry->second << " and " << size;
  return success();
}

LogicalResult Evaluation::bindArguments(func::FuncOp function,
                                        ArrayRef<TensorValue> arguments) {
  if (arguments.size() != function.getNumArguments())
    return function.emitOpError() << "takes " << function.getNumArguments()
                                  << " arguments, not " << arguments.size();
  for (auto [index, argument] : llvm::enumerate(arguments)) {
    Value formal = function.getArgument(index);
    auto type = dyn_cast<NamedTensorType>(formal.getType());
    if (!type)
      return function.emitOpError() << "argument " << index << " is a "
                                    << formal.getType() << ", not a tensor";
    bool fits = argument.shape.size() == size_t(type.getRank());
    int64_t elements = 1;
    for (int64_t size : argument.shape)
      fits = fits && size >= 0 &&
             !__builtin_mul_overflow(elements, size, &elements);
    fits = fits && elements == int64_t(argument.elements.size());
    for (int64_t axis = 0; fits && axis < type.getRank(); ++axis) {
      Dimension dim = type.getDim(axis);
      if (dim.isStatic())
        fits = dim.getSize() == argument.shape[axis];
      else if (failed(bindDimension(function, dim.getSymbol(),
                                    argument.shape[axis])))
        return failure();
    }
    if (!fits) {
      InFlightDiagnostic error = function.emitOpError();
      error << "argument " << index << " is a " << type << ", but was given "
            << argument.elements.size() << " elements of shape [";
      llvm::interleaveComma(argument.shape, error);
      return error << "]";
    }
    TensorValue tensor = argument;
    for (double &element : tensor.elements)
      element = roundToElementType(element, type.getElementType());

    // The longest past is what the kernel-level dimensions P and SP count.
    auto input =
        function.getArgAttrOfType<StringAttr>(index, inputAttributeName);
    double longest = 0;
    for (double extent : tensor.elements)
      longest = std::max(longest, extent);
    if (input && input.getValue() == "extent")
      options.dimensions.try_emplace(pastDimension, longest);
    if (input && input.getValue() == "source_extent")
      options.dimensions.try_emplace(sourcePastDimension, longest);
    values[formal] = std::make_shared<const TensorValue>(std::move(tensor));
  }
  return success();
}

FailureOr<TensorValue> Evaluation::allocate(Operation *op,
                                            NamedTensorType type) {
  TensorValue tensor;
  int64_t elements = 1;
  for (Dimension dim : type.getShape()) {
    int64_t size = 0;
    if (dim.isStatic()) {
      size = dim.getSize();
    } else {
      auto bound = options.dimensions.find(dim.getSymbol());
      if (bound == options.dimensions.end())
        return op->emitOpError() << "the size of dimension " << dim
                                 << " is not known: no argument has it";
      size = bound->second;
    }
    tensor.shape.push_back(size);
    if (size < 0 || __builtin_mul_overflow(elements, size, &elements) ||
        elements > evaluator.getOptions().maximumElements)
      return op->emitOpError()
             << "a " << type << " of this size is too large to evaluate";
  }
  tensor.elements.resize(elements);
  return tensor;
}

void Evaluation::setLayer(Value argument, int64_t number) {
  values[argument] = number;
  currentLayer = number;
}

TensorPointer Evaluation::getTensor(Value value) const {
  auto found = values.find(value);
  if (found == values.end())
    return nullptr;
  auto tensor = std::get_if<TensorPointer>(&found->second);
  return tensor ? *tensor : nullptr;
}

void Evaluation::setResult(Value value, TensorValue tensor) {
  // Rounding stands here, once for all operations.
  if (auto type = dyn_cast<NamedTensorType>(value.getType())) {
    Type elementType = type.getElementType();
    if (!elementType.isF32())
      for (double &element : tensor.elements)
        element = roundToElementType(element, elementType);
    else if (evaluator.getOptions().rounding != Rounding::None)
      for (double &element : tensor.elements)
        element = evaluator.round(element);
  }
  values[value] = std::make_shared<const TensorValue>(std::move(tensor));
}

LogicalResult Evaluation::runBody(Block &block) {
  for (Operation &op : block.without_terminator()) {
    if (failed(run(&op)))
      return failure();
    const auto &trace = evaluator.getOptions().trace;
    if (!trace)
      continue;
    SmallVector<TensorPointer> results;
    SmallVector<const TensorValue *> pointers;
    for (Value result : op.getResults()) {
      results.push_back(getTensor(result));
      pointers.push_back(results.back().get());
    }
    if (!pointers.empty() && llvm::all_of(pointers, [](auto *p) { return p; }))
      trace(&op, currentLayer, pointers);
  }
  return success();
}

LogicalResult Evaluation::run(Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<LayerNormOp, RMSNormOp, SoftmaxOp, RotaryOp, WeightOp, ConstantOp,
            IotaOp, LayerNumberOp, MatmulOp, ReduceOp, ArgmaxOp, TransposeOp,
            ReshapeOp, BroadcastOp, SliceOp, ConcatOp, GatherOp, TakeOp,
            RepeatOp, QuantizeOp, PackOp, ParameterLoadOp, CacheStoreOp,
            CacheLoadOp, CacheAppendOp, CacheHistoryOp, LinearOp,
            PackedGatherOp, AttentionScoresOp, AttentionValuesOp,
            AttentionRelativeOp, AttentionOp, RowGroupOp, LinearGroupOp>(
          [&](auto typed) { return evaluate(typed); })
      .Case([&](ElementwiseOpInterface typed) {
        return evaluateElementwise(typed);
      })
      // One evaluation is one thread.
      .Case([](BarrierOp) { return success(); })
      .Default([](Operation *unknown) {
        return unknown->emitOpError("has no meaning to the evaluator");
      });
}

//===----------------------------------------------------------------------===//
// Weights and parameters
//===----------------------------------------------------------------------===//

FailureOr<int64_t> Evaluation::getLayerNumber(Operation *op, Value layer,
                                              int64_t layers) {
  int64_t number = 0;
  if (layer) {
    auto found = values.find(layer);
    auto *held =
        found == values.end() ? nullptr : std::get_if<int64_t>(&found->second);
    if (!held)
      return op->emitOpError("the layer's number is not that of a "
                             "sinter.repeat or sinter.parameter around it");
    number = *held;
  }
  if (number >= layers)
    return op->emitOpError()
           << "there is no layer " << number << ", only " << layers;
  return number;
}

LogicalResult Evaluation::evaluate(WeightOp op) {
  FailureOr<int64_t> layer =
      getLayerNumber(op, op.getLayer(), std::numeric_limits<int64_t>::max());
  if (failed(layer))
    return failure();
  llvm::Expected<std::string> name = op.getNameAt(*layer);
  if (!name)
    return op.emitOpError() << llvm::toString(name.takeError());
  std::optional<StoredTensor> stored = evaluator.getWeights().find(*name);
  if (!stored)
    return op.emitOpError() << "there is no weight '" << *name << "'";
  FailureOr<TensorValue> tensor = allocate(op, op.getType());
  if (failed(tensor))
    return failure();
  if (stored->type == StoredType::Other)
    return op.emitOpError() << "weight '" << *name << "' has elements of "
                            << stored->typeName << ", which are not floats";
  if (stored->shape != tensor->shape) {
    InFlightDiagnostic error = op.emitOpError();
    error << "weight '" << *name << "' is of shape [";
    llvm::interleaveComma(stored->shape, error);
    return error << "], not " << toString(op.getType().getShape());
  }
  std::vector<float> elements(tensor->elements.size());
  stored->read(0, elements);
  llvm::copy(elements, tensor->elements.begin());
  setResult(op, std::move(*tensor));
  return success();
}

LogicalResult Evaluation::evaluate(ParameterLoadOp op) {
  auto parameter = SymbolTable::lookupNearestSymbolFrom<ParameterOp>(
      op, op.getParameterAttr());
  if (!parameter)
    return op.emitOpError()
           << "there is no parameter " << op.getParameterAttr();
  FailureOr<int64_t> layer =
      getLayerNumber(op, op.getLayer(), parameter.getLayers());
  if (failed(layer))
    return failure();
  TensorPointer &held = parameters[{parameter, *layer}];
  if (!held) {
    FailureOr<TensorValue> tensor =
        evaluator.evaluateParameter(parameter, *layer);
    if (failed(tensor))
      return failure();
    held = std::make_shared<const TensorValue>(std::move(*tensor));
  }
  values[op.getResult()] = held;
  return success();
}

//===----------------------------------------------------------------------===//
// Regions
//===----------------------------------------------------------------------===//

/// Whether a column holds nothing but zeros: of a loop that leaves those out.
static bool isZeroColumn(const TensorValue &table, int64_t column) {
  int64_t width = table.shape.back();
  for (int64_t at = column; at < int64_t(table.elements.size()); at += width)
    if (table.elements[at] != 0)
      return false;
  return true;
}

LogicalResult Evaluation::evaluate(RepeatOp op) {
  Block &body = *op.getBody();
  FailureOr<int64_t> outer =
      getLayerNumber(op, op.getOuter(), std::numeric_limits<int64_t>::max());
  if (failed(outer))
    return failure();
  TensorPointer chosen = op.getChosen() ? getTensor(op.getChosen()) : nullptr;
  SmallVector<TensorPointer> carried;
  for (Value init : op.getInits())
    carried.push_back(getTensor(init));
  int64_t outerLayer = currentLayer;
  for (int64_t layer = 0; layer < int64_t(op.getCount()); ++layer) {
    if (chosen && isZeroColumn(*chosen, layer))
      continue;
    setLayer(op.getLayer(), *outer * int64_t(op.getCount()) + layer);
    for (auto [argument, value] : llvm::zip(op.getCarried(), carried))
      values[argument] = value;
    if (failed(runBody(body)))
      return failure();
    for (auto [value, yielded] :
         llvm::zip(carried, body.getTerminator()->getOperands()))
      value = getTensor(yielded);
  }
  currentLayer = outerLayer;
  for (auto [result, value] : llvm::zip(op.getResults(), carried))
    values[result] = value;
  return success();
}

LogicalResult Evaluation::runRegion(Operation *op, Block &body) {
  // Layers' numbers and histories go in and out as tensors do.
  auto hand = [&](ValueRange from, ValueRange to) {
    for (auto [source, target] : llvm::zip(from, to))
      if (auto found = values.find(source); found != values.end()) {
        Slot slot = found->second;
        values[target] = std::move(slot);
      }
  };
  hand(op->getOperands(), body.getArguments());
  if (failed(runBody(body)))
    return failure();
  hand(body.getTerminator()->getOperands(), op->getResults());
  return success();
}

LogicalResult Evaluation::evaluate(RowGroupOp op) {
  return runRegion(op, *op.getBody());
}

LogicalResult Evaluation::evaluate(LinearGroupOp op) {
  return runRegion(op, *op.getBody());
}
