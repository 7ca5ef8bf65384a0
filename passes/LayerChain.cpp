//===- LayerChain.cpp - Layers alike but for their weights ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/LayerChain.h"
#include "passes/UseDominators.h"
#include "passes/WeightNames.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace mlir;
using namespace sinter;

/// Longest pattern that is looked for, in values of one hash: Gemma 3 has six
/// different layers with two sums each.
static constexpr size_t longestPattern = 24;

Value LayerChain::getInitial() const {
  for (const LayerNode &node : nodes)
    if (node.kind == LayerNode::Carried)
      return node.values.front();
  return {};
}

int64_t LayerChain::getOperations() const {
  return llvm::count_if(nodes, [](const LayerNode &node) {
    return node.kind == LayerNode::Operation;
  });
}

namespace {

//===----------------------------------------------------------------------===//
// Comparing layers
//===----------------------------------------------------------------------===//

/// A whole number that f32 holds.
std::optional<int64_t> getWholeNumber(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  double number = constant ? constant.getValue().convertToDouble() : NAN;
  if (!(std::fabs(number) < 1 << 24) || number != std::floor(number))
    return std::nullopt;
  return int64_t(number);
}

std::string text(Attribute attribute) {
  std::string result;
  llvm::raw_string_ostream stream(result);
  attribute.print(stream, /*elideType=*/true);
  return result;
}

template <typename T> std::string text(T value) {
  std::string result;
  llvm::raw_string_ostream stream(result);
  stream << value;
  return result;
}

std::string numberIn(ConstantOp constant) {
  return text(llvm::format("%.6g", constant.getValue().convertToDouble()));
}

/// Why two operations are not the same one in two layers; empty if they are.
std::string compareOperations(Operation *here, Operation *before) {
  if (!here || !before)
    return "an input of the function stands where another layer computes";
  if (here->getName() != before->getName())
    return "in the layer before it is '" +
           before->getName().getStringRef().str() + "'";
  if (auto constant = dyn_cast<ConstantOp>(here);
      constant && here->getAttrDictionary() != before->getAttrDictionary())
    return "the constant is " + numberIn(constant) +
           ", and in the layer before " + numberIn(cast<ConstantOp>(before));
  for (auto [type, other] :
       llvm::zip(here->getResultTypes(), before->getResultTypes()))
    if (type != other)
      return "it is " + text(type) + ", and in the layer before " + text(other);
  if (isa<WeightOp>(here))
    return "";
  for (NamedAttribute attribute : here->getAttrs())
    if (Attribute other = before->getAttr(attribute.getName());
        other != attribute.getValue())
      return "'" + attribute.getName().str() + "' is " +
             text(attribute.getValue()) + ", and in the layer before " +
             (other ? text(other) : "not set");
  if (here->getNumOperands() != before->getNumOperands() ||
      here->getNumResults() != before->getNumResults())
    return "it has " + text(here->getNumOperands()) +
           " operands, and in the layer before " +
           text(before->getNumOperands());
  if (here->getNumRegions() || here->getNumResults() != 1 || !isPure(here))
    return "it has a body, several results or an effect";
  return "";
}

/// Builds a chain of layers, from two of them on.
class ChainBuilder {
public:
  ChainBuilder(const UseDominators &dominators, bool mayLeak = false)
      : dominators(dominators), mayLeak(mayLeak) {}

  /// Compares two layers, whose results are given. Goes on behind what differs,
  /// so that it is known how much.
  bool start(Value first, Value second) {
    chain.nodes.clear();
    places.clear();
    add(second, first, LayerNode::Operation);
    // Nodes are added while operations are gone through.
    for (unsigned i = 0; i < chain.nodes.size(); ++i) {
      if (chain.nodes[i].kind != LayerNode::Operation)
        continue;
      if (mayLeak && mismatches > 0)
        break; // where nothing bounds a layer
      Operation *here = chain.nodes[i].values[1].getDefiningOp(),
                *before = chain.nodes[i].values[0].getDefiningOp();
      ++matched;
      products += isa<MatmulOp>(here);
      for (auto [a, b] :
           llvm::zip(here->getOperands(), before->getOperands())) {
        std::optional<unsigned> place = match(a, b, first, second, here);
        if (place)
          chain.nodes[i].operands.push_back(*place);
      }
    }
    return mismatches == 0 && products > 0 && bool(chain.getInitial());
  }

  /// Adds a layer behind: its result is `root`.
  bool append(Value root) { return extend(root, /*atEnd=*/true); }
  /// Adds the layer before: its result goes into the first one.
  bool prepend() {
    Value root = chain.getInitial();
    Operation *op = root.getDefiningOp();
    return op && dominators.contains(op) &&
           dominators.isStrictlyDominated(
               op, chain.nodes.front().values.front().getDefiningOp()) &&
           extend(root, /*atEnd=*/false);
  }

