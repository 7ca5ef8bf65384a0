//===- Llama2cFile.cpp - A model as llama2.c stores it -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/llama2c/Llama2cFile.h"
#include "frontend/huggingface/HeadOrder.h"
#include "frontend/huggingface/Json.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include <bit>

using namespace sinter;
using namespace llvm::support::endian;

static constexpr uint32_t mark = 0x616b3432; // "ak42"
static constexpr size_t plainHeaderBytes = 28, markedHeaderBytes = 256;

llvm::Error Llama2cFile::readHeader() {
  rest = {reinterpret_cast<const uint8_t *>(buffer->getBufferStart()),
          buffer->getBufferSize()};
  bool isMarked = rest.size() >= 4 && read32le(rest.data()) == mark;
  size_t bytes = isMarked ? markedHeaderBytes : plainHeaderBytes;
  if (rest.size() < bytes)
    return jsonError(path, "the file has " + llvm::Twine(rest.size()) +
                               " bytes: too short for a header of llama2.c");
  if (rest[0] == 0x80 || (rest[0] == 'P' && rest[1] == 'K'))
    return jsonError(path, "it looks like weights of PyTorch; name the folder "
                           "that has them and their config.json");
  const uint8_t *at = rest.data();
  rest = rest.drop_front(bytes);
  if (isMarked) {
    version = int(read32le(at + 4));
    if (version != 1 && version != 2)
      return jsonError(path, "its version is " + llvm::Twine(version) +
                                 "; of llama2.c, 0 to 2 can be read");
    at += 8;
  }
  for (int64_t *size :
       {&sizes.width, &sizes.innerWidth, &sizes.layers, &sizes.heads,
        &sizes.keyHeads, &sizes.vocabulary, &sizes.context}) {
    *size = int32_t(read32le(at));
    at += 4;
  }
  if (isMarked) {
    tied = *at == 1;
    if (*at > 1)
      return jsonError(path,
                       "whether its head is tied is said by 0 or 1, not " +
                           llvm::Twine(int(*at)));
    if (version == 2)
      groupSize = int32_t(read32le(at + 1));
  } else {
    // A head of its own is said by a negative number.
    tied = sizes.vocabulary > 0;
    sizes.vocabulary = std::abs(sizes.vocabulary);
  }
  return checkSizes();
}

llvm::Error Llama2cFile::checkSizes() const {
  for (auto [size, name] : {std::pair(sizes.width, "width"),
                            {sizes.innerWidth, "inner width"},
                            {sizes.layers, "number of layers"},
                            {sizes.heads, "number of heads"},
                            {sizes.keyHeads, "number of key heads"},
                            {sizes.vocabulary, "size of the vocabulary"},
                            {sizes.context, "context"}})
    if (size <= 0)
      return jsonError(path, "its " + llvm::Twine(name) + " is " +
                                 llvm::Twine(size) +
                                 "; is this a model of llama2.c?");
  if (sizes.width % (2 * sizes.heads) != 0)
    return jsonError(path, "its width, " + llvm::Twine(sizes.width) +
                               ", is not that of " + llvm::Twine(sizes.heads) +
                               " heads of an even size");
  if (sizes.heads % sizes.keyHeads != 0)
    return jsonError(path, llvm::Twine(sizes.heads) + " heads cannot share " +
                               llvm::Twine(sizes.keyHeads) + " key heads");
  if (version == 2 && (groupSize <= 0 || sizes.width % groupSize != 0 ||
                       sizes.innerWidth % groupSize != 0))
    return jsonError(path, "its groups have " + llvm::Twine(groupSize) +
                               " numbers, which does not divide its widths, " +
                               llvm::Twine(sizes.width) + " and " +
                               llvm::Twine(sizes.innerWidth));
  return llvm::Error::success();
}

/// The tensors in the order of the file.
std::vector<Llama2cFile::Part> Llama2cFile::partsInOrder() const {
  int64_t width = sizes.width, inner = sizes.innerWidth;
  int64_t headSize = width / sizes.heads, keyWidth = headSize * sizes.keyHeads;
  Part tokens{"model.embed_tokens", {sizes.vocabulary, width}, Part::Once},
      norm{"model.norm", {width}, Part::Once},
      attentionNorm{"input_layernorm", {width}, Part::Layers},
      feedNorm{"post_attention_layernorm", {width}, Part::Layers},
      head{"lm_head", {sizes.vocabulary, width}, Part::Once};
  std::vector<Part> attention = {
      {"self_attn.q_proj", {width, width}, Part::Layers, sizes.heads},
      {"self_attn.k_proj", {keyWidth, width}, Part::Layers, sizes.keyHeads},
      {"self_attn.v_proj", {keyWidth, width}, Part::Layers},
      {"self_attn.o_proj", {width, width}, Part::Layers}};
  std::vector<Part> feed = {{"mlp.gate_proj", {inner, width}, Part::Layers},
                            {"mlp.down_proj", {width, inner}, Part::Layers},
                            {"mlp.up_proj", {inner, width}, Part::Layers}};
  std::vector<Part> order;
  if (version == 0) {
    order = {tokens, attentionNorm};
    llvm::append_range(order, attention);
    order.push_back(feedNorm);
    llvm::append_range(order, feed);
    order.push_back(norm);
    // Cosines and sines, which are computed today.
    order.push_back({"", {sizes.context, headSize}, Part::Skipped});
  } else {
    order = {attentionNorm, feedNorm, norm, tokens};
    llvm::append_range(order, attention);
    llvm::append_range(order, feed);
  }
  if (!tied)
    order.push_back(head);
  return order;
}

