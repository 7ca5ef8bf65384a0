//===- PlanBuffers.cpp - A place in the arena for every buffer --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Entry.h"
#include "passes/Liveness.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/Scratch.h"
#include <boost/graph/adjacency_list.hpp>

namespace sinter {
#define GEN_PASS_DEF_PLANBUFFERSPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

/// What vector instructions and cache lines like.
static constexpr int64_t bufferAlignment = 64;

namespace {

struct Placed {
  int64_t bytes = 0;
  int64_t offset = -1; // -1: not placed yet
};

/// Buffers, and an edge between any two that are needed at the same time.
using Interference =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS, Placed>;

} // namespace

/// Colours the graph, where a colour is a range of the arena: largest buffers
/// first, each into the smallest gap that its neighbours leave. Returns the
/// arena's size.
static int64_t colour(Interference &graph) {
  auto order =
      llvm::to_vector(llvm::seq<size_t>(0, boost::num_vertices(graph)));
  llvm::sort(order, [&](size_t l, size_t r) {
    return std::pair(-graph[l].bytes, l) < std::pair(-graph[r].bytes, r);
  });
  int64_t arena = 0;
  for (size_t vertex : order) {
    SmallVector<std::pair<int64_t, int64_t>> taken; // from, to
    for (auto [neighbour, end] = boost::adjacent_vertices(vertex, graph);
         neighbour != end; ++neighbour)
      if (const Placed &other = graph[*neighbour]; other.offset >= 0)
        taken.emplace_back(other.offset, other.offset + other.bytes);
    llvm::sort(taken);
    int64_t best = -1, bestGap = 0, end = 0;
    for (auto [from, to] : taken) {
      int64_t gap = from - end;
      if (gap >= graph[vertex].bytes && (best < 0 || gap < bestGap)) {
        best = end;
        bestGap = gap;
      }
      end = std::max(end, to);
    }
    graph[vertex].offset = best >= 0 ? best : end;
    arena = std::max(arena, graph[vertex].offset + graph[vertex].bytes);
  }
  return arena;
}

namespace {

struct PlanBuffers : sinter::impl::PlanBuffersPassBase<PlanBuffers> {
  using PlanBuffersPassBase::PlanBuffersPassBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isDeclaration() || !findInput(function, positionInput))
      return;
    FailureOr<Maxima> maxima = getMaxima(function);
    if (failed(maxima))
      return signalPassFailure();

    Buffers buffers(function);
    Liveness liveness(function, buffers);
    Interference graph(buffers.size());
    SmallVector<bool> isOutput(buffers.size());
    for (Value result :
         function.getBody().front().getTerminator()->getOperands())
      if (int64_t buffer = buffers.find(result); buffer >= 0)
        isOutput[buffer] = true;
    int64_t sum = 0;
    for (int64_t buffer = 0; buffer < buffers.size(); ++buffer) {
      if (isOutput[buffer])
        continue;
      Value value = buffers.getMembers(buffer).front();
      Operation *user = value.getDefiningOp();
      FailureOr<int64_t> bytes =
          getMaximumBytes(user ? user : value.getParentBlock()->getParentOp(),
                          cast<NamedTensorType>(value.getType()), *maxima);
      if (failed(bytes))
        return signalPassFailure();
      graph[buffer].bytes = llvm::alignTo(*bytes, bufferAlignment);
      sum += graph[buffer].bytes;
      for (int64_t other = 0; other < buffer; ++other)
        if (!isOutput[other] && liveness.interfere(buffer, other))
          boost::add_edge(buffer, other, graph);
    }
    int64_t arena = colour(graph);

    forEachKernel(function, [&](KernelOpInterface kernel) {
      SmallVector<int64_t> slots;
      for (Value result : kernel->getResults()) {
        int64_t buffer = buffers.find(result);
        slots.push_back(isa<HistoryType>(result.getType()) ? placeInCache
                        : isOutput[buffer] ? placeOfCaller
                                           : graph[buffer].offset);
      }
      kernel.setSlots(slots);
    });
    Builder builder(&getContext());
    function->setAttr(maximumTokensAttribute,
                      builder.getI64IntegerAttr(maxima->tokens));
    planScratch(function, *maxima, arena);
    planPartials(function, arena);
    function->setAttr(arenaBytesAttribute, builder.getI64IntegerAttr(arena));
    function->setAttr(maximumRowsAttribute,
                      builder.getI64IntegerAttr(maxima->rows));
    arenaBytes = arena;
    bufferBytes = sum;
    remarkAnalysis(function, "plan-buffers", "arena")
        << std::to_string(buffers.size()) << " buffers of "
        << std::to_string(sum) << " bytes share an arena of "
        << std::to_string(arena) << " bytes over "
        << std::to_string(liveness.getPhaseCount()) << " phases"
        << remark::metric("BufferBytes", sum)
        << remark::metric("ArenaBytes", arena);
  }

