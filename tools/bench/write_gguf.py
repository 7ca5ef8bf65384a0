"""A GPT-2 or Llama of Hugging Face's form as a GGUF file in f32, with its tokenizer: what llama.cpp, as a peer, measures.

    python3 -m pip install gguf==0.19.0 safetensors numpy
    python3 tools/bench/write_gguf.py test/models/gpt2-sentences gpt2.gguf
    llama-quantize --pure gpt2.gguf gpt2-q4_0.gguf q4_0
    llama-perplexity -m gpt2-q4_0.gguf -f test/models/gpt2-sentences/heldout.txt -c 256

llama.cpp's own converter refuses tokenizers that it has no name for. Only byte-level BPE and Llama's SentencePiece-like BPE
are known here.
"""

import json
import pathlib
import sys

import gguf
import numpy
from safetensors.numpy import load_file

GPT2 = {
    "transformer.wte": "token_embd", "transformer.wpe": "position_embd", "transformer.ln_f": "output_norm",
    "ln_1": "attn_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output",
    "ln_2": "ffn_norm", "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down",
}
LLAMA = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}


def names(tensor, table, layers):
    """A tensor's name in the file: those of layers have the layer's number in front."""
    stem, kind = tensor.rsplit(".", 1)
    if stem in table:
        return f"{table[stem]}.{kind}"
    if not stem.startswith(layers + "."):
        return None
    number, part = stem.removeprefix(layers + ".").split(".", 1)
    return f"blk.{number}.{table[part]}.{kind}" if part in table else None


def permuted(weight, heads):
    """Halves that rotary positions turn become neighbours."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def add_tokenizer(writer, folder, config):
    if not (folder / "tokenizer.json").exists():  # a synthesized model, which llama-bench takes
        writer.add_tokenizer_model("no_vocab")
        writer.add_vocab_size(config["vocab_size"])
        return
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    model = tokenizer["model"]
    special = {token["id"] for token in tokenizer["added_tokens"] if token["special"]}
    vocabulary = dict(model["vocab"]) | {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    tokens = [f"[unused{i}]" for i in range(config["vocab_size"])]
    for token, number in vocabulary.items():
        tokens[number] = token
    is_llama = model.get("byte_fallback", False)
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    writer.add_tokenizer_model("llama" if is_llama else "gpt2")
    if not is_llama:
        writer.add_tokenizer_pre("gpt-2")
        writer.add_token_merges(merges)
    kinds = []
    for number, token in enumerate(tokens):
        is_byte = is_llama and token.startswith("<0x") and token.endswith(">")
        kinds.append(gguf.TokenType.UNKNOWN if is_llama and number == 0
                     else gguf.TokenType.CONTROL if number in special
                     else gguf.TokenType.BYTE if is_byte else gguf.TokenType.NORMAL)
    writer.add_token_list(tokens)
    if is_llama:  # merges in their order, which scores stand for
        rank = {merge.replace(" ", ""): number for number, merge in reversed(list(enumerate(merges)))}
        writer.add_token_scores([-float(rank.get(token, len(merges))) for token in tokens])
    writer.add_token_types(kinds)
    for role, add in (("bos", writer.add_bos_token_id), ("eos", writer.add_eos_token_id)):
        if config.get(role + "_token_id") is not None:
            add(config[role + "_token_id"])
    writer.add_add_bos_token(is_llama)
    if is_llama:
        writer.add_vocab_size(config["vocab_size"])


def main(folder, output):
    folder = pathlib.Path(folder)
    config = json.loads((folder / "config.json").read_text())
    architecture = config["model_type"]
    if architecture not in ("gpt2", "llama"):
        sys.exit(f"{folder}: expected a gpt2 or llama, found {architecture}")
    writer = gguf.GGUFWriter(output, architecture)
    heads = config.get("n_head") or config["num_attention_heads"]
    writer.add_block_count(config.get("n_layer") or config["num_hidden_layers"])
    writer.add_head_count(heads)
    if architecture == "gpt2":
        width = config["n_embd"]
        writer.add_context_length(config["n_positions"])
        writer.add_feed_forward_length(config.get("n_inner") or 4 * width)
        writer.add_layer_norm_eps(config["layer_norm_epsilon"])
    else:
        width, key_heads = config["hidden_size"], config["num_key_value_heads"]
        writer.add_context_length(config["max_position_embeddings"])
        writer.add_feed_forward_length(config["intermediate_size"])
        writer.add_head_count_kv(key_heads)
        writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
        writer.add_rope_freq_base(config["rope_theta"])
        writer.add_rope_dimension_count(width // heads)
    writer.add_embedding_length(width)
    add_tokenizer(writer, folder, config)

    table, layers = (GPT2, "transformer.h") if architecture == "gpt2" else (LLAMA, "model.layers")
    for tensor, weight in load_file(folder / "model.safetensors").items():
        name = names(tensor, table, layers)
        if name is None:
            continue  # masks that old checkpoints hold
        weight = weight.astype(numpy.float32)
        if architecture == "gpt2" and ".h." in tensor and weight.ndim == 2:
            weight = numpy.ascontiguousarray(weight.T)
        if "q_proj" in tensor or "k_proj" in tensor:
            weight = permuted(weight, heads if "q_proj" in tensor else key_heads)
        writer.add_tensor(name, weight)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
