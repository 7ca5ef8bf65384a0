//===- Onnx.h - Models from ONNX files -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_ONNX_ONNX_H
#define SINTER_FRONTEND_ONNX_ONNX_H

#include "frontend/onnx/Proto.h"
#include "ir/WeightSource.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace sinter {

/// An ONNX file, mapped, with the files beside it that hold tensors. Its
/// initializers are the model's weights, by their names.
///
/// An encoder-decoder may be two files: of a decoder that takes
/// `encoder_hidden_states`, the encoder is `encoder_model.onnx` beside it, and
/// belongs to it.
class OnnxFile : public WeightSource {
public:
  /// Everything that could go wrong when a tensor is read later is checked
  /// here. A message names the file, and the tensor.
  static llvm::Expected<std::unique_ptr<OnnxFile>> open(llvm::StringRef path);
  /// The file to open in a model's folder, itself or its folder `onnx`: a whole
  /// model, or the decoder of one; nothing where there is none.
  static std::optional<std::string> findIn(llvm::StringRef folder);

  const onnx::Model &getModel() const { return model; }
  /// The encoder of a decoder, or null.
  const OnnxFile *getEncoder() const { return encoder.get(); }

  std::optional<StoredTensor> find(llvm::StringRef name) const override;
  std::vector<std::string> names() const override;
  std::string description() const override { return path; }
  /// The names of the files that belong to it, relative to its folder.
  std::vector<std::string> filesBeside() const;

private:
  explicit OnnxFile(llvm::StringRef path) : path(path) {}
  llvm::Error read();
  llvm::Error readTensors(onnx::Graph &graph, const std::string &prefix);
  llvm::Error readTensor(onnx::Tensor &tensor, const std::string &prefix);
  llvm::Error mapExternal(onnx::Tensor &tensor);
  llvm::Error openEncoder();
  llvm::Error error(const llvm::Twine &message) const;

  std::string path;
  std::unique_ptr<llvm::MemoryBuffer> buffer;
  std::map<std::string, std::unique_ptr<llvm::MemoryBuffer>> beside;
  onnx::Model model;
  /// By the names of weights.
  std::map<std::string, onnx::Tensor *, std::less<>> tensors;
  std::unique_ptr<OnnxFile> encoder;
};

struct OnnxOptions {
  /// The text of the config.json beside the file, if there is one: its head,
  /// context and special tokens.
  std::string configName, configText;
  /// Most positions of a sequence, where the user wants fewer.
  std::optional<int64_t> context;
};

/// The math-level IR of a model: a module with one function `logits` of one
/// sequence of T tokens, as `elaborate` makes it of a spec. The batch is one
/// sequence, a past is empty, and masks of padding see everything: caches and
/// batches are derived later. Every message goes to `messages`; after an error
/// the result is null.
mlir::OwningOpRef<mlir::ModuleOp> importOnnx(mlir::MLIRContext &context,
                                             const OnnxFile &file,
                                             const OnnxOptions &options,
                                             llvm::raw_ostream &messages);

/// A graph that is no whole model, as a function of float tensors: to look at
/// what passes make of it. Inputs keep their shapes and the names of their
/// dimensions.
mlir::OwningOpRef<mlir::ModuleOp> importOnnxGraph(mlir::MLIRContext &context,
                                                  const OnnxFile &file,
                                                  llvm::raw_ostream &messages);

/// A part of a model, as a function `logits` of one sequence of T tokens, which
/// the passes of a model then take. Rows that it gets from the parts before it
/// come from tables under the inputs' names, by token (by source, where a name
/// says "encoder" or "cross"); masks see everything, and the past is empty.
mlir::OwningOpRef<mlir::ModuleOp>
importOnnxFragment(mlir::MLIRContext &context, const OnnxFile &file,
                   llvm::raw_ostream &messages);

} // namespace sinter

#endif // SINTER_FRONTEND_ONNX_ONNX_H
