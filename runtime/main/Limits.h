//===- Limits.h - What the machine can do at most ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MAIN_LIMITS_H
#define SINTER_RUNTIME_MAIN_LIMITS_H

#include "runtime/Memory.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sinter::runtime {

/// A loop that does nothing but multiply and add in registers.
struct PeakLoop {
  std::string type;        ///< f32, bf16, int8
  std::string instruction; ///< "vfmadd231ps zmm"
  /// Runs the loop so many times and returns how many operations it did.
  double (*run)(int64_t count);
};

/// Those that this CPU has, the fastest of a type last. Empty for other
/// architectures than x86-64.
std::vector<PeakLoop> peakLoops();

/// Operations a second of one burst of about `seconds` on `threads` threads.
double measurePeak(const PeakLoop &loop, int64_t threads, double seconds);

/// Memory far larger than the caches, to be read from one end to the other.
class ReadArray {
public:
  explicit ReadArray(int64_t bytes);

  /// Bytes a second of one pass, a part of the array for each thread.
  double measure(int64_t threads) const;

private:
  int64_t bytes;
  Memory memory;
};

/// "avx2" or "generic": how ReadArray reads.
std::string readLoopName();

/// Seconds from the start of the first to the end of the last of the threads.
double timeThreads(int64_t threads,
                   const std::function<void(int64_t thread)> &work);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_MAIN_LIMITS_H
