//===- RollLayers.cpp - Layers of an unrolled graph to a loop ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/LayerChain.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/WeightNames.h"

namespace sinter {
#define GEN_PASS_DEF_ROLLLAYERSPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

namespace {

/// Writes a chain as a loop.
class LoopBuilder {
public:
  explicit LoopBuilder(const LayerChain &chain)
      : chain(chain), builder(chain.nodes[0].values[0].getDefiningOp()),
        inBody(chain.nodes.size()) {}

  void build() {
    // All that the first layer uses from outside stands before its end.
    Location location = chain.nodes[0].values[0].getLoc();
    repeat = RepeatOp::create(builder, location, chain.getLayers(),
                              chain.getInitial());
    builder.setInsertionPointToEnd(repeat.getBody());
    SmallVector<unsigned> order;
    for (auto [place, node] : llvm::enumerate(chain.nodes))
      if (node.kind == LayerNode::Operation)
        order.push_back(place);
    llvm::sort(order, [&](unsigned a, unsigned b) {
      return definitionOf(a)->isBeforeInBlock(definitionOf(b));
    });
    for (unsigned place : order) {
      SmallVector<Value> operands;
      for (unsigned operand : chain.nodes[place].operands)
        operands.push_back(materialize(operand));
      Operation *clone = definitionOf(place)->clone();
      clone->setOperands(operands);
      builder.insert(clone);
      inBody[place] = clone->getResult(0);
    }
    YieldOp::create(builder, location, inBody[0]);

    chain.getLast().replaceAllUsesWith(repeat.getResult(0));
    erase();
  }

private:
  Operation *definitionOf(unsigned place) const {
    return chain.nodes[place].values[0].getDefiningOp();
  }

  Value materialize(unsigned place) {
    const LayerNode &node = chain.nodes[place];
    if (inBody[place])
      return inBody[place];
    switch (node.kind) {
    case LayerNode::Carried:
      return repeat.getCarried()[0];
    case LayerNode::Shared:
      return node.values[0];
    case LayerNode::Weight:
      return inBody[place] = makeWeight(node);
    case LayerNode::Number:
      return inBody[place] = makeNumber(node);
    case LayerNode::Operation:
      break;
    }
    llvm_unreachable("operations are made in their order");
  }

  Value makeWeight(const LayerNode &node) {
    std::vector<std::string> names;
    SmallVector<Attribute> list;
    SmallVector<StoredAttr> stored;
    for (Value value : node.values) {
      names.push_back(value.getDefiningOp<WeightOp>().getLabel());
      list.push_back(builder.getStringAttr(names.back()));
      stored.push_back(value.getDefiningOp<WeightOp>().getStoredAttr());
    }
    Location location = node.values[0].getLoc();
    Type type = node.values[0].getType();
    if (llvm::all_equal(names))
      return WeightOp::create(builder, location, type, list[0], Value(),
                              stored[0]);
    Attribute name = builder.getArrayAttr(list);
    if (std::optional<std::string> pattern = findWeightPattern(names))
      name = builder.getStringAttr(*pattern);
    return WeightOp::create(builder, location, type, name, repeat.getLayer(),
                            llvm::all_equal(stored) ? stored[0] : StoredAttr());
  }

  /// start + step * layer, exact in f32 and i32.
  Value makeNumber(const LayerNode &node) {
    auto numberOf = [](Value value) {
      return value.getDefiningOp<ConstantOp>().getValue().convertToDouble();
    };
    Location location = node.values[0].getLoc();
    auto type = cast<NamedTensorType>(node.values[0].getType());
    NamedTensorType scalar = type.withShape({});
    double start = numberOf(node.values[0]);
    double step = numberOf(node.values[1]) - start;
    Value number = LayerNumberOp::create(
        builder, location, scalar.withElementType(builder.getI32Type()),
        repeat.getLayer());
    if (scalar != number.getType())
      number = ConvertOp::create(builder, location, scalar, number);
    if (step != 1)
      number =
          MulOp::create(builder, location, number,
                        ConstantOp::create(builder, location, step, scalar));
    if (start != 0)
      number =
          AddOp::create(builder, location, number,
                        ConstantOp::create(builder, location, start, scalar));
    return type == scalar
               ? number
               : BroadcastOp::create(builder, location, type, number);
  }

  /// The layers themselves: users first.
  void erase() {
    SmallVector<Operation *> dead;
    for (const LayerNode &node : chain.nodes)
      if (node.kind == LayerNode::Operation)
        for (Value value : node.values)
          dead.push_back(value.getDefiningOp());
    llvm::sort(
        dead, [](Operation *a, Operation *b) { return b->isBeforeInBlock(a); });
    // A place may stand for one value twice.
    dead.erase(llvm::unique(dead), dead.end());
    for (Operation *op : dead)
      op->erase();
  }

  const LayerChain &chain;
  OpBuilder builder;
  RepeatOp repeat;
  std::vector<Value> inBody;
};

struct RollLayers : sinter::impl::RollLayersPassBase<RollLayers> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!function.getBody().hasOneBlock())
      return;
    Block &block = function.getBody().front();
    std::vector<LayerNearMiss> nearMisses;
    DenseSet<Operation *> rolled;
    bool isFirst = true;
    int64_t layerSize = 0;
    while (std::optional<LayerChain> chain =
               findLayerChain(block, isFirst ? &nearMisses : nullptr)) {
      layerSize = isFirst ? chain->getOperations()
                          : std::min(layerSize, chain->getOperations());
      isFirst = false;
      for (const LayerNode &node : chain->nodes)
        for (Value value : node.values)
          if (node.kind == LayerNode::Operation)
            rolled.insert(value.getDefiningOp());
      roll(*chain);
    }
    // What is not part of a loop might have been, if it is of a layer's size.
    DenseSet<Operation *> reported;
    for (const LayerNearMiss &miss : nearMisses)
      if (miss.matched * 2 >= layerSize && !rolled.contains(miss.op) &&
          !(rolled.contains(miss.layer) && rolled.contains(miss.before)) &&
          reported.insert(miss.op).second)
        missed(miss.op) << ("layers are not the same: " + miss.reason);
    if (!reported.empty())
      return;
    if (std::optional<LayerNearMiss> leak = findLayerLeak(block))
      missed(leak->op) << "layers stay as they are: a value from within one "
                          "is used here, outside of it";
  }

  static remark::detail::InFlightRemark missed(Operation *op) {
    return remarkMissed(op, "roll-layers", "layers");
  }

  void roll(const LayerChain &chain) {
    Location location = chain.nodes[0].values[0].getLoc();
    remark::passed(location,
                   remark::RemarkOpts::name("layers").category("roll-layers"))
        << std::to_string(chain.getLayers()) << " layers of "
        << std::to_string(chain.getOperations())
        << " operations are a loop now";
    ++loops;
    operations += chain.getLayers() * chain.getOperations();
    LoopBuilder(chain).build();
  }
};

} // namespace