/// The next tensor of the file.
llvm::Error Llama2cFile::take(const std::string &name, const Part &part) {
  // Sizes have 31 bits, so that two of them fit.
  uint64_t elements = 1;
  for (int64_t size : part.shape)
    elements *= uint64_t(size);
  bool inGroups = version == 2 && part.shape.size() == 2;
  uint64_t scales = inGroups ? elements / uint64_t(groupSize) * 4 : 0;
  uint64_t numbers = elements * (inGroups ? 1 : 4);
  if (elements > rest.size() || numbers > rest.size() ||
      scales > rest.size() - numbers)
    return jsonError(path, "it ends within '" + name + "', which has " +
                               llvm::Twine(elements) +
                               " elements; is the file whole?");
  if (part.place != Part::Skipped)
    tensors.emplace(name, Tensor{part.shape, rest.take_front(numbers),
                                 rest.slice(numbers, scales), part.heads});
  rest = rest.drop_front(numbers + scales);
  return llvm::Error::success();
}

llvm::Error Llama2cFile::read() {
  if (llvm::Error problem = readHeader())
    return problem;
  for (const Part &part : partsInOrder()) {
    // Layers stand one behind the other.
    int64_t count = part.place == Part::Layers ? sizes.layers : 1;
    for (int64_t layer = 0; layer < count; ++layer) {
      std::string name = part.name + ".weight";
      if (part.place == Part::Layers)
        name = "model.layers." + std::to_string(layer) + "." + name;
      if (llvm::Error problem = take(name, part))
        return problem;
    }
  }
  if (!rest.empty())
    return jsonError(path, llvm::Twine(rest.size()) +
                               " bytes at the end belong to no tensor; is this "
                               "a model of llama2.c?");
  return llvm::Error::success();
}

std::string Llama2cFile::config() const {
  nlohmann::json config = {{"model_type", "llama"},
                           {"architectures", {"LlamaForCausalLM"}},
                           {"hidden_size", sizes.width},
                           {"intermediate_size", sizes.innerWidth},
                           {"num_hidden_layers", sizes.layers},
                           {"num_attention_heads", sizes.heads},
                           {"num_key_value_heads", sizes.keyHeads},
                           {"vocab_size", sizes.vocabulary},
                           {"max_position_embeddings", sizes.context},
                           {"rms_norm_eps", 1e-5},
                           {"rope_theta", 10000.0},
                           {"tie_word_embeddings", tied},
                           {"bos_token_id", 1},
                           {"eos_token_id", 2}};
  return config.dump();
}

std::vector<float> Llama2cFile::numbersOf(const Tensor &tensor) const {
  size_t elements = tensor.numbers.size();
  std::vector<float> values;
  if (tensor.scales.empty()) {
    elements /= 4;
    for (size_t i = 0; i < elements; ++i)
      values.push_back(std::bit_cast<float>(read32le(&tensor.numbers[4 * i])));
  } else {
    for (size_t i = 0; i < elements; ++i)
      values.push_back(float(int8_t(tensor.numbers[i])) *
                       std::bit_cast<float>(read32le(
                           &tensor.scales[4 * (i / size_t(groupSize))])));
  }
  if (tensor.heads > 0)
    rotateByHalves(values, tensor.shape[0], tensor.heads);
  return values;
}

std::optional<StoredTensor> Llama2cFile::find(llvm::StringRef name) const {
  auto found = tensors.find(name);
  if (found == tensors.end())
    return std::nullopt;
  const Tensor &tensor = found->second;
  StoredTensor result{StoredType::F32, "F32", tensor.shape, tensor.numbers};
  if (tensor.scales.empty() && tensor.heads == 0)
    return result;
  std::lock_guard lock(mutex);
  auto place = computed.find(name);
  if (place == computed.end())
    place = computed.emplace(name.str(), numbersOf(tensor)).first;
  static_assert(std::endian::native == std::endian::little);
  result.bytes = {reinterpret_cast<const uint8_t *>(place->second.data()),
                  place->second.size() * sizeof(float)};
  return result;
}

std::vector<std::string> Llama2cFile::names() const {
  auto range = llvm::make_first_range(tensors);
  return {range.begin(), range.end()};
}

llvm::Expected<std::unique_ptr<Llama2cFile>>
Llama2cFile::parse(llvm::StringRef path,
                   std::unique_ptr<llvm::MemoryBuffer> buffer) {
  std::unique_ptr<Llama2cFile> file(new Llama2cFile(path, std::move(buffer)));
  if (llvm::Error problem = file->read())
    return std::move(problem);
  return std::move(file);
}

llvm::Expected<std::unique_ptr<Llama2cFile>>
Llama2cFile::open(llvm::StringRef path) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
      llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                  /*RequiresNullTerminator=*/false);
  if (!buffer)
    return jsonError(path, "cannot read it: " + buffer.getError().message());
  return parse(path, std::move(*buffer));
}
