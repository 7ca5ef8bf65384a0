//===- Progress.h - How far a long command is ----------------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MAIN_PROGRESS_H
#define SINTER_RUNTIME_MAIN_PROGRESS_H

#include <chrono>
#include <cstdint>
#include <string>

namespace sinter::runtime {

/// The bar, for `done` of `total` things after `seconds`: a part of a line of
/// `columns` characters, "[=====>    ]  47 %, 12 s left".
std::string progressLine(int64_t done, int64_t total, double seconds,
                         const std::string &what, size_t columns);

/// A bar on standard error where that is a terminal; nothing elsewhere.
class Progress {
public:
  explicit Progress(int64_t total);
  /// Removes the bar, also where the command fails.
  ~Progress() { finish(); }
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  /// Draws at most some times a second. `what` stands behind the bar.
  void advance(int64_t done, const std::string &what);
  void finish();

private:
  using Clock = std::chrono::steady_clock;

  const int64_t total;
  const bool shown;
  const Clock::time_point start;
  Clock::time_point drawn;
  bool standing = false;
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_MAIN_PROGRESS_H
