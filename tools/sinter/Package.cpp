//===- Package.cpp - A model as a library that others build with ----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Package.h"
#include "codegen/Link.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace sinter;
namespace fs = llvm::sys::fs;

static llvm::Error error(const llvm::Twine &message) {
  return llvm::createStringError(std::errc::io_error, "%s",
                                 message.str().c_str());
}

llvm::Expected<Package> Package::create(llvm::StringRef folder,
                                        llvm::StringRef modelName) {
  Package package;
  package.folder = folder.rtrim('/').str();
  package.name = modelName.str();
  for (char &c : package.name)
    if (!llvm::isAlnum(c) && c != '-' && c != '_' && c != '.')
      c = '_';
  std::error_code code;
  if (fs::exists(package.folder) &&
      (!fs::is_directory(package.folder) ||
       fs::directory_iterator(package.folder, code) !=
           fs::directory_iterator()))
    return error(package.folder +
                 ": cannot write it: expected the name of a new folder");
  // Beside the later place, so that it can be renamed.
  fs::createUniquePath(package.folder + ".%%%%%%%%.tmp", package.work,
                       /*MakeAbsolute=*/false);
  for (llvm::StringRef part : {"/include", "/lib/pkgconfig", "/lib/cmake/"}) {
    std::string path = (package.work + part).str();
    if (part.ends_with("cmake/"))
      path += package.name;
    if ((code = fs::create_directories(path)))
      return error(package.folder + ": cannot write it: " + code.message());
  }
  return package;
}

Package::Package(Package &&other)
    : folder(std::move(other.folder)), name(std::move(other.name)),
      work(std::move(other.work)) {
  other.work.clear();
}

Package::~Package() {
  if (!work.empty())
    fs::remove_directories(work);
}

std::string Package::libraryPath() const {
  return (work + "/lib/lib" + name + ".so").str();
}

/// A name that C takes.
static std::string identifier(llvm::StringRef name) {
  std::string word = name.str();
  for (char &c : word)
    if (!llvm::isAlnum(c))
      c = '_';
  return llvm::isDigit(word.front()) ? "_" + word : word;
}

static std::string modelHeader(llvm::StringRef name) {
  std::string word = identifier(name);
  return llvm::formatv(
             R"(/* The model {0}, compiled by Sinter {1}. sinter.h says what can be done with it:

     sinter_model *model;
     if (sinter_model_open({2}_program(), NULL, &model))
       puts(sinter_last_error());
*/
#ifndef SINTER_MODEL_{3}_H
#define SINTER_MODEL_{3}_H

#include "sinter.h"

static inline const sinter_program *{2}_program(void) {{
  return &sinter_compiled_model;
}

#endif
)",
             name, SINTER_VERSION, word, llvm::StringRef(word).upper())
      .str();
}

static std::string pkgConfigFile(llvm::StringRef name) {
  return llvm::formatv(R"(prefix=${{pcfiledir}/../..
libdir=${{prefix}/lib
includedir=${{prefix}/include

Name: {0}
Description: The model {0}, compiled by Sinter
Version: {1}
Cflags: -I${{includedir}
Libs: -L${{libdir} -l{0}
)",
                       name, SINTER_VERSION)
      .str();
}

static std::string cmakeConfig(llvm::StringRef name) {
  return llvm::formatv(R"(# find_package({0} CONFIG) gives the target {0}::{0}.
get_filename_component(_prefix "${{CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT TARGET {0}::{0})
  add_library({0}::{0} SHARED IMPORTED)
  set_target_properties({0}::{0} PROPERTIES
    IMPORTED_LOCATION "${{_prefix}/lib/lib{0}.so"
    IMPORTED_SONAME "lib{0}.so"
    INTERFACE_INCLUDE_DIRECTORIES "${{_prefix}/include")
endif()
unset(_prefix)
)",
                       name)
      .str();
}

static std::string cmakeVersion() {
  return llvm::formatv(R"(set(PACKAGE_VERSION "{0}")
if(PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE FALSE)
else()
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
  if(PACKAGE_FIND_VERSION STREQUAL PACKAGE_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
  endif()
endif()
)",
                       SINTER_VERSION)
      .str();
}

llvm::Error Package::finish() {
  const std::pair<std::string, std::string> files[] = {
      {"/include/sinter.h", publicHeader().str()},
      {"/include/" + name + ".h", modelHeader(name)},
      {"/lib/pkgconfig/" + name + ".pc", pkgConfigFile(name)},
      {"/lib/cmake/" + name + "/" + name + "Config.cmake", cmakeConfig(name)},
      {"/lib/cmake/" + name + "/" + name + "ConfigVersion.cmake",
       cmakeVersion()}};
  for (const auto &[path, text] : files)
    if (llvm::Error problem = writeFile((work + path).str(),
                                        [&](llvm::raw_pwrite_stream &stream) {
                                          stream << text;
                                          return llvm::Error::success();
                                        }))
      return problem;
  if (std::error_code code = fs::rename(work, folder))
    return error(folder + ": cannot write it: " + code.message());
  work.clear();
  return llvm::Error::success();
}
