//===- Weights.cpp - Declared weights, held against the checkpoint --------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Elaborator.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace sinter::spec {

/// Names that one weight may have: each alternative of a group doubles them.
static constexpr size_t maximumCandidates = 64;
static constexpr unsigned maximumGroups = 16;
/// More layers than this are a slip of the config.
static constexpr int64_t maximumLayers = 1 << 16;

static std::string toText(ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (auto [index, size] : enumerate(shape))
    text += (index ? ", " : "") + std::to_string(size);
  return text + "]";
}

void Elaborator::declareWeights() {
  weights.kind = WeightNode::Group;
  for (const WeightsDecl *decl : module.weights) {
    bool present = true;
    if (decl->condition) {
      Value condition = evaluate(*decl->condition, top);
      std::optional<bool> holds =
          truth(condition, decl->condition->range, "the condition of 'when'");
      if (!holds)
        continue;
      present = *holds;
    }
    Frame frame;
    frame.module = &module;
    std::vector<std::string> prefixes =
        input.gguf ? std::vector<std::string>{""} : decl->prefixes;
    for (const WeightEntry &entry : decl->entries)
      declareEntry(entry, weights, prefixes, present, frame, 0);
  }
  for (const auto &[name, node] : weights.members) {
    auto config = module.config.find(name);
    auto let = module.lets.find(name);
    bool taken = config != module.config.end() || let != module.lets.end();
    if (taken)
      diagnostics
          .error(node->range,
                 "'" + name + "' is the name of a weight and of a value")
          .note(config != module.config.end() ? config->second->range
                                              : let->second->range,
                "the value is declared here");
  }
  weightsDeclared = true;
}

/// The name of a pattern of layers, or of layers of layers.
static Expected<std::string> nameAt(StringRef pattern, int64_t layer,
                                    int64_t inner) {
  auto [front, back] = pattern.split(innerLayerMark);
  std::string number =
      front.size() == pattern.size() ? "" : std::to_string(inner);
  return instantiateWeightName((front + number + back).str(), layer);
}

/// Whether it says which layer, and of layers of layers once which of these.
static bool isPattern(StringRef candidate, bool isInner) {
  if (candidate.count(innerLayerMark) != (isInner ? 1 : 0))
    return false;
  Expected<std::string> name = nameAt(candidate, 0, 0);
  if (name)
    return true;
  consumeError(name.takeError());
  return false;
}

std::optional<int64_t> Elaborator::evaluateSize(const Expr &expr, Frame &frame,
                                                StringRef what) {
  Value value = evaluate(expr, frame);
  if (value.is(Value::Poison))
    return std::nullopt;
  if (!value.is(Value::Int)) {
    fail(expr.range, what + " is an integer, not " + describe(value),
         {originNote(value)});
    return std::nullopt;
  }
  if (value.integer < 1) {
    fail(expr.range, what + " is at least 1, not " + Twine(value.integer),
         {originNote(value)});
    return std::nullopt;
  }
  return value.integer;
}

/// Every prefix with every name behind it.
static std::vector<std::string> join(const std::vector<std::string> &prefixes,
                                     const std::vector<std::string> &names) {
  std::vector<std::string> joined;
  for (const std::string &prefix : prefixes)
    for (const std::string &name : names)
      joined.push_back(prefix + name);
  return joined;
}

