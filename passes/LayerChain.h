//===- LayerChain.h - Layers alike but for their weights --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In an unrolled graph every layer makes one value of the value before, of
// weights of its own, and of values that all layers share (masks, positions):
//
//   x1 = f(x0, w1, mask), x2 = f(x1, w2, mask), ...
//
// Whatever is computed behind layer k passes through x_k, so these values stand
// on one path of the dominator tree that has the function's result as its root
// and uses as its edges. Only values with equal hashes on such a path are
// compared in full, which keeps the search near linear.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_LAYERCHAIN_H
#define SINTER_PASSES_LAYERCHAIN_H

#include "ir/Sinter.h"
#include <optional>
#include <vector>

namespace sinter {

/// A place in the body of a layer, and which value stands there in each layer.
struct LayerNode {
  enum Kind {
    Operation, ///< computed in the layer, by the same operation in each
    Carried,   ///< what the layer before hands on
    Shared,    ///< one value for all layers
    Weight,    ///< a weight of each layer
    Number     ///< a whole number that grows by the same step with each layer
  };
  Kind kind;
  llvm::SmallVector<mlir::Value> values;
  llvm::SmallVector<unsigned> operands; ///< of an operation: their places
};

/// Consecutive layers. The first node is what a layer hands on; an operation
/// stands before its operands' first mention.
struct LayerChain {
  std::vector<LayerNode> nodes;

  int64_t getLayers() const { return nodes.front().values.size(); }
  /// What goes into the first layer.
  mlir::Value getInitial() const;
  mlir::Value getLast() const { return nodes.front().values.back(); }
  /// Operations of one layer.
  int64_t getOperations() const;
};

/// Two layers that are almost the same, and what is not.
struct LayerNearMiss {
  mlir::Operation *layer, *before; ///< what hands on the two
  mlir::Operation *op;             ///< what differs in `layer`
  std::string reason;
  int64_t matched = 0; ///< operations that are the same
};

/// Finds the chain that covers most operations. `nearMisses`, if given, gets
/// the pairs that were almost layers.
std::optional<LayerChain>
findLayerChain(mlir::Block &block, std::vector<LayerNearMiss> *nearMisses);

/// A value within a layer that something else uses, in a block where layers
/// would be the same otherwise.
std::optional<LayerNearMiss> findLayerLeak(mlir::Block &block);

} // namespace sinter

#endif // SINTER_PASSES_LAYERCHAIN_H
