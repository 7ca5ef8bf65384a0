"""The encoder-decoder of "Attention Is All You Need" (Vaswani et al. 2017) on torch.nn.Transformer.

This is the model behind `model_type: transformer`. The trainer and the fixtures share it, so that the
weight names and the meaning of each config key are defined once, here and in test/fixtures/README.md.
"""

import math

import torch
from torch import nn


def sinusoidal_positions(count, width, start=0):
    """Row p holds sin and cos of (p + start) / 10000^(2i/width), interleaved: sin at 2i, cos at 2i + 1."""
    position = torch.arange(start, start + count, dtype=torch.float64)[:, None]
    frequency = torch.exp(torch.arange(0, width, 2, dtype=torch.float64) * (-math.log(10000.0) / width))
    table = torch.zeros(count, width, dtype=torch.float64)
    table[:, 0::2] = torch.sin(position * frequency)
    table[:, 1::2] = torch.cos(position * frequency)
    return table


class OriginalTransformer(nn.Module):
    """logits[T, target_vocab_size] from source[S] and token[T], one sequence or a batch."""

    def __init__(self, config, dropout=0.0):
        super().__init__()
        self.config = config
        width = config["d_model"]
        self.source_embedding = nn.Embedding(config["source_vocab_size"], width)
        self.target_embedding = nn.Embedding(config["target_vocab_size"], width)
        self.transformer = nn.Transformer(
            d_model=width, nhead=config["num_heads"], num_encoder_layers=config["encoder_layers"],
            num_decoder_layers=config["decoder_layers"], dim_feedforward=config["ffn_dim"], dropout=dropout,
            activation=config["activation"], layer_norm_eps=config["layer_norm_eps"], batch_first=True,
            norm_first=config["norm_first"])
        if not config["final_norm"]:
            self.transformer.encoder.norm = None
            self.transformer.decoder.norm = None
        self.generator = nn.Linear(width, config["target_vocab_size"])
        table = sinusoidal_positions(config["max_positions"], width, config["position_start"])
        self.register_buffer("positions", table, persistent=False)

    def embed(self, table, ids):
        scale = math.sqrt(self.config["d_model"]) if self.config["scale_embedding"] else 1.0
        return table(ids) * scale + self.positions[: ids.shape[1]].to(table.weight.dtype)

    def encode(self, source, source_padding=None):
        return self.transformer.encoder(self.embed(self.source_embedding, source), src_key_padding_mask=source_padding)

    def decode(self, target, memory, source_padding=None):
        length = target.shape[1]
        future = torch.triu(torch.ones(length, length, dtype=torch.bool), diagonal=1)
        hidden = self.transformer.decoder(self.embed(self.target_embedding, target), memory, tgt_mask=future,
                                          memory_key_padding_mask=source_padding)
        return self.generator(hidden)

    def forward(self, source, target, source_padding=None):
        return self.decode(target, self.encode(source, source_padding), source_padding)

    def checkpoint(self):
        """The weights under the names of the file: those of torch.nn.Transformer, without its prefix."""
        return {name.removeprefix("transformer."): value.detach().clone().contiguous()
                for name, value in self.state_dict().items()}

    def load_checkpoint(self, weights):
        outer = ("source_embedding.", "target_embedding.", "generator.")
        self.load_state_dict({name if name.startswith(outer) else "transformer." + name: value
                              for name, value in weights.items()})