void Elaborator::declareEntry(const WeightEntry &entry, WeightNode &parent,
                              const std::vector<std::string> &prefixes,
                              bool present, Frame &frame, unsigned depth) {
  if (depth > maximumGroups) {
    fail(entry.range, "structs are nested too deeply; does one hold itself?");
    return;
  }
  // Groups on the way to the last name are made as they are met:
  // attn.c_attn.weight.
  WeightNode *group = &parent;
  for (StringRef part : ArrayRef(entry.path).drop_back()) {
    std::unique_ptr<WeightNode> &member = group->members[part];
    if (!member) {
      member = std::make_unique<WeightNode>();
      member->range = entry.range;
      member->path =
          (group->path.empty() ? "" : group->path + ".") + part.str();
    }
    if (member->kind != WeightNode::Group) {
      fail(entry.range, "'" + member->path + "' is declared twice",
           {{member->range, "first here, as a weight"}});
      return;
    }
    member->present |= present;
    group = member.get();
  }
  std::unique_ptr<WeightNode> &slot = group->members[entry.path.back()];
  if (slot) {
    fail(entry.range, "'" + slot->path + "' is declared twice",
         {{slot->range, "first here"}});
    return;
  }
  slot = std::make_unique<WeightNode>();
  WeightNode &node = *slot;
  node.range = entry.range;
  node.path =
      (group->path.empty() ? "" : group->path + ".") + entry.path.back().str();
  node.present = present;
  if (present && entry.condition) {
    Value condition = evaluate(*entry.condition, frame);
    std::optional<bool> holds =
        truth(condition, entry.condition->range, "the condition of 'when'");
    node.present = holds.value_or(false);
  }

  std::vector<std::string> names = entry.names;
  if (names.empty())
    names.push_back(llvm::join(entry.path, "."));
  if (input.gguf && !entry.gguf.empty())
    names = {entry.gguf};
  std::vector<std::string> candidates = join(prefixes, names);
  if (candidates.size() > maximumCandidates) {
    fail(entry.range, "this weight could have more than " +
                          Twine(maximumCandidates) + " names");
    return;
  }

  if (entry.structName.empty()) {
    node.kind = WeightNode::Tensor;
    // A weight that this config does not have is not asked for its shape
    // either.
    if (!node.present)
      return;
    for (const ExprPtr &dim : entry.shape) {
      std::optional<int64_t> size =
          evaluateSize(*dim, frame, "a dimension of a weight");
      if (!size) {
        node.present = false;
        return;
      }
      node.shape.push_back(*size);
      StringRef text(dim->range.Start.getPointer(),
                     dim->range.End.getPointer() -
                         dim->range.Start.getPointer());
      if (!isa<LiteralExpr>(dim.get()))
        node.where +=
            ((node.where.empty() ? "" : ", ") + text + " = " + Twine(*size))
                .str();
    }
    SmallVector<Dimension> dims;
    for (int64_t size : node.shape)
      dims.push_back(Dimension::get(&context, size));
    if (!checkShape(ShapeOr(dims), entry.range, {}))
      node.present = false;
    else
      resolveWeight(entry, node, candidates);
    return;
  }

  bool layers = !entry.shape.empty();
  if (!layers) {
    for (std::string &candidate : candidates)
      candidate += ".";
    declareMembers(entry, node, candidates, node.present, frame, depth);
    return;
  }
  node.kind = WeightNode::Layers;
  node.element = std::make_unique<WeightNode>();
  node.element->range = entry.range;
  node.element->path = node.path;
  if (!node.present)
    return;
  std::optional<int64_t> count =
      evaluateSize(*entry.shape[0], frame, "a number of layers");
  if (!count || *count > maximumLayers) {
    if (count)
      fail(entry.shape[0]->range,
           Twine(*count) + " layers are more than a model has");
    node.present = false;
    return;
  }
  node.count = *count;
  node.isInner = llvm::any_of(prefixes, [](const std::string &prefix) {
    return StringRef(prefix).contains('{');
  });
  if (declaredInner > 1) {
    fail(entry.range, "layers within layers within layers are not supported");
    node.present = false;
    return;
  }
  for (std::string &candidate : candidates) {
    bool namesLayer = StringRef(candidate).contains(
        node.isInner ? StringRef(innerLayerMark) : StringRef("{"));
    candidate += namesLayer     ? "."
                 : node.isInner ? "." + innerLayerMark.str() + "."
                                : ".{i}.";
    if (!isPattern(candidate, node.isInner)) {
      fail(entry.range,
           "'" + candidate +
               "' is no pattern of layers' names: '{i}' is the layer" +
               (node.isInner ? ", '{j}' the one within it, once" : ""));
      node.present = false;
      return;
    }
  }
  (node.isInner ? declaredInner : declaredLayers) = *count;
  declareMembers(entry, *node.element, candidates, true, frame, depth);
  if (node.isInner)
    declaredInner = 1;
}

