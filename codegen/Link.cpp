//===- Link.cpp - From an object to what people run -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/Link.h"
#include "runtime/Payload.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Object/Archive.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/xxhash.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace sinter;
namespace fs = llvm::sys::fs;

static llvm::Error error(const llvm::Twine &message) {
  return llvm::createStringError(std::errc::io_error, "%s",
                                 message.str().c_str());
}

//===----------------------------------------------------------------------===//
// Files that are whole or not there
//===----------------------------------------------------------------------===//

namespace {
/// A file beside its later place, gone with the object unless it was kept.
class TemporaryFile {
public:
  static llvm::Expected<TemporaryFile> create(llvm::StringRef path,
                                              llvm::StringRef suffix = "") {
    TemporaryFile file;
    if (std::error_code code =
            fs::createUniqueFile(path + ".%%%%%%%%.tmp" + suffix, file.name))
      return error(path + ": cannot write it: " + code.message());
    llvm::sys::RemoveFileOnSignal(file.name);
    return file;
  }
  TemporaryFile(TemporaryFile &&other) : name(std::move(other.name)) {
    other.name.clear();
  }
  ~TemporaryFile() {
    if (name.empty())
      return;
    fs::remove(name);
    llvm::sys::DontRemoveFileOnSignal(name);
  }

  llvm::StringRef getName() const { return name; }

  llvm::Error keep(llvm::StringRef path) {
    if (fs::is_directory(path))
      return error(path + ": cannot write it: it is a folder");
    if (std::error_code code = fs::rename(name, path))
      return error(path + ": cannot write it: " + code.message());
    llvm::sys::DontRemoveFileOnSignal(name);
    name.clear();
    return llvm::Error::success();
  }

private:
  TemporaryFile() = default;
  llvm::SmallString<256> name;
};
} // namespace

/// A device or pipe: it is written to, where a file is replaced.
static bool isSpecialFile(llvm::StringRef path) {
  fs::file_status status;
  return !fs::status(path, status) && fs::exists(status) &&
         !fs::is_regular_file(status) && !fs::is_directory(status);
}

/// Fills a file; errors, a full disk among them, name `path`.
static llvm::Error
fill(llvm::StringRef file, llvm::StringRef path, fs::OpenFlags flags,
     llvm::function_ref<llvm::Error(llvm::raw_fd_ostream &)> write) {
  std::error_code code;
  llvm::raw_fd_ostream stream(file, code, fs::CD_OpenAlways, fs::FA_Write,
                              flags);
  if (code)
    return error(path + ": cannot write it: " + code.message());
  llvm::Error problem = write(stream);
  stream.close();
  if (stream.has_error()) {
    code = stream.error();
    stream.clear_error();
    return llvm::joinErrors(
        std::move(problem),
        error(path + ": cannot write it: " + code.message()));
  }
  return problem;
}

llvm::Error
sinter::writeFile(llvm::StringRef path,
                  std::function<llvm::Error(llvm::raw_pwrite_stream &)> write) {
  if (isSpecialFile(path))
    return fill(path, path, fs::OF_None, write);
  llvm::Expected<TemporaryFile> file = TemporaryFile::create(path);
  if (!file)
    return file.takeError();
  if (llvm::Error problem = fill(file->getName(), path, fs::OF_None, write))
    return problem;
  return file->keep(path);
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

static llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
map(llvm::StringRef path) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
      llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                  /*RequiresNullTerminator=*/false);
  if (!buffer)
    return error(path + ": cannot read it: " + buffer.getError().message());
  return std::move(*buffer);
}

llvm::Expected<WeightsFile> sinter::describeWeights(llvm::StringRef path) {
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> buffer = map(path);
  if (!buffer)
    return buffer.takeError();
  return WeightsFile{path.str(), (*buffer)->getBufferSize(),
                     llvm::xxh3_64bits((*buffer)->getBuffer())};
}

