//===- FuzzTorchWeights.cpp - Any bytes as a file of torch.save -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes bytes as a hostile hand would write them. See Replay.cpp for how it is
// run.
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/TorchWeights.h"

using namespace sinter;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(bytes), size);
  llvm::Expected<std::unique_ptr<WeightSource>> file = parseTorchWeights(
      "fuzz", llvm::MemoryBuffer::getMemBuffer(text, "", false));
  if (!file) {
    llvm::consumeError(file.takeError());
    return 0;
  }
  for (const std::string &name : (*file)->names()) {
    std::optional<StoredTensor> tensor = (*file)->find(name);
    if (!tensor || tensor->type == StoredType::Other)
      continue;
    std::vector<float> values(size_t(tensor->getNumElements()));
    tensor->read(0, values);
  }
  return 0;
}
