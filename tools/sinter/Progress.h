//===- Progress.h - A bar on a terminal -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_PROGRESS_H
#define SINTER_TOOLS_SINTER_PROGRESS_H

#include "llvm/ADT/StringRef.h"
#include <chrono>
#include <cstdint>

namespace sinter {

/// Shows on the standard error, if it is a terminal, what is under way;
/// elsewhere it shows nothing. The line is gone when the object is.
class Progress {
public:
  explicit Progress(bool enabled);
  ~Progress();
  Progress(const Progress &) = delete;

  /// A step whose length is not known.
  void step(llvm::StringRef what);
  /// `done` of `total` bytes; drawn at most ten times a second.
  void bytes(llvm::StringRef what, uint64_t done, uint64_t total);

  /// Takes the line away, so that something else can be printed.
  void clear();

private:
  void draw(const std::string &text);

  bool enabled, shown = false;
  std::chrono::steady_clock::time_point last;
};

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_PROGRESS_H
