//===- ThreadPool.h - The threads of a step and their barrier - -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_THREADPOOL_H
#define SINTER_RUNTIME_THREADPOOL_H

#include "runtime/Program.h"

#include <atomic>
#include <cstdint>
#include <vector>
#if !defined(__wasi__)
#include <pthread.h>
#endif

namespace sinter::runtime {

/// Threads meet here. Waiting spins for some microseconds, for the threads of a
/// step arrive close together, and then sleeps, for the machine may have other
/// work.
class Barrier {
public:
  explicit Barrier(int64_t parties, int64_t spins)
      : parties(static_cast<uint32_t>(parties)), spins(spins) {}

  /// Returns when all parties are here; what each wrote before is visible to
  /// all after.
  void wait();

private:
  const uint32_t parties;
  const int64_t spins;
  // Of their own cache lines: arriving must not disturb those who spin.
  alignas(64) std::atomic<uint32_t> arrived{0};
  alignas(64) std::atomic<uint32_t> generation{0};
};

/// How many rounds the calling thread has spun so far, waiting for others.
int64_t spinRoundsOfThread();

/// Runs a step on a fixed number of threads, the caller being thread 0. WASI
/// has no threads: there it is the only one.
class ThreadPool {
public:
  /// `threads` must be in [1, maximumThreads].
  explicit ThreadPool(int64_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

  static constexpr int64_t maximumThreads = 1024;

  int64_t threads() const { return count; }

  /// Runs `step` on all threads and returns when each has returned. Sets
  /// `context`'s threads and barrier. `entry` is the step's number, for the
  /// context's profile.
  void run(sinter_step_function step, sinter_step_context &context,
           int64_t entry = 0);

private:
  struct Worker {
    ThreadPool *pool;
    int64_t index;
#if !defined(__wasi__)
    pthread_t handle;
#endif
  };

  static void *workerMain(void *argument);
  void start();
  void work(int64_t index);
  void stop(size_t started);

  const int64_t count;
  const int64_t spins;
  Barrier barrier;
  std::vector<Worker> workers;
  sinter_step_function step = nullptr;
  const sinter_step_context *context = nullptr;
  bool stopping = false;
  // Counts the steps: a change starts the workers.
  alignas(64) std::atomic<uint32_t> epoch{0};
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_THREADPOOL_H
