//===- Limits.cpp - What the machine can do at most -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Limits.h"
#include <algorithm>
#include <chrono>
#if !defined(__wasi__)
#include <barrier>
#include <thread>
#endif

using namespace sinter::runtime;
using Clock = std::chrono::steady_clock;

#if defined(__wasi__)

/// There is one.
double sinter::runtime::timeThreads(int64_t,
                                    const std::function<void(int64_t)> &work) {
  const Clock::time_point start = Clock::now();
  work(0);
  return std::chrono::duration<double>(Clock::now() - start).count();
}

#else

double sinter::runtime::timeThreads(int64_t threads,
                                    const std::function<void(int64_t)> &work) {
  Clock::time_point start;
  std::barrier ready(threads, [&]() noexcept { start = Clock::now(); });
  std::vector<std::jthread> others;
  for (int64_t thread = 1; thread < threads; ++thread)
    others.emplace_back([&, thread] {
      ready.arrive_and_wait();
      work(thread);
    });
  ready.arrive_and_wait();
  work(0);
  others.clear();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

#endif

double sinter::runtime::measurePeak(const PeakLoop &loop, int64_t threads,
                                    double seconds) {
  // How often the loop has to run for that long.
  int64_t count = 1 << 16;
  const double once = timeThreads(1, [&](int64_t) { loop.run(count); });
  count = std::max<int64_t>(
      count, static_cast<int64_t>(static_cast<double>(count) * seconds / once));
  std::vector<double> operations(static_cast<size_t>(threads));
  const double time = timeThreads(threads, [&](int64_t thread) {
    operations[static_cast<size_t>(thread)] = loop.run(count);
  });
  double sum = 0;
  for (double each : operations)
    sum += each;
  return sum / time;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

ReadArray::ReadArray(int64_t bytes)
    : bytes(bytes / 4096 * 4096),
      memory(this->bytes, "an array to be read", Pages::huge) {
  // Pages of zeros that were never written are all one page.
  for (int64_t i = 0; i < this->bytes; i += 64)
    memory.data()[i] = static_cast<unsigned char>(i >> 6);
}

namespace {

using Vector = long long __attribute__((vector_size(32)));

inline __attribute__((always_inline)) long long
sumOf(const unsigned char *begin, int64_t bytes) {
  const Vector *from = reinterpret_cast<const Vector *>(begin);
  Vector a = {}, b = {}, c = {}, d = {};
  for (int64_t i = 0; i < bytes / 128; ++i, from += 4) {
    a += from[0];
    b += from[1];
    c += from[2];
    d += from[3];
  }
  a += b + c + d;
  return a[0] + a[1] + a[2] + a[3];
}

long long sumGeneric(const unsigned char *begin, int64_t bytes) {
  return sumOf(begin, bytes);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) long long sumAvx2(const unsigned char *begin,
                                                  int64_t bytes) {
  return sumOf(begin, bytes);
}
bool hasAvx2() { return __builtin_cpu_supports("avx2"); }
#else
long long sumAvx2(const unsigned char *begin, int64_t bytes) {
  return sumOf(begin, bytes);
}
bool hasAvx2() { return false; }
#endif

} // namespace

std::string sinter::runtime::readLoopName() {
  return hasAvx2() ? "avx2" : "generic";
}

double ReadArray::measure(int64_t threads) const {
  auto *sum = hasAvx2() ? sumAvx2 : sumGeneric;
  const int64_t share = bytes / threads / 4096 * 4096;
  std::vector<long long> sums(static_cast<size_t>(threads));
  const double time = timeThreads(threads, [&](int64_t thread) {
    sums[static_cast<size_t>(thread)] =
        sum(memory.data() + thread * share, share);
  });
  // The sums must not be thought useless.
  for (long long each : sums)
    asm volatile("" : : "r"(each));
  return static_cast<double>(share * threads) / time;
}
