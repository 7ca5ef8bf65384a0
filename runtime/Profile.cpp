//===- Profile.cpp - Where the time of a session goes ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Profile.h"

#include <algorithm>
#include <chrono>

namespace {

int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// What the costs of kernels with this window grow with, in this call.
class Quantities {
public:
  Quantities(const sinter_step_context &context, int64_t window) {
    const int64_t count = context.dimension[SINTER_DIMENSION_TOKENS];
    const int64_t rows = context.dimension[SINTER_DIMENSION_ROWS];
    const int64_t past = context.dimension[SINTER_DIMENSION_PAST];
    auto input = [&](int which, int64_t place, int64_t absent) {
      const int32_t *values = context.input[which];
      return values ? int64_t(values[place]) : absent;
    };
    auto seen = [&](int64_t token) {
      const int64_t extent = input(SINTER_INPUT_EXTENT, token, past);
      return window > 0 ? std::min(extent, window) : extent;
    };
    auto sourceOf = [&](int64_t token) {
      return input(SINTER_INPUT_SOURCE_EXTENT, token, 0);
    };
    value[SINTER_QUANTITY_ONE] = 1;
    value[SINTER_QUANTITY_TOKENS] = double(count);
    value[SINTER_QUANTITY_ROWS] = double(rows);
    value[SINTER_QUANTITY_SCORES] = double(count) * double(past);
    value[SINTER_QUANTITY_ROW_SCORES] = double(rows) * double(past);
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t token = input(SINTER_INPUT_ROW, row, 0);
      value[SINTER_QUANTITY_ROW_PAIRS] += double(seen(token));
      value[SINTER_QUANTITY_ROW_SOURCE_PAIRS] += double(sourceOf(token));
    }
    // Tokens of a sequence stand together, as a rule: a run of them is one.
    for (int64_t token = 0; token < count;) {
      const int64_t sequence = input(SINTER_INPUT_SEQUENCE, token, 0);
      int64_t first = token, farthest = 0;
      for (;
           token < count && input(SINTER_INPUT_SEQUENCE, token, 0) == sequence;
           ++token) {
        farthest = std::max(farthest, input(SINTER_INPUT_EXTENT, token, past));
        value[SINTER_QUANTITY_PAIRS] += double(seen(token));
        value[SINTER_QUANTITY_SOURCE_PAIRS] += double(sourceOf(token));
      }
      if (window > 0)
        farthest = std::min(farthest, window + token - first - 1);
      value[SINTER_QUANTITY_POSITIONS] += double(farthest);
      value[SINTER_QUANTITY_SOURCE] += double(sourceOf(first));
    }
  }

  double sumOf(const double (&factors)[SINTER_QUANTITY_COUNT]) const {
    double sum = 0;
    for (int which = 0; which < SINTER_QUANTITY_COUNT; ++which)
      sum += factors[which] * value[which];
    return sum;
  }

private:
  double value[SINTER_QUANTITY_COUNT] = {};
};

} // namespace

sinter_profile::sinter_profile(const sinter_program &program)
    : program(program) {
  for (int64_t index = 0; index < program.entry_count; ++index)
    sums.emplace_back(static_cast<size_t>(program.entries[index].kernel_count));
}

void sinter_profile::begin(int64_t index, const sinter_step_context &context) {
  entry = index;
  threadsOfStep = context.threads;
  const sinter_entry &called = program.entries[entry];
  if (static_cast<int64_t>(threads.size()) < threadsOfStep)
    threads.resize(static_cast<size_t>(threadsOfStep));
  for (Thread &thread : threads)
    thread.kernels.assign(static_cast<size_t>(called.kernel_count), Kernel());
  bytes.clear();
  operations.clear();
  for (int64_t kernel = 0; kernel < called.kernel_count; ++kernel) {
    const sinter_kernel &cost = called.kernels[kernel];
    const Quantities quantities(context, cost.window);
    bytes.push_back(quantities.sumOf(cost.bytes));
    operations.push_back(quantities.sumOf(cost.operations));
  }
}

void sinter_profile::enter(int64_t index) {
  Thread &thread = threads[static_cast<size_t>(index)];
  thread.kernel = 0;
  thread.last = now();
}

void sinter_profile::runs(int64_t index, int64_t kernel) {
  leave(index);
  Thread &thread = threads[static_cast<size_t>(index)];
  thread.kernel = kernel;
  ++thread.kernels[static_cast<size_t>(kernel)].calls;
}

void sinter_profile::waits(int64_t index) { leave(index); }

void sinter_profile::resumes(int64_t index) {
  Thread &thread = threads[static_cast<size_t>(index)];
  const int64_t time = now();
  if (!thread.kernels.empty())
    thread.kernels[static_cast<size_t>(thread.kernel)].waiting +=
        time - thread.last;
  thread.last = time;
}

void sinter_profile::leave(int64_t index) {
  Thread &thread = threads[static_cast<size_t>(index)];
  const int64_t time = now();
  if (!thread.kernels.empty())
    thread.kernels[static_cast<size_t>(thread.kernel)].busy +=
        time - thread.last;
  thread.last = time;
}

void sinter_profile::end() {
  // Who came first has waited for the last one.
  for (int64_t index = 0; index < threadsOfStep; ++index)
    resumes(index);
  std::vector<Sum> &sum = sums[static_cast<size_t>(entry)];
  for (size_t kernel = 0; kernel < sum.size(); ++kernel) {
    const double calls = double(threads[0].kernels[kernel].calls);
    sum[kernel].calls += threads[0].kernels[kernel].calls;
    sum[kernel].bytes += calls * bytes[kernel];
    sum[kernel].operations += calls * operations[kernel];
    for (int64_t index = 0; index < threadsOfStep; ++index) {
      const Kernel &of = threads[static_cast<size_t>(index)].kernels[kernel];
      sum[kernel].seconds += 1e-9 * double(of.busy) / double(threadsOfStep);
      sum[kernel].waiting += 1e-9 * double(of.waiting) / double(threadsOfStep);
    }
  }
}

std::vector<sinter_kernel_profile> sinter_profile::kernels() const {
  std::vector<sinter_kernel_profile> result;
  for (size_t index = 0; index < sums.size(); ++index)
    for (size_t kernel = 0; kernel < sums[index].size(); ++kernel) {
      const Sum &sum = sums[index][kernel];
      const sinter_kernel &about = program.entries[index].kernels[kernel];
      if (sum.calls > 0)
        result.push_back({program.entries[index].name, about.name, about.type,
                          sum.calls, sum.seconds, sum.waiting, sum.bytes,
                          sum.operations});
    }
  return result;
}

extern "C" void sinter_profile_kernel(const sinter_step_context *context,
                                      int64_t thread, int64_t kernel) {
  static_cast<sinter_profile *>(context->profile)->runs(thread, kernel);
}