  /// Whether nothing but its layer uses a value of a layer.
  Operation *findLeak() const {
    SmallVector<DenseSet<Operation *>> layers(chain.getLayers());
    for (const LayerNode &node : chain.nodes)
      if (node.kind == LayerNode::Operation)
        for (auto [layer, value] : llvm::enumerate(node.values))
          layers[layer].insert(value.getDefiningOp());
    for (const LayerNode &node : chain.nodes) {
      if (node.kind != LayerNode::Operation)
        continue;
      bool isRoot = &node == &chain.nodes.front();
      for (auto [layer, value] : llvm::enumerate(node.values)) {
        if (isRoot && layer + 1 == layers.size())
          continue;
        for (Operation *user : value.getUsers())
          if (!layers[isRoot ? layer + 1 : layer].contains(user))
            return user;
      }
    }
    return nullptr;
  }

  int64_t getPosition() const {
    return dominators.getIndex(
        chain.nodes.front().values.front().getDefiningOp());
  }

  LayerChain chain;
  int64_t matched = 0, products = 0, mismatches = 0;
  Operation *differs = nullptr;
  std::string reason;

private:
  unsigned add(Value here, Value before, LayerNode::Kind kind) {
    places[here] = chain.nodes.size();
    chain.nodes.push_back({kind, {before, here}, {}});
    return chain.nodes.size() - 1;
  }

  std::optional<unsigned> fail(Operation *op, const std::string &why) {
    if (mismatches++ == 0) {
      differs = op;
      reason = why;
    }
    return std::nullopt;
  }

  /// `user` is what reads `here`: sources stand anywhere in the text.
  std::optional<unsigned> match(Value here, Value before, Value first,
                                Value second, Operation *user) {
    Operation *op = here.getDefiningOp(), *other = before.getDefiningOp();
    Operation *place = op && !isa<ConstantOp, WeightOp, IotaOp>(op) ? op : user;
    if (auto known = places.find(here); known != places.end()) {
      if (chain.nodes[known->second].values[0] != before)
        return fail(place,
                    "the layer before uses two values where this one uses one");
      return known->second;
    }
    if (here == before)
      return add(here, before, LayerNode::Shared);
    if (here == first)
      return add(here, before, LayerNode::Carried);
    std::string different = compareOperations(op, other);
    if (here.getType() == before.getType() && getWholeNumber(here) &&
        getWholeNumber(before))
      return add(here, before, LayerNode::Number);
    if (!different.empty())
      return fail(place, different);
    if (isa<WeightOp>(op))
      return add(here, before, LayerNode::Weight);
    if (!isOfLayer(op, second) || !isOfLayer(other, first))
      return fail(place, "it is not of one layer alone");
    return add(here, before, LayerNode::Operation);
  }

  bool isOfLayer(Operation *op, Value root) const {
    return mayLeak ? chain.nodes.size() < 1024
                   : dominators.isStrictlyDominated(op, root.getDefiningOp());
  }

  bool extend(Value root, bool atEnd) {
    SmallVector<Value> values(chain.nodes.size());
    values[0] = root;
    Value previous = chain.getLast();
    for (auto [i, node] : llvm::enumerate(chain.nodes)) {
      Value value = values[i], known = node.values.front();
      if (!fits(node, value, known, root, atEnd ? previous : Value(), atEnd))
        return false;
      if (node.kind != LayerNode::Operation)
        continue;
      for (auto [place, operand] :
           llvm::zip(node.operands, value.getDefiningOp()->getOperands())) {
        if (values[place] && values[place] != operand)
          return false;
        values[place] = operand;
      }
    }
    for (auto [node, value] : llvm::zip(chain.nodes, values))
      node.values.insert(atEnd ? node.values.end() : node.values.begin(),
                         value);
    return true;
  }

  bool fits(const LayerNode &node, Value value, Value known, Value root,
            Value previous, bool atEnd) const {
    Operation *op = value.getDefiningOp();
    switch (node.kind) {
    case LayerNode::Carried:
      return atEnd ? value == previous : value.getType() == known.getType();
    case LayerNode::Shared:
      return value == known;
    case LayerNode::Weight:
      return op && compareOperations(op, known.getDefiningOp()).empty();
    case LayerNode::Number: {
      std::optional<int64_t> number = getWholeNumber(value);
      if (!number || value.getType() != known.getType())
        return false;
      int64_t step = *getWholeNumber(node.values[1]) - *getWholeNumber(known);
      return atEnd ? *number - *getWholeNumber(node.values.back()) == step
                   : *getWholeNumber(known) - *number == step;
    }
    case LayerNode::Operation:
      return op && dominators.contains(op) &&
             compareOperations(op, known.getDefiningOp()).empty() &&
             (value == root ||
              dominators.isStrictlyDominated(op, root.getDefiningOp()));
    }
    llvm_unreachable("all kinds are handled");
  }

  const UseDominators &dominators;
  bool mayLeak;
  DenseMap<Value, unsigned> places;
};

//===----------------------------------------------------------------------===//
// Candidates
//===----------------------------------------------------------------------===//

/// Of an operation and the types that go in: what makes these may differ, as
/// before the first layer.
size_t hashOf(Operation *op) {
  llvm::hash_code hash =
      llvm::hash_combine(op->getName().getAsOpaquePointer(),
                         op->getAttrDictionary(), op->getResult(0).getType());
  for (Type type : op->getOperandTypes())
    hash = llvm::hash_combine(hash, type);
  return hash;
}

/// Whether an operation may be the last of a layer.
bool mayEndLayer(Operation *op) {
  return op->getNumResults() == 1 && op->getNumOperands() > 0 &&
         op->getNumRegions() == 0 && isPure(op);
}

struct Best {
  std::optional<LayerChain> chain;
  std::tuple<int64_t, int64_t, int64_t, int64_t> score;

