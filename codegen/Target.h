//===- Target.h - Descriptions of machines by name -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_TARGET_H
#define SINTER_CODEGEN_TARGET_H

#include "passes/TargetDescription.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace llvm {
class TargetMachine;
} // namespace llvm

namespace sinter {

/// The triples of all machines that there is code for.
std::vector<std::string> machinesKnown();

/// All that `--target` may name: machines, and devices beside this one.
std::vector<std::string> targetsKnown();

/// The device that `--target` names: "opencl"; none where it names a machine.
Device findDevice(llvm::StringRef name);

/// The triple of the machine that `--target` names, or this one's for a device:
/// "aarch64-linux-gnu", or "aarch64" for short; this one's where the name is
/// empty. An error says which machines there is code for.
llvm::Expected<std::string> findTriple(llvm::StringRef machine);

/// The CPU that `--cpu` names of that machine: "native" for this one's, or a
/// CPU or level as LLVM names it ("x86-64-v3", "znver5", "cortex-a76"); where
/// it is empty, this one's, or what all of another machine's kind run. An
/// unknown name is an error that lists names near it.
llvm::Expected<TargetDescription> describeTarget(llvm::StringRef cpu,
                                                 llvm::StringRef machine = "");

/// The machines of a list, "znver5,x86-64-v3", each once: the one that needs
/// most instruction sets first. All of them read weights in the layout that
/// passes choose for the first. Where `machine` names a device, passes see that
/// device, and the CPUs are those that launch its kernels.
llvm::Expected<std::vector<TargetDescription>>
describeTargets(llvm::StringRef cpus, llvm::StringRef machine = "");

/// The instruction sets that a binary for `target` may use and needs, sorted
/// and separated by commas, as `sinter_program.features` holds them. Features
/// that only tune, or that no compiled code uses, are left out.
std::string requiredFeatures(const TargetDescription &target);

/// LLVM's back end for the machine, for position-independent code.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const TargetDescription &target);

} // namespace sinter

#endif // SINTER_CODEGEN_TARGET_H
