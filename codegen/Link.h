//===- Link.h - From an object to what people run -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_LINK_H
#define SINTER_CODEGEN_LINK_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <functional>
#include <string>

namespace sinter {

/// Writes a file whole or not at all: `write` fills a temporary file beside
/// `path`, which takes its name in the end. After an error, or a signal,
/// nothing is left of it.
llvm::Error
writeFile(llvm::StringRef path,
          std::function<llvm::Error(llvm::raw_pwrite_stream &)> write);

/// The weights of a model, as writeParameters wrote them to a file.
struct WeightsFile {
  std::string path;
  uint64_t bytes = 0;
  /// XXH3 of the bytes.
  uint64_t hash = 0;
};

/// Hashes the file that writeParameters wrote.
llvm::Expected<WeightsFile> describeWeights(llvm::StringRef path);

enum class BinaryKind {
  /// With the runtime and its main() inside, and the weights at its end.
  Executable,
  /// The same, but the weights go to `output` + ".weights".
  ExecutableWithoutWeights,
  /// With the runtime inside; the weights go to `output` + ".weights".
  Shared,
  Static,
  /// The object alone; the weights go to `output` + ".weights".
  Object
};

/// Makes `output` of a compiled model for the machine of the triple `target`.
/// Executables and shared libraries are linked by the system's C++ compiler
/// driver, or the one that the variable CXX names; for another machine than
/// this, by clang and lld with the libraries that tools/cross fetched. What the
/// driver prints becomes the error. The same object and weights give the same
/// bytes.
llvm::Error writeBinary(BinaryKind kind, llvm::StringRef target,
                        llvm::StringRef object, const WeightsFile &weights,
                        llvm::StringRef output);

/// Says in a line what links for the machine of a triple, after looking for all
/// that is needed; the error says what lacks.
llvm::Expected<std::string> describeToolchain(llvm::StringRef target);

} // namespace sinter

#endif // SINTER_CODEGEN_LINK_H
