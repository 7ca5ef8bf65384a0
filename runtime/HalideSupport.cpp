//===- HalideSupport.cpp - Scratch memory of row kernels ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Row kernels are compiled without a runtime of their own and ask for scratch
// rows here. What a thread gives back is kept for its next request, so that a
// token costs no allocation.
//
//===----------------------------------------------------------------------===//

#include "runtime/Program.h"

#include <bit>
#include <cstdio>
#include <cstdlib>

namespace {

// Before each block, of a line's size so that the block stays aligned.
struct alignas(64) Header {
  Header *next;
  uint64_t sizeClass;
};

constexpr uint64_t smallestClass = 8; // 256 bytes
// No block is larger than the addresses of a machine reach.
constexpr uint64_t classes = sizeof(size_t) < 8 ? 31 : 48;

/// Blocks of 2^n bytes that a thread has given back.
struct Blocks {
  Header *free[classes] = {};

  ~Blocks() {
    for (Header *&list : free)
      while (Header *block = list) {
        list = block->next;
        std::free(block);
      }
  }
};

thread_local Blocks blocks;

[[noreturn]] void exhausted(uint64_t bytes) {
  // A kernel cannot report failure, and going on would write to nowhere.
  std::fprintf(stderr, "sinter: not enough memory for %llu bytes of scratch\n",
               static_cast<unsigned long long>(bytes));
  std::_Exit(1);
}

} // namespace

extern "C" void *halide_malloc(void *, size_t bytes) {
  uint64_t sizeClass = bytes <= 1 ? 0 : std::bit_width(bytes - 1);
  if (sizeClass < smallestClass)
    sizeClass = smallestClass;
  if (sizeClass >= classes)
    exhausted(bytes);
  Header *block = blocks.free[sizeClass];
  if (block) {
    blocks.free[sizeClass] = block->next;
  } else {
    block = static_cast<Header *>(std::aligned_alloc(
        alignof(Header), sizeof(Header) + (size_t(1) << sizeClass)));
    if (!block)
      exhausted(bytes);
    block->sizeClass = sizeClass;
  }
  return block + 1;
}

extern "C" void halide_free(void *, void *pointer) {
  if (!pointer)
    return;
  Header *block = static_cast<Header *>(pointer) - 1;
  block->next = blocks.free[block->sizeClass];
  blocks.free[block->sizeClass] = block;
}
