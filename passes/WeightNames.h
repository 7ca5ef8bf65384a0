//===- WeightNames.h - Patterns that names of weights follow ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_WEIGHTNAMES_H
#define SINTER_PASSES_WEIGHTNAMES_H

#include "llvm/ADT/ArrayRef.h"
#include <optional>
#include <string>

namespace sinter {

/// The names of a weight by layer as a pattern: "h.{i}.w" of "h.0.w", "h.1.w",
/// ...; nothing where they follow none.
std::optional<std::string> findWeightPattern(llvm::ArrayRef<std::string> names);

} // namespace sinter

#endif // SINTER_PASSES_WEIGHTNAMES_H
