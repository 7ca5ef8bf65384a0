//===- Memory.cpp - The memory plan of an entry -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Liveness.h"
#include "passes/Names.h"
#include "tools/sinter/inspect/Report.h"

using namespace mlir;
using namespace sinter;

static int64_t numberOf(Operation *op, StringRef name) {
  auto attribute = op->getAttrOfType<IntegerAttr>(name);
  return attribute ? attribute.getInt() : 0;
}

static std::optional<MemoryRecord> recordEntry(func::FuncOp function) {
  if (function.isDeclaration() || !function->hasAttr(arenaBytesAttribute))
    return std::nullopt;
  MemoryRecord record;
  record.function = function.getName().str();
  record.arena = numberOf(function, arenaBytesAttribute);
  function.walk([&](BarrierOp) { ++record.barriers; });

  Maxima maxima{numberOf(function, maximumTokensAttribute),
                numberOf(function, maximumRowsAttribute), 0, 0};
  auto module = function->getParentOfType<ModuleOp>();
  maxima.sourcePast = numberOf(module, sourceContextAttribute);
  maxima.past = function.getName() == encodeName
                    ? maxima.sourcePast
                    : numberOf(module, contextAttribute);
  Buffers buffers(function);
  Liveness liveness(function, buffers);
  record.phases = liveness.getPhaseCount();
  for (int64_t number = 0; number < buffers.size(); ++number) {
    BufferRecord buffer;
    buffer.offset = placeOfCaller;
    Value shape = buffers.getMembers(number).front();
    for (Value member : buffers.getMembers(number)) {
      auto kernel = member.getDefiningOp<KernelOpInterface>();
      if (!kernel || !kernel.getSlots())
        continue;
      buffer.offset =
          (*kernel.getSlots())[cast<OpResult>(member).getResultNumber()];
      if (buffer.name.empty())
        buffer.name = kernel->getName().getStringRef().str();
    }
    if (buffer.offset < 0)
      continue; // the caller's
    FailureOr<int64_t> bytes = getMaximumBytes(
        function, cast<NamedTensorType>(shape.getType()), maxima);
    if (failed(bytes))
      continue;
    buffer.size = *bytes;
    const llvm::BitVector &phases = liveness.getPhases(number);
    for (int phase = phases.find_first(); phase >= 0;) {
      int end = phases.find_next_unset(phase);
      int last = end < 0 ? int(phases.size()) - 1 : end - 1;
      buffer.phases.emplace_back(phase, last);
      phase = phases.find_next(last);
    }
    record.buffers.push_back(std::move(buffer));
  }
  return record;
}

std::vector<MemoryRecord> sinter::recordMemory(ModuleOp module) {
  std::vector<MemoryRecord> records;
  for (auto function : module.getOps<func::FuncOp>())
    if (std::optional<MemoryRecord> record = recordEntry(function))
      records.push_back(std::move(*record));
  return records;
}
