//===- ShardedWeights.h - Weights in several files -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_HUGGINGFACE_SHARDEDWEIGHTS_H
#define SINTER_FRONTEND_HUGGINGFACE_SHARDEDWEIGHTS_H

#include "ir/WeightSource.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace sinter {

/// A large model is cut into several files; an index in JSON
/// ("model.safetensors.index.json") tells which tensor is in which. `open`
/// opens one of them; all stand beside the index.
llvm::Expected<std::unique_ptr<WeightSource>> openShardedWeights(
    llvm::StringRef path,
    llvm::function_ref<
        llvm::Expected<std::unique_ptr<WeightSource>>(llvm::StringRef)>
        open);

} // namespace sinter

#endif // SINTER_FRONTEND_HUGGINGFACE_SHARDEDWEIGHTS_H