  /// Most operations; then the smallest body; then names that follow a pattern;
  /// then what comes first.
  void offer(const ChainBuilder &builder) {
    const LayerChain &candidate = builder.chain;
    if (candidate.getLayers() < 2 || builder.findLeak())
      return;
    int64_t regular = 0;
    for (const LayerNode &node : candidate.nodes) {
      // Any two numbers make a sequence; that layers are counted takes more.
      if (node.kind == LayerNode::Number && candidate.getLayers() == 2 &&
          *getWholeNumber(node.values[1]) - *getWholeNumber(node.values[0]) !=
              1)
        return;
      if (node.kind != LayerNode::Weight)
        continue;
      std::vector<std::string> names;
      for (Value value : node.values)
        names.push_back(value.getDefiningOp<WeightOp>().getLabel());
      regular += findWeightPattern(names).has_value();
    }
    std::tuple<int64_t, int64_t, int64_t, int64_t> offered(
        candidate.getOperations() * candidate.getLayers(),
        -candidate.getOperations(), regular, -builder.getPosition());
    if (chain && offered <= score)
      return;
    chain = candidate;
    score = offered;
  }
};

} // namespace

/// Values that may be the results of layers, each in all that uses the one
/// before, first to last.
static std::vector<std::vector<Operation *>>
findSequences(const UseDominators &dominators) {
  const std::vector<Operation *> &operations = dominators.getOperations();
  size_t count = operations.size();
  std::vector<size_t> hash(count), next(count, count);
  for (size_t i = 0; i + 1 < count; ++i)
    if (mayEndLayer(operations[i]))
      hash[i] = hashOf(operations[i]);
  std::vector<bool> isNext(count), isDone(count);
  for (size_t i = 0; i + 1 < count; ++i) {
    if (!mayEndLayer(operations[i]))
      continue;
    size_t above = dominators.getParent(i);
    while (above + 1 < count &&
           !(mayEndLayer(operations[above]) && hash[above] == hash[i]))
      above = dominators.getParent(above);
    if (above + 1 < count) {
      next[i] = above;
      isNext[above] = true;
    }
  }
  std::vector<std::vector<Operation *>> sequences;
  for (size_t i = 0; i + 1 < count; ++i) {
    if (isNext[i] || next[i] == count)
      continue;
    std::vector<Operation *> &sequence = sequences.emplace_back();
    for (size_t at = i; at != count; at = next[at]) {
      sequence.push_back(operations[at]);
      if (isDone[at])
        break;
      isDone[at] = true;
    }
  }
  return sequences;
}

std::optional<LayerChain>
sinter::findLayerChain(Block &block, std::vector<LayerNearMiss> *nearMisses) {
  UseDominators dominators(block);
  Best best;
  for (const std::vector<Operation *> &sequence : findSequences(dominators))
    for (size_t stride = 1;
         stride <= std::min(longestPattern, sequence.size() - 1); ++stride) {
      bool isWhole = false;
      for (size_t i = 0; i + stride < sequence.size();) {
        ChainBuilder builder(dominators);
        Operation *first = sequence[i], *second = sequence[i + stride];
        if (!builder.start(first->getResult(0), second->getResult(0))) {
          // Almost: most of it is the same.
          if (nearMisses && builder.differs && builder.products > 0 &&
              builder.mismatches <= 2 &&
              builder.matched >= 2 * builder.mismatches)
            nearMisses->push_back({second, first, builder.differs,
                                   builder.reason, builder.matched});
          ++i;
          continue;
        }
        size_t last = i + stride;
        while (last + stride < sequence.size() &&
               builder.append(sequence[last + stride]->getResult(0)))
          last += stride;
        isWhole |= i < stride && last + stride >= sequence.size();
        while (builder.prepend())
          ;
        best.offer(builder);
        i = last - i == stride ? i + 1 : last;
      }
      if (isWhole)
        break;
    }
  return std::move(best.chain);
}

std::optional<LayerNearMiss> sinter::findLayerLeak(Block &block) {
  UseDominators dominators(block);
  llvm::MapVector<size_t, SmallVector<Operation *>> classes;
  for (Operation *op : dominators.getOperations())
    if (mayEndLayer(op))
      classes[hashOf(op)].push_back(op);
  for (auto &[hash, members] : classes)
    for (size_t i = 0; i + 1 < members.size(); ++i) {
      ChainBuilder builder(dominators, /*mayLeak=*/true);
      if (!builder.start(members[i]->getResult(0),
                         members[i + 1]->getResult(0)))
        continue;
      if (Operation *user = builder.findLeak())
        return LayerNearMiss{members[i + 1], members[i], user, "",
                             builder.matched};
    }
  return std::nullopt;
}
