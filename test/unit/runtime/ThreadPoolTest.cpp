//===- ThreadPoolTest.cpp - Threads of a step and their barrier -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/ThreadPool.h"
#include "runtime/Cores.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <sys/resource.h>
#include <thread>

using namespace sinter::runtime;

namespace {

constexpr int64_t rounds = 2000;
int64_t written[64];
std::atomic<int> errors;

/// Each thread writes without atomics what all others read behind the barrier.
void stress(const sinter_step_context *context, int64_t thread) {
  const int64_t threads = context->threads;
  for (int64_t round = 1; round <= rounds; ++round) {
    written[thread] = round * threads + thread;
    sinter_barrier_wait(context, thread);
    for (int64_t other = 0; other < threads; ++other)
      if (written[other] != round * threads + other)
        ++errors;
    sinter_barrier_wait(context, thread);
  }
}

TEST(ThreadPool, BarrierOrdersWhatThreadsWrite) {
  for (int64_t threads : {1, 2, 3, 8}) {
    errors = 0;
    ThreadPool pool(threads);
    sinter_step_context context = {};
    for (int call = 0; call < 3; ++call)
      pool.run(stress, context);
    EXPECT_EQ(context.threads, threads);
    EXPECT_EQ(errors, 0) << threads;
  }
}

std::atomic<int64_t> visits[64];

void count(const sinter_step_context *, int64_t thread) { ++visits[thread]; }

TEST(ThreadPool, EveryThreadTakesPartInEveryStep) {
  ThreadPool pool(6);
  for (auto &visit : visits)
    visit = 0;
  sinter_step_context context = {};
  for (int call = 0; call < 500; ++call)
    pool.run(count, context);
  for (int thread = 0; thread < 6; ++thread)
    EXPECT_EQ(visits[thread], 500);
  EXPECT_EQ(visits[6], 0);
}

void late(const sinter_step_context *context, int64_t thread) {
  if (thread == context->threads - 1)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  sinter_barrier_wait(context, thread);
  ++visits[thread];
}

TEST(ThreadPool, ThreadsThatWaitLongSleepAndWake) {
  ThreadPool pool(4);
  for (auto &visit : visits)
    visit = 0;
  sinter_step_context context = {};
  for (int call = 0; call < 3; ++call) {
    pool.run(late, context);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  for (int thread = 0; thread < 4; ++thread)
    EXPECT_EQ(visits[thread], 3);
}

constexpr int64_t barriers = 400;
std::atomic<int64_t> work, spun, mostSpun;

/// Counts what threads do between barriers, and how they wait.
void meet(const sinter_step_context *context, int64_t thread) {
  const int64_t before = spinRoundsOfThread();
  for (int64_t i = 0; i < barriers; ++i) {
    ++work;
    sinter_barrier_wait(context, thread);
  }
  const int64_t own = spinRoundsOfThread() - before;
  spun += own;
  if (own > mostSpun)
    mostSpun = own;
}

/// More threads than processors: none takes the time of those it waits for, so
/// that what is done stays the work, and sleeping and waking.
TEST(ThreadPool, ThreadsThatHaveNoProcessorDoNotSpin) {
  const int64_t threads = 4 * usableProcessors();
  work = spun = 0;
  rusage before = {}, after = {};
  getrusage(RUSAGE_SELF, &before);
  {
    ThreadPool pool(threads);
    sinter_step_context context = {};
    pool.run(meet, context);
  }
  getrusage(RUSAGE_SELF, &after);
  EXPECT_EQ(work, threads * barriers);
  EXPECT_EQ(spun, 0);
  // Each sleeps once a barrier, and some more where a wake-up meets a lock; a
  // yield counts as a sleep.
  EXPECT_LE(after.ru_nvcsw - before.ru_nvcsw, 20 * threads * barriers);
}

/// Those that have one spin for a bounded time.
TEST(ThreadPool, SpinningIsBounded) {
  if (usableProcessors() < 2)
    GTEST_SKIP() << "one processor";
  work = spun = mostSpun = 0;
  ThreadPool pool(2);
  sinter_step_context context = {};
  pool.run(meet, context);
  EXPECT_EQ(work, 2 * barriers);
  EXPECT_GT(spun, 0);
  EXPECT_LE(mostSpun, 500 * barriers);
}

TEST(ThreadPool, StartsAndStopsWithoutAStep) {
  for (int i = 0; i < 50; ++i)
    ThreadPool pool(3);
}

TEST(Cores, AreAtLeastOneAndNotMoreThanProcessors) {
  EXPECT_GE(usableCores(), 1);
  EXPECT_LE(usableCores(), usableProcessors());
}

} // namespace
