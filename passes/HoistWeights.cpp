//===- HoistWeights.cpp - What depends on weights only is stored *- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Iterators.h"
#include "passes/Entry.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"

namespace sinter {
#define GEN_PASS_DEF_HOISTWEIGHTSPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

/// Constants, numbers in a row and their shapes cost less to make again than to
/// read from memory.
static bool isCheap(Value value) {
  Operation *op = value.getDefiningOp();
  if (isa<ConstantOp, IotaOp>(op))
    return true;
  return isa<ReshapeOp, TransposeOp, BroadcastOp, ConvertOp, SliceOp>(op) &&
         isCheap(op->getOperand(0));
}

/// The value as it should be stored: one that only repeats another is not.
static bool isStored(Value value) {
  return dependsOnWeightsOnly(value) && !isCheap(value) &&
         !value.getDefiningOp<BroadcastOp>();
}

namespace {

struct HoistWeights : sinter::impl::HoistWeightsPassBase<HoistWeights> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    for (auto function : module.getOps<func::FuncOp>()) {
      // The largest expressions: those that something else uses.
      SmallVector<Value> frontier;
      function.walk<WalkOrder::PreOrder>([&](Operation *op) {
        for (Value result : op->getResults())
          if (isStored(result) &&
              llvm::any_of(op->getUsers(), [](Operation *user) {
                return llvm::none_of(user->getResults(), isStored);
              }))
            frontier.push_back(result);
      });
      for (Value value : frontier)
        if (failed(hoist(value, symbols)))
          return signalPassFailure();
      eraseUnused(function);
    }
  }

  LogicalResult hoist(Value value, SymbolTable &symbols) {
    Operation *root = value.getDefiningOp();
    SetVector<Operation *> expression;
    collect(root, expression);
    // A loop around it, of whose layers each has its own.
    RepeatOp repeat;
    for (Operation *op : expression)
      for (Value operand : op->getOperands()) {
        if (!operand.getType().isIndex())
          continue;
        auto layers = cast<RepeatOp>(
            cast<BlockArgument>(operand).getOwner()->getParentOp());
        if (repeat && repeat != layers)
          return op->emitOpError("depends on the layers of two loops: this is "
                                 "not built");
        repeat = layers;
      }
    bool perLayer = bool(repeat);
    int64_t layers = perLayer ? repeat.getTotalCount() : 1;

    OpBuilder builder(&getContext());
    auto parameter = ParameterOp::create(
        builder, root->getLoc(), nameOf(expression), layers, value.getType(),
        /*offset=*/IntegerAttr(), /*stride=*/IntegerAttr());
    Block *body = builder.createBlock(&parameter.getBodyRegion());
    body->addArgument(builder.getIndexType(), root->getLoc());
    IRMapping mapping;
    if (perLayer)
      mapping.map(repeat.getLayer(), body->getArgument(0));
    for (Operation *op : expression)
      builder.clone(*op, mapping);
    YieldOp::create(builder, root->getLoc(), mapping.lookup(value));

    // Entries that share a weight share what is stored of it.
    auto module = cast<ModuleOp>(symbols.getOp());
    ParameterOp stored;
    for (auto known : module.getOps<ParameterOp>())
      if (known.getLayers() == parameter.getLayers() &&
          known.getType() == parameter.getType() &&
          OperationEquivalence::isRegionEquivalentTo(
              &known.getBodyRegion(), &parameter.getBodyRegion(),
              OperationEquivalence::IgnoreLocations))
        stored = known;
    if (stored) {
      parameter->erase();
    } else {
      Operation *anchor = *module.getOps<func::FuncOp>().begin();
      symbols.insert(parameter, anchor->getIterator());
      stored = parameter;
      ++parameters;
      remarkPassed(root, "hoist-weights", "parameter")
          << "computed when compiling: " << std::to_string(expression.size())
          << " operations, " << std::to_string(layers) << " layers";
    }

    builder.setInsertionPointAfter(root);
    auto load = ParameterLoadOp::create(
        builder, root->getLoc(), value.getType(), stored.getSymNameAttr(),
        perLayer ? Value(repeat.getLayer()) : Value());
    value.replaceUsesWithIf(load, [](OpOperand &use) {
      return llvm::none_of(use.getOwner()->getResults(), isStored);
    });
    return success();
  }

  /// What an expression is made of, operands before users.
  static void collect(Operation *op, SetVector<Operation *> &expression) {
    for (Value operand : op->getOperands())
      if (Operation *producer = operand.getDefiningOp())
        collect(producer, expression);
    expression.insert(op);
  }

  /// After its first weight, without the layer.
  static std::string nameOf(const SetVector<Operation *> &expression) {
    std::string name;
    for (Operation *op : expression) {
      auto weight = dyn_cast<WeightOp>(op);
      if (!weight)
        continue;
      std::string label = weight.getLabel();
      llvm::erase(label, '*'); // where listed names differ
      SmallVector<StringRef> parts;
      StringRef(label).split(parts, '.');
      llvm::erase_if(parts, [](StringRef part) {
        return part.empty() || part.contains('{');
      });
      name = llvm::join(parts, ".");
      break;
    }
    for (char &letter : name)
      if (!llvm::isAlnum(letter) && letter != '.')
        letter = '_';
    return name.empty() || !llvm::isAlpha(name[0]) ? "constant" + name : name;
  }

  static void eraseUnused(func::FuncOp function) {
    function.walk<WalkOrder::PostOrder, ReverseIterator>([](Operation *op) {
      if (isOpTriviallyDead(op))
        op->erase();
    });
  }
};

} // namespace
