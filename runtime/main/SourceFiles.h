//===- SourceFiles.h - Sources that are sound, or numbers -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MAIN_SOURCEFILES_H
#define SINTER_RUNTIME_MAIN_SOURCEFILES_H

#include "runtime/main/Commands.h"

namespace sinter::runtime {

/// The rows of --audio's files (WAV) and of --features' (safetensors or .npy
/// with f32 [bins, frames] or [1, bins, frames], as transformers' feature
/// extractors give them), one input a file.
std::vector<Input> sourceInputs(const Options &options,
                                const sinter_model *model,
                                const sinter_model_description &description);

/// What a target begins with behind its start, where --language or --task say
/// it: the model's own prompt with these tokens. Empty: the model's own.
std::vector<int32_t> targetPrompt(const Request &request);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_MAIN_SOURCEFILES_H
