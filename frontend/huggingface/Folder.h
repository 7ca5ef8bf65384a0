//===- Folder.h - A model as Hugging Face lays it out -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_HUGGINGFACE_FOLDER_H
#define SINTER_FRONTEND_HUGGINGFACE_FOLDER_H

#include "ir/WeightSource.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>

namespace sinter {

/// The files of a model's folder. A text that is empty stands for a file that
/// is not there; config.json and weights always are.
struct HuggingFaceFolder {
  std::string path;
  /// The folder's own name, for messages and as the model's name.
  std::string name;
  std::string configText;
  std::string generationConfigText;
  /// See SentenceTransformers.h.
  std::string embeddingConfigText;
  std::unique_ptr<WeightSource> weights;

  /// The path of a file in the folder.
  std::string file(llvm::StringRef fileName) const;
  bool has(llvm::StringRef fileName) const;
};

/// Opens `model.safetensors`, or the files that `model.safetensors.index.json`
/// names, or else `pytorch_model.bin` or what its index names. Errors name the
/// file and say what was expected.
llvm::Expected<HuggingFaceFolder> openHuggingFaceFolder(llvm::StringRef path);

} // namespace sinter

#endif // SINTER_FRONTEND_HUGGINGFACE_FOLDER_H
