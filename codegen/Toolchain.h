//===- Toolchain.h - Who links, and with what -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_TOOLCHAIN_H
#define SINTER_CODEGEN_TOOLCHAIN_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace sinter {

/// What is linked with, and by whom.
struct Toolchain {
  /// The folder of the runtime's libraries.
  std::string folder;
  /// The C++ compiler driver that links, and what it takes to do so for
  /// another machine than this; for WebAssembly the linker itself.
  std::string driver;
  std::vector<std::string> flags;
  bool isWasm = false;
};

/// What links for the machine of a triple; the error says what lacks.
llvm::Expected<Toolchain> findToolchain(llvm::StringRef target);

/// What the runtime is made of, in an order in which each needs only those
/// behind it, and then what the system has.
llvm::ArrayRef<llvm::StringLiteral> runtimeLibraries();
llvm::ArrayRef<llvm::StringLiteral> systemLibraries();

/// Where the driver finds a static library of the system.
llvm::Expected<std::string> findSystemLibrary(const Toolchain &toolchain,
                                              llvm::StringRef name);

/// Files of a link.
struct LinkJob {
  bool isShared;
  llvm::StringRef object;
  /// An object with the weights; empty: they go elsewhere.
  llvm::StringRef weights;
  llvm::StringRef output;
  /// What a shared library is called.
  llvm::StringRef name;
  /// A script that says what a shared library shows.
  llvm::StringRef exports;
};
std::vector<std::string> linkArguments(const Toolchain &toolchain,
                                       const LinkJob &job);

/// Runs the driver; what it prints is the error if it fails, and the result if
/// it does not.
llvm::Expected<std::string> runDriver(const Toolchain &toolchain,
                                      llvm::ArrayRef<std::string> arguments);

} // namespace sinter

#endif // SINTER_CODEGEN_TOOLCHAIN_H
