//===- GgufConfig.cpp - Metadata as a config -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/gguf/Dequantize.h"
#include "frontend/gguf/GgufModel.h"
#include "frontend/huggingface/Json.h"
#include "llvm/ADT/StringExtras.h"
#include <nlohmann/json.hpp>

using namespace sinter;
using nlohmann::json;

namespace {

/// GGUF's names of architectures, and the specs that compute them.
constexpr std::pair<const char *, const char *> architectures[] = {
    {"gemma", "gemma"}, {"gemma2", "gemma2"}, {"gpt2", "gpt2"},
    {"llama", "llama"}, {"phi3", "phi3"},     {"qwen2", "qwen2"},
    {"qwen3", "qwen3"}};

/// What stands behind "llama.", and what configs call it.
constexpr std::pair<const char *, const char *> names[] = {
    {"context_length", "max_position_embeddings"},
    {"context_length", "n_positions"},
    {"embedding_length", "hidden_size"},
    {"embedding_length", "n_embd"},
    {"block_count", "num_hidden_layers"},
    {"block_count", "n_layer"},
    {"feed_forward_length", "intermediate_size"},
    {"feed_forward_length", "n_inner"},
    {"attention.head_count", "num_attention_heads"},
    {"attention.head_count", "n_head"},
    {"attention.head_count_kv", "num_key_value_heads"},
    {"attention.key_length", "head_dim"},
    {"attention.layer_norm_rms_epsilon", "rms_norm_eps"},
    {"attention.layer_norm_epsilon", "layer_norm_epsilon"},
    {"attention.layer_norm_epsilon", "layer_norm_eps"},
    {"attention.sliding_window", "sliding_window"},
    {"attn_logit_softcapping", "attn_logit_softcapping"},
    {"final_logit_softcapping", "final_logit_softcapping"},
    {"rope.freq_base", "rope_theta"},
    {"rope.scaling.type", "rope_scaling.rope_type"},
    {"rope.scaling.factor", "rope_scaling.factor"},
    {"rope.scaling.attn_factor", "rope_scaling.attention_factor"},
    {"rope.scaling.original_context_length",
     "original_max_position_embeddings"}};

/// Lists longer than this are no config (the vocabulary's tokens).
constexpr size_t longestList = 1024;

json toJson(const GgufValue &value) {
  switch (value.kind) {
  case GgufValue::Integer:
    return value.integer;
  case GgufValue::Real:
    return value.real;
  case GgufValue::Bool:
    return value.integer != 0;
  case GgufValue::String:
    return value.string;
  case GgufValue::List:
    break;
  }
  json list = json::array();
  for (const GgufValue &item : value.list)
    list.push_back(toJson(item));
  return list;
}

/// The numbers of a small tensor.
std::vector<float> numbersOf(const GgufFile &file, llvm::StringRef name) {
  auto tensor = file.tensors.find(name);
  if (tensor == file.tensors.end() ||
      !isGgufNumber(tensor->second.type->type) ||
      tensor->second.getNumElements() > int64_t(longestList))
    return {};
  std::vector<float> numbers(size_t(tensor->second.getNumElements()));
  dequantize(tensor->second, numbers);
  return numbers;
}

/// What frequencies are divided by stands in tensors. Llama 3's factors are
/// computed already, so that they come in the form of Phi-3's.
void addRotaryFactors(const GgufFile &file, json &config) {
  std::vector<float> both = numbersOf(file, "rope_freqs.weight");
  std::vector<float> shorter = numbersOf(file, "rope_factors_short.weight");
  std::vector<float> longer = numbersOf(file, "rope_factors_long.weight");
  if (both.empty() && (shorter.empty() || longer.empty()))
    return;
  config["rope_scaling.rope_type"] = "longrope";
  config["rope_scaling.short_factor"] = both.empty() ? shorter : both;
  config["rope_scaling.long_factor"] = both.empty() ? longer : both;
  if (!both.empty())
    config["rope_scaling.attention_factor"] = 1.0;
}

void addTokens(const GgufFile &file, json &config) {
  constexpr std::pair<const char *, const char *> tokens[] = {
      {"tokenizer.ggml.bos_token_id", "bos_token_id"},
      {"tokenizer.ggml.padding_token_id", "pad_token_id"},
      {"tokenizer.ggml.mask_token_id", "mask_token_id"}};
  for (auto [key, name] : tokens)
    if (std::optional<int64_t> token = file.integer(key))
      config[name] = *token;
  json ends = json::array();
  for (const char *key :
       {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"})
    if (std::optional<int64_t> token = file.integer(key))
      if (ends.empty() || ends[0] != *token)
        ends.push_back(*token);
  if (!ends.empty())
    config["eos_token_id"] = ends;
}

/// What the file does not say, but shows.
void addShown(const GgufFile &file, llvm::StringRef architecture,
              json &config) {
  auto has = [&](llvm::StringRef name) {
    return file.tensors.find(name) != file.tensors.end();
  };
  auto embeddings = file.tensors.find("token_embd.weight");
  if (embeddings != file.tensors.end() && embeddings->second.shape.size() == 2)
    config["vocab_size"] = embeddings->second.shape[0];
  config["tie_word_embeddings"] = !has("output.weight");
  if (architecture == "llama" || architecture == "qwen3") {
    config["attention_bias"] = has("blk.0.attn_q.bias");
    config["mlp_bias"] = has("blk.0.ffn_up.bias");
  }
  auto value = [&](const char *key) {
    return file.integer(file.architectureKey(key)).value_or(0);
  };
  int64_t heads = value("attention.head_count");
  int64_t width = value("attention.key_length");
  if (width == 0 && heads > 0)
    width = value("embedding_length") / heads;
  int64_t turned = value("rope.dimension_count");
  if (turned > 0 && turned < width)
    config["partial_rotary_factor"] = double(turned) / double(width);
  // Not in the metadata; only the largest Gemma 2, of 46 layers, divides by
  // something else than the width of a head.
  if (architecture == "gemma2" && heads > 0)
    config["query_pre_attn_scalar"] =
        value("block_count") == 46 ? value("embedding_length") / heads : width;
}

} // namespace

llvm::Expected<std::string> sinter::ggufConfig(const GgufFile &file) {
  const std::string &path = file.getPath();
  llvm::StringRef architecture = file.string("general.architecture");
  if (architecture.empty())
    return jsonError(path, "there is no general.architecture in its metadata: "
                           "what the model computes is not known");
  std::string known, spec;
  for (auto [name, specName] : architectures) {
    known += (known.empty() ? "" : ", ") + std::string(name);
    if (architecture == name)
      spec = specName;
  }
  if (spec.empty())
    return jsonError(path, "its architecture is '" + architecture +
                               "'; from GGUF, these can be compiled: " + known);
  if (file.tensors.empty())
    return jsonError(path, "it holds no tensors: it is a vocabulary alone");

  json config = json::object();
  for (const auto &[key, value] : file.metadata)
    if (value.kind != GgufValue::List || value.list.size() <= longestList)
      config[key] = toJson(value);
  config["model_type"] = spec;
  for (auto [key, name] : names)
    if (const GgufValue *value = file.find(file.architectureKey(key)))
      config[name] = toJson(*value);
  if (file.string(file.architectureKey("rope.scaling.type")) == "none")
    config["rope_scaling.rope_type"] = "default";
  addRotaryFactors(file, config);
  addTokens(file, config);
  addShown(file, architecture, config);
  return config.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string sinter::ggufQuantizedTypes(const GgufFile &file) {
  std::map<std::string, int64_t> counts;
  for (const auto &[name, tensor] : file.tensors)
    if (tensor.type->elements > 1)
      ++counts[tensor.type->name];
  std::string text;
  for (const auto &[type, count] : counts)
    text += (text.empty() ? "" : ", ") + std::to_string(count) +
            (text.empty() ? " tensors of " : " of ") + type;
  return text;
}

std::vector<std::string> sinter::ggufModelTypes() {
  std::vector<std::string> types;
  for (auto [name, specName] : architectures)
    types.push_back(specName);
  return types;
}
