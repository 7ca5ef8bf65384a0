//===- Package.h - A model as a library that others build with -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_PACKAGE_H
#define SINTER_TOOLS_SINTER_PACKAGE_H

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Error.h"
#include <string>

namespace sinter {

/// A folder that is made under another name and takes its own when it is whole;
/// after an error nothing is left of it.
///
///     include/sinter.h, include/NAME.h
///     lib/libNAME.so, lib/libNAME.so.weights
///     lib/pkgconfig/NAME.pc
///     lib/cmake/NAME/NAMEConfig.cmake, NAMEConfigVersion.cmake
///
/// It can be moved: what is in it finds the rest from where it stands.
class Package {
public:
  /// `folder` must not be there, or be empty. NAME is the model's, with `_` for
  /// what build systems do not take.
  static llvm::Expected<Package> create(llvm::StringRef folder,
                                        llvm::StringRef modelName);
  Package(Package &&other);
  ~Package();

  /// Where the shared library goes.
  std::string libraryPath() const;
  /// Writes all that stands beside the library, and gives the folder its name.
  llvm::Error finish();

private:
  Package() = default;

  std::string folder, name;
  llvm::SmallString<256> work;
};

/// The text of the public header, as it was when this compiler was built.
llvm::StringRef publicHeader();

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_PACKAGE_H
