//===- GgufParts.cpp - Files in several parts -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// llama-gguf-split cuts a file between tensors. Each part is a GGUF file: the
// first has all metadata, and each says which part it is (`split.no`, from 0),
// of how many (`split.count`), and how many tensors all have together
// (`split.tensors.count`).
//
//===----------------------------------------------------------------------===//

#include "frontend/gguf/GgufFile.h"
#include "frontend/huggingface/Json.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"

using namespace sinter;

namespace {

/// A path "prefix-00002-of-00003.gguf".
struct PartName {
  std::string prefix;
  /// From 1 on.
  int64_t number = 0, count = 0;

  static std::optional<PartName> parse(llvm::StringRef path) {
    llvm::SmallVector<llvm::StringRef> matches;
    PartName name;
    if (!llvm::Regex("^(.*)-([0-9]{5})-of-([0-9]{5})\\.gguf$")
             .match(path, &matches) ||
        matches[2].getAsInteger(10, name.number) ||
        matches[3].getAsInteger(10, name.count))
      return std::nullopt;
    name.prefix = matches[1].str();
    return name;
  }

  std::string of(int64_t part) const {
    return llvm::formatv("{0}-{1,0+5}-of-{2,0+5}.gguf", prefix, part, count);
  }
};

} // namespace

std::vector<std::string> sinter::ggufParts(llvm::StringRef path) {
  std::optional<PartName> name = PartName::parse(path);
  if (!name)
    return {path.str()};
  std::vector<std::string> parts;
  for (int64_t part = 1; part <= name->count; ++part)
    parts.push_back(name->of(part));
  return parts;
}

std::string sinter::ggufStem(llvm::StringRef path) {
  llvm::StringRef file = llvm::sys::path::filename(path);
  if (std::optional<PartName> name = PartName::parse(file))
    return name->prefix;
  return llvm::sys::path::stem(file).str();
}

static llvm::Expected<std::unique_ptr<GgufFile>>
openOne(llvm::StringRef path, llvm::StringRef whatItIs) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
      llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                  /*RequiresNullTerminator=*/false);
  if (!buffer)
    return jsonError(path, "cannot read it: " + buffer.getError().message() +
                               whatItIs);
  return GgufFile::parse(path, std::move(*buffer));
}

llvm::Error GgufFile::takeTensorsOf(GgufFile &part) {
  for (auto &[name, tensor] : part.tensors)
    if (!tensors.emplace(name, tensor).second)
      return jsonError(part.path, "tensor '" + name +
                                      "' stands in another part, too: the "
                                      "parts are not those of one model");
  llvm::move(part.buffers, std::back_inserter(buffers));
  return llvm::Error::success();
}

/// Whether a part is what its name says.
static llvm::Error checkPart(const GgufFile &part, int64_t number,
                             int64_t count) {
  int64_t counted = part.integer("split.count").value_or(1);
  int64_t numbered = part.integer("split.no").value_or(0);
  if (counted == count && numbered == number - 1)
    return llvm::Error::success();
  return jsonError(
      part.getPath(),
      counted > 1 ? "it is part " + llvm::Twine(numbered + 1) + " of " +
                        llvm::Twine(counted) + ", and its name says part " +
                        llvm::Twine(number) + " of " + llvm::Twine(count)
                  : llvm::Twine("it is a whole file, and its name "
                                "says that it is a part"));
}

llvm::Expected<std::unique_ptr<GgufFile>> GgufFile::open(llvm::StringRef path) {
  std::optional<PartName> name = PartName::parse(path);
  if (!name) {
    llvm::Expected<std::unique_ptr<GgufFile>> file = openOne(path, "");
    if (!file || (*file)->integer("split.count").value_or(1) <= 1)
      return file;
    return jsonError(
        path,
        "it is one of " + llvm::Twine(*(*file)->integer("split.count")) +
            " parts, which are found by names such as " + "model-00001-of-" +
            llvm::formatv("{0,0+5}", *(*file)->integer("split.count")).str() +
            ".gguf");
  }
  if (name->number < 1 || name->number > name->count)
    return jsonError(path, "its name says that it is part " +
                               llvm::Twine(name->number) + " of " +
                               llvm::Twine(name->count));
  std::unique_ptr<GgufFile> whole;
  for (int64_t number = 1; number <= name->count; ++number) {
    llvm::Expected<std::unique_ptr<GgufFile>> part =
        openOne(name->of(number), (" (part " + llvm::Twine(number) + " of " +
                                   llvm::Twine(name->count) + ")")
                                      .str());
    if (!part)
      return part.takeError();
    if (llvm::Error problem = checkPart(**part, number, name->count))
      return std::move(problem);
    if (!whole) {
      whole = std::move(*part);
      continue;
    }
    if (llvm::Error problem = whole->takeTensorsOf(**part))
      return std::move(problem);
  }
  std::optional<int64_t> tensors = whole->integer("split.tensors.count");
  if (tensors && *tensors != int64_t(whole->tensors.size()))
    return jsonError(whole->getPath(),
                     "its parts hold " + llvm::Twine(whole->tensors.size()) +
                         " tensors in all, and the model has " +
                         llvm::Twine(*tensors) +
                         ": they are not those of one model");
  return whole;
}
