//===- Cores.cpp - How many threads this process should use ---------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cores.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <string>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#endif

using namespace sinter::runtime;

#if defined(__linux__)

namespace {

// Larger than the kernels that exist support, so that one call is enough.
constexpr int maximumProcessors = 8192;

class Affinity {
public:
  Affinity() : set(CPU_ALLOC(maximumProcessors)) {
    if (set && sched_getaffinity(0, bytes(), set) != 0) {
      CPU_FREE(set);
      set = nullptr;
    }
  }
  ~Affinity() {
    if (set)
      CPU_FREE(set);
  }
  Affinity(const Affinity &) = delete;
  Affinity &operator=(const Affinity &) = delete;

  bool known() const { return set != nullptr; }
  bool holds(int processor) const {
    return CPU_ISSET_S(processor, bytes(), set);
  }
  int64_t count() const { return CPU_COUNT_S(bytes(), set); }

private:
  static size_t bytes() { return CPU_ALLOC_SIZE(maximumProcessors); }
  cpu_set_t *set;
};

std::string firstLine(const std::string &path) {
  char line[256] = "";
  if (std::FILE *file = std::fopen(path.c_str(), "re")) {
    if (!std::fgets(line, sizeof(line), file))
      line[0] = '\0';
    std::fclose(file);
  }
  return line;
}

/// Processors' worth of time that the control group grants; 0: no limit known.
int64_t groupQuota() {
  long long quota = 0, period = 0;
  if (std::sscanf(firstLine("/sys/fs/cgroup/cpu.max").c_str(), "%lld %lld",
                  &quota, &period) == 2 &&
      quota > 0 && period > 0)
    return std::max<int64_t>(1, (quota + period - 1) / period);
  return 0;
}

} // namespace

int64_t sinter::runtime::usableProcessors() {
  Affinity affinity;
  int64_t processors =
      affinity.known()
          ? affinity.count()
          : static_cast<int64_t>(std::thread::hardware_concurrency());
  if (int64_t quota = groupQuota())
    processors = std::min(processors, quota);
  return std::max<int64_t>(1, processors);
}

int64_t sinter::runtime::usableCores() {
  Affinity affinity;
  if (!affinity.known())
    return usableProcessors();
  // A core is known by the list of its processors.
  std::set<std::string> cores;
  for (int processor = 0; processor < maximumProcessors; ++processor) {
    if (!affinity.holds(processor))
      continue;
    std::string siblings =
        firstLine("/sys/devices/system/cpu/cpu" + std::to_string(processor) +
                  "/topology/thread_siblings_list");
    cores.insert(siblings.empty() ? "processor " + std::to_string(processor)
                                  : siblings);
  }
  return std::min<int64_t>(std::max<size_t>(1, cores.size()),
                           usableProcessors());
}

#elif defined(__wasi__)

int64_t sinter::runtime::usableProcessors() { return 1; }

int64_t sinter::runtime::usableCores() { return 1; }

#else

int64_t sinter::runtime::usableProcessors() {
  return std::max<int64_t>(1, std::thread::hardware_concurrency());
}

int64_t sinter::runtime::usableCores() { return usableProcessors(); }

#endif
