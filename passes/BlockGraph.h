//===- BlockGraph.h - A block as a Boost graph ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_BLOCKGRAPH_H
#define SINTER_PASSES_BLOCKGRAPH_H

#include "mlir/IR/Block.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"
#include <boost/graph/adjacency_list.hpp>

namespace sinter {

/// The ops of a block and who uses whose results, as Boost.Graph's algorithms
/// want it. An op with a region (the layers) uses what its region uses. Ops
/// are numbered in the block's order, which is topological.
class BlockGraph {
public:
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS,
                                      boost::bidirectionalS, mlir::Operation *>;
  using Vertex = Graph::vertex_descriptor;

  explicit BlockGraph(mlir::Block &block);

  const Graph &getGraph() const { return graph; }
  mlir::Operation *getOp(Vertex vertex) const { return graph[vertex]; }
  Vertex getVertex(mlir::Operation *op) const { return vertices.lookup(op); }

  /// Whether no path leaves the set and comes back: only then can its ops run
  /// as one.
  bool isConvex(llvm::ArrayRef<mlir::Operation *> ops) const;

private:
  Graph graph;
  llvm::DenseMap<mlir::Operation *, Vertex> vertices;
};

} // namespace sinter

#endif // SINTER_PASSES_BLOCKGRAPH_H
