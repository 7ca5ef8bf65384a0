//===- Folder.cpp - A model as Hugging Face lays it out -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/Folder.h"
#include "frontend/huggingface/Json.h"
#include "frontend/huggingface/Safetensors.h"
#include "frontend/huggingface/SentenceTransformers.h"
#include "frontend/huggingface/ShardedWeights.h"
#include "frontend/huggingface/StackedWeights.h"
#include "frontend/huggingface/TorchWeights.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace sinter;

std::string HuggingFaceFolder::file(llvm::StringRef fileName) const {
  llvm::SmallString<256> result(path);
  llvm::sys::path::append(result, fileName);
  return std::string(result);
}

bool HuggingFaceFolder::has(llvm::StringRef fileName) const {
  return llvm::sys::fs::exists(file(fileName));
}

static llvm::Expected<std::unique_ptr<WeightSource>>
openWeights(const HuggingFaceFolder &folder) {
  if (folder.has("model.safetensors"))
    return openSafetensors(folder.file("model.safetensors"));
  if (folder.has("model.safetensors.index.json"))
    return openShardedWeights(folder.file("model.safetensors.index.json"),
                              openSafetensors);
  if (folder.has("pytorch_model.bin"))
    return openTorchWeights(folder.file("pytorch_model.bin"));
  if (folder.has("pytorch_model.bin.index.json"))
    return openShardedWeights(folder.file("pytorch_model.bin.index.json"),
                              openTorchWeights);
  return jsonError(folder.path,
                   "there are no weights: expected model.safetensors or "
                   "pytorch_model.bin, or the index of either");
}

llvm::Expected<HuggingFaceFolder>
sinter::openHuggingFaceFolder(llvm::StringRef path) {
  if (!llvm::sys::fs::exists(path))
    return jsonError(path, "there is no such folder");
  if (!llvm::sys::fs::is_directory(path))
    return jsonError(path, "expected a folder with config.json and "
                           "model.safetensors, but it is a file");

  HuggingFaceFolder folder;
  folder.path = path.str();
  llvm::SmallString<256> absolute(path);
  if (std::error_code code = llvm::sys::fs::real_path(path, absolute))
    return jsonError(path, "cannot read it: " + code.message());
  folder.name = llvm::sys::path::filename(absolute).str();

  if (!folder.has("config.json"))
    return jsonError(path, "there is no config.json in it: expected a model's "
                           "folder as Hugging Face lays it out");
  llvm::Expected<std::string> config = readTextFile(folder.file("config.json"));
  if (!config)
    return config.takeError();
  folder.configText = std::move(*config);
  if (folder.has("generation_config.json")) {
    llvm::Expected<std::string> generation =
        readTextFile(folder.file("generation_config.json"));
    if (!generation)
      return generation.takeError();
    folder.generationConfigText = std::move(*generation);
  }
  llvm::Expected<std::string> embedding = readEmbeddingConfig(path);
  if (!embedding)
    return embedding.takeError();
  folder.embeddingConfigText = std::move(*embedding);

  llvm::Expected<std::unique_ptr<WeightSource>> weights = openWeights(folder);
  if (!weights)
    return weights.takeError();
  folder.weights = withElementsOfStacks(std::move(*weights));
  return folder;
}
