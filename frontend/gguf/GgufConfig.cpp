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

/// GGUF's names of architectures, and the specs that compute them. Where there
/// are two, the second computes what has experts, or a window (below).
constexpr std::pair<const char *, const char *> architectures[] = {
    {"arcee", "arcee"},
    {"bert", "bert"},
    {"bloom", "bloom"},
    {"command-r", "cohere"},
    {"ernie4_5", "ernie4_5"},
    {"exaone4", "exaone4"},
    {"falcon", "falcon"},
    {"gemma", "gemma"},
    {"gemma2", "gemma2"},
    {"gemma3", "gemma3_text"},
    {"glm4", "glm4"},
    {"gpt2", "gpt2"},
    {"gptneox", "gpt_neox"},
    {"granite", "granite"},
    {"llama", "llama"},
    {"llama", "mixtral"},
    {"nemotron", "nemotron"},
    {"olmo", "olmo"},
    {"olmo2", "olmo2"},
    {"olmo2", "olmo3"},
    {"olmoe", "olmoe"},
    {"phi2", "phi"},
    {"phi3", "phi3"},
    {"qwen2", "qwen2"},
    {"qwen2moe", "qwen2_moe"},
    {"qwen3", "qwen3"},
    {"qwen3moe", "qwen3_moe"},
    {"seed_oss", "seed_oss"},
    {"smollm3", "smollm3"},
    {"stablelm", "stablelm"},
    {"starcoder", "gpt_bigcode"},
    {"starcoder2", "starcoder2"}};

/// What stands behind "llama.", and what configs call it.
constexpr std::pair<const char *, const char *> names[] = {
    {"context_length", "max_position_embeddings"},
    {"context_length", "n_positions"},
    {"context_length", "seq_length"},
    {"embedding_length", "hidden_size"},
    {"embedding_length", "n_embd"},
    {"block_count", "num_hidden_layers"},
    {"block_count", "n_layer"},
    {"feed_forward_length", "intermediate_size"},
    {"feed_forward_length", "n_inner"},
    {"attention.head_count", "num_attention_heads"},
    {"attention.head_count", "n_head"},
    {"attention.head_count_kv", "num_key_value_heads"},
    {"attention.head_count_kv", "num_kv_heads"},
    {"attention.key_length", "head_dim"},
    {"attention.layer_norm_rms_epsilon", "rms_norm_eps"},
    {"attention.layer_norm_epsilon", "layer_norm_epsilon"},
    {"attention.layer_norm_epsilon", "layer_norm_eps"},
    {"attention.layer_norm_epsilon", "norm_epsilon"},
    {"attention.layer_norm_epsilon", "norm_eps"},
    {"attention.clamp_kqv", "clip_qkv"},
    {"attention.scale", "attention_multiplier"},
    {"embedding_scale", "embedding_multiplier"},
    {"residual_scale", "residual_multiplier"},
    {"logit_scale", "logits_scaling"},
    {"logit_scale", "logit_scale"},
    {"use_parallel_residual", "use_parallel_residual"},
    {"expert_count", "num_experts"},
    {"expert_used_count", "num_experts_per_tok"},
    {"expert_feed_forward_length", "moe_intermediate_size"},
    {"expert_shared_feed_forward_length", "shared_expert_intermediate_size"},
    {"attention.sliding_window", "sliding_window"},
    {"attn_logit_softcapping", "attn_logit_softcapping"},
    {"final_logit_softcapping", "final_logit_softcapping"},
    {"rope.freq_base", "rope_theta"},
    {"rope.freq_base_swa", "rope_local_base_freq"},
    {"rope.scaling.type", "rope_scaling.rope_type"},
    {"rope.scaling.factor", "rope_scaling.factor"},
    {"rope.scaling.attn_factor", "rope_scaling.attention_factor"},
    {"rope.scaling.original_context_length",
     "rope_scaling.original_max_position_embeddings"},
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
  bool joinedBias = has("blk.0.attn_qkv.bias");
  config["attention_bias"] = config["use_qkv_bias"] = config["bias"] =
      joinedBias || has("blk.0.attn_q.bias");
  config["use_bias"] = has("blk.0.attn_output.bias");
  config["attention_out_bias"] = has("blk.0.attn_output.bias");
  config["mlp_bias"] = has("blk.0.ffn_up.bias");
  config["use_qk_norm"] = has("blk.0.attn_q_norm.weight");
  // Only Qwen3's experts count for 1 together.
  config["norm_topk_prob"] = architecture == "qwen3moe";
  // The larger Falcons have a key for each group of queries.
  bool hasTwoNorms = has("blk.0.attn_norm_2.weight");
  config["num_ln_in_parallel_attn"] = hasTwoNorms ? 2 : 1;
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
  config["new_decoder_architecture"] =
      hasTwoNorms || value("attention.head_count_kv") > 1;
  // Not in the metadata; only the largest Gemmas, of 46 and 62 layers, divide
  // by something else than the width of a head.
  int64_t layers = value("block_count");
  if (llvm::StringRef(architecture).starts_with("gemma") && heads > 0)
    config["query_pre_attn_scalar"] =
        layers == (architecture == "gemma2" ? 46 : 62)
            ? value("embedding_length") / heads
            : width;
  // What converters write as four times the hidden size, whatever it is.
  auto inner = file.tensors.find("blk.0.ffn_up.weight");
  if (architecture == "phi2" && inner != file.tensors.end() &&
      inner->second.shape.size() == 2)
    config["intermediate_size"] = inner->second.shape[0];
  // An encoder that embeds says how: 1 and 2 are the mean and the first token.
  int64_t pooling = value("pooling_type");
  if (architecture == "bert" && pooling >= 1 && pooling <= 3)
    config["sentence_transformers.pooling"] = pooling == 1   ? "mean"
                                              : pooling == 2 ? "first"
                                                             : "last";
  if (auto kinds = file.tensors.find("token_types.weight");
      kinds != file.tensors.end() && kinds->second.shape.size() == 2)
    config["type_vocab_size"] = kinds->second.shape[0];
  // Which layers see a window.
  const GgufValue *windows =
      file.find(file.architectureKey("attention.sliding_window_pattern"));
  if (windows && windows->kind == GgufValue::List) {
    json kinds = json::array();
    for (const GgufValue &each : windows->list)
      kinds.push_back(each.integer ? "sliding_attention" : "full_attention");
    config["layer_types"] = kinds;
  }
}

} // namespace

llvm::Expected<std::string> sinter::ggufConfig(const GgufFile &file) {
  const std::string &path = file.getPath();
  llvm::StringRef architecture = file.string("general.architecture");
  if (architecture.empty())
    return jsonError(path, "there is no general.architecture in its metadata: "
                           "what the model computes is not known");
  bool isSecond =
      file.integer(file.architectureKey("expert_count")).value_or(0) > 0 ||
      file.find(file.architectureKey("attention.sliding_window_pattern"));
  std::string known, spec, last;
  for (auto [name, specName] : architectures) {
    if (last != name)
      known += (known.empty() ? "" : ", ") + std::string(name);
    last = name;
    if (architecture == name && (spec.empty() || isSecond))
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
