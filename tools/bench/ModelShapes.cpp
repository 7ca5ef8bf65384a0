//===- ModelShapes.cpp - Shapes of well-known models ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/bench/ModelShapes.h"

using namespace sinter::bench;

int64_t Tensor::elements() const {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

std::optional<ModelShape>
sinter::bench::shapeOf(const std::string &architecture) {
  const ModelShape shapes[] = {
      // model_type, layers, width, inner, heads, keyHeads, vocabulary, context
      {"gpt2", 12, 768, 3072, 12, 12, 50257, 1024},
      {"bert", 12, 768, 3072, 12, 12, 30522, 512},
      {"llama", 16, 2048, 8192, 32, 8, 128256, 131072},
  };
  for (const ModelShape &shape : shapes)
    if (shape.architecture == architecture)
      return shape;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// config.json
//===----------------------------------------------------------------------===//

static nlohmann::ordered_json gpt2Config(const ModelShape &shape) {
  return {{"architectures", {"GPT2LMHeadModel"}},
          {"model_type", "gpt2"},
          {"activation_function", "gelu_new"},
          {"bos_token_id", 0},
          {"eos_token_id", 0},
          {"layer_norm_epsilon", 1e-5},
          {"n_embd", shape.width},
          {"n_head", shape.heads},
          {"n_inner", shape.inner},
          {"n_layer", shape.layers},
          {"n_positions", shape.context},
          {"tie_word_embeddings", true},
          {"vocab_size", shape.vocabulary}};
}

static nlohmann::ordered_json bertConfig(const ModelShape &shape) {
  return {{"architectures", {"BertForMaskedLM"}},
          {"model_type", "bert"},
          {"hidden_act", "gelu"},
          {"hidden_size", shape.width},
          {"intermediate_size", shape.inner},
          {"layer_norm_eps", 1e-12},
          {"max_position_embeddings", shape.context},
          {"num_attention_heads", shape.heads},
          {"num_hidden_layers", shape.layers},
          {"pad_token_id", 0},
          {"position_embedding_type", "absolute"},
          {"tie_word_embeddings", true},
          {"type_vocab_size", 2},
          {"vocab_size", shape.vocabulary}};
}

static nlohmann::ordered_json llamaConfig(const ModelShape &shape) {
  return {{"architectures", {"LlamaForCausalLM"}},
          {"model_type", "llama"},
          {"attention_bias", false},
          {"bos_token_id", 0},
          {"eos_token_id", 1},
          {"head_dim", shape.width / shape.heads},
          {"hidden_act", "silu"},
          {"hidden_size", shape.width},
          {"intermediate_size", shape.inner},
          {"max_position_embeddings", shape.context},
          {"mlp_bias", false},
          {"num_attention_heads", shape.heads},
          {"num_hidden_layers", shape.layers},
          {"num_key_value_heads", shape.keyHeads},
          {"rms_norm_eps", 1e-5},
          {"rope_theta", 500000.0},
          {"rope_scaling",
           {{"factor", 32.0},
            {"high_freq_factor", 4.0},
            {"low_freq_factor", 1.0},
            {"original_max_position_embeddings", 8192},
            {"rope_type", "llama3"}}},
          {"tie_word_embeddings", true},
          {"vocab_size", shape.vocabulary}};
}

nlohmann::ordered_json sinter::bench::configOf(const ModelShape &shape) {
  if (shape.architecture == "gpt2")
    return gpt2Config(shape);
  return shape.architecture == "bert" ? bertConfig(shape) : llamaConfig(shape);
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

namespace {

/// Collects tensors under prefixes.
class TensorList {
public:
  std::vector<Tensor> tensors;

  void matrix(const std::string &name, int64_t rows, int64_t columns) {
    tensors.push_back({name + ".weight", {rows, columns}, 0, 0.02f});
  }
  void vector(const std::string &name, int64_t size, float mean) {
    tensors.push_back({name, {size}, mean, 0.02f});
  }
  /// A product with a bias; stored as [inputs, outputs] or turned.
  void linear(const std::string &name, int64_t rows, int64_t columns,
              int64_t outputs) {
    matrix(name, rows, columns);
    vector(name + ".bias", outputs, 0);
  }
  void norm(const std::string &name, int64_t size) {
    vector(name + ".weight", size, 1);
    vector(name + ".bias", size, 0);
  }
};

} // namespace

static std::vector<Tensor> gpt2Tensors(const ModelShape &shape) {
  TensorList list;
  const int64_t width = shape.width;
  list.matrix("transformer.wte", shape.vocabulary, width);
  list.matrix("transformer.wpe", shape.context, width);
  for (int64_t i = 0; i < shape.layers; ++i) {
    const std::string layer = "transformer.h." + std::to_string(i) + ".";
    list.norm(layer + "ln_1", width);
    list.linear(layer + "attn.c_attn", width, 3 * width, 3 * width);
    list.linear(layer + "attn.c_proj", width, width, width);
    list.norm(layer + "ln_2", width);
    list.linear(layer + "mlp.c_fc", width, shape.inner, shape.inner);
    list.linear(layer + "mlp.c_proj", shape.inner, width, width);
  }
  list.norm("transformer.ln_f", width);
  return list.tensors;
}

static std::vector<Tensor> bertTensors(const ModelShape &shape) {
  TensorList list;
  const int64_t width = shape.width;
  const std::string embeddings = "bert.embeddings.";
  list.matrix(embeddings + "word_embeddings", shape.vocabulary, width);
  list.matrix(embeddings + "position_embeddings", shape.context, width);
  list.matrix(embeddings + "token_type_embeddings", 2, width);
  list.norm(embeddings + "LayerNorm", width);
  for (int64_t i = 0; i < shape.layers; ++i) {
    const std::string layer = "bert.encoder.layer." + std::to_string(i) + ".";
    for (const char *part : {"query", "key", "value"})
      list.linear(layer + "attention.self." + part, width, width, width);
    list.linear(layer + "attention.output.dense", width, width, width);
    list.norm(layer + "attention.output.LayerNorm", width);
    list.linear(layer + "intermediate.dense", shape.inner, width, shape.inner);
    list.linear(layer + "output.dense", width, shape.inner, width);
    list.norm(layer + "output.LayerNorm", width);
  }
  list.linear("cls.predictions.transform.dense", width, width, width);
  list.norm("cls.predictions.transform.LayerNorm", width);
  list.vector("cls.predictions.bias", shape.vocabulary, 0);
  return list.tensors;
}

static std::vector<Tensor> llamaTensors(const ModelShape &shape) {
  TensorList list;
  const int64_t width = shape.width;
  const int64_t keys = width / shape.heads * shape.keyHeads;
  list.matrix("model.embed_tokens", shape.vocabulary, width);
  for (int64_t i = 0; i < shape.layers; ++i) {
    const std::string layer = "model.layers." + std::to_string(i) + ".";
    list.vector(layer + "input_layernorm.weight", width, 1);
    list.matrix(layer + "self_attn.q_proj", width, width);
    list.matrix(layer + "self_attn.k_proj", keys, width);
    list.matrix(layer + "self_attn.v_proj", keys, width);
    list.matrix(layer + "self_attn.o_proj", width, width);
    list.vector(layer + "post_attention_layernorm.weight", width, 1);
    list.matrix(layer + "mlp.gate_proj", shape.inner, width);
    list.matrix(layer + "mlp.up_proj", shape.inner, width);
    list.matrix(layer + "mlp.down_proj", width, shape.inner);
  }
  list.vector("model.norm.weight", width, 1);
  return list.tensors;
}

std::vector<Tensor> sinter::bench::tensorsOf(const ModelShape &shape) {
  if (shape.architecture == "gpt2")
    return gpt2Tensors(shape);
  return shape.architecture == "bert" ? bertTensors(shape)
                                      : llamaTensors(shape);
}
