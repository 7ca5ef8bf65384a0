//===- Memory.cpp - Memory of a session -----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Memory.h"

#include "runtime/Failure.h"

#include <cstdint>
#include <utility>
#if !defined(__wasi__)
#include <sys/mman.h>
#endif

using namespace sinter::runtime;

static constexpr int64_t hugePageBytes = int64_t(2) << 20;

#if defined(__wasi__)

/// The memory of a WebAssembly module grows by pages of zeros and never
/// shrinks: what is given back is lost, which the one session of a program can
/// afford.
static void *takePages(size_t bytes) {
  constexpr size_t page = 65536;
  const size_t before =
      __builtin_wasm_memory_grow(0, bytes / page + (bytes % page != 0));
  return before == SIZE_MAX ? nullptr : reinterpret_cast<void *>(before * page);
}

static void giveBack(void *, size_t) {}

#else

static void *takePages(size_t bytes) {
  void *address = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return address == MAP_FAILED ? nullptr : address;
}

static void giveBack(void *address, size_t bytes) { munmap(address, bytes); }

#endif

Memory::Memory(int64_t bytes, const char *what, Pages pages) : size(bytes) {
  if (bytes == 0)
    return;
  const int64_t boundary = pages == Pages::huge ? hugePageBytes : 1;
  mapped = checkedSum(bytes, boundary - 1, what);
  if (static_cast<uint64_t>(mapped) <= SIZE_MAX)
    mapping = takePages(static_cast<size_t>(mapped));
  if (!mapping)
    fail(SINTER_ERROR_MEMORY, "not enough memory for %s of %s", what,
         readableBytes(bytes).c_str());
  const auto address = reinterpret_cast<uintptr_t>(mapping);
  start = static_cast<unsigned char *>(mapping) +
          (static_cast<uintptr_t>(boundary) - address) %
              static_cast<uintptr_t>(boundary);
#ifdef MADV_HUGEPAGE
  // A wish: a system without them gives usual pages.
  if (pages == Pages::huge)
    madvise(start, static_cast<size_t>(bytes), MADV_HUGEPAGE);
#endif
}

Memory::~Memory() {
  if (mapping)
    giveBack(mapping, static_cast<size_t>(mapped));
}

Memory::Memory(Memory &&other) noexcept
    : start(std::exchange(other.start, nullptr)),
      size(std::exchange(other.size, 0)),
      mapping(std::exchange(other.mapping, nullptr)),
      mapped(std::exchange(other.mapped, 0)) {}

Memory &Memory::operator=(Memory &&other) noexcept {
  std::swap(start, other.start);
  std::swap(size, other.size);
  std::swap(mapping, other.mapping);
  std::swap(mapped, other.mapped);
  return *this;
}

void sinter::runtime::useUsualPages(unsigned char *at) {
#ifdef MADV_NOHUGEPAGE
  constexpr auto size = static_cast<size_t>(hugePageBytes);
  madvise(at - reinterpret_cast<uintptr_t>(at) % size, size, MADV_NOHUGEPAGE);
#else
  (void)at;
#endif
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
