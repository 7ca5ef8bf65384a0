//===- Weights.h - The weights of a model, mapped ------------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_WEIGHTS_H
#define SINTER_RUNTIME_WEIGHTS_H

#include "runtime/Memory.h"
#include "runtime/Payload.h"
#include "runtime/Program.h"

#include <string>

namespace sinter::runtime {

/// A read-only mapping of a model's weights, which runtime/Payload.h describes.
/// The pages come from the file as they are touched and are shared by all
/// processes that run the model. (WebAssembly has no mappings: what is not a
/// segment of the module is read into memory.)
class Weights {
public:
  /// Looks in `path`, or, where it is null, at the end of the file that holds
  /// `program` and then beside that file. Throws one message for what does not
  /// fit.
  Weights(const sinter_program &program, const char *path);
  ~Weights();
  Weights(const Weights &) = delete;
  Weights &operator=(const Weights &) = delete;

  /// On a page's boundary; null when the model has no weights.
  const unsigned char *data() const { return bytes; }

  /// The file that they were found in.
  const std::string &path() const { return file; }

  /// Throws unless the weights have the hash that the program expects.
  void verify(const sinter_program &program) const;

private:
  std::string file;
  const unsigned char *bytes = nullptr;
  size_t mapped = 0;
  Memory copy; ///< Of the file, where it cannot be mapped.
};

/// The executable or shared library that `address` was loaded from.
std::string fileOf(const void *address);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_WEIGHTS_H
