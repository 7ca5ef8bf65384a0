//===- StepEmitter.cpp - What steps of all kinds have in common -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/StepEmitter.h"
#include "codegen/HostProgram.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "passes/Accesses.h"
#include "passes/Names.h"
#include "runtime/Program.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cstddef>

using namespace mlir;
using namespace sinter;

std::optional<int64_t> sinter::inputIndex(StringRef name) {
  // The encoder's tokens are those of the source.
  return llvm::StringSwitch<std::optional<int64_t>>(name)
      .Cases({"token", "source"}, SINTER_INPUT_TOKEN)
      .Case("position", SINTER_INPUT_POSITION)
      .Case("sequence", SINTER_INPUT_SEQUENCE)
      .Case("extent", SINTER_INPUT_EXTENT)
      .Case("source_extent", SINTER_INPUT_SOURCE_EXTENT)
      .Case("row", SINTER_INPUT_ROW)
      .Cases({"segment", "source_segment"}, SINTER_INPUT_SEGMENT)
      .Case("features", SINTER_INPUT_FEATURES)
      .Default(std::nullopt);
}

std::string sinter::stepName(func::FuncOp entry) {
  return ("step_" + entry.getName()).str();
}

std::string sinter::variantName(StringRef function, unsigned variant) {
  return variant == 0 ? function.str()
                      : (function + "." + llvm::Twine(variant)).str();
}

std::optional<int64_t> sinter::dimensionIndex(StringRef symbol) {
  return llvm::StringSwitch<std::optional<int64_t>>(symbol)
      .Case(tokensDimension, SINTER_DIMENSION_TOKENS)
      .Case(rowsDimension, SINTER_DIMENSION_ROWS)
      .Case(pastDimension, SINTER_DIMENSION_PAST)
      .Case(sourcePastDimension, SINTER_DIMENSION_SOURCE_PAST)
      .Default(std::nullopt);
}

LogicalResult StepEmitter::emit() {
  func::FuncOp step =
      b.beginFunction(stepName(entry), {b.pointerType(), b.indexType()},
                      /*isPublic=*/true);
  context = step.getArgument(0);
  thread = step.getArgument(1);
  Type pointer = b.pointerType(), index = b.indexType();
  for (int64_t i = 0; i < SINTER_DIMENSION_COUNT; ++i)
    dimensions.push_back(
        field(index, offsetof(sinter_step_context, dimension) + i * 8));
  weights = field(pointer, offsetof(sinter_step_context, weights));
  arena = field(pointer, offsetof(sinter_step_context, arena));
  for (size_t offset : {offsetof(sinter_step_context, output),
                        offsetof(sinter_step_context, largest_index),
                        offsetof(sinter_step_context, largest)})
    outputs.push_back(field(pointer, offset));
  caches = field(pointer, offsetof(sinter_step_context, caches));
  sequences = field(index, offsetof(sinter_step_context, sequences));
  emitPrologue();
  if (failed(bindInputs()) || failed(emitBlock(entry.getBody().front())))
    return failure();
  b.endFunction();
  return success();
}

/// The context as an LLVM struct, whose fields stand where the data layout of
/// the machine puts them: numbers of 64 bits, and pointers.
static LLVM::LLVMStructType contextType(KernelBuilder &b) {
  static_assert(sizeof(void *) == 8 && sizeof(sinter_step_context) % 8 == 0,
                "every field takes 8 bytes here");
  SmallVector<Type> fields(sizeof(sinter_step_context) / 8, b.pointerType());
  auto isNumber = [&](size_t offset, size_t count) {
    std::fill_n(fields.begin() + offset / 8, count, b.indexType());
  };
  isNumber(offsetof(sinter_step_context, dimension), SINTER_DIMENSION_COUNT);
  isNumber(offsetof(sinter_step_context, sequences), 1);
  isNumber(offsetof(sinter_step_context, threads), 1);
  return LLVM::LLVMStructType::getLiteral(b.getContext(), fields);
}

Value StepEmitter::field(Type type, size_t offset) {
  auto place =
      LLVM::GEPOp::create(b, b.pointerType(), contextType(b), context,
                          ArrayRef<LLVM::GEPArg>{0, int32_t(offset / 8)},
                          LLVM::GEPNoWrapFlags::inbounds);
  return b.load(type, place);
}

