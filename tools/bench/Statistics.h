//===- Statistics.h - Medians, and the state of the machine ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_BENCH_STATISTICS_H
#define SINTER_TOOLS_BENCH_STATISTICS_H

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

namespace sinter::bench {

/// The mean of the two in the middle where there is an even number.
inline double median(std::vector<double> values) {
  if (values.empty())
    return 0;
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle]
                           : (values[middle - 1] + values[middle]) / 2;
}

inline double largest(const std::vector<double> &values) {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

/// a[i] / b[i]
inline std::vector<double> ratios(const std::vector<double> &a,
                                  const std::vector<double> &b) {
  std::vector<double> result;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    result.push_back(a[i] / b[i]);
  return result;
}

/// Time of all processors since boot, in ticks: what other machines on the same
/// host took of it, what ran, and all.
struct ProcessorTime {
  double steal = 0, busy = 0, all = 0;

  static ProcessorTime now() {
    std::ifstream file("/proc/stat");
    std::string name;
    file >> name;
    ProcessorTime time;
    // user nice system idle iowait irq softirq steal
    for (int field = 0; field < 8; ++field) {
      double ticks = 0;
      file >> ticks;
      time.all += ticks;
      if (field == 7)
        time.steal = ticks;
      else if (field != 3 && field != 4)
        time.busy += ticks;
    }
    return time;
  }
};

/// The load of the last minute.
inline double load() {
  std::ifstream file("/proc/loadavg");
  double value = 0;
  file >> value;
  return value;
}

} // namespace sinter::bench

#endif // SINTER_TOOLS_BENCH_STATISTICS_H
