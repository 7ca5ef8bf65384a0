#!/usr/bin/env python3
"""Trains test/models/transformer-numbers: number words to digits, "three hundred and twelve" to "312"."""

import random

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

import training
from original_transformer import OriginalTransformer

NAME, SEED, STEPS = "transformer-numbers", 20263, 1600
BATCH = 96
SPECIAL = ["<pad>", "<s>", "</s>", "<unk>"]
ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen").split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
WORDS = SPECIAL + list("0123456789") + ONES + TENS + ["hundred", "thousand", "and", "-", "a"]
PAD, START, END = 0, 1, 2
INPUTS = ["three hundred and twelve", "zero", "seven", "forty-two", "ninety nine", "one hundred", "a hundred and one",
          "five hundred and sixty", "eight hundred eleven", "one thousand", "two thousand and nineteen",
          "nine thousand nine hundred and ninety-nine", "twelve thousand three hundred and forty-five",
          "thirty thousand and three", "a hundred thousand", "four hundred and seven thousand two hundred and thirteen",
          "six hundred fifty-four thousand three hundred twenty-one", "nine hundred and ninety thousand and nine",
          "Eighteen Thousand Seven Hundred", "seven hundred thousand and eighty-four"]


def below_hundred(number, hyphen):
    if number < 20:
        return ONES[number]
    tens, ones = TENS[number // 10 - 2], number % 10
    return tens + (hyphen + ONES[ones] if ones else "")


def below_thousand(number, hyphen, link):
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return below_hundred(rest, hyphen)
    return ONES[hundreds] + " hundred" + (link + below_hundred(rest, hyphen) if rest else "")


def words_of(number, generator):
    """The number in words, in one of the ways that people write it."""
    hyphen = generator.choice(["-", "-", " "])
    link = generator.choice([" and ", " and ", " "])
    thousands, rest = divmod(number, 1000)
    if not thousands:
        text = below_thousand(rest, hyphen, link)
    else:
        text = below_thousand(thousands, hyphen, link) + " thousand"
        if rest:
            text += (link if rest < 100 else " ") + below_thousand(rest, hyphen, link)
    if text.startswith("one ") and generator.random() < 0.3:
        text = "a" + text[3:]
    return text


def draw(generator):
    """Short numbers as often as long ones."""
    return generator.randrange(10 ** generator.randint(1, 6))


def make_tokenizer():
    tokenizer = Tokenizer(models.WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="<unk>"))
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", END)])
    # The digits of a number are written without spaces.
    tokenizer.decoder = decoders.Fuse()
    return tokenizer


def batch_of(tokenizer, pairs):
    """source [B, S], its padding, target [B, T] with <s> in front and </s> behind."""
    sources = [encoding.ids for encoding in tokenizer.encode_batch([text for text, _ in pairs])]
    targets = [[START] + [WORDS.index(digit) for digit in str(number)] + [END] for _, number in pairs]
    pad = lambda rows: torch.tensor([row + [PAD] * (max(map(len, rows)) - len(row)) for row in rows])
    source, target = pad(sources), pad(targets)
    return source, source == PAD, target


def greedy(model, source, limit=12):
    ids, margin = [START], float("inf")
    with torch.no_grad():
        memory = model.encode(torch.tensor([source]))
        while len(ids) < limit and ids[-1] != END:
            best = model.decode(torch.tensor([ids]), memory)[0, -1].topk(2)
            margin = min(margin, (best.values[0] - best.values[1]).item())
            ids.append(best.indices[0].item())
    return ids, margin


def beam_search(model, source, beams=4, limit=12):
    """What a plain beam search finds, best first, each with its score: the sum of log probabilities divided by the
    number of generated tokens (</s> counts, <s> does not), as Hugging Face scores with length_penalty 1.

    Each step looks at the 2 x beams best continuations; one that ends is finished if it is among the first `beams`,
    the others go on. The search ends when `beams` are finished and none that runs can beat the worst of them.
    """
    running, finished = [([START], 0.0)], []
    with torch.no_grad():
        memory = model.encode(torch.tensor([source]))
        while running and len(running[0][0]) < limit:
            candidates = []
            for ids, score in running:
                logits = model.decode(torch.tensor([ids]), memory)[0, -1].log_softmax(-1)
                candidates += [(ids + [token], score + share) for token, share in enumerate(logits.tolist())]
            candidates.sort(key=lambda candidate: -candidate[1])
            running = []
            for rank, (ids, score) in enumerate(candidates[:2 * beams]):
                if ids[-1] == END:
                    if rank < beams:
                        finished.append((ids, score / (len(ids) - 1)))
                elif len(running) < beams:
                    running.append((ids, score))
            finished = sorted(finished, key=lambda candidate: -candidate[1])[:beams]
            length = len(running[0][0]) - 1
            if len(finished) == beams and finished[-1][1] >= running[0][1] / length:
                break
    return finished