int64_t StepEmitter::number(StringRef name) {
  auto attribute = entry->getAttrOfType<IntegerAttr>(name);
  return attribute ? attribute.getInt() : 0;
}

LogicalResult StepEmitter::bindInputs() {
  for (BlockArgument argument : entry.getArguments()) {
    auto name = entry.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                   inputAttributeName);
    std::optional<int64_t> index =
        name ? inputIndex(name.getValue()) : std::nullopt;
    if (!index)
      return entry.emitOpError()
             << "argument " << argument.getArgNumber() << " needs '"
             << inputAttributeName << "', the name of an input of the step";
    pointers[argument] =
        field(b.pointerType(),
              offsetof(sinter_step_context, input) + *index * sizeof(void *));
  }
  return success();
}

FailureOr<Value> StepEmitter::sizeOf(Operation *op, Dimension dimension) {
  if (dimension.isStatic())
    return b.index(dimension.getSize());
  if (std::optional<int64_t> index = dimensionIndex(dimension.getSymbol()))
    return dimensions[*index];
  return op->emitOpError() << "the size of dimension " << dimension
                           << " is not known to a step";
}

LogicalResult StepEmitter::placeResults(KernelOpInterface op) {
  std::optional<ArrayRef<int64_t>> slots = op.getSlots();
  if (!slots || slots->size() != op->getNumResults())
    return op.emitOpError("has no place for its results: plan-buffers gives "
                          "one to each");
  for (auto [result, slot] : llvm::zip(op->getResults(), *slots)) {
    if (slot == placeInCache) {
      CacheLayer of = getCacheLayer(result);
      FailureOr<Value> layer = layerOf(op, of.cache, of.layer);
      if (failed(layer))
        return failure();
      pointers[result] = *layer;
    } else {
      pointers[result] =
          slot == placeOfCaller ? outputOf(result) : b.bytesFrom(arena, slot);
    }
  }
  return success();
}

/// Where the caller wants what the entry returns.
Value StepEmitter::outputOf(Value result) {
  ValueRange returned = entry.getBody().front().getTerminator()->getOperands();
  size_t number = llvm::find(returned, result) - returned.begin();
  return outputs[number < outputs.size() ? number : 0];
}

FailureOr<Value> StepEmitter::layerOf(Operation *op, FlatSymbolRefAttr symbol,
                                      Value layer) {
  auto module = entry->getParentOfType<ModuleOp>();
  int64_t index = 0;
  for (CacheOp cache : module.getOps<CacheOp>()) {
    if (cache.getSymNameAttr() == symbol.getAttr()) {
      Value base = b.load(b.pointerType(),
                          b.elementsFrom(caches, index, b.pointerType()));
      FailureOr<int64_t> positions = positionsOf(cache);
      if (failed(positions))
        return failure();
      if (!layer || cache.getLayers() == 1)
        return base;
      HistoryType type = cast<HistoryType>(cache.getType());
      Value layerBytes = b.mul(sequences, *positions * type.getRowBytes());
      return b.bytesFrom(base, b.mul(pointers.lookup(layer), layerBytes));
    }
    ++index;
  }
  return op->emitOpError() << "there is no cache " << symbol;
}

/// Positions that a cache has room for in each sequence.
FailureOr<int64_t> StepEmitter::positionsOf(CacheOp cache) {
  StringRef name =
      cache.getOfSource() ? "sinter.source_context" : "sinter.context";
  auto number =
      entry->getParentOfType<ModuleOp>()->getAttrOfType<IntegerAttr>(name);
  if (!number || number.getInt() < 1)
    return cache.emitOpError()
           << "the module needs '" << name
           << "', the number of positions the cache has room for";
  return number.getInt();
}

FailureOr<int64_t> StepEmitter::positionsOf(Operation *op, Value history) {
  if (FlatSymbolRefAttr symbol = getCacheLayer(history).cache)
    if (auto cache =
            SymbolTable::lookupNearestSymbolFrom<CacheOp>(entry, symbol))
      return positionsOf(cache);
  return op->emitOpError("reads a history that is not a cache's");
}

