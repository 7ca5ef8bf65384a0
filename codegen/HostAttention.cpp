//===- HostAttention.cpp - Attention on the CPU's threads -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/HostStep.h"
#include "codegen/kernels/AttentionParts.h"
#include "passes/Names.h"
#include "passes/Scratch.h"
#include "runtime/Program.h"

using namespace mlir;
using namespace sinter;

LogicalResult HostStep::emitOp(CacheAppendOp op) {
  FailureOr<Value> layer = layerOf(op, op.getCacheAttr(), op.getLayer());
  FailureOr<func::FuncOp> kernel = kernels.get(op);
  FailureOr<int64_t> positions = positionsOf(op, op.getResult());
  if (failed(layer) || failed(kernel) || failed(positions))
    return failure();
  if (!op.getRows().getType().getDim(0).isSymbol(tokensDimension))
    return op.emitOpError() << "takes one row for each token of the call, not "
                            << op.getRows().getType();
  setPlace(op.getResult(), *layer);
  Range range = ranges[SINTER_DIMENSION_TOKENS];
  b.call(*kernel,
         {place(op.getRows()), place(op.getSequence()), place(op.getPosition()),
          *layer, b.index(*positions), range.begin, range.end});
  return success();
}

template <typename OpTy>
LogicalResult HostStep::emitInParts(OpTy op, Value left, Value history,
                                    NamedTensorType perPast) {
  FailureOr<func::FuncOp> kernel = kernels.get(op);
  FailureOr<Range> range = rowsOf(op);
  if (failed(kernel) || failed(range) ||
      failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
    return failure();
  FailureOr<Value> tokens = sizeOf(op, perPast.getDim(1));
  FailureOr<Value> past = sizeOf(op, perPast.getDim(2));
  FailureOr<int64_t> positions = positionsOf(op, history);
  if (failed(tokens) || failed(past) || failed(positions))
    return failure();
  b.call(*kernel, {place(left), place(history), place(op.getSequence()),
                   place(op.getExtent()), place(op.getResult()), *tokens, *past,
                   b.index(*positions), range->begin, range->end});
  return success();
}

/// Threads share tiles of rows and heads: the kernel knows how.
LogicalResult HostStep::emitOp(AttentionOp op) {
  FailureOr<func::FuncOp> kernel = kernels.get(op);
  if (failed(kernel) ||
      failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
    return failure();
  FailureOr<Value> tokens = sizeOf(op, op.getScoreType().getDim(1));
  FailureOr<Value> past = sizeOf(op, op.getScoreType().getDim(2));
  FailureOr<int64_t> keyPositions = positionsOf(op, op.getKeys());
  FailureOr<int64_t> valuePositions = positionsOf(op, op.getValues());
  if (failed(tokens) || failed(past) || failed(keyPositions) ||
      failed(valuePositions))
    return failure();
  SmallVector<Value> arguments;
  for (Value value :
       {Value(op.getQuery()), Value(op.getKeys()), Value(op.getValues()),
        Value(op.getSequence()), Value(op.getExtent()), Value(op.getResult())})
    arguments.push_back(place(value));
  PartialsPlace partials = findPartials(op);
  if (partials.bytes > 0 && partials.offset < 0)
    return op.emitOpError("has no memory for parts of its past: plan-buffers "
                          "gives it some");
  Value parts = b.bytesFrom(arena, std::max<int64_t>(partials.offset, 0));
  arguments.push_back(parts);
  for (Value input : op.getInputs())
    arguments.push_back(place(input));
  arguments.append({*tokens, *past, b.index(*keyPositions),
                    b.index(*valuePositions), thread, threads});
  b.call(*kernel, arguments);
  if (partials.bytes == 0)
    return success();
  func::FuncOp merge = kernels.getMerge(op);
  ifInParts(b, *tokens, *past, [&] {
    wait();
    b.call(merge, {parts, place(op.getExtent()), place(op.getResult()), *tokens,
                   thread, threads});
  });
  return success();
}

LogicalResult HostStep::emitOp(AttentionScoresOp op) {
  return emitInParts(op, op.getQuery(), op.getKeys(), op.getType());
}

LogicalResult HostStep::emitOp(AttentionValuesOp op) {
  return emitInParts(op, op.getProbability(), op.getValues(),
                     op.getProbability().getType());
}

LogicalResult HostStep::emitOp(AttentionRelativeOp op) {
  FailureOr<func::FuncOp> kernel = kernels.get(op);
  FailureOr<Range> range = rowsOf(op);
  if (failed(kernel) || failed(range) ||
      failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
    return failure();
  FailureOr<Value> tokens = sizeOf(op, op.getType().getDim(1));
  FailureOr<Value> past = sizeOf(op, op.getType().getDim(2));
  FailureOr<int64_t> positions = int64_t(0);
  if (isa<HistoryType>(op.getRows().getType()))
    positions = positionsOf(op, op.getRows());
  if (failed(tokens) || failed(past) || failed(positions))
    return failure();
  Value rows = place(op.getRows());
  b.call(*kernel, {rows, rows, place(op.getSequence()), place(op.getExtent()),
                   place(op.getResult()), *tokens, *past, b.index(*positions),
                   range->begin, range->end, place(op.getTable()),
                   place(op.getIndex())});
  return success();
}
