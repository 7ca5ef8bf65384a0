//===- ZipArchive.h - Files in a zip archive -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_HUGGINGFACE_ZIPARCHIVE_H
#define SINTER_FRONTEND_HUGGINGFACE_ZIPARCHIVE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <map>
#include <string>

namespace sinter {

/// The files of an archive by name; their bytes are part of the archive's.
using ZipFiles = std::map<std::string, llvm::ArrayRef<uint8_t>, std::less<>>;

/// Reads the directory of an archive whose files are stored as they are, in the
/// old form or the one for more than 4 GB
/// (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT). What is
/// compressed or encrypted, in several parts, stands twice or leaves the
/// archive is an error. `path` is for messages only.
llvm::Expected<ZipFiles> readZipArchive(llvm::StringRef path,
                                        llvm::ArrayRef<uint8_t> archive);

} // namespace sinter

#endif // SINTER_FRONTEND_HUGGINGFACE_ZIPARCHIVE_H
