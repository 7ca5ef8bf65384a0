//===- Parameters.h - Weights as the binary holds them -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_PARAMETERS_H
#define SINTER_CODEGEN_PARAMETERS_H

#include "codegen/QuantizedWeights.h"
#include "ir/WeightSource.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace sinter {

/// Computes every `sinter.parameter` of `module` (which `plan-weights` has
/// placed), layer by layer, and writes `sinter.weights_bytes` bytes to `stream`
/// in order of their offsets, zeros between them. `progress` is told bytes done
/// and bytes in all.
///
/// Parameters that only move elements (transposes, slices, concatenation,
/// panels) are read and written some panels or rows at a time; all others go
/// through the reference evaluator, one layer of one at a time. Threads share
/// panels; the bytes do not depend on how.
llvm::Error writeParameters(
    mlir::ModuleOp module, const WeightSource &weights,
    llvm::raw_ostream &stream,
    llvm::function_ref<void(uint64_t done, uint64_t total)> progress);

/// How far one layer of a parameter of quantized panels is from its weights.
llvm::Expected<QuantizationError>
measureQuantization(ParameterOp parameter, int64_t layer,
                    const WeightSource &weights);

} // namespace sinter

#endif // SINTER_CODEGEN_PARAMETERS_H
