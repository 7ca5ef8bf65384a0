//===- CommandLine.h - main() of a compiled model ------------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MAIN_COMMANDLINE_H
#define SINTER_RUNTIME_MAIN_COMMANDLINE_H

#include "runtime/include/sinter.h"
#include "runtime/main/Output.h"

#include <exception>

namespace sinter::runtime {

/// Does what the arguments say and returns the exit status: 0 done, 1 it
/// failed, 2 the command line is wrong, 130 interrupted.
int runCommandLine(const sinter_program &program, int argc, char **argv);

/// Prints the one line that says what went wrong; returns the exit status.
int report(const WriteFailure &failure);
int report(const std::exception &exception);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_MAIN_COMMANDLINE_H
