//===- Run.cpp - Compile once, then run -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/llama2c/Llama2cFile.h"
#include "frontend/onnx/Onnx.h"
#include "tools/sinter/Compile.h"
#include "tools/sinter/LoadModel.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/xxhash.h"
#include "llvm/TargetParser/Host.h"
#include <algorithm>
#include <unistd.h>

using namespace sinter;
namespace fs = llvm::sys::fs;

static llvm::Error error(const llvm::Twine &message) {
  return llvm::createStringError(std::errc::io_error, "%s",
                                 message.str().c_str());
}

/// Adds a file's content to the key.
static llvm::Error addFile(llvm::StringRef path, std::string &key) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
      llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                  /*RequiresNullTerminator=*/false);
  if (!buffer)
    return error(path + ": cannot read it: " + buffer.getError().message());
  llvm::XXH128_hash_t hash =
      llvm::xxh3_128bits(llvm::arrayRefFromStringRef((*buffer)->getBuffer()));
  key += llvm::sys::path::filename(path).str() + '\0' +
         llvm::utohexstr(hash.high64) + '.' + llvm::utohexstr(hash.low64) +
         '\n';
  return llvm::Error::success();
}

/// What a compiled model depends on: this compiler, the options, and all files
/// of the folder that a compiler may read.
static llvm::Expected<std::string> cacheKey(const CommandLine &line) {
  std::string key = line.cpu + '\n' + std::to_string(line.context.value_or(0)) +
                    '\n' + std::to_string(line.maximumTokens.value_or(0)) +
                    nameOf(line.precision).str() + '\n' +
                    std::to_string(line.quantization().group) +
                    (line.quantization().scalesInHalf ? " f16" : "") +
                    (line.quantization().minimum ? " minimum\n" : "\n") +
                    nameOf(line.cacheType).str() + '\n' + line.keep + '\n' +
                    (line.fuse ? "\n" : "\nno fusion\n") + line.head + '\n' +
                    line.pooling + '\n';
  if (line.cpu.empty() || line.cpu.find("native") != std::string::npos) {
    // A home folder can be shared by machines that differ.
    key += llvm::sys::getHostCPUName().str() + '\n';
    llvm::SmallVector<std::string> features;
    for (const auto &feature : llvm::sys::getHostCPUFeatures())
      if (feature.second)
        features.push_back(feature.first().str());
    llvm::sort(features);
    key += llvm::join(features, ",") + '\n';
  }
  std::string self =
      fs::getMainExecutable("sinter", reinterpret_cast<void *>(&cacheKey));
  llvm::SmallVector<std::string> files{self};
  if (!line.spec.empty())
    files.push_back(line.spec);
  for (const std::string &beside : {line.calibration, line.tiles})
    if (!beside.empty())
      files.push_back(beside);

  std::error_code code;
  std::string folder = line.operand;
  if (isSingleFileModel(folder)) {
    llvm::append_range(files, ggufParts(folder));
    // A file of llama2.c has its tokenizer beside it.
    if (llvm::StringRef(folder).ends_with(".bin")) {
      llvm::Expected<std::unique_ptr<Llama2cFile>> model =
          Llama2cFile::open(folder);
      if (!model)
        return model.takeError();
      std::string tokenizer =
          llama2cTokenizerPath(folder, (*model)->getSizes().vocabulary);
      if (!tokenizer.empty())
        files.push_back(tokenizer);
    }
    folder.clear();
  } else if (!fs::is_directory(folder)) {
    // An ONNX file names the files beside it that hold its tensors.
    llvm::Expected<std::unique_ptr<OnnxFile>> onnx = OnnxFile::open(folder);
    if (!onnx)
      return onnx.takeError();
    files.push_back(folder);
    folder = llvm::sys::path::parent_path(folder).str();
    folder = folder.empty() ? "." : folder;
    for (const std::string &name : (*onnx)->filesBeside())
      files.push_back(folder + "/" + name);
  }
  llvm::SmallVector<std::string> inFolder;
  for (std::string within : {folder, folder + "/onnx"}) {
    fs::directory_iterator entry, end;
    if (!folder.empty() && (within == folder || fs::is_directory(within)))
      entry = fs::directory_iterator(within, code);
    for (; entry != end && !code; entry.increment(code)) {
      llvm::StringRef extension = llvm::sys::path::extension(entry->path());
      if (llvm::is_contained({".json", ".jinja", ".safetensors", ".txt",
                              ".model", ".onnx", ".onnx_data", ".data", ".bin"},
                             extension))
        inFolder.push_back(entry->path());
    }
    if (code)
      return error(within + ": cannot read the folder: " + code.message());
  }
  for (llvm::StringRef name : {"/1_Pooling/config.json"})
    if (fs::exists(folder + name))
      inFolder.push_back((folder + name).str());
  llvm::sort(inFolder);
  llvm::append_range(files, inFolder);
  for (const std::string &file : files)
    if (llvm::Error problem = addFile(file, key))
      return std::move(problem);
  llvm::XXH128_hash_t hash =
      llvm::xxh3_128bits(llvm::arrayRefFromStringRef(key));
  return llvm::utohexstr(hash.high64, /*LowerCase=*/true, 16) +
         llvm::utohexstr(hash.low64, /*LowerCase=*/true, 16);
}

llvm::Expected<std::string> sinter::cacheFolder() {
  llvm::SmallString<256> folder;
  if (std::optional<std::string> home =
          llvm::sys::Process::GetEnv("XDG_CACHE_HOME");
      home && !home->empty())
    folder = *home;
  else if (!llvm::sys::path::cache_directory(folder))
    return error(
        "there is no folder for compiled models: set XDG_CACHE_HOME or HOME");
  llvm::sys::path::append(folder, "sinter");
  if (std::error_code code = fs::create_directories(folder))
    return error(folder + ": cannot make this folder: " + code.message());
  return std::string(folder);
}

llvm::Error sinter::runModel(const CommandLine &line) {
  if (!fs::is_directory(line.operand) &&
      !llvm::StringRef(line.operand).ends_with(".onnx") &&
      !isSingleFileModel(line.operand))
    return error(line.operand + ": expected the folder of a model, or a file "
                                "of ONNX, GGUF or llama2.c");
  llvm::Expected<std::string> key = cacheKey(line);
  if (!key)
    return key.takeError();
  llvm::Expected<std::string> folder = cacheFolder();
  if (!folder)
    return folder.takeError();

  llvm::SmallString<256> program(*folder);
  llvm::sys::path::append(program, *key);
  if (!fs::can_execute(program)) {
    CommandLine compile = line;
    compile.command = Command::Compile;
    compile.emit = EmitKind::Executable;
    compile.output = std::string(program);
    if (compile.verbosity == Verbosity::Normal)
      compile.verbosity = Verbosity::Quiet;
    if (llvm::Error problem = compileModel(compile))
      return problem;
  }

  std::vector<char *> arguments{program.data()};
  for (const std::string &argument : line.modelArguments)
    arguments.push_back(const_cast<char *>(argument.c_str()));
  arguments.push_back(nullptr);
  execv(program.c_str(), arguments.data());
  return error(program + ": cannot run it: " + llvm::sys::StrError());
}
