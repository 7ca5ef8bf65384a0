//===- VerifyPlan.cpp - Run the plan on paper -------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Accesses.h"
#include "passes/Entry.h"
#include "passes/Liveness.h"
#include "passes/Passes.h"
#include "passes/Scratch.h"

namespace sinter {
#define GEN_PASS_DEF_VERIFYPLANPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

namespace {

/// Walks the entry as threads do, with every loop run three times, and keeps
/// book of which value each byte of the arena holds, and who is at which layer
/// of a cache. It shares nothing with `plan-buffers` but what a kernel reads
/// and writes: liveness and loops come out of the walk.
struct VerifyPlan : sinter::impl::VerifyPlanPassBase<VerifyPlan> {
  /// One use of a range of bytes.
  struct Event {
    int64_t phase;
    Operation *kernel;
    int64_t begin, end;
    bool isWrite;
    Share share;
    int64_t instance;
    Type type;
  };

  /// One use of a layer of a cache.
  struct CacheEvent {
    int64_t phase;
    Operation *kernel;
    Attribute cache;
    int64_t layer;
    bool isWrite;
    Share share;
  };

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    auto arena = function->getAttrOfType<IntegerAttr>(arenaBytesAttribute);
    if (!arena)
      return;
    auto number = [&](Operation *op, StringRef name) -> int64_t {
      auto attribute = op->getAttrOfType<IntegerAttr>(name);
      return attribute ? attribute.getInt() : 0;
    };
    auto module = function->getParentOfType<ModuleOp>();
    bool isEncoder = function.getName() == encodeName;
    maxima = {number(function, maximumTokensAttribute),
              number(function, maximumRowsAttribute),
              number(module, isEncoder ? StringRef(sourceContextAttribute)
                                       : StringRef(contextAttribute)),
              number(module, sourceContextAttribute)};
    arenaBytes = arena.getInt();
    exchange = number(function, exchangeAttribute);
    rowsAtOnce = number(function, rowsAtOnceAttribute);
    bool canLeaveOut = false;
    function.walk([&](RepeatOp op) { canLeaveOut |= bool(op.getChosen()); });
    SmallVector<LeftOut> choices{LeftOut::nothing};
    if (canLeaveOut)
      choices.append({LeftOut::odd, LeftOut::all});
    // The number of tokens decides which way threads go: both must be right,
    // whatever is left out, with its barriers.
    for (Sharing way : {Sharing::byPanels, Sharing::byRows})
      for (LeftOut choice : choices) {
        sharing = way;
        leftOut = choice;
        names = Names();
        events.clear();
        cacheEvents.clear();
        phase = 0;
        if (failed(run(function.getBody().front())))
          return signalPassFailure();
      }
  }

  /// Which numbers of loops that can leave some out.
  enum class LeftOut { nothing, odd, all };

  bool isLeftOut(RepeatOp repeat, int64_t number) const {
    return repeat.getChosen() && (leftOut == LeftOut::all ||
                                  (leftOut == LeftOut::odd && number % 2 == 1));
  }

  LogicalResult run(Block &block) {
    for (Operation &op : block) {
      if (auto barrier = dyn_cast<BarrierOp>(op)) {
        if (!barrier.getWhenPanels() || sharing == Sharing::byPanels)
          ++phase;
      } else if (auto repeat = dyn_cast<RepeatOp>(op)) {
        SmallVector<Place> carried;
        for (Value init : repeat.getInits())
          carried.push_back(names.lookup(init));
        for (int64_t layer = 0; layer < std::min<int64_t>(3, repeat.getCount());
             ++layer) {
          if (repeat.getChosen() &&
              failed(readPlace(repeat, repeat.getChosen(), Share())))
            return failure();
          if (isLeftOut(repeat, layer))
            continue;
          layers[repeat.getLayer()] = layer;
          for (auto [argument, place] : llvm::zip(repeat.getCarried(), carried))
            names[argument] = place;
          if (failed(run(*repeat.getBody())))
            return failure();
          auto yield = cast<YieldOp>(repeat.getBody()->getTerminator());
          for (auto [place, yielded] : llvm::zip(carried, yield.getValues())) {
            Place next = names.lookup(yielded);
            // Generated code does not move what is carried.
            if (next.begin != place.begin)
              return repeat.emitOpError()
                     << "carries a value from byte " << place.begin
                     << " of the arena to byte " << next.begin;
            place = next;
          }
        }
        for (auto [result, place] : llvm::zip(repeat.getResults(), carried))
          names[result] = place;
      } else if (isKernel(&op)) {
        if (failed(runKernel(&op)))
          return failure();
      }
    }
    return success();
  }

