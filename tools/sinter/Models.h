//===- Models.h - The models that come with the compiler -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_MODELS_H
#define SINTER_TOOLS_SINTER_MODELS_H

#include "llvm/Support/raw_ostream.h"

namespace sinter {

/// A line for each model: its type, what it can be for, the files that it is
/// read from, and its family, from the specs; and what the tests that stand
/// beside the sources of this build compare it with.
void printModels(llvm::raw_ostream &stream);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_MODELS_H
