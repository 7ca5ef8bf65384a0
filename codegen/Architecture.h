//===- Architecture.h - What differs between machines -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_ARCHITECTURE_H
#define SINTER_CODEGEN_ARCHITECTURE_H

#include "passes/TargetDescription.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/TargetParser/Triple.h"

namespace sinter {

/// What is particular of one architecture that code is generated for.
struct Architecture {
  /// The triple of its Linux, or of WASI, as Debian spells it:
  /// "aarch64-linux-gnu".
  llvm::StringLiteral triple;
  /// The CPU where none is named: what every machine of this kind runs.
  llvm::StringLiteral baseline;
  /// Instruction sets that LLVM chooses by itself for code like ours, sorted.
  /// Those that are reached by intrinsics only and those that only the
  /// operating system uses are left out, so that a virtual machine that hides
  /// them does not refuse a binary.
  llvm::ArrayRef<llvm::StringLiteral> usedFeatures;
  /// Features of a CPU, each "+name"; into `processor` what the back end calls
  /// it where that is not the name itself. False: there is no such CPU.
  bool (*findCpu)(llvm::StringRef cpu,
                  llvm::SmallVectorImpl<std::string> &features,
                  std::string &processor);
  /// All CPUs that can be named.
  void (*listCpus)(llvm::SmallVectorImpl<llvm::StringRef> &names);
  /// Says how wide vectors are, how registers are filled, and which
  /// instructions multiply small numbers, by the features of the target.
  void (*chooseTile)(TargetDescription &target);
};

/// The one that a triple, or the first word of one, names; null: there is no
/// code for it.
const Architecture *findArchitecture(const llvm::Triple &triple);

llvm::ArrayRef<Architecture> allArchitectures();

/// Is `name` among a target's features?
bool hasFeature(const TargetDescription &target, llvm::StringRef name);

} // namespace sinter

#endif // SINTER_CODEGEN_ARCHITECTURE_H
