//===- Caches.cpp - Keys and values of all sequences ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Caches.h"

#include <cstring>

using namespace sinter::runtime;

namespace {

// Of shorter parts of a layer most would be a huge page that is mostly empty.
constexpr int64_t leastForHugePages = int64_t(4) << 20;
// Each part of a cache that is asked for differently is a mapping of its own,
// of which systems have some ten thousands.
constexpr int64_t mostParts = 4096;

} // namespace

Caches::Caches(const sinter_program &program, int64_t slots, Device *device)
    : program(program), slots(slots), device(device) {
  for (int64_t index = 0; index < program.cache_count; ++index) {
    const sinter_cache &cache = program.caches[index];
    const char *what = "a cache of keys or values";
    int64_t bytes = checkedProduct(cache.layers, slots, what);
    bytes = checkedProduct(bytes, cache.positions, what);
    bytes = checkedProduct(bytes, cache.row_bytes, what);
    // Vectors that are read whole may end behind the last row.
    bytes = roundToLine(checkedSum(bytes, 64, what), what);
    const bool isLong = cache.positions * cache.row_bytes >= leastForHugePages;
    memory.emplace_back(device, bytes, what,
                        isLong ? Pages::huge : Pages::usual);
    starts.push_back(memory.back().data());
    // What a sequence begins in comes as usual pages.
    if (isLong && !device && cache.layers * slots <= mostParts)
      for (int64_t part = 0; part < cache.layers * slots; ++part)
        useUsualPages(starts.back() + part * cache.positions * cache.row_bytes);
  }
}

int64_t Caches::bytes() const {
  int64_t total = 0;
  for (const StepMemory &cache : memory)
    total += cache.bytes();
  return total;
}

void Caches::copyTarget(int64_t from, int64_t to, int64_t positions) {
  copy(false, from, to, positions);
}

void Caches::copySource(int64_t from, int64_t to, int64_t positions) {
  copy(true, from, to, positions);
}

void Caches::copy(bool ofSource, int64_t from, int64_t to, int64_t positions) {
  for (int64_t index = 0; index < program.cache_count; ++index) {
    const sinter_cache &cache = program.caches[index];
    if (!cache.persistent || (cache.of_source != 0) != ofSource)
      continue;
    const int64_t slotBytes = cache.positions * cache.row_bytes;
    const size_t used = static_cast<size_t>(positions * cache.row_bytes);
    for (int64_t layer = 0; layer < cache.layers; ++layer) {
      unsigned char *start = starts[index] + layer * slots * slotBytes;
      if (device)
        device->copy(addressOf(start + to * slotBytes),
                     addressOf(start + from * slotBytes), used);
      else
        std::memcpy(start + to * slotBytes, start + from * slotBytes, used);
    }
  }
}

void Caches::each(int64_t slot, int64_t positions,
                  const std::function<void(unsigned char *, size_t)> &use) {
  for (int64_t index = 0; index < program.cache_count; ++index) {
    const sinter_cache &cache = program.caches[index];
    if (!cache.persistent || cache.of_source)
      continue;
    const int64_t slotBytes = cache.positions * cache.row_bytes;
    const size_t used = static_cast<size_t>(positions * cache.row_bytes);
    std::vector<unsigned char> fetched(device ? used : 0);
    for (int64_t layer = 0; layer < cache.layers; ++layer) {
      unsigned char *rows = starts[index] + (layer * slots + slot) * slotBytes;
      if (!device) {
        use(rows, used);
        continue;
      }
      device->download(fetched.data(), addressOf(rows), used);
      use(fetched.data(), used);
      device->upload(addressOf(rows), fetched.data(), used);
    }
  }
}
