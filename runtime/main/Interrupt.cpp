//===- Interrupt.cpp - Ctrl-C ---------------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Interrupt.h"

#include <csignal>

using namespace sinter::runtime;

namespace {

volatile std::sig_atomic_t flag = 0;

void remember(int) { flag = 1; }

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
  struct sigaction action = {};
  action.sa_handler = remember;
  sigaction(SIGINT, &action, nullptr);
}

void sinter::runtime::clearInterrupt() { flag = 0; }

bool sinter::runtime::interrupted() { return flag != 0; }
