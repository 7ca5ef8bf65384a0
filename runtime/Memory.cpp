//===- Memory.cpp - Memory of a session -----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Memory.h"

#include "runtime/Failure.h"

#include <sys/mman.h>
#include <utility>

using namespace sinter::runtime;

Memory::Memory(int64_t bytes, const char *what) : size(bytes) {
  if (bytes == 0)
    return;
  void *address =
      mmap(nullptr, static_cast<size_t>(bytes), PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED)
    fail(SINTER_ERROR_MEMORY, "not enough memory for %s of %s", what,
         readableBytes(bytes).c_str());
  start = static_cast<unsigned char *>(address);
}

Memory::~Memory() {
  if (start)
    munmap(start, static_cast<size_t>(size));
}

Memory::Memory(Memory &&other) noexcept
    : start(std::exchange(other.start, nullptr)),
      size(std::exchange(other.size, 0)) {}

Memory &Memory::operator=(Memory &&other) noexcept {
  std::swap(start, other.start);
  std::swap(size, other.size);
  return *this;
}

int64_t sinter::runtime::checkedProduct(int64_t a, int64_t b,
                                        const char *what) {
  int64_t result;
  if (__builtin_mul_overflow(a, b, &result))
    fail(SINTER_ERROR_MEMORY, "%s would not fit into the address space", what);
  return result;
}

int64_t sinter::runtime::checkedSum(int64_t a, int64_t b, const char *what) {
  int64_t result;
  if (__builtin_add_overflow(a, b, &result))
    fail(SINTER_ERROR_MEMORY, "%s would not fit into the address space", what);
  return result;
}

int64_t sinter::runtime::roundToLine(int64_t bytes, const char *what) {
  return checkedSum(bytes, 63, what) / 64 * 64;
}
