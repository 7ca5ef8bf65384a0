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
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "tools/sinter/CommandLine.h"
#include "llvm/Support/Error.h"

namespace sinter {

/// The files of a model: a folder as Hugging Face lays it out, a GGUF file, or
/// an ONNX file with what stands beside it.
struct ModelFiles {
  /// Its `weights` are null where they are in the ONNX file.
  HuggingFaceFolder folder;
  std::unique_ptr<OnnxFile> onnx;
  /// Then the folder's config and weights are made of it.
  std::unique_ptr<GgufFile> gguf;

  const WeightSource &weights() const { return onnx ? *onnx : *folder.weights; }
};

/// Opens what a user names: a folder, or a file that ends in ".onnx" or
/// ".gguf".
llvm::Expected<ModelFiles> openModel(llvm::StringRef path);

/// The math-level IR of a model; messages go to `messages`, and after an error
/// the result is null.
mlir::OwningOpRef<mlir::ModuleOp> loadModel(mlir::MLIRContext &context,
                                            const ModelFiles &files,
                                            const CommandLine &line,
                                            llvm::raw_ostream &messages);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_LOADMODEL_H
