//===- Toolchain.cpp - Who links, and with what -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/Toolchain.h"
#include "codegen/Link.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace sinter;
namespace fs = llvm::sys::fs;

/// Where clang's own library for WebAssembly is, in the libraries' folder.
static constexpr char wasmBuiltins[] =
    "llvm-22/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm32.a";

static llvm::Error error(const llvm::Twine &message) {
  return llvm::createStringError(std::errc::io_error, "%s",
                                 message.str().c_str());
}

/// The folder of this machine's runtime: beside the compiler, in its build tree
/// or where it was installed.
static llvm::Expected<std::string> runtimeFolder() {
  if (std::optional<std::string> folder =
          llvm::sys::Process::GetEnv("SINTER_RUNTIME")) {
    if (fs::exists(*folder + "/libsinter_runtime.a"))
      return *folder;
    return error("SINTER_RUNTIME names '" + *folder +
                 "', where libsinter_runtime.a is not");
  }
  llvm::SmallString<256> self(fs::getMainExecutable(
      "sinter", reinterpret_cast<void *>(&runtimeFolder)));
  llvm::sys::path::remove_filename(self);
  llvm::SmallVector<std::string> tried;
  for (llvm::StringRef relative : {"../lib", "../lib/sinter"}) {
    llvm::SmallString<256> folder(self);
    llvm::sys::path::append(folder, relative);
    llvm::sys::path::remove_dots(folder, /*remove_dot_dot=*/true);
    if (fs::exists(folder + "/libsinter_runtime.a"))
      return std::string(folder);
    tried.push_back(std::string(folder));
  }
  return error("the runtime's libraries are not where they should be "
               "(libsinter_runtime.a in " +
               llvm::join(tried, " or ") +
               "); set SINTER_RUNTIME to their folder");
}

/// The driver for this machine.
static llvm::Expected<std::string> findDriver() {
  if (std::optional<std::string> name = llvm::sys::Process::GetEnv("CXX");
      name && !name->empty()) {
    if (llvm::ErrorOr<std::string> path = llvm::sys::findProgramByName(*name))
      return *path;
    return error("CXX names '" + *name + "', which is not on the PATH");
  }
  for (llvm::StringRef name : {"c++", "g++", "clang++", "clang++-22"})
    if (llvm::ErrorOr<std::string> path = llvm::sys::findProgramByName(name))
      return *path;
  return error("linking needs a C++ compiler: none of c++, g++ and clang++ is "
               "on the PATH");
}

/// Debian's libraries of another machine, and LLVM's linker, which knows all.
static llvm::Error findCrossToolchain(const llvm::Triple &triple,
                                      Toolchain &toolchain) {
  std::string name = triple.str();
  toolchain.folder += "/" + name;
  std::string sysroot = toolchain.folder + "/sysroot";
  if (!fs::exists(toolchain.folder + "/libsinter_runtime.a") ||
      !fs::exists(sysroot))
    return error("the runtime for " + name + " is not in " + toolchain.folder +
                 ": `tools/cross " + triple.getArchName() +
                 "` of Sinter's sources makes it");
  if (triple.isWasm()) {
    toolchain.isWasm = true;
    for (llvm::StringRef linker : {"wasm-ld-22", "wasm-ld"})
      if (llvm::ErrorOr<std::string> path =
              llvm::sys::findProgramByName(linker)) {
        toolchain.driver = *path;
        return llvm::Error::success();
      }
    return error(
        "linking for " + name +
        " needs LLVM's linker: wasm-ld-22 is not on the PATH (Debian's "
        "package is lld-22)");
  }
  for (llvm::StringRef driver : {"clang++-22", "clang++"})
    if (llvm::ErrorOr<std::string> path =
            llvm::sys::findProgramByName(driver)) {
      toolchain.driver = *path;
      toolchain.flags = {"--target=" + name, "--sysroot=" + sysroot,
                         "-fuse-ld=lld"};
      return llvm::Error::success();
    }
  return error("linking for " + name +
               " needs clang: clang++-22 is not on the PATH");
}

llvm::Expected<Toolchain> sinter::findToolchain(llvm::StringRef target) {
  Toolchain toolchain;
  llvm::Expected<std::string> folder = runtimeFolder();
  if (!folder)
    return folder.takeError();
  toolchain.folder = *folder;
  llvm::Triple triple(target);
  if (triple.getArch() !=
      llvm::Triple(llvm::sys::getDefaultTargetTriple()).getArch()) {
    if (llvm::Error problem = findCrossToolchain(triple, toolchain))
      return problem;
    return toolchain;
  }
  llvm::Expected<std::string> driver = findDriver();
  if (!driver)
    return driver.takeError();
  toolchain.driver = *driver;
  return toolchain;
}

llvm::Expected<std::string>
sinter::runDriver(const Toolchain &toolchain,
                  llvm::ArrayRef<std::string> arguments) {
  llvm::SmallString<128> log;
  if (std::error_code code = fs::createTemporaryFile("sinter-link", "log", log))
    return error("cannot make a temporary file: " + code.message());
  llvm::scope_exit cleanUp([&] { fs::remove(log); });

  llvm::SmallVector<llvm::StringRef> words{toolchain.driver};
  llvm::append_range(words, toolchain.flags);
  llvm::append_range(words, arguments);
  std::string message;
  int status = llvm::sys::ExecuteAndWait(
      toolchain.driver, words, /*Env=*/std::nullopt,
      {llvm::StringRef(""), log.str(), log.str()}, 0, 0, &message);
  std::string printed;
  if (llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
          llvm::MemoryBuffer::getFile(log))
    printed = (*buffer)->getBuffer().trim().str();
  if (status != 0)
    return error("linking with " + toolchain.driver +
                 " failed: " + (printed.empty() ? message : printed));
  return printed;
}