LogicalResult StepEmitter::emitBlock(Block &block) {
  for (Operation &op : block) {
    if (isKernel(&op))
      beginKernel(kernelNumber++);
    LogicalResult result =
        llvm::TypeSwitch<Operation *, LogicalResult>(&op)
            .Case<RepeatOp, ParameterLoadOp, CacheHistoryOp, ReshapeOp>(
                [&](auto typed) { return emitOp(typed); })
            .Case<YieldOp>([&](YieldOp) { return success(); })
            .Case<func::ReturnOp>(
                [&](func::ReturnOp ret) { return checkResults(ret); })
            .Default([&](Operation *other) -> LogicalResult {
              if (isKernel(other) || isa<BarrierOp>(other))
                return emitKernel(other);
              if (isOpTriviallyDead(other))
                return success();
              return other->emitOpError(
                  "has no kernel: it should be in a row group by now");
            });
    if (failed(result))
      return failure();
  }
  return success();
}

LogicalResult StepEmitter::emitOp(RepeatOp op) {
  SmallVector<Value> initial;
  for (Value value : op.getInits())
    initial.push_back(pointers.lookup(value));
  LogicalResult result = success();
  SmallVector<Value> final = b.loop(
      b.index(0), b.index(op.getCount()), 1, initial,
      [&](Value layer, ValueRange carried) {
        // A loop within a loop counts on from layer to layer.
        pointers[op.getLayer()] =
            op.getOuter() ? b.add(b.mul(pointers.lookup(op.getOuter()),
                                        int64_t(op.getCount())),
                                  layer)
                          : layer;
        for (auto [argument, pointer] : llvm::zip(op.getCarried(), carried))
          pointers[argument] = pointer;
        SmallVector<Value> next(carried);
        if (op.getChosen()) {
          // What is carried stays where it is, whether the body runs or not.
          FailureOr<Value> rows = sizeOf(
              op, cast<NamedTensorType>(op.getChosen().getType()).getDim(0));
          result = rows;
          if (succeeded(rows))
            emitIfChosen(pointers.lookup(op.getChosen()), *rows, op.getCount(),
                         layer, [&] { result = emitBlock(*op.getBody()); });
          return next;
        }
        result = emitBlock(*op.getBody());
        if (succeeded(result))
          for (auto [i, value] :
               llvm::enumerate(op.getBody()->getTerminator()->getOperands()))
            next[i] = pointers.lookup(value);
        return next;
      });
  for (auto [value, pointer] : llvm::zip(op.getResults(), final))
    pointers[value] = pointer;
  return result;
}

LogicalResult StepEmitter::emitOp(ParameterLoadOp op) {
  auto parameter = SymbolTable::lookupNearestSymbolFrom<ParameterOp>(
      op, op.getParameterAttr());
  if (!parameter.getOffset() ||
      (parameter.getLayers() > 1 && !parameter.getStride()))
    return op.emitOpError() << op.getParameterAttr()
                            << " has no place among the weights: "
                               "plan-weights gives one to each";
  Value place = b.bytesFrom(weights, int64_t(*parameter.getOffset()));
  if (parameter.getLayers() > 1)
    place = b.bytesFrom(place, b.mul(pointers.lookup(op.getLayer()),
                                     int64_t(*parameter.getStride())));
  pointers[op.getResult()] = place;
  return success();
}

LogicalResult StepEmitter::emitOp(CacheHistoryOp op) {
  FailureOr<Value> layer = layerOf(op, op.getCacheAttr(), op.getLayer());
  if (failed(layer))
    return failure();
  pointers[op.getResult()] = *layer;
  return success();
}

/// The same elements in the same order: nothing is to be done.
LogicalResult StepEmitter::emitOp(ReshapeOp op) {
  pointers[op.getResult()] = pointers.lookup(op.getOperand());
  return success();
}

/// What the entry returns must stand where the caller looks for it.
LogicalResult StepEmitter::checkResults(func::ReturnOp op) {
  if (op.getNumOperands() > 1 && op.getNumOperands() != outputs.size())
    return op.emitOpError("an entry has one result at most, or beside it where "
                          "its largest elements stand, and these");
  for (auto [number, value] : llvm::enumerate(op.getOperands()))
    if (pointers.lookup(value) != outputs[number])
      return op.emitOpError("the entry's result is not computed in the "
                            "caller's buffer: its place should be -1");
  return success();
}
