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
enum class Change { None, PermutedHeads, PartsTogether, Transposed, PlusOne };

/// Where the rows of a matrix stand in the file, given by heads.
struct RowOrder {
  /// Rows of a head.
  int64_t size;
  /// Of queries, keys and values that stand one behind the other, how many
  /// heads there are of queries, and of keys; 0: a matrix of permuted heads.
  int64_t queryHeads = 0, keyHeads = 0;

  int64_t inFile(int64_t row) const;
};

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
  /// Of heads whose rows are permuted; nothing if none fit the tensor.
  std::optional<RowOrder> permutedHeads(llvm::StringRef name,
                                        const GgufTensor &tensor) const;
  /// Of queries, keys and values that stand one behind the other.
  std::optional<RowOrder> partsTogether(const GgufTensor &tensor) const;
  const GgufTensor *findExpert(llvm::StringRef name, GgufTensor &part) const;

  const GgufFile &file;
};

/// A tensor's elements, with what a converter did to them undone.
class GgufBlocks : public StoredBlocks {
public:
  /// Rows to put back into their order, and what to take off each element.
  GgufBlocks(GgufTensor tensor, std::optional<RowOrder> order, float added)
      : tensor(std::move(tensor)), order(order), added(added) {}

  void read(StoredPart part, int64_t begin,
            llvm::MutableArrayRef<float> result) const override {
    if (!order)
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
      readParts(tensor, part, order->inFile(begin / columns) * columns + column,
                result.take_front(count));
      result = result.drop_front(count);
      begin += int64_t(count);
    }
  }

  GgufTensor tensor;
  std::optional<RowOrder> order;
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

int64_t RowOrder::inFile(int64_t row) const {
  int64_t place = row % size;
  // Llama's own code turns neighbouring elements of a head together, Hugging
  // Face's its two halves: row half * size / 2 + i is row 2i + half in the
  // file.
  if (queryHeads == 0)
    return row - place + place % (size / 2) * 2 + place / (size / 2);
  // Checkpoints keep the queries of a group before its key and value.
  int64_t queries = queryHeads / keyHeads, head = row / size;
  int64_t group = head / (queries + 2), member = head % (queries + 2);
  int64_t headInFile = member < queries    ? group * queries + member
                       : member == queries ? queryHeads + group
                                           : queryHeads + keyHeads + group;
  return headInFile * size + place;
}

std::optional<RowOrder>
GgufWeights::permutedHeads(llvm::StringRef name,
                           const GgufTensor &tensor) const {
  int64_t heads =
      file.integer(file.architectureKey("attention.head_count")).value_or(0);
  if (name.contains(".attn_k."))
    heads = file.integer(file.architectureKey("attention.head_count_kv"))
                .value_or(heads);
  bool fits = heads > 0 && !tensor.shape.empty() && tensor.shape[0] > 0 &&
              tensor.shape[0] % heads == 0 && tensor.shape[0] / heads % 2 == 0;
  return fits ? std::optional(RowOrder{tensor.shape[0] / heads}) : std::nullopt;
}

std::optional<RowOrder>
GgufWeights::partsTogether(const GgufTensor &tensor) const {
  int64_t queries =
      file.integer(file.architectureKey("attention.head_count")).value_or(0);
  int64_t keys = file.integer(file.architectureKey("attention.head_count_kv"))
                     .value_or(queries);
  // Numbers of heads that no file can hold rows for would overflow below.
  int64_t rows = tensor.shape.empty() ? 0 : tensor.shape[0];
  bool fits = keys > 0 && queries >= keys && queries <= rows &&
              queries % keys == 0 && rows % (queries + 2 * keys) == 0;
  return fits ? std::optional(
                    RowOrder{rows / (queries + 2 * keys), queries, keys})
              : std::nullopt;
}

Change GgufWeights::changeOf(llvm::StringRef name,
                             const GgufTensor &tensor) const {
  llvm::StringRef architecture = file.string("general.architecture");
  if (llvm::is_contained({"arcee", "granite", "llama", "olmo", "smollm3"},
                         architecture) &&
      (name.contains(".attn_q.") || name.contains(".attn_k.")) &&
      permutedHeads(name, tensor))
    return Change::PermutedHeads;
  if (llvm::is_contained({"bloom", "falcon", "gptneox"}, architecture) &&
      name.contains(".attn_qkv.") && partsTogether(tensor))
    return Change::PartsTogether;
  if (architecture == "gpt2" && tensor.shape.size() == 2 &&
      tensor.getNumElements() > 0 && name.starts_with("blk."))
    return Change::Transposed;
  if ((architecture.starts_with("gemma") || architecture == "nemotron") &&
      name.ends_with("norm.weight"))
    return Change::PlusOne;
  return Change::None;
}

/// Experts are stacked: "blk.0.experts.2.ffn_up.weight" is the third matrix of
/// "blk.0.ffn_up_exps.weight", and "blk.0.shared_expert.ffn_up.weight" is
/// "blk.0.ffn_up_shexp.weight".
const GgufTensor *GgufWeights::findExpert(llvm::StringRef name,
                                          GgufTensor &part) const {
  auto find = [&](const std::string &key) -> const GgufTensor * {
    auto found = file.tensors.find(key);
    return found == file.tensors.end() ? nullptr : &found->second;
  };
  auto [layer, shared] = name.split(".shared_expert.");
  auto [sharedName, sharedKind] = shared.rsplit('.');
  if (!shared.empty())
    return find((layer + "." + sharedName + "_shexp." + sharedKind).str());
  auto [block, rest] = name.split(".experts.");
  auto [number, matrix] = rest.split('.');
  auto [matrixName, kind] = matrix.rsplit('.');
  uint64_t expert;
  if (number.getAsInteger(10, expert))
    return nullptr;
  const GgufTensor *all =
      find((block + "." + matrixName + "_exps." + kind).str());
  // One matrix an expert, as files had them before 2024.
  if (!all)
    return find((block + "." + matrixName + "." + number + "." + kind).str());
  if (all->shape.size() != 3 || expert >= uint64_t(all->shape[0]))
    return nullptr;
  size_t size = all->bytes.size() / size_t(all->shape[0]);
  part = {all->type,
          {all->shape[1], all->shape[2]},
          all->bytes.slice(size * expert, size)};
  return &part;
}

std::optional<StoredTensor> GgufWeights::find(llvm::StringRef name) const {
  auto found = file.tensors.find(name);
  GgufTensor part;
  const GgufTensor *stored =
      found == file.tensors.end() ? findExpert(name, part) : &found->second;
  if (!stored)
    return std::nullopt;
  const GgufTensor &tensor = *stored;
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
  std::optional<RowOrder> order;
  if (change == Change::PermutedHeads)
    order = permutedHeads(name, tensor);
  else if (change == Change::PartsTogether)
    order = partsTogether(tensor);
  result.blocks = std::make_shared<GgufBlocks>(
      tensor, order, change == Change::PlusOne ? 1.0f : 0.0f);
  if (change != Change::PlusOne)
    result.numbers = numbersOf(type, change == Change::Transposed
                                         ? 0
                                         : int64_t(tensor.shape.size()) - 1);
  return result;
}

std::unique_ptr<WeightSource> sinter::ggufWeights(const GgufFile &file) {
  return std::make_unique<GgufWeights>(file);
}
