//===- ReadWeights.h - All tensors of a file that was taken -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_FUZZ_READWEIGHTS_H
#define SINTER_TEST_FUZZ_READWEIGHTS_H

#include "ir/WeightSource.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace sinter::test {

/// Parses bytes as a file of weights, and reads every element of what is taken
/// for one: sizes that were not checked show there.
template <typename Parse>
void readWeights(const uint8_t *bytes, size_t size, Parse parse) {
  llvm::StringRef text(reinterpret_cast<const char *>(bytes), size);
  auto file = parse("fuzz", llvm::MemoryBuffer::getMemBuffer(text, "", false));
  if (!file) {
    llvm::consumeError(file.takeError());
    return;
  }
  for (const std::string &name : (*file)->names()) {
    std::optional<StoredTensor> tensor = (*file)->find(name);
    if (!tensor || tensor->type == StoredType::Other)
      continue;
    std::vector<float> values(size_t(tensor->getNumElements()));
    tensor->read(0, values);
  }
}

} // namespace sinter::test

#endif // SINTER_TEST_FUZZ_READWEIGHTS_H
