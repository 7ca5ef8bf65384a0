//===- InstructionSets.h - What this machine can run  -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_INSTRUCTIONSETS_H
#define SINTER_RUNTIME_INSTRUCTIONSETS_H

#include <string_view>

namespace sinter::runtime {

/// Can this machine, and this process, run the instruction set that LLVM names
/// so ("avx2", "dotprod", "v")? A name that is not known here counts as
/// lacking: a wrong "yes" would end in an illegal instruction.
bool hasInstructionSet(std::string_view name);

/// What --cpu could be for (nearly) every machine of this kind.
extern const char *const modestCpu;

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_INSTRUCTIONSETS_H
