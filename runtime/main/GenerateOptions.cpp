//===- GenerateOptions.cpp - How to generate, from the command line -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/GenerateOptions.h"

#include "runtime/main/Commands.h"

using namespace sinter::runtime;

/// The constraint that a user names, and what messages call it.
static const std::string *constraintText(const Options &options,
                                         sinter_constraint_kind &kind,
                                         std::string &text, std::string &name) {
  const int given = !options.grammar.empty() + !options.jsonSchema.empty() +
                    !options.regex.empty();
  if (given > 1)
    throw UsageError("give one of --grammar, --json-schema and --regex");
  if (given == 0)
    return nullptr;
  if (!options.regex.empty()) {
    kind = SINTER_CONSTRAINT_REGEX;
    name = "--regex";
    text = options.regex;
  } else {
    kind = options.grammar.empty() ? SINTER_CONSTRAINT_JSON_SCHEMA
                                   : SINTER_CONSTRAINT_GBNF;
    name = options.grammar.empty() ? options.jsonSchema : options.grammar;
    text = readFile(name);
  }
  return &text;
}

GenerateOptions::GenerateOptions(const Options &options,
                                 const sinter_model *model) {
  sinter_generate_defaults(&result);
  result.maximum_tokens = options.tokens.value_or(0);
  // Who names how to sample wants to.
  const bool samples = options.topK || options.topP || options.minP ||
                       options.typical || options.seed || options.samples;
  result.temperature = options.temperature.value_or(samples ? 1 : 0);
  result.top_k = options.topK.value_or(0);
  result.top_p = options.topP.value_or(1);
  result.repetition_penalty = options.repetitionPenalty.value_or(1);
  result.min_p = options.minP.value_or(0);
  result.typical_p = options.typical.value_or(1);
  result.frequency_penalty = options.frequencyPenalty.value_or(0);
  result.presence_penalty = options.presencePenalty.value_or(0);
  for (const std::string &text : options.logitBias) {
    auto [token, value] = parseLogitBias(text);
    bias.push_back({token, value});
  }
  result.logit_bias = bias.data();
  result.logit_bias_count = static_cast<int64_t>(bias.size());
  result.seed = static_cast<uint64_t>(options.seed.value_or(0));
  result.lookup = options.lookup.value_or(0);
  result.guesses = &guesses;
  if (options.draftTokens && options.draft.empty())
    throw UsageError("--draft-tokens goes with --draft");
  if (!options.draft.empty()) {
    draft = std::make_unique<DraftModel>(options.draft,
                                         options.threads.value_or(0));
    result.draft = draft->getSession();
    result.draft_tokens = options.draftTokens.value_or(8);
  }
  result.ignore_end = options.ignoreEnd;
  result.beams = options.beams.value_or(1);
  result.length_penalty = options.lengthPenalty.value_or(1);
  result.early_stopping = options.earlyStopping;
  for (const std::string &text : options.stop)
    stop.push_back(text.c_str());
  result.stop = stop.data();
  result.stop_count = static_cast<int64_t>(stop.size());
  sinter_constraint_kind kind;
  std::string text, name;
  if (constraintText(options, kind, text, name)) {
    sinter_constraint *created = nullptr;
    check(sinter_constraint_create(model, kind, text.data(), text.size(),
                                   name.c_str(), &created));
    constraint.reset(created);
    result.constraint = created;
  }
}

std::string GenerateOptions::guessesText() const {
  if (guesses.made == 0)
    return "";
  return ", " + std::to_string(guesses.taken) + " of " +
         std::to_string(guesses.made) + " guesses taken (" +
         std::to_string(100 * guesses.taken / guesses.made) + " %)";
}

const char *sinter::runtime::nameOf(sinter_stop_reason reason) {
  switch (reason) {
  case SINTER_STOP_END_TOKEN:
    return "end";
  case SINTER_STOP_LIMIT:
    return "limit";
  case SINTER_STOP_CONTEXT:
    return "context";
  case SINTER_STOP_STRING:
    return "stop";
  case SINTER_STOP_CALLBACK:
    return "interrupt";
  }
  return "";
}
