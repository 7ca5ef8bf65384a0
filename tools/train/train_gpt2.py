#!/usr/bin/env python3
"""Trains test/models/gpt2-sentences: a GPT-2 that writes the stories of grammar.py."""

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import GPT2Config, GPT2LMHeadModel

import grammar
import training

NAME, SEED, STEPS = "gpt2-sentences", 20261, 2000
CONTEXT, BATCH, VOCABULARY = 256, 16, 700
END = "<|endoftext|>"
# The first ten whose greedy text does not hang on rounding become test cases: the grammar has many even choices.
PROMPTS = ["Once there was a", "Anna is a", "Tom works in the", "Felix and Nora are",
           "Once there was a baker named Lily.", "Iris is a painter and paints pictures. Her",
           "Henry and Ruth are doctors. Every", "Max works in the garden.",
           "Once there was a singer named Clara. She sings songs every morning. Clara has three",
           "Oscar is a cook. Every night he makes soup in the kitchen. His dog is", "Grace and Ben are", "Ruth is a",
           "David works in the harbor. He", "Jonas is a tailor. Every day he", "Once there was a writer named",
           "Emma is a farmer. Every day", "Nora works in the school. She", "Clara and Max are bakers. Every day"]
CASES, MARGIN = 10, 1e-3


def train_tokenizer(texts):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=[END], show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
    return tokenizer


def stream(tokenizer, texts, end):
    """All stories as one row of ids, a line each; after one story in four the text ends."""
    generator = torch.Generator().manual_seed(SEED)
    ends = torch.rand(len(texts), generator=generator) < 0.25
    ids = []
    for encoding, is_last in zip(tokenizer.encode_batch([text + "\n" for text in texts]), ends.tolist()):
        ids += encoding.ids + ([end] if is_last else [])
    return torch.tensor(ids)


def held_out_loss(model, ids):
    """Nats per token over the whole text, in windows of the context that overlap by half: each token but the first
    is predicted once, from at least half a context where the text has one."""
    total, predicted = 0.0, 0
    with torch.no_grad():
        for begin in range(0, max(1, len(ids) - CONTEXT // 2), CONTEXT // 2):
            window = ids[begin:begin + CONTEXT]
            logits = model(window[None]).logits[0].float()
            first = CONTEXT // 2 - 1 if begin else 0
            losses = torch.nn.functional.cross_entropy(logits[first:len(window) - 1], window[first + 1:],
                                                       reduction="none")
            total, predicted = total + losses.sum().item(), predicted + len(losses)
    assert predicted == len(ids) - 1
    return total / predicted


def greedy(model, ids, count, end):
    ids, margin = list(ids), float("inf")
    with torch.no_grad():
        for _ in range(count):
            best = model(torch.tensor([ids])).logits[0, -1].topk(2)
            margin = min(margin, (best.values[0] - best.values[1]).item())
            ids.append(best.indices[0].item())
            if ids[-1] == end:
                break
    return ids, margin


def main():
    training.seed_everything(SEED)
    folder = training.folder_of(NAME)
    held_out = [" ".join(story) for story in grammar.stories(SEED + 1, 400)]
    texts = [" ".join(story) for story in grammar.stories(SEED, 40000, without=held_out)]
    tokenizer = train_tokenizer(texts[:5000])
    tokenizer.save(str(folder / "tokenizer.json"))
    end = tokenizer.token_to_id(END)
    data = stream(tokenizer, texts, end)
    held_out_text = "\n".join(held_out) + "\n"
    held_out_ids = tokenizer.encode(held_out_text).ids
    (folder / "heldout.txt").write_text(held_out_text)

    config = GPT2Config(vocab_size=VOCABULARY, n_positions=CONTEXT, n_embd=96, n_layer=3, n_head=4,
                        bos_token_id=end, eos_token_id=end, initializer_range=0.08, resid_pdrop=0.0, embd_pdrop=0.0,
                        attn_pdrop=0.0)
    model = GPT2LMHeadModel(config)
    generator = torch.Generator().manual_seed(SEED)

    def loss_of_step(step):
        length = 128 if step % 4 else CONTEXT
        rows = BATCH * 128 // length
        begins = torch.randint(0, len(data) - length - 1, (rows,), generator=generator)
        batch = torch.stack([data[begin:begin + length] for begin in begins.tolist()])
        return model(batch, labels=batch).loss

    seconds = training.train(model, loss_of_step, STEPS, peak=3e-3)
    model.save_pretrained(folder)
    model = GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager").eval()
    loss = held_out_loss(model, torch.tensor(held_out_ids))
    characters = len(held_out_text)
    bound = grammar.entropy(SEED + 2) * characters / len(held_out_ids)
    training.write_json(folder / "tokenizer_config.json", dict(
        tokenizer_class="GPT2Tokenizer", model_max_length=CONTEXT, bos_token=END, eos_token=END, unk_token=END))
    cases = []
    for prompt in PROMPTS:
        ids = tokenizer.encode(prompt).ids
        generated, margin = greedy(model, ids, 64, end)
        if margin < MARGIN or len(cases) == CASES:
            continue
        cases.append(dict(prompt=prompt, prompt_ids=ids, greedy_ids=generated,
                          text=tokenizer.decode(generated, skip_special_tokens=True)))
        print(repr(cases[-1]["text"]))
    assert len(cases) == CASES
    training.write_json(folder / "expected.json", dict(
        what="greedy decoding, at most 64 tokens, until <|endoftext|>; greedy_ids begins with prompt_ids",
        heldout_tokens=len(held_out_ids), heldout_nats_per_token=loss, window=CONTEXT, stride=CONTEXT // 2,
        cases=cases))
    print(f"held-out loss {loss:.4f} nats per token, perplexity {torch.tensor(loss).exp():.4f}, "
          f"{len(held_out_ids)} tokens; the grammar's own entropy {bound:.4f}; trained in {seconds:.0f} s")
    training.check_size(folder)


if __name__ == "__main__":
    main()
