//===- Value.h - What an expression of a spec stands for --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_SPEC_VALUE_H
#define SINTER_FRONTEND_SPEC_VALUE_H

#include "frontend/spec/Module.h"
#include "ir/WeightSource.h"

#include "mlir/IR/Value.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sinter::spec {

/// In a weight's name: which of the layers within a layer.
inline constexpr llvm::StringLiteral innerLayerMark = "{j}";

/// A declared weight, a group of them, or layers of groups.
struct WeightNode {
  enum Kind { Tensor, Group, Layers };

  Kind kind = Group;
  llvm::SMRange range; ///< Of the declaration.
  std::string path;    ///< As expressions say it.
  bool present = true; ///< False: `when` says no, or the checkpoint lacks what
                       ///< is optional.
  // Tensor:
  std::string name; ///< In the checkpoint; within layers a pattern with "{i}",
                    ///< within layers of layers with "{j}" for these.
  std::vector<int64_t> shape;
  std::string where; ///< What the names in the shape stand for: "n_embd = 48".
  /// Of every layer, as far as the checkpoint says it.
  std::optional<StoredNumbers> numbers;
  // Group:
  std::map<llvm::StringRef, std::unique_ptr<WeightNode>> members;
  // Layers:
  int64_t count = 0;
  bool isInner = false; ///< Layers of each layer.
  std::unique_ptr<WeightNode> element;
};

/// Which of its layers a weight is taken from: `factor` * index + `offset`, the
/// index being that of a `sinter.repeat`, or 0 without one.
struct LayerOf {
  mlir::Value index;
  int64_t factor = 1;
  int64_t offset = 0;
  int64_t turns = 0; ///< Of a loop that counts on from layer to layer around
                     ///< it: how many a layer has.
};

struct Value {
  enum Kind {
    Poison, ///< Of an expression with a mistake in it: reported there, silent
            ///< from then on.
    None,
    Bool,
    Int,
    Real,
    String,
    Dim,  ///< A dimension known only when the model runs: `string` is its name.
    List, ///< Also a tuple.
    Tensor,  ///< A value of the IR.
    Weights, ///< A declared weight (made a value of the IR where it is used) or
             ///< a group of them.
    Function, ///< `string` is its name.
  };

  Kind kind = Poison;
  llvm::SMRange origin; ///< What made it.
  int64_t integer = 0;  ///< Bool: 0 or 1.
  double real = 0;
  std::string string;
  std::shared_ptr<const std::vector<Value>> list;
  mlir::Value tensor;
  const WeightNode *weights = nullptr;
  LayerOf layer;
  LayerOf inner;      ///< Within that layer, where layers have layers.
  int64_t layers = 0; ///< Of Weights that are layers: how many of them.
  const FunctionDecl *function = nullptr;
  const Module *home = nullptr;

  bool is(Kind wanted) const { return kind == wanted; }
  bool isNumber() const { return kind == Int || kind == Real; }
  double asReal() const {
    return kind == Int ? static_cast<double>(integer) : real;
  }
  bool isLayers() const {
    return kind == Weights && weights->kind == WeightNode::Layers;
  }
  /// Of Weights that are layers: what is chosen of them.
  LayerOf &ownLayer() { return weights->isInner ? inner : layer; }
  bool isTensor() const {
    return kind == Tensor ||
           (kind == Weights && weights->kind == WeightNode::Tensor);
  }

  static Value make(Kind kind, llvm::SMRange origin) {
    Value value;
    value.kind = kind;
    value.origin = origin;
    return value;
  }
  static Value makeNone(llvm::SMRange origin) { return make(None, origin); }
  static Value makeBool(bool truth, llvm::SMRange origin) {
    Value value = make(Bool, origin);
    value.integer = truth;
    return value;
  }
  static Value makeInt(int64_t number, llvm::SMRange origin) {
    Value value = make(Int, origin);
    value.integer = number;
    return value;
  }
  static Value makeReal(double number, llvm::SMRange origin) {
    Value value = make(Real, origin);
    value.real = number;
    return value;
  }
  static Value makeString(std::string text, llvm::SMRange origin) {
    Value value = make(String, origin);
    value.string = std::move(text);
    return value;
  }
  static Value makeList(std::vector<Value> items, llvm::SMRange origin) {
    Value value = make(List, origin);
    value.list = std::make_shared<const std::vector<Value>>(std::move(items));
    return value;
  }
  static Value makeTensor(mlir::Value tensor, llvm::SMRange origin) {
    Value value = make(Tensor, origin);
    value.tensor = tensor;
    return value;
  }
};

} // namespace sinter::spec

#endif // SINTER_FRONTEND_SPEC_VALUE_H
