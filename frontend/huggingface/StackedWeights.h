//===- StackedWeights.h - Elements of stacked weights -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_HUGGINGFACE_STACKEDWEIGHTS_H
#define SINTER_FRONTEND_HUGGINGFACE_STACKEDWEIGHTS_H

#include "ir/WeightSource.h"
#include <memory>

namespace sinter {

/// Of a name with a number in brackets, the name without it and the number:
/// "moe[3].input_linear.weight" is element 3 of "moe.input_linear.weight".
std::optional<std::pair<std::string, int64_t>>
elementOfStack(llvm::StringRef name);

/// The same tensors, and, by names as above, the parts of those that hold the
/// weights of all experts along their first axis, as Granite's do.
std::unique_ptr<WeightSource>
withElementsOfStacks(std::unique_ptr<WeightSource> weights);

} // namespace sinter

#endif // SINTER_FRONTEND_HUGGINGFACE_STACKEDWEIGHTS_H
