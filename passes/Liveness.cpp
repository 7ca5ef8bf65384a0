//===- Liveness.cpp - When buffers hold something ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Liveness.h"

using namespace mlir;
using namespace sinter;

/// Whether a loop reads it to know which numbers it leaves out.
static bool isCondition(OpOperand &use) {
  auto repeat = dyn_cast<RepeatOp>(use.getOwner());
  return repeat && repeat.getChosen() &&
         use.getOperandNumber() == repeat->getNumOperands() - 1;
}

Liveness::Liveness(func::FuncOp function, const Buffers &buffers) {
  count(function.getBody().front());
  ranges.resize(buffers.size());
  homes.resize(buffers.size());
  phases.assign(buffers.size(), llvm::BitVector(phaseCount));
  for (int64_t buffer = 0; buffer < buffers.size(); ++buffer) {
    // The home of a buffer is the block where all its names are at hand: a
    // carried value's is the one around the loop.
    for (Value member : buffers.getMembers(buffer)) {
      Block *block = member.getParentBlock();
      if (!homes[buffer] ||
          block->getParent()->isProperAncestor(homes[buffer]->getParent()))
        homes[buffer] = block;
    }
    for (Value member : buffers.getMembers(buffer)) {
      if (Operation *producer = member.getDefiningOp())
        touch(buffer, producer);
      for (OpOperand &use : member.getUses())
        touch(buffer, use.getOwner(), isCondition(use));
    }
    if (ranges[buffer])
      phases[buffer].set(ranges[buffer]->first, ranges[buffer]->last + 1);
    // No barrier stands between the end of a layer and the start of the next:
    // the last phase of a body and its first are one.
    auto joinEnds = [&](Range range) {
      if (phases[buffer].test(range.first) || phases[buffer].test(range.last)) {
        phases[buffer].set(range.first);
        phases[buffer].set(range.last);
      }
    };
    for (Operation *loop = homes[buffer]->getParentOp(); isa<RepeatOp>(loop);
         loop = loop->getParentOp())
      joinEnds(loops.lookup(loop));
    // Where numbers are left out, so are their barriers: the phases before and
    // behind the loop may be one.
    for (auto [loop, range] : loops)
      if (cast<RepeatOp>(loop).getChosen())
        joinEnds(range);
  }
}

void Liveness::count(Block &block) {
  for (Operation &op : block) {
    // One that only some calls wait at separates nothing in the others.
    if (auto barrier = dyn_cast<BarrierOp>(op);
        barrier && !barrier.getWhenPanels())
      ++phaseCount;
    phaseOf[&op] = phaseCount - 1;
    if (auto repeat = dyn_cast<RepeatOp>(op)) {
      Range range{phaseCount - 1, 0};
      count(*repeat.getBody());
      range.last = phaseCount - 1;
      loops[repeat] = range;
    }
  }
}

void Liveness::touch(int64_t buffer, Operation *at, bool asCondition) {
  auto extend = [&](int64_t first, int64_t last) {
    std::optional<Range> &range = ranges[buffer];
    range = range ? Range{std::min(range->first, first),
                          std::max(range->last, last)}
                  : Range{first, last};
  };
  if (!isa<RepeatOp>(at))
    extend(phaseOf.lookup(at), phaseOf.lookup(at));
  // Read before each of the loop's numbers.
  else if (asCondition)
    extend(loops.lookup(at).first, loops.lookup(at).last);
  // What a loop needs from outside it needs in every layer.
  for (Operation *op = at; op && op->getBlock() != homes[buffer];) {
    op = op->getParentOp();
    if (isa<RepeatOp>(op)) {
      Range range = loops.lookup(op);
      extend(range.first, range.last);
    }
  }
}

FailureOr<int64_t> sinter::getMaximumBytes(Operation *user,
                                           NamedTensorType type,
                                           const Maxima &maxima) {
  int64_t bytes =
      llvm::divideCeil(type.getElementType().getIntOrFloatBitWidth(), 8);
  for (Dimension dim : type.getShape()) {
    int64_t size = dim.isStatic()                      ? dim.getSize()
                   : dim.isSymbol(tokensDimension)     ? maxima.tokens
                   : dim.isSymbol(rowsDimension)       ? maxima.rows
                   : dim.isSymbol(pastDimension)       ? maxima.past
                   : dim.isSymbol(sourcePastDimension) ? maxima.sourcePast
                                                       : -1;
    if (size < 0)
      return user->emitOpError()
             << "makes " << type << ": nothing says how large " << dim
             << " becomes";
    if (llvm::MulOverflow(bytes, size, bytes) || bytes > int64_t(1) << 46)
      return user->emitOpError()
             << "makes " << type << ", which does not fit into memory";
  }
  return bytes;
}
