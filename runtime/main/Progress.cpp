//===- Progress.cpp - How far a long command is ---------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Progress.h"

#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

using namespace sinter::runtime;

namespace {

constexpr auto betweenDrawings = std::chrono::milliseconds(100);

size_t terminalColumns() {
#if defined(TIOCGWINSZ) // not of WASI
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
#endif
  return 80;
}

} // namespace

std::string sinter::runtime::progressLine(int64_t done, int64_t total,
                                          double seconds,
                                          const std::string &what,
                                          size_t columns) {
  const double part =
      total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 1;
  char rest[64];
  std::snprintf(rest, sizeof(rest), " %3.0f %%, %.0f s left", part * 100,
                done > 0 ? seconds * (1 - part) / part : 0);
  std::string text = rest + (what.empty() ? "" : ", " + what);
  constexpr size_t least = 10, most = 40, frame = 3;
  size_t width =
      columns > text.size() + frame ? columns - text.size() - frame : 0;
  if (width > most)
    width = most;
  if (width < least)
    return text.substr(1, columns > 1 ? columns - 1 : 0);
  const size_t filled = static_cast<size_t>(part * static_cast<double>(width));
  std::string bar(filled, '=');
  if (filled < width)
    bar += '>';
  bar.resize(width, ' ');
  return "[" + bar + "]" + text;
}

Progress::Progress(int64_t total)
    : total(total), shown(isatty(STDERR_FILENO)), start(Clock::now()) {}

void Progress::advance(int64_t done, const std::string &what) {
  const Clock::time_point now = Clock::now();
  if (!shown || (standing && now - drawn < betweenDrawings))
    return;
  drawn = now;
  standing = true;
  const double seconds = std::chrono::duration<double>(now - start).count();
  std::fprintf(
      stderr, "\r\033[K%s",
      progressLine(done, total, seconds, what, terminalColumns()).c_str());
  std::fflush(stderr);
}

void Progress::finish() {
  if (standing)
    std::fputs("\r\033[K", stderr);
  standing = false;
}