  /// Kernels of the entry; the ops within groups have no place.
  static void forEachKernel(func::FuncOp function,
                            llvm::function_ref<void(KernelOpInterface)> visit) {
    function.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (auto kernel = dyn_cast<KernelOpInterface>(op))
        visit(kernel);
      return isa<RowGroupOp, LinearGroupOp>(op) ? WalkResult::skip()
                                                : WalkResult::advance();
    });
  }

  /// What linear groups need beside buffers. The exchange stands behind all
  /// buffers: groups that follow one another share it.
  void planScratch(func::FuncOp function, const Maxima &maxima,
                   int64_t &arena) {
    int64_t rows = std::min<int64_t>(rowsAtOnce, maxima.tokens);
    int64_t groups = 0, exchange = 0, ofThread = 0;
    function.walk([&](LinearGroupOp group) {
      ++groups;
      GroupScratch scratch(group, rows);
      exchange = std::max(exchange, scratch.exchange());
      ofThread = std::max(ofThread, scratch.ofThread());
    });
    // By itself, a contraction with a quantized weight takes rows in pieces
    // too.
    function.walk([&](LinearOp linear) {
      int64_t bytes = quantizedRowBytes(linear, rows);
      groups += bytes > 0;
      ofThread = std::max(ofThread, bytes);
    });
    if (groups == 0)
      return;
    Builder builder(&getContext());
    function->setAttr(rowsAtOnceAttribute, builder.getI64IntegerAttr(rows));
    function->setAttr(exchangeAttribute, builder.getI64IntegerAttr(arena));
    function->setAttr(threadBytesAttribute,
                      builder.getI64IntegerAttr(ofThread));
    arena += exchange;
    remarkAnalysis(function, "plan-buffers", "scratch")
        << "linear groups take " << std::to_string(rows)
        << " rows at once: " << std::to_string(ofThread)
        << " bytes of each thread's own, " << std::to_string(exchange)
        << " bytes to hand sums to one another";
  }

  /// What threads hand to one another of attentions. Each has memory of its
  /// own: no barrier need stand between two.
  void planPartials(func::FuncOp function, int64_t &arena) {
    function->removeAttr(partialsAttribute);
    int64_t bytes = 0;
    function.walk([&](AttentionOp op) { bytes += findPartials(op).bytes; });
    if (bytes == 0)
      return;
    function->setAttr(partialsAttribute,
                      Builder(&getContext()).getI64IntegerAttr(arena));
    arena += bytes;
    remarkAnalysis(function, "plan-buffers", "partials")
        << std::to_string(bytes)
        << " bytes to put together what threads make of parts of the past";
  }

  FailureOr<Maxima> getMaxima(func::FuncOp function) {
    auto module = function->getParentOfType<ModuleOp>();
    bool isEncoder = function.getName() == encodeName;
    auto read = [&](StringRef name) {
      auto attribute = module->getAttrOfType<IntegerAttr>(name);
      return attribute ? attribute.getInt() : 0;
    };
    StringRef own = isEncoder ? StringRef(sourceContextAttribute)
                              : StringRef(contextAttribute);
    Maxima maxima;
    maxima.past = read(own);
    maxima.sourcePast = read(sourceContextAttribute);
    if (maxima.past < 1)
      return function.emitError()
             << "the module must say how long a sequence may be: `" << own
             << "` is missing or below 1";
    if (!isEncoder && findInput(function, sourceExtentInput) &&
        maxima.sourcePast < 1)
      return function.emitError()
             << "the module must say how long a source may be: `"
             << sourceContextAttribute << "` is missing or below 1";
    if (maximumTokens < 1 || maximumRows < 0 || rowsAtOnce < 1)
      return function.emitError()
             << "a call holds at least one token and asks for at least one row";
    // A model that sees whole sequences must be given a whole one in a call.
    bool isCausal = function->hasAttr(causalAttribute);
    maxima.tokens = isCausal ? int64_t(maximumTokens)
                             : std::max<int64_t>(maximumTokens, maxima.past);
    maxima.rows = maximumRows ? int64_t(maximumRows) : maxima.tokens;
    return maxima;
  }
};

} // namespace
