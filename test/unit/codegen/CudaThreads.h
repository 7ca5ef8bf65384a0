//===- CudaThreads.h - Threads of a block as fibers -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_UNIT_CODEGEN_CUDATHREADS_H
#define SINTER_TEST_UNIT_CODEGEN_CUDATHREADS_H

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sinter::test {

/// Runs `function(arguments)` on each thread of a block, with what emulated
/// operations find there. Returns what went wrong, or nothing.
std::string runBlock(void (*function)(const uint64_t *),
                     const uint64_t *arguments, int64_t threads,
                     int64_t sharedBytes, std::array<int64_t, 3> block,
                     unsigned seed);

/// The functions that stand for operations, and the shared memory, by name.
std::vector<std::pair<std::string, void *>> emulatedSymbols();

} // namespace sinter::test

#endif // SINTER_TEST_UNIT_CODEGEN_CUDATHREADS_H