void Elaborator::declareMembers(const WeightEntry &entry, WeightNode &group,
                                const std::vector<std::string> &prefixes,
                                bool present, Frame &frame, unsigned depth) {
  const Symbol &symbol = module.symbols.find(entry.structName)->second;
  Frame inner;
  inner.module = symbol.home;
  for (auto [parameter, argument] :
       zip_equal(symbol.structure->parameters, entry.arguments))
    inner.locals[parameter] =
        present ? evaluate(*argument.value, frame) : Value();
  for (const WeightEntry &member : symbol.structure->entries)
    declareEntry(member, group, prefixes, present, inner, depth + 1);
}

/// Of a layer and those before it; `isFirst`: there are none.
static std::optional<StoredNumbers>
joinNumbers(const std::optional<StoredNumbers> &before,
            const std::optional<StoredNumbers> &layer, bool isFirst) {
  if (isFirst || !before || !layer)
    return isFirst ? layer : std::nullopt;
  return StoredNumbers::join(*before, *layer);
}

/// Decides under which of its names the checkpoint has a weight, and whether it
/// has it at all.
void Elaborator::resolveWeight(const WeightEntry &entry, WeightNode &node,
                               const std::vector<std::string> &candidates) {
  node.name = candidates.front();
  if (!input.weights)
    return;
  for (const std::string &candidate : candidates) {
    Expected<std::string> first = nameAt(candidate, 0, 0);
    if (!first) {
      fail(entry.range, toString(first.takeError()));
      node.present = false;
      return;
    }
    if (input.weights->find(*first)) {
      node.name = candidate;
      checkWeight(node, {candidate});
      return;
    }
  }
  if (entry.optional)
    node.present = false;
  else
    checkWeight(node, candidates);
}

void Elaborator::checkWeight(WeightNode &node,
                             const std::vector<std::string> &candidates) {
  StringRef pattern = node.name;
  int64_t inners = pattern.contains(innerLayerMark) ? declaredInner : 1;
  int64_t names = inners * (pattern.contains('{') ? declaredLayers : 1);
  for (int64_t number = 0; number < names; ++number) {
    int64_t layer = number / inners, inner = number % inners;
    std::string name = cantFail(nameAt(node.name, layer, inner));
    std::optional<StoredTensor> info = input.weights->find(name);
    std::string expected = toText(node.shape);
    if (!node.where.empty())
      expected += " (" + node.where + ")";
    if (!info) {
      std::string others;
      for (const std::string &candidate : ArrayRef(candidates).drop_front())
        others += ", nor '" + cantFail(nameAt(candidate, layer, inner)) + "'";
      std::vector<std::string> stored = input.weights->names();
      std::vector<StringRef> known(stored.begin(), stored.end());
      fail(node.range, input.weights->description() + " has no weight '" +
                           name + "'" + others + "; expected one of shape " +
                           expected + didYouMean(name, known));
      return;
    }
    if (info->type == StoredType::Other) {
      fail(node.range, "weight '" + name + "' has elements of type " +
                           info->typeName + " in " +
                           input.weights->description() +
                           "; F32, F16 and BF16 are read");
      return;
    }
    if (ArrayRef(info->shape) != ArrayRef(node.shape)) {
      fail(node.range, "weight '" + name + "' has shape " +
                           toText(info->shape) + " in " +
                           input.weights->description() + ", but " + expected +
                           " is expected");
      return;
    }
    node.numbers = joinNumbers(node.numbers, info->numbers, number == 0);
  }
}

} // namespace sinter::spec