/// Appends the payload to a stream that has written `at` bytes; see
/// runtime/Payload.h.
static llvm::Error appendPayload(llvm::raw_ostream &stream, uint64_t at,
                                 const WeightsFile &weights) {
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> buffer =
      map(weights.path);
  if (!buffer)
    return buffer.takeError();
  if ((*buffer)->getBufferSize() != weights.bytes)
    return error(weights.path + ": changed while it was read");
  uint64_t offset = llvm::alignTo(at, SINTER_PAYLOAD_ALIGNMENT);
  uint64_t end = llvm::alignTo(offset + weights.bytes, 8);
  stream.write_zeros(offset - at);
  stream << (*buffer)->getBuffer();
  stream.write_zeros(end - offset - weights.bytes);

  sinter_payload_trailer trailer = {};
  std::memcpy(trailer.magic, SINTER_PAYLOAD_MAGIC, sizeof(trailer.magic));
  trailer.version = SINTER_PAYLOAD_VERSION;
  trailer.trailer_bytes = SINTER_PAYLOAD_TRAILER_BYTES;
  trailer.weights_offset = offset;
  trailer.weights_bytes = weights.bytes;
  trailer.weights_hash = weights.hash;
  trailer.file_bytes = end + sizeof(trailer);
  llvm::StringRef bytes(reinterpret_cast<const char *>(&trailer),
                        sizeof(trailer));
  trailer.trailer_hash =
      llvm::xxh3_64bits(bytes.drop_back(sizeof(trailer.trailer_hash)));
  stream << bytes;
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Linking
//===----------------------------------------------------------------------===//

namespace {
/// What is linked with, and by whom.
struct Toolchain {
  /// The folder of the runtime's libraries.
  std::string folder;
  /// The C++ compiler driver that links, and what it takes to do so for
  /// another machine than this.
  std::string driver;
  std::vector<std::string> flags;
};
} // namespace

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

static llvm::Expected<Toolchain> findToolchain(llvm::StringRef target) {
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

/// Runs the driver; what it prints is the error if it fails, and the result if
/// it does not.
static llvm::Expected<std::string>
runDriver(const Toolchain &toolchain, llvm::ArrayRef<std::string> arguments) {
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

/// What the runtime is made of, in an order in which each needs only those
/// behind it.
static const char *const runtimeLibraries[] = {
    "libsinter_runtime.a", "libsinter_chat.a", "libsinter_tokenizer.a"};
static const char *const systemLibraries[] = {"libpcre2-8.a", "libutf8proc.a"};

static std::vector<std::string>
linkArguments(BinaryKind kind, llvm::StringRef object, llvm::StringRef output,
              llvm::StringRef name, llvm::StringRef folder,
              llvm::StringRef exports) {
  std::vector<std::string> arguments{"-o", output.str(), object.str()};
  auto runtime = [&](llvm::StringRef name) {
    arguments.push_back((folder + "/" + name).str());
  };
  if (kind == BinaryKind::Shared) {
    arguments.insert(arguments.end(), {"-shared", "-Wl,-soname," + name.str(),
                                       "-Wl,--version-script=" + exports.str(),
                                       "-Wl,--whole-archive"});
    runtime("libsinter_runtime.a");
    arguments.push_back("-Wl,--no-whole-archive");
  } else {
    arguments.push_back("-pie");
    runtime("libsinter_main.a");
  }
  for (const char *library : runtimeLibraries)
    runtime(library);
  for (const char *library : systemLibraries)
    arguments.push_back(std::string("-l:") + library);
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

/// Where the driver finds a static library of the system.
static llvm::Expected<std::string> findSystemLibrary(const Toolchain &toolchain,
                                                     llvm::StringRef name) {
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
  for (llvm::StringRef library : systemLibraries) {
    llvm::Expected<std::string> path = findSystemLibrary(*toolchain, library);
    if (!path)
      return path.takeError();
  }
  return toolchain->driver + " and the runtime in " + toolchain->folder;
}

/// Model and runtime in one archive.
static llvm::Error writeArchive(llvm::StringRef object,
                                const Toolchain &toolchain,
                                llvm::StringRef output) {
  std::vector<std::string> libraries;
  for (const char *library : runtimeLibraries)
    libraries.push_back(toolchain.folder + "/" + library);
  for (const char *library : systemLibraries) {
    llvm::Expected<std::string> path = findSystemLibrary(toolchain, library);
    if (!path)
      return path.takeError();
    libraries.push_back(*path);
  }

  std::vector<llvm::NewArchiveMember> members;
  members.emplace_back(llvm::MemoryBufferRef(object, "model.o"));
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> buffers;
  std::vector<std::unique_ptr<llvm::object::Archive>> archives;
  for (const std::string &library : libraries) {
    llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> buffer = map(library);
    if (!buffer)
      return buffer.takeError();
    buffers.push_back(std::move(*buffer));
    llvm::Expected<std::unique_ptr<llvm::object::Archive>> archive =
        llvm::object::Archive::create(buffers.back()->getMemBufferRef());
    if (!archive)
      return archive.takeError();
    archives.push_back(std::move(*archive));
    llvm::Error problem = llvm::Error::success();
    for (const llvm::object::Archive::Child &child :
         archives.back()->children(problem)) {
      llvm::Expected<llvm::NewArchiveMember> member =
          llvm::NewArchiveMember::getOldMember(child, /*Deterministic=*/true);
      if (!member)
        return llvm::joinErrors(std::move(problem), member.takeError());
      members.push_back(std::move(*member));
    }
    if (problem)
      return problem;
  }
  return llvm::writeArchive(output, members,
                            llvm::SymtabWritingMode::NormalSymtab,
                            llvm::object::Archive::K_GNU,
                            /*Deterministic=*/true, /*Thin=*/false);
}

llvm::Error sinter::writeBinary(BinaryKind kind, llvm::StringRef target,
                                llvm::StringRef object,
                                const WeightsFile &weights,
                                llvm::StringRef output) {
  if (isSpecialFile(output))
    return error(output + ": cannot write it: expected a file, not a device");
  llvm::Expected<TemporaryFile> binary = TemporaryFile::create(output);
  if (!binary)
    return binary.takeError();

  if (kind == BinaryKind::Object) {
    if (llvm::Error problem = fill(binary->getName(), output, fs::OF_None,
                                   [&](llvm::raw_fd_ostream &stream) {
                                     stream << object;
                                     return llvm::Error::success();
                                   }))
      return problem;
  } else {
    llvm::Expected<Toolchain> toolchain = findToolchain(target);
    if (!toolchain)
      return toolchain.takeError();
    if (kind == BinaryKind::Static) {
      if (llvm::Error problem =
              writeArchive(object, *toolchain, binary->getName()))
        return problem;
    } else {
      llvm::Expected<TemporaryFile> objectFile =
          TemporaryFile::create(output, ".o");
      if (!objectFile)
        return objectFile.takeError();
      if (llvm::Error problem = fill(objectFile->getName(), output, fs::OF_None,
                                     [&](llvm::raw_fd_ostream &stream) {
                                       stream << object;
                                       return llvm::Error::success();
                                     }))
        return problem;
      llvm::Expected<TemporaryFile> exports =
          TemporaryFile::create(output, ".exports");
      if (!exports)
        return exports.takeError();
      if (llvm::Error problem =
              fill(exports->getName(), output, fs::OF_None,
                   [&](llvm::raw_fd_ostream &stream) {
                     stream << "{ global: sinter_*; local: *; };\n";
                     return llvm::Error::success();
                   }))
        return problem;
      llvm::Expected<std::string> printed = runDriver(
          *toolchain,
          linkArguments(kind, objectFile->getName(), binary->getName(),
                        llvm::sys::path::filename(output), toolchain->folder,
                        exports->getName()));
      if (!printed)
        return printed.takeError();
    }
  }

  if (kind == BinaryKind::Executable) {
    uint64_t size = 0;
    if (std::error_code code = fs::file_size(binary->getName(), size))
      return error(output + ": cannot read it: " + code.message());
    if (llvm::Error problem = fill(binary->getName(), output, fs::OF_Append,
                                   [&](llvm::raw_fd_ostream &stream) {
                                     return appendPayload(stream, size,
                                                          weights);
                                   }))
      return problem;
    return binary->keep(output);
  }

  std::string weightsOutput = (output + SINTER_PAYLOAD_SUFFIX).str();
  llvm::Expected<TemporaryFile> payload = TemporaryFile::create(weightsOutput);
  if (!payload)
    return payload.takeError();
  if (llvm::Error problem = fill(payload->getName(), weightsOutput, fs::OF_None,
                                 [&](llvm::raw_fd_ostream &stream) {
                                   return appendPayload(stream, 0, weights);
                                 }))
    return problem;
  if (llvm::Error problem = payload->keep(weightsOutput))
    return problem;
  if (llvm::Error problem = binary->keep(output)) {
    fs::remove(weightsOutput);
    return problem;
  }
  return llvm::Error::success();
}
