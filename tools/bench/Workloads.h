//===- Workloads.h - What is timed of a model -------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_BENCH_WORKLOADS_H
#define SINTER_TOOLS_BENCH_WORKLOADS_H

#include "tools/bench/CompiledModel.h"

namespace sinter::bench {

struct Workload {
  std::string name;
  int64_t tokens;        ///< Of each sequence, in one call.
  int64_t depth = 0;     ///< Tokens that a sequence holds before.
  int64_t sequences = 1; ///< How many at once.

  int64_t all() const { return tokens * sequences; }
};

/// prompt-128, prompt-512, token-0, token-1024, token-4096, batch-2 ...
/// batch-16: those that fit into the model's context. Models of whole sequences
/// have prompts only.
std::vector<Workload> workloadsOf(const sinter_model_description &model);

/// "prompt-N", "token-DEPTH" or "batch-SEQUENCES"; throws UsageError.
Workload parseWorkload(const std::string &name);

/// Why the model cannot do that; empty if it can.
std::string obstacle(const Workload &workload,
                     const sinter_model_description &model);

/// Seconds of one call, the mean over as many as take about `seconds`.
double timeWorkload(CompiledModel &model, Sequences &sequences,
                    const Workload &workload, double seconds);

/// What a start costs, measured in a process of its own.
struct Start {
  double seconds;    ///< Until the output of a prompt of one token is there.
  int64_t peakBytes; ///< Most memory that was in use.
  int64_t ownBytes;  ///< Of it, what is not a mapped file.
};
Start measureStart(const std::string &path, int64_t threads);

} // namespace sinter::bench

#endif // SINTER_TOOLS_BENCH_WORKLOADS_H