def accuracy(model, tokenizer, pairs):
    """The share of numbers that greedy decoding gets wholly right, and the loss per target token."""
    right, loss, tokens = 0, 0.0, 0
    with torch.no_grad():
        for begin in range(0, len(pairs), 100):
            chunk = pairs[begin:begin + 100]
            source, padding, target = batch_of(tokenizer, chunk)
            memory = model.encode(source, padding)
            logits = model.decode(target[:, :-1], memory, padding)
            loss += torch.nn.functional.cross_entropy(logits.flatten(0, 1), target[:, 1:].flatten(), ignore_index=PAD,
                                                      reduction="sum").item()
            tokens += (target[:, 1:] != PAD).sum().item()
            ids = torch.full((len(chunk), 1), START)
            for _ in range(target.shape[1] - 1):
                ids = torch.cat([ids, model.decode(ids, memory, padding)[:, -1:].argmax(-1)], dim=1)
            for row, (_, number) in zip(ids.tolist(), chunk):
                row = row[1:row.index(END)] if END in row else row[1:]
                right += "".join(WORDS[token] for token in row) == str(number)
    return right / len(pairs), loss / tokens


def main():
    training.seed_everything(SEED)
    folder = training.folder_of(NAME)
    tokenizer = make_tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    generator = random.Random(SEED)
    # Numbers of the held-out text are never trained on, in no wording; the few below 100 are left to training.
    held_out = sorted({number for number in (draw(generator) for _ in range(4000)) if number >= 100})
    unseen = set(held_out)
    held_out = [(words_of(number, generator), number) for number in held_out]

    config = dict(architectures=["OriginalTransformer"], model_type="transformer", d_model=64, num_heads=4,
                  encoder_layers=2, decoder_layers=2, ffn_dim=192, activation="relu", norm_first=False,
                  final_norm=False, layer_norm_eps=1e-5, scale_embedding=True, position_start=0, max_positions=64,
                  source_vocab_size=len(WORDS), target_vocab_size=len(WORDS), pad_token_id=PAD, bos_token_id=START,
                  eos_token_id=END, decoder_start_token_id=START)
    model = OriginalTransformer(config)
    for table in (model.source_embedding, model.target_embedding):
        torch.nn.init.normal_(table.weight, std=config["d_model"] ** -0.5)

    def loss_of_step(step):
        pairs = []
        while len(pairs) < BATCH:
            number = draw(generator)
            if number not in unseen:
                pairs.append((words_of(number, generator), number))
        source, padding, target = batch_of(tokenizer, pairs)
        logits = model(source, target[:, :-1], padding)
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), target[:, 1:].flatten(), ignore_index=PAD)

    seconds = training.train(model, loss_of_step, STEPS, peak=2e-3, warmup=200)
    save_file(model.checkpoint(), folder / "model.safetensors", metadata={"format": "pt"})
    training.write_json(folder / "config.json", config)
    training.write_json(folder / "generation_config.json", dict(
        decoder_start_token_id=START, bos_token_id=START, eos_token_id=END, pad_token_id=PAD, max_length=12))
    training.write_json(folder / "tokenizer_config.json", dict(
        tokenizer_class="PreTrainedTokenizerFast", model_max_length=config["max_positions"], pad_token="<pad>",
        bos_token="<s>", eos_token="</s>", unk_token="<unk>"))
    model = OriginalTransformer(config).eval()
    model.load_checkpoint(load_file(folder / "model.safetensors"))
    share, loss = accuracy(model, tokenizer, held_out)
    cases = []
    for text in INPUTS:
        source = tokenizer.encode(text).ids
        ids, margin = greedy(model, source)
        assert margin > 1e-3, f"{text}: {margin}"
        beams = [dict(ids=found, text=tokenizer.decode(found), score=score)
                 for found, score in beam_search(model, source)]
        cases.append(dict(source=text, source_ids=source, greedy_ids=ids, text=tokenizer.decode(ids), beams=beams))
        print(f"{text}: {cases[-1]['text']}", *(f"{found['text']} {found['score']:.4f}" for found in beams))
    training.write_json(folder / "expected.json", dict(
        what="greedy decoding; and what a search with 4 beams finds, best first, score = sum of log probabilities / "
             "generated tokens; ids hold <s> and </s>",
        heldout_numbers=len(held_out), heldout_accuracy=share, heldout_loss=loss, cases=cases))
    print(f"held-out: {share:.4f} of {len(held_out)} numbers right, loss {loss:.5f} nats per token; "
          f"trained in {seconds:.0f} s")
    training.check_size(folder)


if __name__ == "__main__":
    main()
