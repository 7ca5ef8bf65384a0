//===- HostProgram.cpp - The walk through the whole program -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/HostProgram.h"
#include "codegen/LinearGroups.h"
#include "codegen/kernels/AttentionParts.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "passes/Accesses.h"
#include "passes/Names.h"
#include "passes/Scratch.h"
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
      .Default(std::nullopt);
}

std::string sinter::stepName(func::FuncOp entry) {
  return ("step_" + entry.getName()).str();
}

std::string sinter::variantName(StringRef function, unsigned variant) {
  return variant == 0 ? function.str()
                      : (function + "." + llvm::Twine(variant)).str();
}

static std::optional<int64_t> dimensionIndex(StringRef symbol) {
  return llvm::StringSwitch<std::optional<int64_t>>(symbol)
      .Case(tokensDimension, SINTER_DIMENSION_TOKENS)
      .Case(rowsDimension, SINTER_DIMENSION_ROWS)
      .Case(pastDimension, SINTER_DIMENSION_PAST)
      .Case(sourcePastDimension, SINTER_DIMENSION_SOURCE_PAST)
      .Default(std::nullopt);
}

namespace {

/// A thread's share of a dimension.
struct Range {
  Value begin, end;
};

class StepEmitter {
public:
  StepEmitter(func::FuncOp entry, ModuleOp module, KernelLibrary &kernels,
              const RowGroups &rowGroups)
      : entry(entry), b(module), kernels(kernels), rowGroups(rowGroups) {}

  LogicalResult emit() {
    func::FuncOp step =
        b.beginFunction(stepName(entry), {b.pointerType(), b.indexType()},
                        /*isPublic=*/true);
    context = step.getArgument(0);
    thread = step.getArgument(1);
    emitPrologue();
    if (failed(bindInputs()) || failed(emitBlock(entry.getBody().front())))
      return failure();
    b.endFunction();
    return success();
  }

private:
  //===--------------------------------------------------------------------===//
  // What a step has at hand
  //===--------------------------------------------------------------------===//

  Value field(Type type, size_t offset) {
    return b.load(type, b.bytesFrom(context, int64_t(offset)));
  }

  void emitPrologue() {
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
    threads = field(index, offsetof(sinter_step_context, threads));
    profile = field(pointer, offsetof(sinter_step_context, profile));
    for (int64_t i : {SINTER_DIMENSION_TOKENS, SINTER_DIMENSION_ROWS})
      ranges.push_back(shareOf(dimensions[i]));
    rowsAtOnce = number(rowsAtOnceAttribute);
    exchange = b.bytesFrom(arena, number(exchangeAttribute));
    scratchBytes = b.index(llvm::alignTo(number(threadBytesAttribute), 64));
    firstScratch =
        b.bytesFrom(arena, llvm::alignTo(number(arenaBytesAttribute), 64));
    threadScratch = b.bytesFrom(firstScratch, b.mul(thread, scratchBytes));

    // One array serves all row groups: it is filled before each call.
    int64_t mostBuffers = 0;
    auto count = [&](int64_t more) {
      mostBuffers = std::max(mostBuffers, more);
    };
    entry.walk([&](Operation *op) {
      if (auto group = dyn_cast<RowGroupOp>(op))
        count(group.getInputs().size() + group.getNumResults());
      for (const auto &functions : {rowGroups.prologues, rowGroups.epilogues})
        if (auto found = functions.find(op); found != functions.end())
          count(found->second.buffers.size());
    });
    if (mostBuffers > 0)
      buffers =
          LLVM::AllocaOp::create(b, pointer, pointer, b.index(mostBuffers));
  }

  /// An attribute of the entry that plan-buffers gives; 0 without it.
  int64_t number(StringRef name) {
    auto attribute = entry->getAttrOfType<IntegerAttr>(name);
    return attribute ? attribute.getInt() : 0;
  }

  /// [size * thread / threads, size * (thread + 1) / threads)
  Range shareOf(Value size) {
    return {b.div(b.mul(size, thread), threads),
            b.div(b.mul(size, b.add(thread, b.index(1))), threads)};
  }

