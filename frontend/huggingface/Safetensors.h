//===- Safetensors.h - Weights in safetensors files -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The format: https://github.com/huggingface/safetensors#format. Eight bytes
// with the length of a header, the header in JSON, then the tensors' bytes,
// without a gap.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_HUGGINGFACE_SAFETENSORS_H
#define SINTER_FRONTEND_HUGGINGFACE_SAFETENSORS_H

#include "ir/WeightSource.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace sinter {

/// Maps a safetensors file. All sizes and offsets are checked here, so that
/// reading a tensor later cannot go wrong; an ill-formed file is one message
/// that names the file and the tensor.
llvm::Expected<std::unique_ptr<WeightSource>>
openSafetensors(llvm::StringRef path);

/// The same of bytes in memory; `path` is for messages only.
llvm::Expected<std::unique_ptr<WeightSource>>
parseSafetensors(llvm::StringRef path,
                 std::unique_ptr<llvm::MemoryBuffer> buffer);

} // namespace sinter

#endif // SINTER_FRONTEND_HUGGINGFACE_SAFETENSORS_H
