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

namespace sinter {
#define GEN_PASS_DEF_VERIFYPLANPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

namespace {

/// Walks the entry as threads do, with every loop run three times, and keeps
/// book of which value each byte of the arena holds. It shares nothing with
/// `plan-buffers` but what a kernel reads and writes: liveness and loops come
/// out of the walk.
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
    names = Names();
    events.clear();
    phase = 0;
    if (failed(run(function.getBody().front())))
      signalPassFailure();
  }

  LogicalResult run(Block &block) {
    for (Operation &op : block) {
      if (isa<BarrierOp>(op)) {
        ++phase;
      } else if (auto repeat = dyn_cast<RepeatOp>(op)) {
        SmallVector<Place> carried;
        for (Value init : repeat.getInits())
          carried.push_back(names.lookup(init));
        for (int64_t layer = 0; layer < std::min<int64_t>(3, repeat.getCount());
             ++layer) {
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
    for (OpOperand &operand : kernel->getOpOperands()) {
      auto found = names.find(operand.get());
      if (found == names.end())
        continue;
      Place place = found->second;
      // The newest write to these bytes must be the one that made the value.
      for (const Event &event : llvm::reverse(events)) {
        if (!event.isWrite || event.end <= place.begin ||
            place.end <= event.begin)
          continue;
        if (event.instance != place.instance)
          return kernel->emitOpError()
                 << "reads operand " << operand.getOperandNumber()
                 << ", which '" << event.kernel->getName()
                 << "' has written over";
        break;
      }
      if (failed(record({phase, kernel, place.begin, place.end,
                         /*isWrite=*/false, getReadShare(operand),
                         place.instance, operand.get().getType()})))
        return failure();
    }
    auto placed = dyn_cast<KernelOpInterface>(kernel);
    if (!placed)
      return success();
    std::optional<ArrayRef<int64_t>> slots = placed.getSlots();
    if (!slots || slots->size() != kernel->getNumResults())
      return kernel->emitOpError("has no place for each of its results");
    for (auto [result, slot] : llvm::zip(kernel->getResults(), *slots)) {
      if (slot == -1) // the caller's output
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
                         /*isWrite=*/true, getWriteShare(kernel),
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

  struct Place {
    int64_t begin = -1, end = -1;
    int64_t instance = -1; // which run of which kernel made it
  };
  using Names = DenseMap<Value, Place>;

  Maxima maxima;
  int64_t arenaBytes = 0, phase = 0, nextInstance = 0;
  Names names;
  SmallVector<Event> events;
};

} // namespace
