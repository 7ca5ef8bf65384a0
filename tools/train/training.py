"""What the three trainers share: seeds, the optimizer and its schedule, and writing a model folder."""

import json
import math
import pathlib
import random
import time

import torch

MODELS = pathlib.Path(__file__).resolve().parents[2] / "test" / "models"
FOLDER_LIMIT = 2_000_000


def seed_everything(seed):
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    random.seed(seed)


def train(model, loss_of_step, steps, peak=2e-3, decay=0.01, warmup=100):
    """AdamW, a linear warm-up and a cosine to zero. Returns the seconds that it took."""
    matrices = [parameter for parameter in model.parameters() if parameter.dim() > 1]
    vectors = [parameter for parameter in model.parameters() if parameter.dim() <= 1]
    optimizer = torch.optim.AdamW([dict(params=matrices, weight_decay=decay), dict(params=vectors, weight_decay=0.0)],
                                  lr=peak, betas=(0.9, 0.98))
    began = time.time()
    model.train()
    for step in range(steps):
        rate = peak * min((step + 1) / warmup, 0.5 + 0.5 * math.cos(math.pi * step / steps))
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = loss_of_step(step)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 100 == 0 or step == steps - 1:
            print(f"step {step} of {steps}: loss {loss.item():.4f}, {time.time() - began:.0f} s", flush=True)
    model.eval()
    return time.time() - began


def folder_of(name):
    folder = MODELS / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def check_size(folder):
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert size <= FOLDER_LIMIT, f"{folder.name}: {size} bytes"
    print(f"{folder.name}: {size} bytes")
