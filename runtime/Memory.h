//===- Memory.h - Memory of a session ------------------------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MEMORY_H
#define SINTER_RUNTIME_MEMORY_H

#include <cstddef>
#include <cstdint>

namespace sinter::runtime {

/// How much the system hands out at once. Huge pages, of 2 MiB, need fewer
/// entries of the tables that turn addresses, which a past that is read with
/// every token runs out of.
enum class Pages { usual, huge };

/// Zeroed memory on a page's boundary, which the system hands out as it is
/// touched: a context that is never filled costs little.
class Memory {
public:
  Memory() = default;
  /// `what` names it where there is not enough.
  Memory(int64_t bytes, const char *what, Pages pages = Pages::usual);
  ~Memory();
  Memory(Memory &&other) noexcept;
  Memory &operator=(Memory &&other) noexcept;

  unsigned char *data() const { return start; }
  int64_t bytes() const { return size; }

private:
  unsigned char *start = nullptr;
  int64_t size = 0;
  void *mapping = nullptr; ///< What was asked of the system: some more.
  int64_t mapped = 0;
};

/// Lets the system hand out the 2 MiB around `at`, of memory in huge pages that
/// begins at their boundary, as usual pages: zeroing a huge page takes 0.3 ms,
/// which a start waits for where the first bytes alone are touched.
void useUsualPages(unsigned char *at);

/// a * b and a + b of sizes that are not negative; throws where the result is
/// no int64_t. `what` names what is too large.
int64_t checkedProduct(int64_t a, int64_t b, const char *what);
int64_t checkedSum(int64_t a, int64_t b, const char *what);

/// `bytes`, rounded up to a multiple of 64.
int64_t roundToLine(int64_t bytes, const char *what);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_MEMORY_H
