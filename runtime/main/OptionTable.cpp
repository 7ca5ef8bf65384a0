//===- OptionTable.cpp - The one list of options -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/OptionTable.h"

using namespace sinter::runtime;

const std::vector<Flag> &sinter::runtime::flags() {
  static const std::vector<Flag> table = {
      {"tokens", 'n', "N", "generate at most N tokens", generating,
       Whole{&Options::tokens, 1, large}},
      {"chat", 0, nullptr,
       "talk with the model, line by line; with TEXT, answer it and end",
       nextToken, &Options::chat},
      {"system", 0, "TEXT", "what the model is told before a chat", nextToken,
       &Options::system},
      {"chat-template", 0, "FILE",
       "write chats as this Jinja template says, not as the model's own",
       nextToken, &Options::chatTemplate},
      {"tools", 0, "FILE",
       "the tools that a chat's template tells the model of: a list in JSON",
       nextToken, &Options::tools},
      {"context-shift", 0, nullptr,
       "where the context is full, go on from its last half; a chat leaves its "
       "oldest turns out",
       nextToken, &Options::contextShift},
      {"temperature", 0, "T",
       "sample; 1: the model's probabilities, below: more certain, 0: the most "
       "probable token",
       generating, Real{&Options::temperature}},
      {"top-k", 0, "K", "sample among the K most probable tokens", generating,
       Whole{&Options::topK, 0, large}},
      {"top-k", 0, "K", "show the K most probable tokens (5)", masked,
       Whole{&Options::topK, 1, large}},
      {"top-k", 0, "K", "show the K most probable answers (1)", answers,
       Whole{&Options::topK, 1, 1000}},
      {"top-k", 0, "K", "show the K most probable classes (all)", sequences,
       Whole{&Options::topK, 1, large}},
      {"question", 0, "TEXT", "what is asked", answers, &Options::question},
      {"context", 0, "TEXT",
       "what the answer is looked for in (-: standard input)", answers,
       &Options::context},
      {"longest", 0, "N", "an answer has at most N tokens (15)", answers,
       Whole{&Options::longest, 1, 100000}},
      {"pair", 0, "TEXT", "a second text, which belongs to the first",
       sequences, &Options::pair},
      {"similarity", 0, nullptr,
       "print the cosine between the first text and each of the others",
       embedding, &Options::similarity},
      {"top-p", 0, "P", "sample among the fewest that reach probability P",
       generating, Real{&Options::topP}},
      {"min-p", 0, "M",
       "sample among those of at least M times the best one's probability",
       generating, Real{&Options::minP}},
      {"typical", 0, "P",
       "sample among the most typical that reach probability P", generating,
       Real{&Options::typical}},
      {"seed", 0, "S", "sample with these random numbers (0)", generating,
       Whole{&Options::seed, 0, large}},
      {"repetition-penalty", 0, "R",
       "above 1: make what was written already less likely", generating,
       Real{&Options::repetitionPenalty}},
      {"frequency-penalty", 0, "F",
       "subtract F from a token's logit each time it was written", generating,
       Real{&Options::frequencyPenalty}},
      {"presence-penalty", 0, "F",
       "subtract F from the logits of all tokens written", generating,
       Real{&Options::presencePenalty}},
      {"logit-bias", 0, "ID=B",
       "add B to the logit of token ID; -inf: never (may be repeated)",
       generating, &Options::logitBias},
      {"audio", 0, "FILE",
       "of a model that hears, a WAV file: one channel, 16,000 samples a "
       "second of 16-bit or f32 numbers (may be repeated)",
       translation, &Options::audio},
      {"features", 0, "FILE",
       "of such a model, the numbers that it reads: f32 [bins, frames] in a "
       "safetensors or .npy file (may be repeated)",
       translation, &Options::features},
      {"language", 0, "NAME",
       "what is spoken in --audio, en or de say; else it is heard", translation,
       &Options::language},
      {"task", 0, "NAME",
       "write down what is spoken (transcribe) or say it in English "
       "(translate)",
       translation, &Options::task},
      {"beam", 0, "N", "search with N beams", translation,
       Whole{&Options::beams, 1, 1024}},
      {"length-penalty", 0, "L",
       "beam search: above 1 prefers long texts, below short ones (1)",
       translation, Real{&Options::lengthPenalty}},
      {"early-stopping", 0, nullptr,
       "beam search: stop when as many texts as beams are complete",
       translation, &Options::earlyStopping},
      {"prompt-cache", 0, "FILE",
       "keep what was read in FILE, and do not read it again the next time",
       nextToken, &Options::promptCache},
      {"samples", 0, "N", "write N texts at once; the i-th is that of seed + i",
       generating, Whole{&Options::samples, 1, 1024}},
      {"lookup", 0, "N",
       "guess up to N tokens from what the text has already: the same text, "
       "sooner",
       generating, Whole{&Options::lookup, 1, 64}},
      {"draft", 0, "LIBRARY",
       "let a smaller model of the same tokens guess what comes next: the "
       "same text where it does not sample, sooner",
       nextToken, &Options::draft},
      {"draft-tokens", 0, "N", "tokens that it guesses at a time (8)",
       nextToken, Whole{&Options::draftTokens, 1, 64}},
      {"grammar", 0, "FILE",
       "write only what a grammar in GBNF allows, and end where it may",
       generating, &Options::grammar},
      {"json-schema", 0, "FILE", "write only JSON of this schema", generating,
       &Options::jsonSchema},
      {"regex", 0, "EXPR", "write only what matches this regular expression",
       generating, &Options::regex},
      {"stop", 0, "TEXT", "end before TEXT (may be repeated)", generating,
       &Options::stop},
      {"ignore-end", 0, nullptr, "go on when the model ends the text",
       generating, &Options::ignoreEnd},
      {"no-echo", 0, nullptr, "do not print the prompt", nextToken,
       &Options::noEcho},
      {"lines", 0, nullptr, "every line of the input is a text of its own",
       all & ~unsigned(hidden | answers), &Options::lines},
      {"ids", 0, "LIST",
       "token ids in and out, 1,5,7 say (may be repeated; -: from standard "
       "input, one list a line)",
       all, &Options::ids},
      {"segments", 0, "LIST", "segment (token type) ids of each --ids",
       all & ~unsigned(generating), &Options::segments},
      {"decoder-ids", 0, "LIST",
       "with --logits: the target's tokens for each --ids", translation,
       &Options::decoderIds},
      {"logits", 0, "FILE",
       "write tensor 'logits' [rows, width] of all tokens as safetensors", all,
       &Options::logits},
      {"split", 0, "K",
       "with --logits: feed K tokens of each sequence at a time", generating,
       Whole{&Options::split, 1, large}},
      {"perplexity", 0, "FILE",
       "print the perplexity of a text (-: standard input), read in windows: "
       "each token but the first is scored once, by the first window that "
       "holds it and one before it; with --lines, each line by itself",
       nextToken, &Options::perplexity,
       "perplexity is of models that continue text, and pseudo-perplexity of "
       "others is not built"},
      {"perplexity-window", 0, "N", "tokens of a window (the context)",
       nextToken, Whole{&Options::perplexityWindow, 2, large}},
      {"perplexity-stride", 0, "N",
       "tokens that each window is further than the last (half of one)",
       nextToken, Whole{&Options::perplexityStride, 1, large}},
      {"threads", 0, "N", "run on N threads (as many as there are cores)", all,
       Whole{&Options::threads, 1, 1024}},
      {"device", 0, "NAME",
       "of a program that was compiled for one, the device that it runs on: "
       "auto (a GPU, else the first one), opencl, opencl:N, cuda or cuda:N",
       all, &Options::device},
      {"weights", 0, "FILE", "take the weights from FILE", all,
       &Options::weights},
      {"json", 0, nullptr, "print JSON", all, &Options::json},
      {"stats", 0, nullptr, "print how fast it was, to standard error",
       generating, &Options::stats},
      {"profile", 0, nullptr,
       "print where the time went, kernel by kernel, to standard error, with "
       "the machine's limits, which are measured first (--profile=json: as "
       "JSON)",
       all, Word{&Options::profile, {"table", "json"}}},
      {"info", 0, nullptr, "print what is inside this file", all,
       &Options::info},
      {"verify", 0, nullptr, "read all weights and check their hash", all,
       &Options::verify},
      {"completion", 0, nullptr, "print a script for bash's completion", all,
       &Options::completion},
      {"version", 0, nullptr, "print the runtime's version", all,
       &Options::version},
      {"help", 'h', nullptr, "print this", all, &Options::help},
  };
  return table;
}

const char *sinter::runtime::taskOf(sinter_model_head head) {
  switch (head) {
  case SINTER_MODEL_NEXT_TOKEN:
    return "continues text";
  case SINTER_MODEL_MASKED_TOKEN:
    return "fills masks";
  case SINTER_MODEL_ENCODER_DECODER:
    return "turns one text into another";
  case SINTER_MODEL_HIDDEN:
    return "gives hidden states";
  case SINTER_MODEL_SEQUENCE_CLASSIFICATION:
    return "classifies texts";
  case SINTER_MODEL_TOKEN_CLASSIFICATION:
    return "classifies the tokens of texts";
  case SINTER_MODEL_QUESTION_ANSWERING:
    return "answers questions from a text";
  case SINTER_MODEL_EMBEDDING:
    return "turns texts into vectors";
  }
  return "";
}
