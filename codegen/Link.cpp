//===- Link.cpp - From an object to what people run -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/Link.h"
#include "codegen/Toolchain.h"
#include "codegen/WasmWeights.h"
#include "runtime/Payload.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Object/Archive.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/xxhash.h"
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

/// Model and runtime in one archive.
static llvm::Error writeArchive(llvm::StringRef object,
                                const Toolchain &toolchain,
                                llvm::StringRef output) {
  std::vector<std::string> libraries;
  for (llvm::StringRef library : runtimeLibraries())
    libraries.push_back((toolchain.folder + "/" + library).str());
  for (llvm::StringRef library : systemLibraries()) {
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

/// A file with an object in it, gone after the link. Errors name `output`.
static llvm::Expected<TemporaryFile>
writeTemporary(llvm::StringRef output, llvm::StringRef suffix,
               llvm::function_ref<llvm::Error(llvm::raw_fd_ostream &)> write) {
  llvm::Expected<TemporaryFile> file = TemporaryFile::create(output, suffix);
  if (file)
    if (llvm::Error problem = fill(file->getName(), output, fs::OF_None, write))
      return problem;
  return file;
}

/// Makes an executable or a shared library in the file `linked`.
static llvm::Error link(BinaryKind kind, const Toolchain &toolchain,
                        bool isWasm, llvm::StringRef object,
                        const WeightsFile &weights, llvm::StringRef linked,
                        llvm::StringRef output) {
  auto text = [](llvm::StringRef text) {
    return [text](llvm::raw_fd_ostream &stream) {
      stream << text;
      return llvm::Error::success();
    };
  };
  llvm::Expected<TemporaryFile> objectFile =
      writeTemporary(output, ".o", text(object));
  if (!objectFile)
    return objectFile.takeError();
  llvm::Expected<TemporaryFile> exports = writeTemporary(
      output, ".exports", text("{ global: sinter_*; local: *; };\n"));
  if (!exports)
    return exports.takeError();
  std::optional<TemporaryFile> weightsFile;
  if (isWasm && kind == BinaryKind::Executable && weights.bytes > 0) {
    llvm::Expected<TemporaryFile> written = writeTemporary(
        output, ".weights.o", [&](llvm::raw_fd_ostream &stream) -> llvm::Error {
          llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> buffer =
              map(weights.path);
          if (!buffer)
            return buffer.takeError();
          return writeWasmWeights(stream, (*buffer)->getBuffer());
        });
    if (!written)
      return written.takeError();
    weightsFile.emplace(std::move(*written));
  }
  LinkJob job{kind == BinaryKind::Shared,
              objectFile->getName(),
              weightsFile ? weightsFile->getName() : llvm::StringRef(),
              linked,
              llvm::sys::path::filename(output),
              exports->getName()};
  return runDriver(toolchain, linkArguments(toolchain, job)).takeError();
}

/// Appends the weights to an executable.
static llvm::Error appendPayloadTo(llvm::StringRef binary,
                                   const WeightsFile &weights,
                                   llvm::StringRef output) {
  uint64_t size = 0;
  if (std::error_code code = fs::file_size(binary, size))
    return error(output + ": cannot read it: " + code.message());
  return fill(binary, output, fs::OF_Append, [&](llvm::raw_fd_ostream &stream) {
    return appendPayload(stream, size, weights);
  });
}

llvm::Error sinter::writeBinary(BinaryKind kind, llvm::StringRef target,
                                llvm::StringRef object,
                                const WeightsFile &weights,
                                llvm::StringRef output) {
  if (isSpecialFile(output))
    return error(output + ": cannot write it: expected a file, not a device");
  const bool isWasm = llvm::Triple(target).isWasm();
  if (isWasm && weights.bytes > mostWasmWeights)
    return error(output + ": its weights take " + llvm::Twine(weights.bytes) +
                 " bytes, and a WebAssembly module addresses 4 GiB: choose a "
                 "smaller --precision");
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
      if (llvm::Error problem = link(kind, *toolchain, isWasm, object, weights,
                                     binary->getName(), output))
        return problem;
    }
  }

  if (kind == BinaryKind::Executable) {
    if (!isWasm)
      if (llvm::Error problem =
              appendPayloadTo(binary->getName(), weights, output))
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