  LogicalResult bindInputs() {
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

  /// The thread's share of the rows of a result that has an axis N or R.
  FailureOr<Range> rowsOf(Operation *op) {
    for (Type type : op->getResultTypes()) {
      auto tensor = cast<NamedTensorType>(type);
      if (tensor.findSymbol(tokensDimension) >= 0)
        return ranges[SINTER_DIMENSION_TOKENS];
      if (tensor.findSymbol(rowsDimension) >= 0)
        return ranges[SINTER_DIMENSION_ROWS];
    }
    return op->emitOpError()
           << "has no result with an axis N or R to share among threads";
  }

  FailureOr<Value> sizeOf(Operation *op, Dimension dimension) {
    if (dimension.isStatic())
      return b.index(dimension.getSize());
    if (std::optional<int64_t> index = dimensionIndex(dimension.getSymbol()))
      return dimensions[*index];
    return op->emitOpError() << "the size of dimension " << dimension
                             << " is not known to a step";
  }

  /// Where the results of a kernel go.
  LogicalResult placeResults(KernelOpInterface op) {
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
  Value outputOf(Value result) {
    ValueRange returned =
        entry.getBody().front().getTerminator()->getOperands();
    size_t number = llvm::find(returned, result) - returned.begin();
    return outputs[number < outputs.size() ? number : 0];
  }

  /// One layer of a cache.
  FailureOr<Value> layerOf(Operation *op, FlatSymbolRefAttr symbol,
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
  FailureOr<int64_t> positionsOf(CacheOp cache) {
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

  FailureOr<Value> positionsOf(Operation *op, Value history) {
    if (FlatSymbolRefAttr symbol = getCacheLayer(history).cache)
      if (auto cache =
              SymbolTable::lookupNearestSymbolFrom<CacheOp>(entry, symbol)) {
        FailureOr<int64_t> positions = positionsOf(cache);
        if (failed(positions))
          return failure();
        return b.index(*positions);
      }
    return op->emitOpError("reads a history that is not a cache's");
  }

  //===--------------------------------------------------------------------===//
  // Operations, in the order of the program
  //===--------------------------------------------------------------------===//

  LogicalResult emitBlock(Block &block) {
    for (Operation &op : block) {
      if (isKernel(&op))
        emitProfile(kernelNumber++);
      LogicalResult result =
          llvm::TypeSwitch<Operation *, LogicalResult>(&op)
              .Case<RepeatOp, ParameterLoadOp, CacheAppendOp, CacheHistoryOp,
                    LinearOp, PackedGatherOp, AttentionOp, RowGroupOp,
                    LinearGroupOp, ReshapeOp, BarrierOp>(
                  [&](auto typed) { return emitOp(typed); })
              .Case<AttentionScoresOp>([&](AttentionScoresOp scores) {
                return emitAttention(scores, scores.getQuery(),
                                     scores.getKeys(), scores.getType());
              })
              .Case<AttentionValuesOp>([&](AttentionValuesOp values) {
                return emitAttention(values, values.getProbability(),
                                     values.getValues(),
                                     values.getProbability().getType());
              })
              .Case<YieldOp>([&](YieldOp) { return success(); })
              .Case<func::ReturnOp>(
                  [&](func::ReturnOp ret) { return checkResults(ret); })
              .Default([&](Operation *other) -> LogicalResult {
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

  LogicalResult emitOp(RepeatOp op) {
    SmallVector<Value> initial;
    for (Value value : op.getInits())
      initial.push_back(pointers.lookup(value));
    LogicalResult result = success();
    SmallVector<Value> final = b.loop(
        b.index(0), b.index(op.getCount()), 1, initial,
        [&](Value layer, ValueRange carried) {
          pointers[op.getLayer()] = layer;
          for (auto [argument, pointer] : llvm::zip(op.getCarried(), carried))
            pointers[argument] = pointer;
          result = emitBlock(*op.getBody());
          SmallVector<Value> next(carried);
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

  LogicalResult emitOp(ParameterLoadOp op) {
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

  LogicalResult emitOp(CacheHistoryOp op) {
    FailureOr<Value> layer = layerOf(op, op.getCacheAttr(), op.getLayer());
    if (failed(layer))
      return failure();
    pointers[op.getResult()] = *layer;
    return success();
  }

  LogicalResult emitOp(CacheAppendOp op) {
    FailureOr<Value> layer = layerOf(op, op.getCacheAttr(), op.getLayer());
    FailureOr<func::FuncOp> kernel = kernels.get(op);
    FailureOr<Value> positions = positionsOf(op, op.getResult());
    if (failed(layer) || failed(kernel) || failed(positions))
      return failure();
    if (!op.getRows().getType().getDim(0).isSymbol(tokensDimension))
      return op.emitOpError()
             << "takes one row for each token of the call, not "
             << op.getRows().getType();
    pointers[op.getResult()] = *layer;
    Range range = ranges[SINTER_DIMENSION_TOKENS];
    b.call(*kernel,
           {pointers.lookup(op.getRows()), pointers.lookup(op.getSequence()),
            pointers.lookup(op.getPosition()), *layer, *positions, range.begin,
            range.end});
    return success();
  }

  LogicalResult emitOp(LinearOp op) {
    FailureOr<func::FuncOp> kernel = kernels.get(op);
    if (failed(kernel) ||
        failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
      return failure();
    Value rows = b.index(1);
    SmallVector<Dimension> shape = op.getInput().getType().getShape();
    for (Dimension dimension : ArrayRef(shape).drop_back()) {
      FailureOr<Value> size = sizeOf(op, dimension);
      if (failed(size))
        return failure();
      rows = b.mul(rows, *size);
    }
    PackedType weight = op.getWeight().getType();
    Range panels = shareOf(b.index(weight.getPanelCount()));
    Value input = pointers.lookup(op.getInput()),
          result = pointers.lookup(op.getResult());
    if (!weight.getQuantized()) {
      b.call(*kernel, {input, pointers.lookup(op.getWeight()), result, rows,
                       panels.begin, panels.end});
      return success();
    }
    if (rowsAtOnce < 1)
      return op.emitOpError(
          "has no scratch memory: plan-buffers gives it some");
    // Every thread rounds as many rows at a time as its scratch holds.
    b.loop(b.index(0), rows, rowsAtOnce, [&](Value row) {
      Value count = b.min(b.sub(rows, row), b.index(rowsAtOnce));
      auto rowOf = [&](Value pointer, int64_t elements) {
        return b.elementsFrom(pointer, b.mul(row, elements), b.getF32Type());
      };
      b.call(kernels.getQuantizeRows(weight),
             {rowOf(input, weight.getInputs()), threadScratch, count});
      b.call(*kernel, {threadScratch, pointers.lookup(op.getWeight()),
                       rowOf(result, weight.getOutputs()), count, panels.begin,
                       panels.end});
    });
    return success();
  }

  LogicalResult emitOp(PackedGatherOp op) {
    FailureOr<func::FuncOp> kernel = kernels.get(op);
    FailureOr<Range> range = rowsOf(op);
    if (failed(kernel) || failed(range) ||
        failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
      return failure();
    b.call(*kernel,
           {pointers.lookup(op.getWeight()), pointers.lookup(op.getIndex()),
            pointers.lookup(op.getResult()), range->begin, range->end});
    return success();
  }

  /// Scores and values: `inner` has the axes [H, N, ...], `perPast` is the
  /// tensor whose last axis is the past.
  template <typename OpTy>
  LogicalResult emitAttention(OpTy op, Value left, Value history,
                              NamedTensorType perPast) {
    FailureOr<func::FuncOp> kernel = kernels.get(op);
    FailureOr<Range> range = rowsOf(op);
    if (failed(kernel) || failed(range) ||
        failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
      return failure();
    FailureOr<Value> tokens = sizeOf(op, perPast.getDim(1));
    FailureOr<Value> past = sizeOf(op, perPast.getDim(2));
    FailureOr<Value> positions = positionsOf(op, history);
    if (failed(tokens) || failed(past) || failed(positions))
      return failure();
    b.call(*kernel,
           {pointers.lookup(left), pointers.lookup(history),
            pointers.lookup(op.getSequence()), pointers.lookup(op.getExtent()),
            pointers.lookup(op.getResult()), *tokens, *past, *positions,
            range->begin, range->end});
    return success();
  }

  /// Threads share tiles of rows and heads: the kernel knows how.
  LogicalResult emitOp(AttentionOp op) {
    FailureOr<func::FuncOp> kernel = kernels.get(op);
    if (failed(kernel) ||
        failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
      return failure();
    FailureOr<Value> tokens = sizeOf(op, op.getScoreType().getDim(1));
    FailureOr<Value> past = sizeOf(op, op.getScoreType().getDim(2));
    FailureOr<Value> keyPositions = positionsOf(op, op.getKeys());
    FailureOr<Value> valuePositions = positionsOf(op, op.getValues());
    if (failed(tokens) || failed(past) || failed(keyPositions) ||
        failed(valuePositions))
      return failure();
    SmallVector<Value> arguments;
    for (Value value : {Value(op.getQuery()), Value(op.getKeys()),
                        Value(op.getValues()), Value(op.getSequence()),
                        Value(op.getExtent()), Value(op.getResult())})
      arguments.push_back(pointers.lookup(value));
    PartialsPlace partials = findPartials(op);
    if (partials.bytes > 0 && partials.offset < 0)
      return op.emitOpError("has no memory for parts of its past: plan-buffers "
                            "gives it some");
    Value parts = b.bytesFrom(arena, std::max<int64_t>(partials.offset, 0));
    arguments.push_back(parts);
    for (Value input : op.getInputs())
      arguments.push_back(pointers.lookup(input));
    arguments.append(
        {*tokens, *past, *keyPositions, *valuePositions, thread, threads});
    b.call(*kernel, arguments);
    if (partials.bytes == 0)
      return success();
    func::FuncOp merge = kernels.getMerge(op);
    ifInParts(b, *tokens, *past, [&] {
      wait();
      b.call(merge,
             {parts, pointers.lookup(op.getExtent()),
              pointers.lookup(op.getResult()), *tokens, thread, threads});
    });
    return success();
  }

  LogicalResult emitOp(RowGroupOp op) {
    auto name = rowGroups.names.find(op);
    if (name == rowGroups.names.end())
      return op.emitOpError("has no compiled kernel");
    FailureOr<Range> range = rowsOf(op);
    if (failed(range) ||
        failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
      return failure();
    Type pointer = b.pointerType(), index = b.indexType();
    func::FuncOp kernel =
        kernels.getExternal(name->second, {pointer, pointer, index, index});
    // Fewer rows than threads leave some threads without any.
    b.ifLess(range->begin, range->end, [&] {
      int64_t slot = 0;
      for (Value value :
           llvm::concat<const Value>(SmallVector<Value>(op.getInputs()),
                                     SmallVector<Value>(op.getResults())))
        b.store(pointers.lookup(value),
                b.elementsFrom(buffers, slot++, pointer));
      Value sizes = b.bytesFrom(
          context, int64_t(offsetof(sinter_step_context, dimension)));
      b.call(kernel, {buffers, sizes, range->begin, range->end});
    });
    return success();
  }

  LogicalResult emitOp(LinearGroupOp op) {
    LinearOp contraction = op.getLinear();
    FailureOr<func::FuncOp> linear = kernels.get(op);
    if (failed(linear) ||
        failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
      return failure();
    if (op.getArgmax())
      for (Operation *later = op->getNextNode(); later;
           later = later->getNextNode())
        if (isKernel(later) || isa<RepeatOp>(later))
          return op.emitOpError("lets threads read one another's scratch "
                                "memory: it must be the last kernel of its "
                                "entry");
    if (rowsAtOnce < 1)
      return op.emitOpError(
          "has no scratch memory: plan-buffers gives it some");
    for (auto [argument, input] :
         llvm::zip(op.getBody()->getArguments(), op.getInputs()))
      pointers[argument] = pointers.lookup(input);
    auto find = [&](const llvm::DenseMap<Operation *, RowFunction> &functions) {
      auto found = functions.find(op);
      return found == functions.end() ? nullptr : &found->second;
    };
    int64_t dimension = *dimensionIndex(op.getRows().getSymbol());
    Range rows = ranges[dimension];
    Range panels =
        shareOf(b.index(contraction.getWeight().getType().getPanelCount()));
    auto place = [&](Value value) { return pointers.lookup(value); };
    auto waitForAll = [&] { wait(); };
    emitLinearGroup(b, kernels, op, *linear, find(rowGroups.prologues),
                    find(rowGroups.epilogues),
                    op.getArgmax() ? kernels.getArgmaxMerge() : func::FuncOp(),
                    {buffers,
                     b.bytesFrom(context, int64_t(offsetof(sinter_step_context,
                                                           dimension))),
                     threadScratch, exchange, firstScratch, scratchBytes,
                     threads, dimensions[dimension], rows.begin, rows.end,
                     panels.begin, panels.end, rowsAtOnce, waitForAll, place});
    return success();
  }

  /// The same elements in the same order: nothing is to be done.
  LogicalResult emitOp(ReshapeOp op) {
    pointers[op.getResult()] = pointers.lookup(op.getOperand());
    return success();
  }

  LogicalResult emitOp(BarrierOp op) {
    if (op.getWhenPanels())
      b.ifLess(dimensions[SINTER_DIMENSION_TOKENS], b.index(rowsAtOnce + 1),
               [&] { wait(); });
    else
      wait();
    return success();
  }

  /// Where times are taken, says which kernel is next: one branch that is never
  /// taken otherwise.
  void emitProfile(int64_t kernel) {
    func::FuncOp function =
        kernels.getExternal("sinter_profile_kernel",
                            {b.pointerType(), b.indexType(), b.indexType()});
    b.ifGiven(profile,
              [&] { b.call(function, {context, thread, b.index(kernel)}); });
  }

  void wait() {
    func::FuncOp function = kernels.getExternal(
        "sinter_barrier_wait", {b.pointerType(), b.indexType()});
    b.call(function, {context, thread});
  }

  /// What the entry returns must stand where the caller looks for it.
  LogicalResult checkResults(func::ReturnOp op) {
    if (op.getNumOperands() > 1 && op.getNumOperands() != outputs.size())
      return op.emitOpError(
          "an entry has one result at most, or beside it where "
          "its largest elements stand, and these");
    for (auto [number, value] : llvm::enumerate(op.getOperands()))
      if (pointers.lookup(value) != outputs[number])
        return op.emitOpError("the entry's result is not computed in the "
                              "caller's buffer: its place should be -1");
    return success();
  }

  func::FuncOp entry;
  KernelBuilder b;
  KernelLibrary &kernels;
  const RowGroups &rowGroups;

  Value context, thread, weights, arena, caches, sequences, threads, profile;
  Value buffers, exchange, firstScratch, scratchBytes, threadScratch;
  /// Where the caller wants the results of the entry.
  SmallVector<Value> outputs;
  int64_t rowsAtOnce = 0;
  int64_t kernelNumber = 0;
  SmallVector<Value> dimensions;
  SmallVector<Range> ranges;
  /// Where each tensor, parameter and history stands; for the number of a
  /// layer, the number.
  llvm::DenseMap<Value, Value> pointers;
};

} // namespace

LogicalResult sinter::emitStep(func::FuncOp entry, ModuleOp module,
                               KernelLibrary &kernels,
                               const RowGroups &rowGroups) {
  return StepEmitter(entry, module, kernels, rowGroups).emit();
}
