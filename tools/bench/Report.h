//===- Report.h - What a run of the bench found -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_BENCH_REPORT_H
#define SINTER_TOOLS_BENCH_REPORT_H

#include "tools/bench/Workloads.h"
#include <string>
#include <vector>

namespace sinter::bench {

/// A limit of the machine, once a round. Per second.
struct LimitSamples {
  std::string what; ///< "f32, vfmadd231ps zmm"; "read, avx2"
  bool isRead;
  int64_t threads;
  std::vector<double> values;
};

/// One row of the table. All vectors have an element for each round.
struct WorkloadSamples {
  std::string model;
  Workload workload;
  int64_t threads;
  std::vector<double> seconds;
  /// Of the same round.
  std::vector<double> peak, bandwidth;
  /// Tokens a second of the peer; empty without one.
  std::vector<double> peer;
  /// Of one call, as the compiler counts; 0: not known.
  double operations = 0, bytes = 0;
};

struct ModelSamples {
  std::string path, name, cpu;
  double compileSeconds = 0; ///< 0: it was compiled before.
  std::vector<double> startSeconds;
  int64_t startThreads = 1;
  std::vector<double> peakBytes, ownBytes;
};

struct Report {
  int64_t rounds;
  double load, steal; ///< Shares of the whole run.
  int64_t readBytes;
  std::vector<LimitSamples> limits;
  std::vector<ModelSamples> models;
  std::vector<WorkloadSamples> workloads;
};

std::string tableOf(const Report &report);
std::string jsonOf(const Report &report);

} // namespace sinter::bench

#endif // SINTER_TOOLS_BENCH_REPORT_H
