//===- LoadModel.h - From the files of a model to math-level IR -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_LOADMODEL_H
#define SINTER_TOOLS_SINTER_LOADMODEL_H

#include "frontend/gguf/GgufFile.h"
#include "frontend/huggingface/Folder.h"
#include "frontend/onnx/Onnx.h"
#include "frontend/tokenizer/ChatTemplate.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "tools/sinter/CommandLine.h"
#include "llvm/Support/Error.h"
#include <optional>

namespace sinter {

/// A tokenizer that stands in no folder.
struct ModelTokenizerText {
  /// That of the tokenizer.json that would give the same ids; empty: there is
  /// none, and `missing` says why.
  std::string json;
  std::string missing;
  frontend::ChatTemplateRecord chatTemplate;
};

/// The files of a model: a folder as Hugging Face lays it out, a GGUF file, a
/// file of llama2.c with its tokenizer, or an ONNX file with what stands beside
/// it.
struct ModelFiles {
  /// Its `weights` are null where they are in the ONNX file.
  HuggingFaceFolder folder;
  std::unique_ptr<OnnxFile> onnx;
  /// Then the folder's config and weights are made of it.
  std::unique_ptr<GgufFile> gguf;
  /// Of a GGUF file or one of llama2.c, which are a whole model.
  std::optional<ModelTokenizerText> tokenizer;

  const WeightSource &weights() const { return onnx ? *onnx : *folder.weights; }
};

/// Whether a path is that of a file which is a whole model: ".gguf", or ".bin"
/// as llama2.c writes it.
bool isSingleFileModel(llvm::StringRef path);

/// Where the tokenizer of llama2.c's model is: "tokenizer.bin" beside it, or
/// "tok512.bin" of a vocabulary of 512; empty: there is none.
std::string llama2cTokenizerPath(llvm::StringRef path, int64_t vocabulary);

/// Opens what a user names: a folder, or a file that ends in ".onnx", ".gguf"
/// or ".bin".
llvm::Expected<ModelFiles> openModel(llvm::StringRef path);

/// What is asked for; f32 where the model has no quantized weights to keep.
Precision precisionOf(const CommandLine &line, const ModelFiles &files);

/// The math-level IR of a model; messages go to `messages`, and after an error
/// the result is null.
mlir::OwningOpRef<mlir::ModuleOp> loadModel(mlir::MLIRContext &context,
                                            const ModelFiles &files,
                                            const CommandLine &line,
                                            llvm::raw_ostream &messages);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_LOADMODEL_H
