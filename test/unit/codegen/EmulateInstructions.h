//===- EmulateInstructions.h - Another machine's code, run here -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_UNIT_CODEGEN_EMULATEINSTRUCTIONS_H
#define SINTER_TEST_UNIT_CODEGEN_EMULATEINSTRUCTIONS_H

#include "passes/TargetDescription.h"
#include "llvm/Support/Error.h"

namespace llvm {
class Module;
} // namespace llvm

namespace sinter::test {

/// Whether this machine has all instruction sets of `target`.
bool isRunnable(const TargetDescription &target);

/// Makes `module`, generated and optimized for another machine, code for this
/// one: what that machine has an instruction for becomes arithmetic that gives
/// the same bits, and LLVM cuts its vectors into those of this machine. So
/// kernels are tested wherever tests run, all but the back end's choice of
/// instructions, which is LLVM's. An instruction that is not known here is an
/// error that names it.
///
/// Meanings are those of Intel's and Arm's manuals, where they differ from
/// plain arithmetic:
///  - vdpbf16ps takes numbers below 2^-126 for zero, as inputs and as results,
///    and adds the products of the odd elements before those of the even ones,
///    each with a rounding of its own (Intel SDM, vol. 2, VDPBF16PS);
///  - bfdot and bfmmla round two products' sum to odd, and so the sum with what
///    it is added to (Arm ARM, BFDotAdd, without FEAT_EBF16);
///  - vcvtneps2bf16 takes numbers below 2^-126 for zero.
llvm::Error emulateInstructions(llvm::Module &module);

} // namespace sinter::test

#endif // SINTER_TEST_UNIT_CODEGEN_EMULATEINSTRUCTIONS_H
