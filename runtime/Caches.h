//===- Caches.h - Keys and values of all sequences ------------ -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CACHES_H
#define SINTER_RUNTIME_CACHES_H

#include "runtime/Program.h"
#include "runtime/device/Device.h"

#include <functional>
#include <vector>

namespace sinter::runtime {

/// The caches of a program, each [layers][slots][positions][row_bytes]. A slot
/// is the room of one sequence; which sequence has which is the session's
/// business.
class Caches {
public:
  /// `device` is where they are; null: the CPU.
  Caches(const sinter_program &program, int64_t slots, Device *device);

  /// One pointer a cache, as generated code wants them.
  unsigned char *const *pointers() const { return starts.data(); }

  int64_t bytes() const;

  /// Copies the first `positions` positions of the sequence's own caches.
  void copyTarget(int64_t from, int64_t to, int64_t positions);

  /// Copies the first `positions` positions of the caches of its source.
  void copySource(int64_t from, int64_t to, int64_t positions);

  /// Calls `use` with the rows of the first `positions` positions of each layer
  /// of the sequence's own caches, in order. It may read or fill them; those of
  /// a device are fetched, and written back.
  void each(int64_t slot, int64_t positions,
            const std::function<void(unsigned char *, size_t)> &use);

private:
  void copy(bool ofSource, int64_t from, int64_t to, int64_t positions);

  const sinter_program &program;
  const int64_t slots;
  Device *const device;
  std::vector<StepMemory> memory;
  std::vector<unsigned char *> starts;
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_CACHES_H
