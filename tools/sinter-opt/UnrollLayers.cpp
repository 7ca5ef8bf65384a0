//===- UnrollLayers.cpp - Layers as exporters write them --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter-opt/UnrollLayers.h"
#include "ir/Sinter.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace sinter;

namespace {

struct UnrollLayersPass
    : PassWrapper<UnrollLayersPass, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(UnrollLayersPass)

  UnrollLayersPass() = default;
  UnrollLayersPass(const UnrollLayersPass &other) : PassWrapper(other) {}
  StringRef getArgument() const override { return "test-unroll-layers"; }
  StringRef getDescription() const override {
    return "Write every layer of a loop out, with its weights' names";
  }

  void runOnOperation() override {
    SmallVector<RepeatOp> loops;
    // Inner ones first.
    getOperation().walk([&](RepeatOp repeat) { loops.push_back(repeat); });
    // Layers of layers have names that say both numbers: they stay loops, and
    // what is around them.
    auto hasInner = [](RepeatOp repeat) {
      return repeat
          .walk([](RepeatOp inner) {
            return inner.getOuter() ? WalkResult::interrupt()
                                    : WalkResult::advance();
          })
          .wasInterrupted();
    };
    for (RepeatOp repeat : loops)
      if (!hasInner(repeat))
        unroll(repeat);
  }

  void unroll(RepeatOp repeat) {
    OpBuilder builder(repeat);
    SmallVector<Value> carried(repeat.getInits());
    for (int64_t layer = 0; layer < int64_t(repeat.getCount()); ++layer) {
      IRMapping mapping;
      for (auto [argument, value] : llvm::zip(repeat.getCarried(), carried))
        mapping.map(argument, value);
      for (Operation &op : repeat.getBody()->without_terminator())
        mapping.map(op.getResults(), copy(builder, op, mapping, layer, repeat));
      for (auto [value, yielded] :
           llvm::zip(carried, repeat.getBody()->getTerminator()->getOperands()))
        value = mapping.lookupOrDefault(yielded);
    }
    repeat.replaceAllUsesWith(carried);
    repeat.erase();
  }

  ResultRange copy(OpBuilder &builder, Operation &op, IRMapping &mapping,
                   int64_t layer, RepeatOp repeat) {
    auto weight = dyn_cast<WeightOp>(op);
    if (weight && weight.getLayer() == repeat.getLayer()) {
      std::string name = cantFail(weight.getNameAt(layer));
      if (scramble) // names that say nothing of layers
        name = "onnx::" + std::to_string(llvm::xxh3_64bits(name) % 1000) + name;
      return WeightOp::create(builder, op.getLoc(), weight.getType(),
                              builder.getStringAttr(name), Value(),
                              weight.getStoredAttr())
          ->getResults();
    }
    if (auto number = dyn_cast<LayerNumberOp>(op))
      return ConstantOp::create(builder, op.getLoc(), layer, number.getType())
          ->getResults();
    return builder.clone(op, mapping)->getResults();
  }

  Option<bool> scramble{*this, "scramble",
                        llvm::cl::desc("Names that follow no pattern")};
};

} // namespace

void sinter::registerUnrollLayersPass() {
  PassRegistration<UnrollLayersPass>();
}
