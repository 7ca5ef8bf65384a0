//===- FuzzOnnx.cpp - Any bytes as ONNX -*- C++ -*-===//
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

#include "frontend/onnx/Onnx.h"
#include "mlir/IR/MLIRContext.h"
#include <sys/mman.h>
#include <unistd.h>

using namespace sinter;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  // The reader maps files; this one is in memory.
  static int memory = memfd_create("fuzz", 0);
  if (ftruncate(memory, 0) != 0 || pwrite(memory, bytes, size, 0) < 0)
    return 0;
  llvm::Expected<std::unique_ptr<OnnxFile>> file =
      OnnxFile::open("/proc/self/fd/" + std::to_string(memory));
  if (!file) {
    llvm::consumeError(file.takeError());
    return 0;
  }
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  importOnnx(context, **file, {}, stream);
  return 0;
}