  LogicalResult runKernel(Operation *kernel) {
    if (failed(read(kernel, /*behind=*/false)) ||
        failed(exchangeSums(kernel)) || failed(exchangePartials(kernel)))
      return failure();
    if (failed(read(kernel, /*behind=*/true)))
      return failure();
    return write(kernel);
  }

  LogicalResult read(Operation *kernel, bool behind) {
    for (OpOperand &operand : kernel->getOpOperands()) {
      if (isa<HistoryType>(operand.get().getType()) && !behind &&
          failed(recordCache(kernel, operand.get(), /*isWrite=*/false, {})))
        return failure();
      std::optional<Share> share = getReadShare(operand, sharing, behind);
      if (share && failed(readPlace(kernel, operand.get(), *share,
                                    operand.getOperandNumber())))
        return failure();
    }
    return success();
  }

  LogicalResult readPlace(Operation *op, Value value, Share share,
                          int64_t operand = 0) {
    auto found = names.find(value);
    if (found == names.end())
      return success();
    Place place = found->second;
    // The newest write to these bytes must be the one that made the value.
    for (const Event &event : llvm::reverse(events)) {
      if (!event.isWrite || event.end <= place.begin ||
          place.end <= event.begin)
        continue;
      if (event.instance != place.instance)
        return op->emitOpError()
               << "reads operand " << operand << ", which '"
               << event.kernel->getName() << "' has written over";
      break;
    }
    return record({phase, op, place.begin, place.end, /*isWrite=*/false, share,
                   place.instance, value.getType()});
  }

  /// What a linear group's threads hand to one another, in the middle of it.
  LogicalResult exchangeSums(Operation *kernel) {
    auto group = dyn_cast<LinearGroupOp>(kernel);
    int64_t bytes = group ? GroupScratch(group, rowsAtOnce).exchange() : 0;
    if (bytes == 0)
      return success();
    if (exchange < 0 || bytes > arenaBytes || exchange > arenaBytes - bytes)
      return kernel->emitOpError()
             << "hands sums of " << bytes << " bytes on at byte " << exchange
             << " of an arena of " << arenaBytes;
    bool waits = waitsWithin(kernel, sharing);
    if (!waits && !group.getRows().isSymbol(rowsDimension))
      return success(); // by rows
    Event event{phase,
                kernel,
                exchange,
                exchange + bytes,
                /*isWrite=*/true,
                Share(),
                nextInstance++,
                Type()};
    if (failed(record(event)))
      return failure();
    if (!waits)
      return success();
    event.phase = ++phase;
    event.isWrite = false;
    return record(event);
  }

  /// What threads hand to one another of an attention. They wait within it only
  /// where the past is long, so that this counts as no barrier.
  LogicalResult exchangePartials(Operation *kernel) {
    auto attention = dyn_cast<AttentionOp>(kernel);
    if (!attention)
      return success();
    PartialsPlace place = findPartials(attention);
    if (place.bytes == 0)
      return success();
    if (place.offset < 0 || place.offset % 64 != 0 ||
        place.bytes > arenaBytes || place.offset > arenaBytes - place.bytes)
      return kernel->emitOpError()
             << "hands parts of " << place.bytes << " bytes on at byte "
             << place.offset << " of an arena of " << arenaBytes;
    return record({phase, kernel, place.offset, place.offset + place.bytes,
                   /*isWrite=*/true, Share(), nextInstance++, Type()});
  }

