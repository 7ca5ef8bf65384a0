//===- ShowProfile.cpp - Where the time of a command went -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `./model ... --profile`: each kernel against what the machine allows. A
// kernel can be no faster than reading its bytes, nor than computing its
// operations; its share of the limit is the longer of the two times over its
// own.
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Commands.h"
#include "runtime/main/Limits.h"
#include "runtime/main/Output.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

using namespace sinter::runtime;

namespace {

// Larger than the caches of most machines, and soon read.
constexpr int64_t readBytes = int64_t(256) << 20;
constexpr int readings = 3;
constexpr double burstSeconds = 0.03;

__attribute__((format(printf, 1, 2))) std::string formatted(const char *format,
                                                            ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  return text;
}

/// Adds up; the limit is that of each part.
struct Line {
  std::string name;
  int64_t calls = 0;
  double seconds = 0, waiting = 0, bytes = 0, operations = 0;
  double atMemory = 0, atArithmetic = 0; ///< Seconds, at the limit.

  double limit() const { return std::max(atMemory, atArithmetic); }
};

double over(double value, double seconds) {
  return seconds > 0 ? value / seconds : 0;
}

} // namespace

Profiler::Profiler(const sinter_model *model, int64_t threads)
    : threads(threads), bandwidth(0) {
  sinter_profile *created = nullptr;
  check(sinter_profile_create(model, &created));
  handle.reset(created);
  for (const PeakLoop &loop : peakLoops()) {
    const double found = measurePeak(loop, threads, burstSeconds);
    auto known =
        std::find_if(peaks.begin(), peaks.end(),
                     [&](const Peak &peak) { return peak.type == loop.type; });
    if (known == peaks.end())
      peaks.push_back({loop.type, loop.instruction, found});
    else if (found > known->operations)
      *known = {loop.type, loop.instruction, found};
  }
  const ReadArray array(readBytes);
  for (int reading = 0; reading < readings; ++reading)
    bandwidth = std::max(bandwidth, array.measure(threads));
}

/// 0: not known. Without an instruction for the type, it is computed in f32.
double Profiler::peakOf(const std::string &type) const {
  double f32 = 0;
  for (const Peak &peak : peaks) {
    if (peak.type == type)
      return peak.operations;
    if (peak.type == "f32")
      f32 = peak.operations;
  }
  return f32;
}

std::string
Profiler::tableOf(const std::vector<sinter_kernel_profile> &kernels) const {
  std::vector<Line> lines;
  Line all;
  all.name = "all";
  size_t width = std::string("kernel").size();
  bool manyEntries = false;
  for (const sinter_kernel_profile &kernel : kernels)
    manyEntries |= std::string(kernel.entry) != kernels[0].entry;
  for (const sinter_kernel_profile &kernel : kernels) {
    const double peak = peakOf(kernel.type);
    Line line{(manyEntries ? kernel.entry + std::string(": ") : "") +
                  kernel.name,
              kernel.calls,
              kernel.seconds,
              kernel.waiting_seconds,
              kernel.bytes,
              kernel.operations,
              over(kernel.bytes, bandwidth),
              over(kernel.operations, peak)};
    width = std::max(width, line.name.size());
    all.calls += line.calls;
    all.seconds += line.seconds;
    all.waiting += line.waiting;
    all.bytes += line.bytes;
    all.operations += line.operations;
    // Kernels run one after the other: what one saves, another cannot use.
    (line.atMemory > line.atArithmetic ? all.atMemory : all.atArithmetic) +=
        line.limit();
    lines.push_back(std::move(line));
  }
  lines.push_back(all);
  const double whole = all.seconds + all.waiting;
  const int column = static_cast<int>(std::min<size_t>(width, 60));
  std::string text = formatted(
      "%-*s %8s %9s %5s %9s %9s %9s %7s %8s  %s\n", column, "kernel", "calls",
      "ms", "%", "waiting", "MB", "GFLOP", "GB/s", "GFLOP/s", "of the limit");
  for (const Line &line : lines) {
    const bool isAll = &line == &lines.back();
    const double limit =
        isAll ? line.atMemory + line.atArithmetic : line.limit();
    text += formatted(
        "%-*.*s %8lld %9.2f %5.1f %9.2f %9.1f %9.2f %7.1f %8.1f  %3.0f %%%s\n",
        column, column, line.name.c_str(), static_cast<long long>(line.calls),
        line.seconds * 1e3, 100 * over(line.seconds, whole), line.waiting * 1e3,
        line.bytes * 1e-6, line.operations * 1e-9,
        over(line.bytes, line.seconds) * 1e-9,
        over(line.operations, line.seconds) * 1e-9,
        100 * over(limit, line.seconds),
        isAll                               ? ""
        : line.atMemory > line.atArithmetic ? " memory"
                                            : " arithmetic");
  }
  text += formatted("limits with %lld thread%s: reading %.1f GB/s",
                    static_cast<long long>(threads), threads == 1 ? "" : "s",
                    bandwidth * 1e-9);
  for (const Peak &peak : peaks)
    text += formatted(", %s %.0f GFLOP/s (%s)", peak.type.c_str(),
                      peak.operations * 1e-9, peak.instruction.c_str());
  return text + "\n";
}

std::string
Profiler::jsonOf(const std::vector<sinter_kernel_profile> &kernels) const {
  std::string text =
      formatted("{\"threads\": %lld, \"bytes_per_second\": %.6g, \"peaks\": [",
                static_cast<long long>(threads), bandwidth);
  for (const Peak &peak : peaks)
    text += std::string(&peak == &peaks.front() ? "" : ", ") +
            "{\"type\": " + jsonString(peak.type) +
            ", \"instruction\": " + jsonString(peak.instruction) +
            formatted(", \"operations_per_second\": %.6g}", peak.operations);
  text += "], \"kernels\": [";
  for (const sinter_kernel_profile &kernel : kernels)
    text += std::string(&kernel == &kernels.front() ? "" : ", ") +
            "{\"entry\": " + jsonString(kernel.entry) +
            ", \"name\": " + jsonString(kernel.name) +
            ", \"type\": " + jsonString(kernel.type) +
            formatted(", \"calls\": %lld, \"seconds\": %.9g, "
                      "\"waiting_seconds\": %.9g, \"bytes\": %.0f, "
                      "\"operations\": %.0f}",
                      static_cast<long long>(kernel.calls), kernel.seconds,
                      kernel.waiting_seconds, kernel.bytes, kernel.operations);
  return text + "]}\n";
}

void Profiler::show(bool json) const {
  sinter_kernel_profile *found = nullptr;
  int64_t count = 0;
  check(sinter_profile_kernels(handle.get(), &found, &count));
  const std::vector<sinter_kernel_profile> kernels(found, found + count);
  std::free(found);
  const std::string text = json ? jsonOf(kernels) : tableOf(kernels);
  std::fputs(text.c_str(), stderr);
}
