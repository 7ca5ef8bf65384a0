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
#include "test/fuzz/ReadWeights.h"

using namespace sinter;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  test::readWeights(bytes, size, parseTorchWeights);
  return 0;
}
