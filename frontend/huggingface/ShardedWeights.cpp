//===- ShardedWeights.cpp - Weights in several files -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/ShardedWeights.h"
#include "frontend/huggingface/Json.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"
#include <map>

using namespace sinter;
using nlohmann::json;

namespace {

using Opener = llvm::function_ref<llvm::Expected<std::unique_ptr<WeightSource>>(
    llvm::StringRef)>;

class ShardedWeights : public WeightSource {
public:
  explicit ShardedWeights(llvm::StringRef path) : path(path) {}

  llvm::Error readIndex(Opener open);

  std::optional<StoredTensor> find(llvm::StringRef name) const override {
    auto found = fileOfTensor.find(name);
    return found == fileOfTensor.end() ? std::nullopt
                                       : found->second->find(name);
  }
  std::vector<std::string> names() const override {
    auto range = llvm::make_first_range(fileOfTensor);
    return {range.begin(), range.end()};
  }
  std::string description() const override { return path; }

private:
  std::string path;
  std::map<std::string, std::unique_ptr<WeightSource>, std::less<>> files;
  std::map<std::string, WeightSource *, std::less<>> fileOfTensor;
};

} // namespace

llvm::Error ShardedWeights::readIndex(Opener open) {
  llvm::Expected<json> index = parseJsonFile(path);
  if (!index)
    return index.takeError();
  auto map = index->find("weight_map");
  if (map == index->end() || !map->is_object())
    return jsonError(
        path,
        "expected an object 'weight_map' that tells the file of each tensor");
  for (const auto &[name, file] : map->items()) {
    // A file name alone: an index must not lead out of its folder.
    std::string fileName = file.is_string() ? file.get<std::string>() : "";
    if (fileName.empty() || fileName == ".." ||
        llvm::StringRef(fileName).find_first_of(llvm::StringRef("/\\\0", 3)) !=
            llvm::StringRef::npos)
      return jsonError(
          path, "tensor '" + name +
                    "': expected the name of a file in the same folder, not " +
                    file.dump());
    std::unique_ptr<WeightSource> &source = files[fileName];
    if (!source) {
      llvm::SmallString<256> filePath(llvm::sys::path::parent_path(path));
      llvm::sys::path::append(filePath, fileName);
      llvm::Expected<std::unique_ptr<WeightSource>> opened = open(filePath);
      if (!opened)
        return opened.takeError();
      source = std::move(*opened);
    }
    if (!source->find(name))
      return jsonError(path, "tensor '" + name + "' is said to be in " +
                                 fileName + ", but is not there");
    fileOfTensor[name] = source.get();
  }
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<WeightSource>>
sinter::openShardedWeights(llvm::StringRef path, Opener open) {
  auto sharded = std::make_unique<ShardedWeights>(path);
  if (llvm::Error problem = sharded->readIndex(open))
    return std::move(problem);
  return std::move(sharded);
}
