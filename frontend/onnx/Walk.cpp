//===- Walk.cpp - From node to node -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Importer.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

std::string Importer::describe(const Node &node) const {
  std::string operation =
      node.domain.empty() ? node.operation : node.domain + "." + node.operation;
  if (!node.name.empty())
    return "node '" + node.name + "' (" + operation + ")";
  return "the " + operation + " node that gives '" +
         (node.outputs.empty() ? "" : node.outputs.front()) + "'";
}

LogicalResult Importer::failAt(const Twine &where, const Twine &message) {
  messages << "error: " << file.description() << ": " << where << ": "
           << message << '\n';
  return failure();
}

LogicalResult Importer::fail(const Twine &message) {
  return failAt(describe(*node), message);
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

struct sinter::onnx::HandlerTable {
  llvm::StringMap<Importer::Handler> table;
  HandlerTable() {
#define SINTER_ONNX_HANDLER(name) table[#name] = &Importer::import##name;
#include "frontend/onnx/Handlers.def"
  }
};

const llvm::StringMap<Importer::Handler> &Importer::handlers() {
  static const HandlerTable table;
  return table.table;
}

LogicalResult Importer::defineInitializers() {
  return defineInitializers(file.getModel().graph);
}

LogicalResult Importer::defineInitializers(const Graph &graph) {
  for (const Tensor &tensor : graph.initializers) {
    if (byteSize(tensor.type) == 0)
      return failAt("initializer '" + tensor.name + "'",
                    "elements of " + name(tensor.type) + " are not supported");
    define(tensor.name, load(tensor));
  }
  return success();
}

/// The names that a node needs: its inputs, and what its branches see of the
/// graph around them.
static void listNeeds(const Node &node, std::vector<std::string> &needs) {
  llvm::append_range(needs, node.inputs);
  for (const onnx::Attribute &attribute : node.attributes)
    if (attribute.graph) {
      for (const Node &inner : attribute.graph->nodes)
        listNeeds(inner, needs);
      for (const ValueInfo &output : attribute.graph->outputs)
        needs.push_back(output.name);
    }
}

/// The nodes that `outputs` need, each behind those whose outputs it takes:
/// files may hold them in any order.
FailureOr<std::vector<const Node *>>
Importer::order(const Graph &graph, ArrayRef<std::string> outputs) {
  llvm::StringMap<const Node *> makers;
  for (const Node &candidate : graph.nodes)
    for (const std::string &output : candidate.outputs)
      if (!output.empty() && !makers.try_emplace(output, &candidate).second) {
        node = &candidate;
        (void)fail("its output '" + output +
                   "' is the output of another node, too");
        return failure();
      }
  struct Begun {
    std::vector<std::string> needs;
    size_t next = 0; // to look at
  };
  std::vector<const Node *> result;
  llvm::DenseMap<const Node *, Begun> begun;
  llvm::DenseSet<const Node *> done;
  auto begin = [&](const Node *maker) {
    listNeeds(*maker, begun[maker].needs);
    return maker;
  };
  for (const std::string &output : outputs) {
    std::vector<const Node *> path;
    if (const Node *maker = makers.lookup(output);
        maker && !done.contains(maker))
      path.push_back(begin(maker));
    while (!path.empty()) {
      const Node *current = path.back();
      Begun &state = begun[current];
      if (state.next == state.needs.size()) {
        done.insert(current);
        result.push_back(current);
        path.pop_back();
        continue;
      }
      const Node *maker = makers.lookup(state.needs[state.next++]);
      if (!maker || done.contains(maker))
        continue;
      if (begun.contains(maker)) {
        node = maker;
        (void)fail("it depends on its own output");
        return failure();
      }
      path.push_back(begin(maker));
    }
  }
  return result;
}

LogicalResult Importer::importNodes(ArrayRef<std::string> outputs) {
  LogicalResult result = importNodes(file.getModel().graph, outputs);
  node = nullptr;
  return result;
}

LogicalResult Importer::importNodes(const Graph &graph,
                                    ArrayRef<std::string> outputs) {
  FailureOr<std::vector<const Node *>> running = order(graph, outputs);
  if (failed(running))
    return failure();
  for (const Node *candidate : *running) {
    const Node &next = *candidate;
    node = &next;
    location = NameLoc::get(builder.getStringAttr(
        next.name.empty() ? (next.outputs.empty() ? "" : next.outputs.front())
                          : next.name));
    auto handler = handlers().find(next.operation);
    bool isKnownDomain = next.domain.empty() || next.domain == "com.microsoft";
    if (handler == handlers().end() || !isKnownDomain)
      return fail("this operation is not supported");
    for (const std::string &input : next.inputs)
      if (!input.empty() && !values.contains(input))
        return fail("its input '" + input +
                    "' is no input of the graph, no initializer, and not the "
                    "output of a node");
    if (failed(checkQuantized()) || failed((this->*handler->second)()))
      return failure();
    carryQuantized();
    for (const std::string &output : next.outputs)
      if (!output.empty() && !values.contains(output))
        // Statistics and masks that only training reads.
        values[output] = Value();
  }
  return success();
}

/// The branch that is taken, where that is known: exporters write branches for
/// calls with and without a past, or for shapes.
LogicalResult Importer::importIf() {
  if (failed(checkInputs(1)))
    return failure();
  const Node &whole = *node;
  const Value &condition = in(0);
  if (condition.kind != Kind::Truth || !condition.isOneNumber() ||
      !condition.numbers.front().integer.isStatic())
    return fail("which of its branches is taken depends on more than shapes: "
                "this is not supported");
  bool isTrue = condition.numbers.front().integer != Extent(0);
  const Attribute *branch = node->find(isTrue ? "then_branch" : "else_branch");
  if (!branch || !branch->graph)
    return fail(Twine("it has no ") + (isTrue ? "then_branch" : "else_branch"));
  const Graph &graph = *branch->graph;
  if (graph.outputs.size() < node->outputs.size())
    return fail("its branch gives " + Twine(graph.outputs.size()) +
                " values for " + Twine(node->outputs.size()));
  llvm::StringSet<> outside;
  for (const auto &entry : values)
    outside.insert(entry.first());
  std::vector<std::string> outputs;
  for (const ValueInfo &output :
       ArrayRef(graph.outputs).take_front(whole.outputs.size()))
    outputs.push_back(output.name);
  if (failed(defineInitializers(graph)) || failed(importNodes(graph, outputs)))
    return failure();
  std::vector<Value> results;
  for (const std::string &output : outputs) {
    FailureOr<Value> result = getValue(output);
    if (failed(result))
      return failure();
    results.push_back(*result);
  }
  // Other branches may use the same names.
  std::vector<std::string> inside;
  for (const auto &entry : values)
    if (!outside.contains(entry.first()))
      inside.push_back(entry.first().str());
  for (const std::string &name : inside)
    values.erase(name);
  node = &whole;
  for (auto [i, result] : llvm::enumerate(results))
    if (failed(set(i, result)))
      return failure();
  return success();
}

FailureOr<onnx::Value> Importer::getValue(StringRef name) {
  auto found = values.find(name);
  if (found == values.end() || found->second.isAbsent()) {
    (void)failAt("output '" + name + "'", "no node gives it");
    return failure();
  }
  return found->second;
}

Importer::Result Importer::getTensor(StringRef name) {
  FailureOr<Value> value = getValue(name);
  if (failed(value))
    return failure();
  return materialize(*value);
}

//===----------------------------------------------------------------------===//
// The current node
//===----------------------------------------------------------------------===//

const onnx::Value &Importer::in(size_t index) const {
  static const Value absent;
  if (index >= node->inputs.size() || node->inputs[index].empty())
    return absent;
  return values.find(node->inputs[index])->second;
}

LogicalResult Importer::set(size_t index, Value value) {
  if (index >= node->outputs.size() || node->outputs[index].empty())
    return success();
  if (!values.try_emplace(node->outputs[index], std::move(value)).second)
    return fail("its output '" + node->outputs[index] +
                "' is the output of another node, too");
  return success();
}

LogicalResult Importer::set(size_t index, Result tensor) {
  if (failed(tensor))
    return failure();
  return set(index, wrap(*tensor));
}

LogicalResult Importer::checkInputs(size_t least) {
  for (size_t i = 0; i < least; ++i)
    if (!has(i))
      return fail("its input " + Twine(i) + " is missing");
  return success();
}

FailureOr<std::vector<Extent>> Importer::extents(size_t index, StringRef what) {
  std::optional<Value> value = list(in(index));
  if (!value || value->kind == Kind::Float) {
    (void)fail(what + " is not known while importing: it depends on more than "
                      "shapes");
    return failure();
  }
  std::vector<Extent> result;
  for (const Number &number : value->numbers)
    result.push_back(number.integer);
  return result;
}

FailureOr<std::vector<int64_t>> Importer::integers(size_t index,
                                                   StringRef what) {
  FailureOr<std::vector<Extent>> numbers = extents(index, what);
  if (failed(numbers))
    return failure();
  std::vector<int64_t> result;
  for (const Extent &number : *numbers) {
    if (!number.isStatic()) {
      (void)fail(what + " depends on the length of the sequence: " +
                 number.toString());
      return failure();
    }
    result.push_back(number.getStatic());
  }
  return result;
}

FailureOr<int64_t> Importer::axis(int64_t number, int64_t rank) {
  if (number < -rank || number >= rank) {
    (void)fail("there is no axis " + Twine(number) + " of " + Twine(rank));
    return failure();
  }
  return number < 0 ? number + rank : number;
}

FailureOr<std::vector<int64_t>> Importer::axes(StringRef attribute,
                                               size_t input, int64_t rank) {
  std::vector<int64_t> result;
  if (const Attribute *found = node->find(attribute)) {
    result = found->integers;
  } else if (has(input)) {
    FailureOr<std::vector<int64_t>> numbers = integers(input, attribute);
    if (failed(numbers))
      return failure();
    result = *numbers;
  }
  for (int64_t &number : result) {
    FailureOr<int64_t> resolved = axis(number, rank);
    if (failed(resolved))
      return failure();
    number = *resolved;
  }
  return result;
}
