#!/usr/bin/env python3
"""What `sinter diff` compares a model with: the output of every module of transformers' model, for one text.

    dump_activations.py FOLDER dump.safetensors "a text"
"""

import sys

import torch
import transformers
from safetensors.torch import save_file


def dump_activations(model, inputs):
    """Tokens and, numbered in the order in which they are computed, the outputs of all modules; the model's own is last."""
    dump = {name: inputs[name].contiguous() for name in ("input_ids", "decoder_input_ids", "token_type_ids") if name in inputs}

    def keep(name):
        def hook(module, arguments, result):
            result = result[0] if isinstance(result, (tuple, list)) else result
            if torch.is_tensor(result) and result.is_floating_point():
                dump[f"{len(dump):04d} {name}"] = result.detach().clone().contiguous()

        return hook

    hooks = [module.register_forward_hook(keep(name)) for name, module in model.named_modules() if name]
    with torch.no_grad():
        result = model(**inputs)
    for hook in hooks:
        hook.remove()
    dump[f"{len(dump):04d} {next(iter(result))}"] = result[0].clone().contiguous()
    return dump


def main():
    folder, output, text = sys.argv[1:]
    config = transformers.AutoConfig.from_pretrained(folder)
    model = getattr(transformers, config.architectures[0]).from_pretrained(folder, dtype=torch.float32).eval()
    inputs = dict(transformers.AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt"))
    if config.is_encoder_decoder:
        inputs["decoder_input_ids"] = torch.tensor([[config.decoder_start_token_id]])
    save_file(dump_activations(model, inputs), output)


if __name__ == "__main__":
    main()
