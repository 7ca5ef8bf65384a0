//===- TorchWeights.h - Weights as torch.save writes them -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A zip archive: "NAME/data.pkl", a pickle of a dictionary from names to
// tensors, and "NAME/data/KEY", the elements of each storage. Files from before
// PyTorch 1.6 are pickles one behind the other, then the storages.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_HUGGINGFACE_TORCHWEIGHTS_H
#define SINTER_FRONTEND_HUGGINGFACE_TORCHWEIGHTS_H

#include "ir/WeightSource.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace sinter {

/// Maps "pytorch_model.bin". Nothing of its pickle is run, and what is no
/// description of tensors is refused. Tensors are used where they lie; one
/// whose strides are not those of its shape, or of f64, is copied when it is
/// first asked for. Everything is checked here, so that reading later cannot go
/// wrong.
llvm::Expected<std::unique_ptr<WeightSource>>
openTorchWeights(llvm::StringRef path);

/// The same of bytes in memory; `path` is for messages only.
llvm::Expected<std::unique_ptr<WeightSource>>
parseTorchWeights(llvm::StringRef path,
                  std::unique_ptr<llvm::MemoryBuffer> buffer);

} // namespace sinter

#endif // SINTER_FRONTEND_HUGGINGFACE_TORCHWEIGHTS_H
