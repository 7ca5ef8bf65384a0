//===- FoldScales.cpp - Factors into the weights beside them ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Iterators.h"
#include "passes/Entry.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"

namespace sinter {
#define GEN_PASS_DEF_FOLDSCALESPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

/// Whether the op multiplies by a matrix that depends on weights only.
static bool isProjection(MatmulOp product) {
  NamedTensorType weight = product.getRhs().getType();
  return weight.getRank() == 2 && weight.hasStaticShape() &&
         dependsOnWeightsOnly(product.getRhs()) &&
         !dependsOnWeightsOnly(product.getLhs());
}

static Value reshaped(OpBuilder &builder, Value value, ArrayRef<int64_t> to) {
  SmallVector<Dimension> shape;
  for (int64_t size : to)
    shape.push_back(Dimension::get(builder.getContext(), size));
  return ReshapeOp::create(builder, value.getLoc(),
                           typeOf(value).withShape(shape), value);
}

/// The number that a value is multiplied by in `op`, the value being operand
/// `operand` of it, if that is a constant.
static std::optional<double> factorOf(Operation *op, Value value) {
  if (!isa<MulOp, DivOp>(op) || op->getResult(0).getType() != value.getType())
    return std::nullopt;
  bool isFirst = op->getOperand(0) == value;
  if (isa<DivOp>(op) && !isFirst)
    return std::nullopt;
  auto constant = op->getOperand(isFirst ? 1 : 0).getDefiningOp<ConstantOp>();
  if (!constant)
    return std::nullopt;
  double number = constant.getValue().convertToDouble();
  return isa<DivOp>(op) ? 1 / number : number;
}

namespace {

struct FoldScales : sinter::impl::FoldScalesPassBase<FoldScales> {
  using FoldScalesPassBase::FoldScalesPassBase;

  void runOnOperation() override {
    SmallVector<Operation *> norms;
    SmallVector<MatmulOp> products;
    getOperation().walk([&](Operation *op) {
      if (isa<LayerNormOp, RMSNormOp>(op))
        norms.push_back(op);
      else if (auto product = dyn_cast<MatmulOp>(op))
        if (isProjection(product))
          products.push_back(product);
    });
    for (MatmulOp product : products)
      foldConstant(product);
    for (Operation *op : norms)
      if (auto norm = dyn_cast<LayerNormOp>(op))
        foldGain(norm);
      else
        foldGain(cast<RMSNormOp>(op));
    getOperation().walk<WalkOrder::PostOrder, ReverseIterator>(
        [](Operation *op) {
          if (isOpTriviallyDead(op))
            op->erase();
        });
  }

  /// `(x @ w + b) * c` -> `x @ (w * c) + b * c`.
  void foldConstant(MatmulOp product) {
    if (!product->hasOneUse())
      return;
    Operation *user = *product->user_begin();
    Value value = product.getResult(), bias;
    auto add = dyn_cast<AddOp>(user);
    if (add && add->hasOneUse() && add.getType() == value.getType()) {
      bias = add.getLhs() == value ? add.getRhs() : add.getLhs();
      if (!dependsOnWeightsOnly(bias))
        return;
      value = add.getResult();
      user = *add->user_begin();
    }
    std::optional<double> factor = factorOf(user, value);
    if (!factor)
      return;
    OpBuilder builder(user);
    auto scaled = [&](Value weight) -> Value {
      Value number = ConstantOp::create(builder, user->getLoc(), *factor,
                                        typeOf(weight).withShape({}));
      return MulOp::create(builder, user->getLoc(), weight, number);
    };
    Value result = MatmulOp::create(builder, product.getLoc(), product.getLhs(),
                                    scaled(product.getRhs()));
    if (bias)
      result = AddOp::create(builder, add.getLoc(), result, scaled(bias));
    user->getResult(0).replaceAllUsesWith(result);
    user->erase();
    if (add)
      add.erase();
    product.erase();
    ++folded;
    remarkPassed(result.getDefiningOp(), "fold-scales", "scale")
        << "a factor of the result is one of the weights";
  }

  /// `norm(x) gain g bias b @ w` -> `norm(x) @ (g * w) + b @ w`.
  template <typename NormOp> void foldGain(NormOp norm) {
    if (!norm.getGain())
      return;
    std::string reason = whyNot(norm);
    if (!reason.empty()) {
      remarkMissed(norm, "fold-scales", "scale")
          << "the gain stays with the normalization: " + reason;
      return;
    }
    OpBuilder builder(norm);
    Value plain = NormOp::create(
        builder, norm.getLoc(), norm.getType(), norm.getOperand(), Value(),
        Value(), norm.getEpsilonAttr(), norm.getOutsideRootAttr());
    for (Operation *user : llvm::to_vector(norm->getUsers()))
      foldInto(cast<MatmulOp>(user), plain, norm.getGain(), norm.getBias());
    remarkPassed(norm, "fold-scales", "scale")
        << (norm.getBias() ? "gain and bias are part of the matrices behind"
                           : "the gain is part of the matrices behind");
    norm.erase();
    ++folded;
  }

  template <typename NormOp> std::string whyNot(NormOp norm) {
    if (!dependsOnWeightsOnly(norm.getGain()) ||
        (norm.getBias() && !dependsOnWeightsOnly(norm.getBias())))
      return "it is no weight";
    if (norm->use_empty())
      return "nothing uses the result";
    for (Operation *user : norm->getUsers()) {
      auto product = dyn_cast<MatmulOp>(user);
      if (!product || product.getLhs() != norm.getResult() ||
          !isProjection(product))
        return "'" + user->getName().getStringRef().str() +
               "' uses the result, too, which is no product with weights";
      if (norm.getBias() &&
          product.getRhs().getType().getNumElements() > largestProduct)
        return "the bias would have to be multiplied by a matrix of " +
               std::to_string(product.getRhs().getType().getNumElements()) +
               " elements when compiling";
    }
    return {};
  }

  static void foldInto(MatmulOp product, Value plain, Value gain, Value bias) {
    OpBuilder builder(product);
    Location location = product.getLoc();
    Value weight = product.getRhs();
    int64_t inputs = typeOf(weight).getDim(0).getSize(),
            outputs = typeOf(weight).getDim(1).getSize();
    Value scaled = MulOp::create(builder, location, weight,
                                 reshaped(builder, gain, {inputs, 1}));
    Value result = MatmulOp::create(builder, location, plain, scaled);
    if (bias) {
      Value through = reshaped(
          builder,
          MatmulOp::create(builder, location,
                           reshaped(builder, bias, {1, inputs}), weight),
          {outputs});
      // A bias that follows takes it in.
      auto add = product->hasOneUse() ? dyn_cast<AddOp>(*product->user_begin())
                                      : AddOp();
      Value other = !add                                  ? Value()
                    : add.getLhs() == product.getResult() ? add.getRhs()
                                                          : add.getLhs();
      if (other && dependsOnWeightsOnly(other) &&
          other.getType() == through.getType()) {
        builder.setInsertionPoint(add);
        Value sum = AddOp::create(builder, add.getLoc(), through, other);
        add.setOperand(add.getLhs() == other ? 0 : 1, sum);
      } else {
        result = AddOp::create(builder, location, result, through);
      }
    }
    product.replaceAllUsesWith(result);
    product.erase();
  }
};

} // namespace
