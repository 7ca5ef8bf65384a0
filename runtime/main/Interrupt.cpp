//===- Interrupt.cpp - Ctrl-C ---------------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Interrupt.h"

#if defined(__wasi__)

// A WebAssembly module hears of no signals: a Ctrl-C ends the program that runs
// it.
void sinter::runtime::catchInterrupts() {}
void sinter::runtime::keepInterrupts() {}
void sinter::runtime::clearInterrupt() {}
bool sinter::runtime::interrupted() { return false; }
bool sinter::runtime::waitForInput(int) { return true; }

#else

#include "runtime/Failure.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

using namespace sinter::runtime;

namespace {

volatile std::sig_atomic_t flag = 0;

/// A pipe that holds a byte for each Ctrl-C, so that poll() wakes up for one
/// that came before it, too.
int wakeUp[2] = {-1, -1};

void remember(int) {
  flag = 1;
  const int before = errno;
  // A pipe that is full wakes up as well.
  [[maybe_unused]] const ssize_t written = ::write(wakeUp[1], "", 1);
  errno = before;
}

} // namespace

void sinter::runtime::catchInterrupts() {
  struct sigaction action = {};
  action.sa_handler = remember;
  // The handler stays for one signal only: the second one ends the process.
  action.sa_flags = SA_RESETHAND;
  sigaction(SIGINT, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void sinter::runtime::keepInterrupts() {
  if (wakeUp[0] < 0 && ::pipe2(wakeUp, O_CLOEXEC | O_NONBLOCK) != 0)
    fail(SINTER_ERROR_FILE, "cannot open a pipe: %s", std::strerror(errno));
  struct sigaction action = {};
  action.sa_handler = remember;
  sigaction(SIGINT, &action, nullptr);
}

void sinter::runtime::clearInterrupt() {
  // In this order: a Ctrl-C in between leaves the flag, which is looked at
  // before the pipe.
  flag = 0;
  char bytes[64];
  while (::read(wakeUp[0], bytes, sizeof bytes) > 0) {
  }
}

bool sinter::runtime::interrupted() { return flag != 0; }

bool sinter::runtime::waitForInput(int file) {
  pollfd waiting[] = {{file, POLLIN, 0}, {wakeUp[0], POLLIN, 0}};
  while (!interrupted()) {
    if (::poll(waiting, 2, -1) < 0) {
      if (errno == EINTR)
        continue;
      fail(SINTER_ERROR_FILE, "cannot wait for input: %s",
           std::strerror(errno));
    }
    if (waiting[1].revents)
      return false;
    if (waiting[0].revents)
      return true;
  }
  return false;
}

#endif
