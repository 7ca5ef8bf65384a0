//===- FusionCut.cpp - What is kept in memory between kernels ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/FusionCut.h"
#include "passes/RowWork.h"
#include "llvm/ADT/MapVector.h"
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/boykov_kolmogorov_max_flow.hpp>

using namespace mlir;
using namespace sinter;

namespace {

using Traits =
    boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;

struct Node {
  boost::default_color_type color;
  Traits::edge_descriptor predecessor;
  int64_t distance;
};

struct Edge {
  int64_t capacity = 0, residual = 0;
  Traits::edge_descriptor reverse;
};

/// A flow network: what flows are eighths of bytes.
class Network {
public:
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS,
                                      boost::directedS, Node, Edge>;
  using Vertex = Graph::vertex_descriptor;

  static constexpr int64_t unlimited = int64_t(1) << 50;

  Vertex addVertex() { return boost::add_vertex(graph); }

  void addEdge(Vertex from, Vertex to, int64_t capacity) {
    auto forth = boost::add_edge(from, to, graph).first;
    auto back = boost::add_edge(to, from, graph).first;
    graph[forth] = {capacity, 0, back};
    graph[back] = {0, 0, forth};
  }

  /// Cuts `source` from `sink`; marks the vertices on the sink's side, of which
  /// there are as few as possible.
  std::vector<bool> cut(Vertex source, Vertex sink) {
    boost::boykov_kolmogorov_max_flow(
        graph, boost::get(&Edge::capacity, graph),
        boost::get(&Edge::residual, graph), boost::get(&Edge::reverse, graph),
        boost::get(&Node::predecessor, graph), boost::get(&Node::color, graph),
        boost::get(&Node::distance, graph),
        boost::get(boost::vertex_index, graph), source, sink);
    // On the sink's side is what could still send something there.
    std::vector<bool> reaches(boost::num_vertices(graph));
    SmallVector<Vertex> pending{sink};
    reaches[sink] = true;
    while (!pending.empty()) {
      Vertex vertex = pending.pop_back_val();
      for (auto [edge, end] = boost::out_edges(vertex, graph); edge != end;
           ++edge) {
        Vertex neighbour = boost::target(*edge, graph);
        if (reaches[neighbour] || graph[graph[*edge].reverse].residual == 0)
          continue;
        reaches[neighbour] = true;
        pending.push_back(neighbour);
      }
    }
    return reaches;
  }

private:
  Graph graph;
};

} // namespace

int64_t sinter::bytesOfRow(NamedTensorType type) {
  constexpr int64_t longPast = 512;
  int64_t bytes =
      llvm::divideCeil(type.getElementType().getIntOrFloatBitWidth(), 8);
  for (Dimension dim : type.getShape())
    if (dim.isStatic())
      bytes *= dim.getSize();
    else if (!dim.isSymbol(tokensDimension) && !dim.isSymbol(rowsDimension))
      bytes *= longPast;
  return bytes;
}

/// What computing a row of an op's result costs, in eighths of bytes.
static int64_t workOfRow(Operation *op) {
  if (isa<ReshapeOp, BroadcastOp>(op))
    return 0;
  auto type = cast<NamedTensorType>(op->getResult(0).getType());
  if (isa<ReduceOp>(op))
    type = cast<NamedTensorType>(op->getOperand(0).getType());
  if (isa<LayerNormOp, RMSNormOp, RotaryOp>(op)) // sums, and arithmetic
    return bytesOfRow(type) / 4 * 4;
  bool isFunction = isa<ExpOp, LogOp, TanhOp, ErfOp, SinOp, CosOp, PowOp,
                        CompositeOpInterface>(op);
  return bytesOfRow(type) / 4 * (isFunction ? 8 : 1);
}

/// Bytes that a kernel of its own would read for an op.
static int64_t bytesReadAlone(Operation *op, const FusionGap &gap) {
  int64_t bytes = 0;
  for (Value operand : op->getOperands())
    if (hasRows(operand) &&
        !llvm::is_contained(gap.ops, operand.getDefiningOp()))
      bytes += bytesOfRow(cast<NamedTensorType>(operand.getType()));
  return bytes;
}

llvm::DenseSet<Operation *> sinter::chooseConsumersWork(const FusionGap &gap,
                                                        int64_t &bytes) {
  Network network;
  Network::Vertex source = network.addVertex(), sink = network.addVertex();
  DenseMap<Operation *, Network::Vertex> vertices;
  for (Operation *op : gap.ops) {
    Network::Vertex vertex = vertices[op] = network.addVertex();
    network.addEdge(source, vertex, workOfRow(op) + 1);
    if (gap.kept.contains(op))
      network.addEdge(source, vertex, Network::unlimited);
    else if (gap.homeless.contains(op))
      network.addEdge(vertex, sink, 8 * bytesReadAlone(op, gap));
  }
  // A value crosses if it is made before and the consumer's side reads it: once
  // for all of its readers, through a vertex of its own.
  struct Crossing {
    Network::Vertex vertex;
    int64_t bytes;
    Operation *maker; // null: it is in memory
  };
  llvm::MapVector<Value, Crossing> crossings;
  auto crossingOf = [&](Value value) {
    auto [entry, isNew] = crossings.try_emplace(value);
    if (!isNew)
      return entry->second.vertex;
    Operation *op = value.getDefiningOp();
    auto maker = vertices.find(op);
    int64_t row = bytesOfRow(cast<NamedTensorType>(value.getType()));
    bool isInside = maker != vertices.end();
    bool isWritten =
        isInside ? !gap.kept.contains(op) : isa_and_nonnull<LinearOp>(op);
    entry->second = {network.addVertex(), isWritten ? 2 * row : row,
                     isInside ? op : nullptr};
    network.addEdge(isInside ? maker->second : source, entry->second.vertex,
                    8 * entry->second.bytes);
    return entry->second.vertex;
  };
  auto addReader = [&](Value value, Network::Vertex reader) {
    if (!hasRows(value))
      return; // weights, and what is made again anywhere
    network.addEdge(crossingOf(value), reader, Network::unlimited);
    // What is made on the consumer's side is not at hand before.
    if (auto maker = vertices.find(value.getDefiningOp());
        maker != vertices.end())
      network.addEdge(reader, maker->second, Network::unlimited);
  };
  for (Operation *op : gap.ops)
    for (Value operand : op->getOperands())
      addReader(operand, vertices[op]);
  addReader(gap.wanted, sink);

  std::vector<bool> isLate = network.cut(source, sink);
  llvm::DenseSet<Operation *> late;
  for (Operation *op : gap.ops)
    if (isLate[vertices[op]])
      late.insert(op);
  bytes = 0;
  for (auto &[value, crossing] : crossings)
    if (isLate[crossing.vertex] &&
        !(crossing.maker && late.contains(crossing.maker)))
      bytes += crossing.bytes;
  return late;
}
