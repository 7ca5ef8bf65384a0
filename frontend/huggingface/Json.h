//===- Json.h - JSON files, with messages that name file and place -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_HUGGINGFACE_JSON_H
#define SINTER_FRONTEND_HUGGINGFACE_JSON_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include <nlohmann/json.hpp>
#include <string>

namespace sinter {

/// "PATH: MESSAGE".
llvm::Error jsonError(llvm::StringRef path, const llvm::Twine &message);

/// The text of a whole file; "PATH: cannot read it: ..." if there is none, it
/// is a folder or larger than 1 GB.
llvm::Expected<std::string> readTextFile(llvm::StringRef path);

/// Parses an object. A name that stands twice in one object is an error: two
/// readers would take different values. `path` is for messages only.
llvm::Expected<nlohmann::json> parseJson(llvm::StringRef path,
                                         llvm::StringRef text);
llvm::Expected<nlohmann::json> parseJsonFile(llvm::StringRef path);

} // namespace sinter

#endif // SINTER_FRONTEND_HUGGINGFACE_JSON_H
