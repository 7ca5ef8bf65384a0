#!/usr/bin/env python3
"""Trains test/models/bert-sentences: a BERT that fills the masks in sentences of grammar.py."""

import random

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertForMaskedLM

import grammar
import training

NAME, SEED, STEPS = "bert-sentences", 20262, 3200
CONTEXT, BATCH, VOCABULARY, ROWS = 64, 48, 600, 40
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
# The first twelve whose most probable tokens do not hang on rounding become test cases.
SENTENCES = [
    "Anna is a baker. Every morning she [MASK] bread in the bakery.",
    "Ben is a [MASK]. Every evening he milks the cows in the barn.",
    "Ruth and Tom are teachers. Every day they [MASK] the children in the school.",
    "Her cats [MASK] green.",
    "His dog [MASK] brown and small.",
    "Clara has a white [MASK]. The [MASK] barks under the bed and likes bones.",
    "Henry works in the [MASK]. He is a [MASK] and catches fish.",
    "One day Nora loses [MASK] red book.",
    "Max finds a blue kite near the river. He takes the [MASK] kite home and [MASK] it.",
    "\"Where is my [MASK]?\" asks Iris. \"Your green lamp is on the table,\" says Felix.",
    "Today it [MASK] and Grace is cold.",
    "Jonas gives Lily a yellow hat. Now [MASK] wears the yellow hat every day.",
    "Her ducks are [MASK]. At night they [MASK] in the garden, because they like bread.",
    "Oscar has two brown [MASK]. The mice squeak in the kitchen and like cheese.",
    "The horse [MASK] behind the house and likes [MASK].",
    "Once there was a [MASK] named Emma. She paints pictures every night.",
    "David and Lily [MASK] cooks. Every day they make [MASK] in the kitchen.",
    "At night the frog [MASK] on the roof.",
    "\"Thank you for the [MASK],\" says Ruth. Now Ruth plays the white drum every day.",
    "Today the [MASK] blows and Felix is cool.",
]
CASES, MARGIN = 12, 0.002


def train_tokenizer(texts):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.train_from_iterator(texts, trainers.WordPieceTrainer(
        vocab_size=VOCABULARY, special_tokens=SPECIAL, show_progress=False, continuing_subword_prefix="##"))
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", cls), ("[SEP]", sep)])
    return tokenizer


def pieces(stories, seed):
    """Runs of one to four sentences that follow each other; every third one as a pair."""
    generator = random.Random(seed)
    for story in stories:
        count = min(generator.randint(1, 4), len(story))
        begin = generator.randint(0, len(story) - count)
        run = story[begin:begin + count]
        if count > 1 and generator.random() < 0.33:
            yield (" ".join(run[:1]), " ".join(run[1:]))
        else:
            yield " ".join(run)


def tensors_of(tokenizer, texts):
    """ids, segments and where there is text, [count, ROWS]; what is longer is left out."""
    encodings = [encoding for encoding in tokenizer.encode_batch(texts) if len(encoding.ids) <= ROWS]
    ids = torch.zeros(len(encodings), ROWS, dtype=torch.long)
    segments, present = torch.zeros_like(ids), torch.zeros_like(ids, dtype=torch.bool)
    for row, encoding in enumerate(encodings):
        length = len(encoding.ids)
        ids[row, :length] = torch.tensor(encoding.ids)
        segments[row, :length] = torch.tensor(encoding.type_ids)
        present[row, :length] = True
    return ids, segments, present


def mask(ids, present, vocabulary, generator, share=0.2):
    """BERT's task: of the chosen tokens 80% become [MASK], 10% another token, 10% stay. Targets are -100 elsewhere."""
    chosen = (torch.rand(ids.shape, generator=generator) < share) & present & (ids >= len(SPECIAL))
    targets = torch.where(chosen, ids, torch.full_like(ids, -100))
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(len(SPECIAL), vocabulary, ids.shape, generator=generator)
    masked = torch.where(chosen & (fate < 0.8), torch.full_like(ids, SPECIAL.index("[MASK]")), ids)
    return torch.where(chosen & (fate >= 0.9), other, masked), targets


