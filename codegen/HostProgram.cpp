//===- HostProgram.cpp - The walk of the CPU's threads -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/HostProgram.h"
#include "codegen/HostStep.h"
#include "codegen/LinearGroups.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "passes/Names.h"
#include "passes/Partition.h"
#include "runtime/Program.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cstddef>

using namespace mlir;
using namespace sinter;

void HostStep::emitPrologue() {
  Type pointer = b.pointerType(), index = b.indexType();
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
  auto count = [&](int64_t more) { mostBuffers = std::max(mostBuffers, more); };
  entry.walk([&](Operation *op) {
    for (const auto *functions :
         {&rowGroups.groups, &rowGroups.prologues, &rowGroups.epilogues})
      if (auto found = functions->find(op); found != functions->end())
        count(found->second.buffers.size());
  });
  if (mostBuffers > 0)
    buffers = LLVM::AllocaOp::create(b, pointer, pointer, b.index(mostBuffers));
}

HostStep::Range HostStep::shareOf(Value size) {
  return {b.div(b.mul(size, thread), threads),
          b.div(b.mul(size, b.add(thread, b.index(1))), threads)};
}

FailureOr<HostStep::Range> HostStep::rowsOf(Operation *op) {
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

LogicalResult HostStep::emitKernel(Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<LinearOp, RowGroupOp, LinearGroupOp, BarrierOp, CacheAppendOp,
            AttentionOp, AttentionScoresOp, AttentionValuesOp,
            AttentionRelativeOp>([&](auto typed) { return emitOp(typed); })
      .Default([](Operation *other) {
        return other->emitOpError("has no kernel for the CPU");
      });
}

LogicalResult HostStep::emitOp(LinearOp op) {
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
  Value input = place(op.getInput()), result = place(op.getResult());
  if (!weight.getQuantized()) {
    b.call(*kernel, {input, place(op.getWeight()), result, rows, panels.begin,
                     panels.end});
    return success();
  }
  if (rowsAtOnce < 1)
    return op.emitOpError("has no scratch memory: plan-buffers gives it some");
  // Every thread rounds as many rows at a time as its scratch holds.
  b.loop(b.index(0), rows, rowsAtOnce, [&](Value row) {
    Value count = b.min(b.sub(rows, row), b.index(rowsAtOnce));
    auto rowOf = [&](Value pointer, int64_t elements) {
      return b.elementsFrom(pointer, b.mul(row, elements), b.getF32Type());
    };
    b.call(kernels.getQuantizeRows(weight),
           {rowOf(input, weight.getInputs()), threadScratch, count});
    b.call(*kernel, {threadScratch, place(op.getWeight()),
                     rowOf(result, weight.getOutputs()), count, panels.begin,
                     panels.end});
  });
  return success();
}

LogicalResult HostStep::emitOp(RowGroupOp op) {
  auto found = rowGroups.groups.find(op);
  if (found == rowGroups.groups.end())
    return op.emitOpError("has no compiled kernel");
  FailureOr<Range> range = rowsOf(op);
  if (failed(range) ||
      failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
    return failure();
  const RowFunction &function = found->second;
  Type pointer = b.pointerType(), index = b.indexType();
  func::FuncOp kernel =
      kernels.getExternal(function.name, {pointer, pointer, index, index});
  // Fewer rows than threads leave some threads without any.
  b.ifLess(range->begin, range->end, [&] {
    for (auto [slot, value] : llvm::enumerate(function.buffers))
      b.store(place(value), b.elementsFrom(buffers, slot, pointer));
    Value sizes =
        b.bytesFrom(context, int64_t(offsetof(sinter_step_context, dimension)));
    b.call(kernel, {buffers, sizes, range->begin, range->end});
  });
  return success();
}

LogicalResult HostStep::emitOp(LinearGroupOp op) {
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
    return op.emitOpError("has no scratch memory: plan-buffers gives it some");
  for (auto [argument, input] :
       llvm::zip(op.getBody()->getArguments(), op.getInputs()))
    setPlace(argument, place(input));
  auto find = [&](const llvm::DenseMap<Operation *, RowFunction> &functions) {
    auto found = functions.find(op);
    return found == functions.end() ? nullptr : &found->second;
  };
  int64_t dimension = *dimensionIndex(op.getRows().getSymbol());
  Range rows = ranges[dimension];
  Range panels =
      shareOf(b.index(contraction.getWeight().getType().getPanelCount()));
  auto placeOf = [&](Value value) { return place(value); };
  auto waitForAll = [&] { wait(); };
  emitLinearGroup(
      b, kernels, op, *linear, find(rowGroups.prologues),
      find(rowGroups.epilogues),
      op.getArgmax() ? kernels.getArgmaxMerge() : func::FuncOp(),
      {buffers,
       b.bytesFrom(context, int64_t(offsetof(sinter_step_context, dimension))),
       threadScratch, exchange, firstScratch, scratchBytes, threads,
       dimensions[dimension], rows.begin, rows.end, panels.begin, panels.end,
       rowsAtOnce, waitForAll, placeOf});
  return success();
}

LogicalResult HostStep::emitOp(BarrierOp op) {
  if (op.getWhenPanels())
    b.ifLess(dimensions[SINTER_DIMENSION_TOKENS], b.index(rowsAtOnce + 1),
             [&] { wait(); });
  else
    wait();
  return success();
}

void HostStep::beginKernel(int64_t kernel) {
  func::FuncOp function = kernels.getExternal(
      "sinter_profile_kernel", {b.pointerType(), b.indexType(), b.indexType()});
  b.ifGiven(profile,
            [&] { b.call(function, {context, thread, b.index(kernel)}); });
}

void HostStep::wait() {
  func::FuncOp function = kernels.getExternal("sinter_barrier_wait",
                                              {b.pointerType(), b.indexType()});
  b.call(function, {context, thread});
}

LogicalResult sinter::emitStep(func::FuncOp entry, ModuleOp module,
                               KernelLibrary &kernels,
                               const RowGroups &rowGroups) {
  return HostStep(entry, module, kernels, rowGroups).emit();
}