llvm::ArrayRef<llvm::StringLiteral> sinter::runtimeLibraries() {
  static constexpr llvm::StringLiteral names[] = {
      "libsinter_runtime.a", "libsinter_chat.a", "libsinter_tokenizer.a"};
  return names;
}

llvm::ArrayRef<llvm::StringLiteral> sinter::systemLibraries() {
  static constexpr llvm::StringLiteral names[] = {"libpcre2-8.a",
                                                  "libutf8proc.a"};
  return names;
}

/// What wasm-ld takes: no driver stands in front of it, because clang looks for
/// its own library where a compiler is installed, not in a folder like ours.
static std::vector<std::string> wasmLinkArguments(const Toolchain &toolchain,
                                                  const LinkJob &job) {
  std::string libraries = toolchain.folder + "/sysroot/lib/";
  std::vector<std::string> arguments{"-o", job.output.str(),
                                     libraries + "wasm32-wasi/crt1-command.o",
                                     job.object.str()};
  if (!job.weights.empty())
    arguments.push_back(job.weights.str());
  arguments.push_back(toolchain.folder + "/libsinter_main.a");
  for (llvm::StringRef library : runtimeLibraries())
    arguments.push_back((toolchain.folder + "/" + library).str());
  for (llvm::StringRef library : systemLibraries())
    arguments.push_back((libraries + "wasm32-wasi/" + library).str());
  for (const char *library :
       {"libc++.a", "libc++abi.a", "libwasi-emulated-getpid.a", "libc.a"})
    arguments.push_back(libraries + "wasm32-wasi/" + library);
  arguments.push_back(libraries + wasmBuiltins);
  // As much stack as Linux gives, in front of all data: who runs out of it is
  // stopped and overwrites nothing. A name, because the file's own would go
  // into the module.
  for (const char *flag : {"-z", "stack-size=8388608", "--stack-first",
                           "--strip-debug", "--soname=model"})
    arguments.push_back(flag);
  return arguments;
}

std::vector<std::string> sinter::linkArguments(const Toolchain &toolchain,
                                               const LinkJob &job) {
  if (toolchain.isWasm)
    return wasmLinkArguments(toolchain, job);
  std::vector<std::string> arguments{"-o", job.output.str(), job.object.str()};
  auto runtime = [&](llvm::StringRef name) {
    arguments.push_back((toolchain.folder + "/" + name).str());
  };
  if (job.isShared) {
    arguments.insert(arguments.end(),
                     {"-shared", "-Wl,-soname," + job.name.str(),
                      "-Wl,--version-script=" + job.exports.str(),
                      "-Wl,--whole-archive"});
    runtime("libsinter_runtime.a");
    arguments.push_back("-Wl,--no-whole-archive");
  } else {
    arguments.push_back("-pie");
    runtime("libsinter_main.a");
  }
  for (llvm::StringRef library : runtimeLibraries())
    runtime(library);
  for (llvm::StringRef library : systemLibraries())
    arguments.push_back(("-l:" + library).str());
  // Nothing but libc and libm is needed where the binary runs; no number in it
  // changes from one link to the next.
  for (const char *flag :
       {"-static-libstdc++", "-static-libgcc", "-pthread", "-lm",
        "-Wl,--build-id=none", "-Wl,--gc-sections", "-Wl,-z,noexecstack"})
    arguments.push_back(flag);
#ifdef SINTER_LINK_FLAGS
  arguments.push_back(SINTER_LINK_FLAGS);
#endif
  return arguments;
}

llvm::Expected<std::string>
sinter::findSystemLibrary(const Toolchain &toolchain, llvm::StringRef name) {
  if (toolchain.isWasm) {
    std::string path =
        (toolchain.folder + "/sysroot/lib/wasm32-wasi/" + name).str();
    if (fs::exists(path))
      return path;
    return error(name + " is not in " + toolchain.folder +
                 "/sysroot: `tools/cross wasm32` of Sinter's sources makes it");
  }
  llvm::Expected<std::string> path =
      runDriver(toolchain, {("-print-file-name=" + name).str()});
  // A driver that finds nothing prints the name.
  if (path && *path == name)
    return error(name + " is not where " + toolchain.driver +
                 " looks for libraries: libpcre2-dev and libutf8proc-dev are "
                 "Debian's packages");
  return path;
}

llvm::Expected<std::string> sinter::describeToolchain(llvm::StringRef target) {
  llvm::Expected<Toolchain> toolchain = findToolchain(target);
  if (!toolchain)
    return toolchain.takeError();
  for (llvm::StringRef library : systemLibraries()) {
    llvm::Expected<std::string> path = findSystemLibrary(*toolchain, library);
    if (!path)
      return path.takeError();
  }
  return toolchain->driver + " and the runtime in " + toolchain->folder;
}
