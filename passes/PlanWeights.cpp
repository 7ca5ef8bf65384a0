//===- PlanWeights.cpp - A place for every parameter ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Entry.h"
#include "passes/Liveness.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"

namespace sinter {
#define GEN_PASS_DEF_PLANWEIGHTSPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

static constexpr int64_t parameterAlignment = 64;

namespace {

struct PlanWeights : sinter::impl::PlanWeightsPassBase<PlanWeights> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    int64_t offset = 0;
    for (auto parameter : module.getOps<ParameterOp>()) {
      FailureOr<int64_t> bytes = getBytes(parameter);
      if (failed(bytes))
        return signalPassFailure();
      int64_t stride = llvm::alignTo(*bytes, parameterAlignment), total = 0;
      parameter.setOffset(offset);
      parameter.setStride(stride);
      if (llvm::MulOverflow<int64_t>(stride, parameter.getLayers(), total) ||
          llvm::AddOverflow(offset, total, offset)) {
        parameter.emitOpError("does not fit into memory");
        return signalPassFailure();
      }
    }
    module->setAttr(weightsBytesAttribute,
                    Builder(&getContext()).getI64IntegerAttr(offset));
    weightBytes = offset;
    remarkAnalysis(module, "plan-weights", "weights")
        << std::to_string(offset) << " bytes of parameters"
        << remark::metric("Bytes", offset);
  }

  /// Of one layer.
  static FailureOr<int64_t> getBytes(ParameterOp parameter) {
    auto packed = dyn_cast<PackedType>(parameter.getType());
    if (!packed)
      return getMaximumBytes(parameter,
                             cast<NamedTensorType>(parameter.getType()), {});
    return packed.getBytes();
  }
};

} // namespace