def evaluate(model, data, vocabulary):
    """Loss and accuracy on held-out text."""
    generator = torch.Generator().manual_seed(SEED + 3)
    ids, segments, present = data
    masked, targets = mask(ids, present, vocabulary, generator)
    with torch.no_grad():
        logits = torch.cat([model(masked[rows], attention_mask=present[rows], token_type_ids=segments[rows]).logits
                            for rows in torch.arange(len(ids)).split(64)])
    asked = targets != -100
    loss = torch.nn.functional.cross_entropy(logits[asked], targets[asked]).item()
    return loss, (logits[asked].argmax(-1) == targets[asked]).float().mean().item()


def fill(model, tokenizer, text):
    """The five best tokens of each mask, and the least share by which one beats the next."""
    ids = tokenizer.encode(text).ids
    with torch.no_grad():
        probabilities = model(torch.tensor([ids])).logits[0].softmax(-1)
    masks, margin = [], 1.0
    for position in [place for place, token in enumerate(ids) if token == SPECIAL.index("[MASK]")]:
        best = probabilities[position].topk(6)
        margin = min(margin, (1 - best.values[1:] / best.values[:-1]).min().item())
        best = probabilities[position].topk(5)
        masks.append(dict(position=position, ids=best.indices.tolist(),
                          tokens=[tokenizer.id_to_token(token) for token in best.indices.tolist()],
                          probabilities=best.values.tolist()))
    return dict(text=text, ids=ids, masks=masks), margin


def main():
    training.seed_everything(SEED)
    folder = training.folder_of(NAME)
    held_out = grammar.stories(SEED + 1, 1000)
    stories = grammar.stories(SEED, 50000, without=[" ".join(story) for story in held_out])
    tokenizer = train_tokenizer([" ".join(story) for story in stories[:5000]])
    tokenizer.save(str(folder / "tokenizer.json"))
    vocabulary = tokenizer.get_vocab_size()
    training_data = tensors_of(tokenizer, list(pieces(stories, SEED)))
    held_out_data = tensors_of(tokenizer, list(pieces(held_out, SEED + 1)))

    config = BertConfig(vocab_size=vocabulary, hidden_size=96, num_hidden_layers=3, num_attention_heads=4,
                        intermediate_size=384, max_position_embeddings=CONTEXT, pad_token_id=0,
                        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = BertForMaskedLM(config)
    generator = torch.Generator().manual_seed(SEED)

    def loss_of_step(step):
        rows = torch.randint(0, len(training_data[0]), (BATCH,), generator=generator)
        ids, segments, present = (part[rows] for part in training_data)
        masked, targets = mask(ids, present, vocabulary, generator)
        hidden = model.bert(masked, attention_mask=present, token_type_ids=segments).last_hidden_state
        asked = targets != -100
        return torch.nn.functional.cross_entropy(model.cls(hidden[asked]), targets[asked])

    seconds = training.train(model, loss_of_step, STEPS, peak=2e-3, warmup=200)
    model.save_pretrained(folder)
    model = BertForMaskedLM.from_pretrained(folder, attn_implementation="eager").eval()
    loss, accuracy = evaluate(model, held_out_data, vocabulary)
    training.write_json(folder / "tokenizer_config.json", dict(
        tokenizer_class="BertTokenizer", do_lower_case=True, model_max_length=CONTEXT, pad_token="[PAD]",
        unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]"))
    cases = [case for case, margin in (fill(model, tokenizer, text) for text in SENTENCES) if margin > MARGIN]
    cases = cases[:CASES]
    assert len(cases) == CASES
    for case in cases:
        print(case["text"])
        for found in case["masks"]:
            print("   ", *(f"{token} {share:.3f}" for token, share in zip(found["tokens"], found["probabilities"])))
    training.write_json(folder / "expected.json", dict(
        what="the five most probable tokens at each mask; ids hold [CLS] and [SEP], positions count them",
        heldout_loss=loss, heldout_accuracy=accuracy, cases=cases))
    print(f"held-out loss {loss:.4f} nats per masked token, accuracy {accuracy:.4f}; trained in {seconds:.0f} s")
    training.check_size(folder)


if __name__ == "__main__":
    main()
