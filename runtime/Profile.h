//===- Profile.h - Where the time of a session goes ----------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_PROFILE_H
#define SINTER_RUNTIME_PROFILE_H

#include "runtime/Program.h"
#include "runtime/include/sinter.h"

#include <cstdint>
#include <vector>

/// Sums, by kernel, of what threads say while they run steps. Each thread adds
/// to memory of its own; thread 0 adds up when all have come to the end.
struct sinter_profile {
  explicit sinter_profile(const sinter_program &program);

  /// One step at a time: `begin`, then each thread's calls from `enter` to
  /// `leave`, then `end`, when all threads have left.
  void begin(int64_t entry, const sinter_step_context &context);
  void enter(int64_t thread);
  void runs(int64_t thread, int64_t kernel);
  void waits(int64_t thread);
  void resumes(int64_t thread);
  void leave(int64_t thread);
  void end();

  /// Kernels that ran, in the order of the program.
  std::vector<sinter_kernel_profile> kernels() const;

private:
  struct Kernel {
    int64_t calls = 0;
    int64_t busy = 0, waiting = 0; ///< Nanoseconds.
  };

  /// Of its own cache lines.
  struct alignas(64) Thread {
    int64_t last = 0; ///< When it last said something.
    int64_t kernel = 0;
    std::vector<Kernel> kernels; ///< Of this step.
  };

  struct Sum {
    int64_t calls = 0;
    double seconds = 0, waiting = 0, bytes = 0, operations = 0;
  };

  const sinter_program &program;
  std::vector<Thread> threads;
  std::vector<std::vector<Sum>> sums; ///< By entry.
  // The step at hand.
  int64_t entry = 0, threadsOfStep = 0;
  std::vector<double> bytes, operations; ///< Of one run of each kernel.
};

#endif // SINTER_RUNTIME_PROFILE_H
