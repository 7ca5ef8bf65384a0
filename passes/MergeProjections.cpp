//===- MergeProjections.cpp - Products of one input as one ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Analysis/TopologicalSortUtils.h"
#include "passes/Entry.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/StoredNumbers.h"
#include "llvm/ADT/MapVector.h"

namespace sinter {
#define GEN_PASS_DEF_MERGEPROJECTIONSPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

/// Why a product cannot share a contraction with others of its input; empty if
/// it can.
static StringRef whyApart(MatmulOp product) {
  NamedTensorType weight = product.getRhs().getType();
  if (weight.getRank() != 2 || !weight.hasStaticShape())
    return "its right side is not a matrix of a size known when compiling";
  if (!dependsOnWeightsOnly(product.getRhs()))
    return "its right side depends on more than weights";
  return {};
}

/// The addition of a bias, one weight a column, that alone uses a product; or
/// null.
static AddOp findBias(MatmulOp product, Value &bias) {
  if (!product->hasOneUse())
    return {};
  auto add = dyn_cast<AddOp>(*product->user_begin());
  if (!add || add.getType() != product.getType())
    return {};
  bias = add.getLhs() == product.getResult() ? add.getRhs() : add.getLhs();
  auto type = cast<NamedTensorType>(bias.getType());
  NamedTensorType whole = product.getType();
  if (type.getRank() != 1 ||
      type.getDim(0) != whole.getDim(whole.getRank() - 1) ||
      !dependsOnWeightsOnly(bias))
    return {};
  return add;
}

namespace {

struct MergeProjections
    : sinter::impl::MergeProjectionsPassBase<MergeProjections> {
  using MergeProjectionsPassBase::MergeProjectionsPassBase;

  void runOnOperation() override {
    SmallVector<Block *> blocks;
    getOperation().walk([&](Block *block) { blocks.push_back(block); });
    for (Block *block : blocks)
      mergeIn(*block);
  }

  void mergeIn(Block &block) {
    llvm::MapVector<Value, SmallVector<MatmulOp>> byInput;
    for (auto product : block.getOps<MatmulOp>())
      if (!dependsOnWeightsOnly(product.getLhs()))
        byInput[product.getLhs()].push_back(product);
    bool changed = false;
    for (auto &[input, products] : byInput) {
      SmallVector<MatmulOp> merged;
      for (MatmulOp product : products) {
        StringRef reason = whyApart(product);
        if (reason.empty())
          merged.push_back(product);
        else if (products.size() > 1)
          remarkMissed(product, "merge-projections", "merge")
              << "not merged with other products of its input: " << reason;
      }
      for (ArrayRef<MatmulOp> together : cutByType(merged)) {
        if (together.size() < 2)
          continue;
        merge(together);
        changed = true;
      }
    }
    // A merged product stands where the last one stood, behind users of the
    // others.
    if (changed)
      sortTopologically(&block);
  }

  /// With `stored`, lists of products whose weights one type holds without
  /// taking more room than apart.
  SmallVector<SmallVector<MatmulOp>> cutByType(ArrayRef<MatmulOp> products) {
    if (!stored || products.size() < 2)
      return {SmallVector<MatmulOp>(products)};
    SmallVector<Value> weights;
    for (MatmulOp product : products)
      weights.push_back(product.getRhs());
    SmallVector<SmallVector<MatmulOp>> lists;
    for (ArrayRef<size_t> numbers : groupByType(weights)) {
      lists.emplace_back();
      for (size_t number : numbers)
        lists.back().push_back(products[number]);
      if (numbers.size() < products.size())
        remarkMissed(lists.back().front(), "merge-projections", "stored")
            << "not merged with all products of its input: weights of others "
               "are stored in types that take more room";
    }
    return lists;
  }

  void merge(ArrayRef<MatmulOp> products) {
    SmallVector<Value> weights, biases, replaced;
    SmallVector<Location> locations;
    for (MatmulOp product : products) {
      locations.push_back(product.getLoc());
      weights.push_back(product.getRhs());
      replaced.push_back(product.getResult());
    }
    SmallVector<AddOp> additions;
    for (MatmulOp product : products) {
      Value bias;
      if (AddOp add = findBias(product, bias)) {
        additions.push_back(add);
        biases.push_back(bias);
      }
    }
    bool biased = additions.size() == products.size();
    Operation *last = products.back();
    if (biased)
      for (auto [value, add] : llvm::zip(replaced, additions)) {
        value = add.getResult();
        if (last->isBeforeInBlock(add))
          last = add;
      }

    OpBuilder builder(&getContext());
    builder.setInsertionPointAfter(last);
    Location location = builder.getFusedLoc(locations);
    Value weight = ConcatOp::create(builder, location, weights, /*axis=*/1);
    Value result = MatmulOp::create(builder, location,
                                    MatmulOp(products.front()).getLhs(), weight)
                       .getResult();
    if (biased)
      result = AddOp::create(
          builder, location, result,
          ConcatOp::create(builder, location, biases, /*axis=*/0));
    int64_t start = 0;
    for (Value value : replaced) {
      auto type = cast<NamedTensorType>(value.getType());
      int64_t axis = type.getRank() - 1, size = type.getDim(axis).getSize();
      Value part = SliceOp::create(builder, value.getLoc(), result, axis, start,
                                   size, /*stride=*/1);
      value.replaceAllUsesWith(part);
      start += size;
    }
    report(products, result, biased);
    for (AddOp add : additions)
      if (biased)
        add.erase();
    for (MatmulOp product : products)
      product.erase();
  }

  void report(ArrayRef<MatmulOp> products, Value result, bool biased) {
    NamedTensorType input = MatmulOp(products.front()).getLhs().getType();
    int64_t width = input.getDim(input.getRank() - 1).getSize();
    int64_t bytes =
        width * (products.size() - 1) *
        llvm::divideCeil(input.getElementType().getIntOrFloatBitWidth(), 8);
    merged += products.size();
    remarkPassed(result.getDefiningOp(), "merge-projections", "merge")
        << std::to_string(products.size())
        << " products of one input are one contraction of "
        << std::to_string(width) << " by "
        << std::to_string(cast<NamedTensorType>(result.getType())
                              .getShape()
                              .back()
                              .getSize())
        << (biased ? ", with their biases" : "") << ": saves reading "
        << std::to_string(bytes) << " bytes a token"
        << bytesSaved(bytes, Per::token);
  }
};

} // namespace
