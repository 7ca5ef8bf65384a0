//===- Doctor.h - What this machine can compile and run ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_DOCTOR_H
#define SINTER_TOOLS_SINTER_DOCTOR_H

namespace sinter {

/// Prints what `sinter` finds on this machine, a line each, and for what lacks
/// how to get it. Returns whether all is there that compiling and running
/// models here needs.
bool examineMachine();

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_DOCTOR_H
