//===- Main.cpp - The program that a compiled model is --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/CommandLine.h"

int main(int argc, char **argv) {
  return sinter::runtime::runCommandLine(sinter_compiled_model, argc, argv);
}
