//===- Llama2cFile.h - A model as llama2.c stores it -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The format: export.py of https://github.com/karpathy/llama2.c. Seven numbers,
// then the tensors of all layers one behind the other. Version 0 has f32 and no
// mark, version 1 f32, version 2 groups of int8 numbers with a scale in f32.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_LLAMA2C_LLAMA2CFILE_H
#define SINTER_FRONTEND_LLAMA2C_LLAMA2CFILE_H

#include "ir/WeightSource.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <map>
#include <memory>
#include <mutex>

namespace sinter {

/// The weights under Hugging Face's names. f32 stay where they lie; queries and
/// keys (llama2.c keeps the order of Llama's own code) and groups of int8
/// become f32 when a weight is first asked for.
class Llama2cFile : public WeightSource {
public:
  /// The seven numbers.
  struct Sizes {
    int64_t width, innerWidth, layers, heads, keyHeads, vocabulary, context;
  };

  /// Checks that the file has exactly the bytes that its sizes need.
  static llvm::Expected<std::unique_ptr<Llama2cFile>>
  open(llvm::StringRef path);
  /// `path` is for messages only.
  static llvm::Expected<std::unique_ptr<Llama2cFile>>
  parse(llvm::StringRef path, std::unique_ptr<llvm::MemoryBuffer> buffer);

  const Sizes &getSizes() const { return sizes; }
  /// 0, 1 or 2.
  int getVersion() const { return version; }
  /// The text of the config.json that the sizes stand for.
  std::string config() const;

  std::optional<StoredTensor> find(llvm::StringRef name) const override;
  std::vector<std::string> names() const override;
  std::string description() const override { return path; }

private:
  struct Tensor {
    llvm::SmallVector<int64_t> shape;
    llvm::ArrayRef<uint8_t> numbers;
    /// Of groups of int8: a scale for each.
    llvm::ArrayRef<uint8_t> scales = {};
    /// Of queries and keys; else 0.
    int64_t heads = 0;
  };

  /// A tensor, or one of each layer.
  struct Part {
    enum Place { Once, Layers, Skipped };
    std::string name;
    llvm::SmallVector<int64_t> shape;
    Place place;
    int64_t heads = 0;
  };

  Llama2cFile(llvm::StringRef path, std::unique_ptr<llvm::MemoryBuffer> buffer)
      : path(path), buffer(std::move(buffer)) {}
  llvm::Error read();
  llvm::Error readHeader();
  llvm::Error checkSizes() const;
  std::vector<Part> partsInOrder() const;
  llvm::Error take(const std::string &name, const Part &part);
  std::vector<float> numbersOf(const Tensor &tensor) const;

  std::string path;
  std::unique_ptr<llvm::MemoryBuffer> buffer;
  llvm::ArrayRef<uint8_t> rest;
  Sizes sizes = {};
  int version = 0;
  bool tied = false;
  int64_t groupSize = 0;
  std::map<std::string, Tensor, std::less<>> tensors;
  /// What had to be computed; several threads may ask.
  mutable std::mutex mutex;
  mutable std::map<std::string, std::vector<float>, std::less<>> computed;
};

/// The text of the tokenizer.json that stands for a "tokenizer.bin" with the
/// tokens of a vocabulary: pieces of SentencePiece's byte pair encoding with
/// their scores. `path` is for messages only.
llvm::Expected<std::string> llama2cTokenizer(llvm::StringRef path,
                                             llvm::ArrayRef<uint8_t> bytes,
                                             int64_t vocabulary);

} // namespace sinter

#endif // SINTER_FRONTEND_LLAMA2C_LLAMA2CFILE_H
