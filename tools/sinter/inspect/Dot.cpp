//===- Dot.cpp - The kernels as a graph for Graphviz ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/inspect/Report.h"
#include "llvm/Support/FormatVariadic.h"
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/graphviz.hpp>
#include <sstream>

using namespace sinter;

namespace {
struct Node {
  std::string label;
  bool isKernel = false;
};
using Graph = boost::adjacency_list<boost::setS, boost::vecS,
                                    boost::bidirectionalS, Node>;
} // namespace

/// What stands for an op: itself, or the kernel that it is in.
static int64_t outermostKernel(const FunctionRecord &function, int64_t id) {
  int64_t found = id;
  for (int64_t at = id; at >= 0; at = function.ops[at].parent)
    if (function.ops[at].isKernel)
      found = at;
  return found;
}

void sinter::writeDot(const Report &report, llvm::raw_ostream &stream) {
  Graph graph;
  for (const FunctionRecord &function :
       stageWithFunctions(report, report.stages.size() - 1).functions) {
    std::vector<std::optional<size_t>> vertices(function.ops.size());
    for (const OpRecord &op : function.ops) {
      if (outermostKernel(function, op.id) != op.id)
        continue;
      std::string label = function.name + "\n" + op.name;
      if (op.runs > 1)
        label += llvm::formatv(" x {0}", op.runs).str();
      if (op.isKernel)
        label += llvm::formatv("\n{0} bytes, {1} operations", op.cost.bytes(),
                               op.cost.operations)
                     .str();
      vertices[op.id] =
          boost::add_vertex({std::move(label), op.isKernel}, graph);
    }
    for (const OpRecord &op : function.ops)
      for (int64_t input : op.inputs) {
        auto from = vertices[outermostKernel(function, input)];
        auto to = vertices[outermostKernel(function, op.id)];
        if (from && to && from != to)
          boost::add_edge(*from, *to, graph);
      }
  }
  std::ostringstream text;
  boost::write_graphviz(
      text, graph,
      [&](std::ostream &out, size_t vertex) {
        out << "[label=" << boost::escape_dot_string(graph[vertex].label)
            << (graph[vertex].isKernel
                    ? ", shape=box, style=filled, fillcolor=lightblue]"
                    : "]");
      },
      boost::default_writer(),
      [](std::ostream &out) {
        out << "rankdir=TB;\nnode [fontname=\"sans-serif\"];\n";
      });
  stream << text.str();
}
