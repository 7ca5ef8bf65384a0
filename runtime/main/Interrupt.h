//===- Interrupt.h - Ctrl-C ----------------------------------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MAIN_INTERRUPT_H
#define SINTER_RUNTIME_MAIN_INTERRUPT_H

namespace sinter::runtime {

/// From here on the first Ctrl-C only sets interrupted(), so that a text can
/// end cleanly; the second ends the process. Writing to a closed pipe becomes
/// an error that write() returns.
void catchInterrupts();

/// From now on every Ctrl-C is remembered, and none ends the process.
void keepInterrupts();
void clearInterrupt();

bool interrupted();

/// Waits until a descriptor has something, or its end, to read; false where a
/// Ctrl-C came first, be it before the call. Needs keepInterrupts().
bool waitForInput(int file);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_MAIN_INTERRUPT_H
