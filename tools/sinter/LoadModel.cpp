//===- LoadModel.cpp - From the files of a model to math-level IR -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/LoadModel.h"
#include "frontend/Frontend.h"
#include "frontend/gguf/GgufModel.h"
#include "frontend/huggingface/Json.h"
#include "frontend/llama2c/Llama2cFile.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace sinter;

/// `folder` holds what belongs to the model beside the file.
static llvm::Expected<ModelFiles> openOnnx(llvm::StringRef file,
                                           llvm::StringRef folder) {
  ModelFiles files;
  files.folder.path = folder.empty() ? "." : folder.str();
  // "model.onnx" says nothing; its folder does.
  files.folder.name = llvm::sys::path::stem(file).str();
  bool isOneOfMany =
      llvm::is_contained({"model", "decoder_model", "decoder_model_merged",
                          "decoder_with_past_model", "encoder_model"},
                         files.folder.name);
  llvm::SmallString<256> absolute;
  if (isOneOfMany && !llvm::sys::fs::real_path(files.folder.path, absolute))
    files.folder.name = llvm::sys::path::filename(absolute).str();
  llvm::Expected<std::unique_ptr<OnnxFile>> onnx = OnnxFile::open(file);
  if (!onnx)
    return onnx.takeError();
  files.onnx = std::move(*onnx);
  if (files.folder.has("config.json")) {
    llvm::Expected<std::string> config =
        readTextFile(files.folder.file("config.json"));
    if (!config)
      return config.takeError();
    files.folder.configText = std::move(*config);
  }
  return std::move(files);
}

/// Everything is in the file and its parts: what stands beside them is not the
/// model's.
static llvm::Expected<ModelFiles> openGguf(llvm::StringRef path) {
  ModelFiles files;
  files.folder.path = path.str();
  files.folder.name = ggufStem(path);
  llvm::Expected<std::unique_ptr<GgufFile>> gguf = GgufFile::open(path);
  if (!gguf)
    return gguf.takeError();
  files.gguf = std::move(*gguf);
  llvm::Expected<std::string> config = ggufConfig(*files.gguf);
  if (!config)
    return config.takeError();
  files.folder.configText = std::move(*config);
  files.folder.weights = ggufWeights(*files.gguf);
  GgufTokenizer tokenizer = ggufTokenizer(*files.gguf);
  files.tokenizer = {std::move(tokenizer.json), std::move(tokenizer.missing),
                     ggufChatTemplate(*files.gguf)};
  return std::move(files);
}

std::string sinter::llama2cTokenizerPath(llvm::StringRef path,
                                         int64_t vocabulary) {
  for (const std::string &name :
       {std::string("tokenizer.bin"),
        "tok" + std::to_string(vocabulary) + ".bin"}) {
    llvm::SmallString<256> beside(llvm::sys::path::parent_path(path));
    llvm::sys::path::append(beside, name);
    if (llvm::sys::fs::exists(beside))
      return std::string(beside);
  }
  return "";
}

static llvm::Expected<ModelFiles> openLlama2c(llvm::StringRef path) {
  ModelFiles files;
  files.folder.path = path.str();
  files.folder.name = llvm::sys::path::stem(path).str();
  llvm::Expected<std::unique_ptr<Llama2cFile>> file = Llama2cFile::open(path);
  if (!file)
    return file.takeError();
  files.folder.configText = (*file)->config();
  int64_t vocabulary = (*file)->getSizes().vocabulary;
  files.folder.weights = std::move(*file);
  files.tokenizer.emplace();
  std::string tokenizerPath = llama2cTokenizerPath(path, vocabulary);
  if (tokenizerPath.empty()) {
    files.tokenizer->missing = "there is no tokenizer.bin beside " + path.str();
    return std::move(files);
  }
  llvm::Expected<std::string> bytes = readTextFile(tokenizerPath);
  if (!bytes)
    return bytes.takeError();
  llvm::Expected<std::string> tokenizer = llama2cTokenizer(
      tokenizerPath, llvm::arrayRefFromStringRef(*bytes), vocabulary);
  if (!tokenizer)
    return tokenizer.takeError();
  files.tokenizer->json = std::move(*tokenizer);
  return std::move(files);
}

bool sinter::isSingleFileModel(llvm::StringRef path) {
  return (path.ends_with(".gguf") || path.ends_with(".bin")) &&
         !llvm::sys::fs::is_directory(path);
}

llvm::Expected<ModelFiles> sinter::openModel(llvm::StringRef path) {
  if (path.ends_with(".onnx") && !llvm::sys::fs::is_directory(path))
    return openOnnx(path, llvm::sys::path::parent_path(path));
  if (isSingleFileModel(path))
    return path.ends_with(".gguf") ? openGguf(path) : openLlama2c(path);
  llvm::SmallString<256> safetensors(path), index(path);
  llvm::sys::path::append(safetensors, "model.safetensors");
  llvm::sys::path::append(index, "model.safetensors.index.json");
  std::optional<std::string> onnx = OnnxFile::findIn(path);
  if (onnx && !llvm::sys::fs::exists(safetensors) &&
      !llvm::sys::fs::exists(index))
    return openOnnx(*onnx, path);
  llvm::Expected<HuggingFaceFolder> folder = openHuggingFaceFolder(path);
  if (!folder)
    return folder.takeError();
  ModelFiles files;
  files.folder = std::move(*folder);
  return std::move(files);
}

Precision sinter::precisionOf(const CommandLine &line,
                              const ModelFiles &files) {
  bool hasNumbers = files.gguf && !ggufQuantizedTypes(*files.gguf).empty();
  return line.precision == Precision::stored && !hasNumbers ? Precision::f32
                                                            : line.precision;
}

mlir::OwningOpRef<mlir::ModuleOp>
sinter::loadModel(mlir::MLIRContext &context, const ModelFiles &files,
                  const CommandLine &line, llvm::raw_ostream &messages) {
  const HuggingFaceFolder &folder = files.folder;
  if (files.onnx) {
    if (!line.spec.empty()) {
      messages << "error: --spec: the ONNX file says itself what the model "
                  "computes\n";
      return nullptr;
    }
    if (!line.head.empty() || !line.pooling.empty()) {
      messages << "error: --head and --pooling: an ONNX file gives what it "
                  "gives\n";
      return nullptr;
    }
    OnnxOptions options;
    options.configName = folder.file("config.json");
    options.configText = folder.configText;
    options.context = line.context;
    return importOnnx(context, *files.onnx, options, messages);
  }
  SpecInput input;
  input.spec = line.spec;
  input.configName = files.tokenizer ? folder.path : folder.file("config.json");
  input.configText = folder.configText;
  input.gguf = files.gguf != nullptr;
  input.generationConfigName = folder.file("generation_config.json");
  input.generationConfigText = folder.generationConfigText;
  input.weights = folder.weights.get();
  input.context = line.context;
  input.head = line.head;
  input.embeddingConfigText = folder.embeddingConfigText;
  if (!line.pooling.empty())
    input.embeddingConfigText = "{\"pooling\": \"" + line.pooling + "\"}";
  return elaborate(context, input, messages);
}