  LogicalResult write(Operation *kernel) {
    for (Value result : kernel->getResults())
      if (isa<HistoryType>(result.getType()) &&
          failed(recordCache(kernel, result, /*isWrite=*/true,
                             getWriteShare(kernel, sharing))))
        return failure();
    auto placed = dyn_cast<KernelOpInterface>(kernel);
    if (!placed)
      return success();
    std::optional<ArrayRef<int64_t>> slots = placed.getSlots();
    if (!slots || slots->size() != kernel->getNumResults())
      return kernel->emitOpError("has no place for each of its results");
    for (auto [result, slot] : llvm::zip(kernel->getResults(), *slots)) {
      if (slot == placeOfCaller || slot == placeInCache)
        continue;
      FailureOr<int64_t> bytes = getMaximumBytes(
          kernel, cast<NamedTensorType>(result.getType()), maxima);
      if (failed(bytes))
        return failure();
      if (slot < 0 || slot % 64 != 0 || *bytes > arenaBytes ||
          slot > arenaBytes - *bytes)
        return kernel->emitOpError()
               << "has a result of " << *bytes << " bytes at byte " << slot
               << " of an arena of " << arenaBytes;
      Place place{slot, slot + *bytes, nextInstance++};
      names[result] = place;
      if (failed(record({phase, kernel, place.begin, place.end,
                         /*isWrite=*/true, getWriteShare(kernel, sharing),
                         place.instance, result.getType()})))
        return failure();
    }
    return success();
  }

  /// Within a phase, threads may be at any kernel of it: two uses of the same
  /// bytes, one of them a write, must be by the same thread.
  LogicalResult record(Event event) {
    for (const Event &earlier : llvm::reverse(events)) {
      if (earlier.phase != event.phase)
        break;
      if (earlier.end <= event.begin || event.end <= earlier.begin ||
          (!earlier.isWrite && !event.isWrite))
        continue;
      // Shares cut what is of one type in one place alike.
      bool sameRows = earlier.begin == event.begin &&
                      earlier.type == event.type &&
                      !earlier.share.crosses(event.share);
      if (!sameRows)
        return event.kernel->emitOpError()
               << (event.isWrite ? "writes" : "reads") << " bytes "
               << event.begin << " to " << event.end << " while '"
               << earlier.kernel->getName() << "' may still be "
               << (earlier.isWrite ? "writing" : "reading")
               << " there: no barrier stands between them";
    }
    events.push_back(event);
    return success();
  }

  /// The same for a layer of a cache, whose rows any thread may read.
  LogicalResult recordCache(Operation *kernel, Value history, bool isWrite,
                            Share share) {
    CacheLayer of = getCacheLayer(history);
    int64_t layer = of.layer ? layers.lookup(of.layer) : -1;
    for (const CacheEvent &earlier : llvm::reverse(cacheEvents)) {
      if (earlier.phase != phase)
        break;
      if (earlier.cache == of.cache && earlier.layer == layer &&
          (earlier.isWrite || isWrite) && earlier.share.crosses(share))
        return kernel->emitOpError()
               << (isWrite ? "writes " : "reads ") << of.cache << " while '"
               << earlier.kernel->getName() << "' may still be "
               << (earlier.isWrite ? "writing" : "reading")
               << " there: no barrier stands between them";
    }
    cacheEvents.push_back({phase, kernel, of.cache, layer, isWrite, share});
    return success();
  }

  struct Place {
    int64_t begin = -1, end = -1;
    int64_t instance = -1; // which run of which kernel made it
  };
  using Names = DenseMap<Value, Place>;

  Maxima maxima;
  int64_t arenaBytes = 0, exchange = 0, rowsAtOnce = 0;
  Sharing sharing = Sharing::byRows;
  LeftOut leftOut = LeftOut::nothing;
  int64_t phase = 0, nextInstance = 0;
  Names names;
  SmallVector<Event> events;
  SmallVector<CacheEvent> cacheEvents;
  DenseMap<Value, int64_t> layers;
};

} // namespace
