//===- Progress.cpp - A bar on a terminal -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Progress.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace sinter;

static bool standardErrorIsTerminal() {
  // A terminal that cannot move its cursor would show every state of the line
  // one behind the other.
  return llvm::sys::Process::StandardErrIsDisplayed() &&
         llvm::StringRef(llvm::sys::Process::GetEnv("TERM").value_or("")) !=
             "dumb";
}

Progress::Progress(bool enabled)
    : enabled(enabled && standardErrorIsTerminal()) {}

Progress::~Progress() { clear(); }

void Progress::draw(const std::string &text) {
  llvm::errs() << "\r\033[K" << text;
  llvm::errs().flush();
  shown = true;
  last = std::chrono::steady_clock::now();
}

void Progress::clear() {
  if (shown)
    llvm::errs() << "\r\033[K";
  shown = false;
}

void Progress::step(llvm::StringRef what) {
  if (enabled)
    draw((what + " ...").str());
}

void Progress::bytes(llvm::StringRef what, uint64_t done, uint64_t total) {
  if (!enabled || total == 0)
    return;
  if (shown && done < total &&
      std::chrono::steady_clock::now() - last < std::chrono::milliseconds(100))
    return;
  constexpr uint64_t width = 24;
  uint64_t filled = uint64_t(double(done) / double(total) * width);
  draw(llvm::formatv("{0} [{1}{2}] {3:f1} of {4:f1} MB", what,
                     std::string(filled, '='), std::string(width - filled, ' '),
                     double(done) / 1e6, double(total) / 1e6));
}
