//===- GgufWeights.cpp - Weights as specs expect them -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/gguf/Dequantize.h"
#include "frontend/gguf/GgufModel.h"
#include "frontend/huggingface/HeadOrder.h"
#include "llvm/ADT/STLExtras.h"
#include <bit>
#include <mutex>

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
  std::vector<float> numbers(llvm::StringRef name, const GgufTensor &tensor,
                             Change change) const;

  const GgufFile &file;
  /// What had to be computed; several threads may ask.
  mutable std::mutex mutex;
  mutable std::map<std::string, std::vector<float>, std::less<>> computed;
};

void transpose(llvm::MutableArrayRef<float> values, int64_t rows) {
  std::vector<float> before(values.begin(), values.end());
  int64_t columns = int64_t(values.size()) / rows;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      values[column * rows + row] = before[row * columns + column];
}

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

std::vector<float> GgufWeights::numbers(llvm::StringRef name,
                                        const GgufTensor &tensor,
                                        Change change) const {
  std::vector<float> values(size_t(tensor.getNumElements()));
  dequantize(tensor, values);
  if (change == Change::PermutedHeads)
    rotateByHalves(values, tensor.shape[0], headsOf(name, tensor));
  else if (change == Change::Transposed)
    transpose(values, tensor.shape[0]);
  else if (change == Change::PlusOne)
    for (float &value : values)
      value -= 1;
  return values;
}

std::optional<StoredTensor> GgufWeights::find(llvm::StringRef name) const {
  auto found = file.tensors.find(name);
  if (found == file.tensors.end())
    return std::nullopt;
  const GgufTensor &tensor = found->second;
  StoredTensor result{plainType(tensor.type->type), tensor.type->name,
                      tensor.shape, tensor.bytes};
  Change change = changeOf(name, tensor);
  if (change == Change::Transposed)
    std::swap(result.shape[0], result.shape[1]);
  bool isPlain = result.type != StoredType::Other && change == Change::None;
  if (isPlain || !isGgufNumber(tensor.type->type))
    return result;
  std::lock_guard lock(mutex);
  auto place = computed.find(name);
  if (place == computed.end())
    place = computed.emplace(name.str(), numbers(name, tensor, change)).first;
  static_assert(std::endian::native == std::endian::little);
  result.type = StoredType::F32;
  result.bytes = {reinterpret_cast<const uint8_t *>(place->second.data()),
                  place->second.size() * sizeof(float)};
  return result;
}

std::unique_ptr<WeightSource> sinter::ggufWeights(const GgufFile &file) {
  return std::make_unique<GgufWeights>(file);
}
