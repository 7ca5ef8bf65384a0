//===- BlockGraph.cpp - A block as a Boost graph ----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/BlockGraph.h"
#include "llvm/ADT/DenseSet.h"
#include <boost/graph/depth_first_search.hpp>

using namespace mlir;
using namespace sinter;

BlockGraph::BlockGraph(Block &block) {
  for (Operation &op : block)
    vertices[&op] = boost::add_vertex(&op, graph);
  for (Operation &op : block) {
    llvm::DenseSet<Vertex> users;
    for (Operation *user : op.getUsers())
      users.insert(vertices.lookup(block.findAncestorOpInBlock(*user)));
    for (Vertex user : users)
      boost::add_edge(vertices.lookup(&op), user, graph);
  }
}

bool BlockGraph::isConvex(ArrayRef<Operation *> ops) const {
  llvm::DenseSet<Vertex> members;
  for (Operation *op : ops)
    members.insert(getVertex(op));
  // From each op outside that a member feeds, no member may be reached.
  std::vector<boost::default_color_type> colors(boost::num_vertices(graph));
  auto colorMap = boost::make_iterator_property_map(
      colors.begin(), boost::get(boost::vertex_index, graph));
  bool convex = true;
  auto stopAtMember = [&](Vertex vertex, const Graph &) {
    if (members.contains(vertex))
      convex = false;
    return !convex;
  };
  for (Vertex member : members)
    for (auto [edge, end] = boost::out_edges(member, graph); edge != end;
         ++edge) {
      Vertex next = boost::target(*edge, graph);
      if (!members.contains(next) && colors[next] == boost::white_color)
        boost::depth_first_visit(graph, next, boost::default_dfs_visitor(),
                                 colorMap, stopAtMember);
    }
  return convex;
}
