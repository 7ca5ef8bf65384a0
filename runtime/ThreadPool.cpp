//===- ThreadPool.cpp - The threads of a step and their barrier -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/ThreadPool.h"

#include "runtime/Cores.h"
#include "runtime/Failure.h"
#include "runtime/Profile.h"

#include <cstring>
#if !defined(__wasi__)
#include <csignal>
#endif

using namespace sinter::runtime;

namespace {

// About twice what it costs to sleep and be woken, 4 us where a round takes 18
// ns (runtime/README.md): who sleeps after that has lost little by waiting, and
// who is let on before has saved it.
constexpr int64_t spinRounds = 500;

thread_local int64_t roundsSpun = 0;

inline void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Waits until `value` is no longer `old`.
void awaitChange(std::atomic<uint32_t> &value, uint32_t old, int64_t spins) {
  for (int64_t round = 0; round < spins; ++round) {
    if (value.load(std::memory_order_acquire) != old) {
      roundsSpun += round;
      return;
    }
    relax();
  }
  roundsSpun += spins;
  while (value.load(std::memory_order_acquire) == old)
    value.wait(old, std::memory_order_acquire);
}

sinter_profile *profileOf(const sinter_step_context &context) {
  return static_cast<sinter_profile *>(context.profile);
}

void runStep(sinter_step_function step, const sinter_step_context &context,
             int64_t thread) {
  sinter_profile *profile = profileOf(context);
  if (profile)
    profile->enter(thread);
  step(&context, thread);
  if (profile)
    profile->leave(thread);
}

} // namespace

int64_t sinter::runtime::spinRoundsOfThread() { return roundsSpun; }

void Barrier::wait() {
  if (parties == 1)
    return;
  // Cannot advance before this thread has arrived, so the order does not
  // matter.
  uint32_t current = generation.load(std::memory_order_relaxed);
  if (arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == parties) {
    arrived.store(0, std::memory_order_relaxed);
    generation.store(current + 1, std::memory_order_release);
    generation.notify_all();
    return;
  }
  awaitChange(generation, current, spins);
}

ThreadPool::ThreadPool(int64_t threads)
    : count(threads),
      // Spinning with more threads than cores only keeps the others from
      // arriving.
      spins(threads <= usableProcessors() ? spinRounds : 0),
      barrier(threads, spins) {
  start();
}

ThreadPool::~ThreadPool() { stop(workers.size()); }

#if defined(__wasi__)

void ThreadPool::start() {
  if (count > 1)
    fail(SINTER_ERROR_UNSUPPORTED,
         "%lld threads are more than there can be: WebAssembly has one",
         static_cast<long long>(count));
}

void ThreadPool::stop(size_t) {}

#else

// Generated code keeps register tiles and rows on the stack; some systems give
// threads very little of it.
static constexpr size_t stackBytes = size_t(8) << 20;

void ThreadPool::start() {
  workers.resize(static_cast<size_t>(count - 1));
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stackBytes);
  // Signals are the main thread's.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  int error = 0;
  size_t started = 0;
  for (; started < workers.size() && error == 0; ++started) {
    workers[started].pool = this;
    workers[started].index = static_cast<int64_t>(started) + 1;
    error = pthread_create(&workers[started].handle, &attributes, workerMain,
                           &workers[started]);
    if (error != 0)
      break;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (error != 0) {
    stop(started);
    fail(SINTER_ERROR_MEMORY, "cannot start thread %zu of %lld: %s",
         started + 2, static_cast<long long>(count), std::strerror(error));
  }
}

void ThreadPool::stop(size_t started) {
  stopping = true;
  epoch.fetch_add(1, std::memory_order_release);
  epoch.notify_all();
  for (size_t index = 0; index < started; ++index)
    pthread_join(workers[index].handle, nullptr);
}

#endif

void *ThreadPool::workerMain(void *argument) {
  Worker *worker = static_cast<Worker *>(argument);
  worker->pool->work(worker->index);
  return nullptr;
}

void ThreadPool::work(int64_t index) {
  for (uint32_t seen = 0;; ++seen) {
    awaitChange(epoch, seen, spins);
    if (stopping)
      return;
    runStep(step, *context, index);
    barrier.wait();
  }
}

void ThreadPool::run(sinter_step_function function, sinter_step_context &call,
                     int64_t entry) {
  call.threads = count;
  call.barrier = &barrier;
  sinter_profile *profile = profileOf(call);
  if (profile)
    profile->begin(entry, call);
  if (count == 1) {
    runStep(function, call, 0);
  } else {
    step = function;
    context = &call;
    epoch.fetch_add(1, std::memory_order_release);
    epoch.notify_all();
    runStep(function, call, 0);
    barrier.wait();
  }
  if (profile)
    profile->end();
}

extern "C" void sinter_barrier_wait(const sinter_step_context *context,
                                    int64_t thread) {
  sinter_profile *profile = profileOf(*context);
  if (profile)
    profile->waits(thread);
  static_cast<Barrier *>(context->barrier)->wait();
  if (profile)
    profile->resumes(thread);
}
