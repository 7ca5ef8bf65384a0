//===- GgufWeights.cpp - Weights as specs expect them -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/gguf/Dequantize.h"
#include "frontend/gguf/GgufModel.h"
#include "llvm/ADT/STLExtras.h"

using namespace sinter;

namespace {

/// What a converter did to a tensor.
enum class Change { None, PermutedHeads, Transposed, PlusOne };

class GgufWeights : public WeightSource {
public:
  explicit GgufWeights(const GgufFile &file) : file(file) {}

  std::optional<StoredTensor> find(llvm::StringRef name) const override;
  std::vector<std::string> names() const override {
    auto range = llvm::make_first_range(file.tensors);
    return {range.begin(), range.end()};
  }
  std::string description() const override { return file.getPath(); }

private:
  Change changeOf(llvm::StringRef name, const GgufTensor &tensor) const;
  /// Heads whose rows are permuted; 0: none that fit the tensor.
  int64_t headsOf(llvm::StringRef name, const GgufTensor &tensor) const;

  const GgufFile &file;
};

/// A tensor's elements, with what a converter did to them undone.
class GgufBlocks : public StoredBlocks {
public:
  /// `heads` of rows to put back into their order, 0: none; and what to take
  /// off each element.
  GgufBlocks(GgufTensor tensor, int64_t heads, float added)
      : tensor(std::move(tensor)), heads(heads), added(added) {}

  void read(StoredPart part, int64_t begin,
            llvm::MutableArrayRef<float> result) const override {
    if (heads == 0)
      readParts(tensor, part, begin, result);
    else
      readRows(part, begin, result);
    if (added != 0)
      for (float &element : result)
        element -= added;
  }

private:
  void readRows(StoredPart part, int64_t begin,
                llvm::MutableArrayRef<float> result) const {
    int64_t columns = tensor.getNumElements() / tensor.shape[0];
    while (!result.empty()) {
      int64_t column = begin % columns;
      size_t count = std::min(size_t(columns - column), result.size());
      readParts(tensor, part, rowInFile(begin / columns) * columns + column,
                result.take_front(count));
      result = result.drop_front(count);
      begin += int64_t(count);
    }
  }

  /// Llama's own code turns neighbouring elements of a head together, Hugging
  /// Face's its two halves: row half * size / 2 + i is row 2i + half in the
  /// file.
  int64_t rowInFile(int64_t row) const {
    int64_t size = tensor.shape[0] / heads, place = row % size;
    return row - place + place % (size / 2) * 2 + place / (size / 2);
  }

  GgufTensor tensor;
  int64_t heads;
  float added;
};

StoredType plainType(GgufType type) {
  switch (type) {
  case GgufType::F32:
    return StoredType::F32;
  case GgufType::F16:
    return StoredType::F16;
  case GgufType::BF16:
    return StoredType::BF16;
  default:
    return StoredType::Other;
  }
}

} // namespace

int64_t GgufWeights::headsOf(llvm::StringRef name,
                             const GgufTensor &tensor) const {
  int64_t heads =
      file.integer(file.architectureKey("attention.head_count")).value_or(0);
  if (name.contains(".attn_k."))
    heads = file.integer(file.architectureKey("attention.head_count_kv"))
                .value_or(heads);
  bool fits = heads > 0 && !tensor.shape.empty() && tensor.shape[0] > 0 &&
              tensor.shape[0] % heads == 0 && tensor.shape[0] / heads % 2 == 0;
  return fits ? heads : 0;
}

Change GgufWeights::changeOf(llvm::StringRef name,
                             const GgufTensor &tensor) const {
  llvm::StringRef architecture = file.string("general.architecture");
  if (architecture == "llama" &&
      (name.contains(".attn_q.") || name.contains(".attn_k.")) &&
      headsOf(name, tensor) != 0)
    return Change::PermutedHeads;
  if (architecture == "gpt2" && tensor.shape.size() == 2 &&
      tensor.getNumElements() > 0 && name.starts_with("blk."))
    return Change::Transposed;
  if (architecture.starts_with("gemma") && name.ends_with("norm.weight"))
    return Change::PlusOne;
  return Change::None;
}

std::optional<StoredTensor> GgufWeights::find(llvm::StringRef name) const {
  auto found = file.tensors.find(name);
  if (found == file.tensors.end())
    return std::nullopt;
  const GgufTensor &tensor = found->second;
  GgufType type = tensor.type->type;
  StoredTensor result{plainType(type), tensor.type->name, tensor.shape,
                      tensor.bytes};
  Change change = changeOf(name, tensor);
  if (change == Change::Transposed) {
    std::swap(result.shape[0], result.shape[1]);
    result.isTransposed = true;
  }
  bool isPlain = result.type != StoredType::Other &&
                 (change == Change::None || change == Change::Transposed);
  if (isPlain || !isGgufNumber(type))
    return result;
  result.type = StoredType::Blocks;
  result.bytes = {};
  result.blocks = std::make_shared<GgufBlocks>(
      tensor, change == Change::PermutedHeads ? headsOf(name, tensor) : 0,
      change == Change::PlusOne ? 1.0f : 0.0f);
  if (change != Change::PlusOne)
    result.numbers = numbersOf(type, change == Change::Transposed
                                         ? 0
                                         : int64_t(tensor.shape.size()) - 1);
  return result;
}

std::unique_ptr<WeightSource> sinter::ggufWeights(const GgufFile &file) {
  return std::make_unique<GgufWeights>(file);
}
