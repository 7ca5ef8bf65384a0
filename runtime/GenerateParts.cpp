//===- GenerateParts.cpp - What generating one and several texts share -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/GenerateParts.h"

#include "runtime/Failure.h"

using namespace sinter::runtime;

SamplerOptions
sinter::runtime::samplerOptions(const sinter_generate_options &options,
                                const sinter_program &program) {
  SamplerOptions result;
  result.temperature = options.temperature;
  result.topK = options.top_k;
  result.topP = options.top_p;
  result.minP = options.min_p;
  result.typicalP = options.typical_p;
  result.repetitionPenalty = options.repetition_penalty;
  result.frequencyPenalty = options.frequency_penalty;
  result.presencePenalty = options.presence_penalty;
  for (int64_t i = 0; i < options.logit_bias_count; ++i)
    result.bias.emplace_back(options.logit_bias[i].token,
                             options.logit_bias[i].bias);
  const sinter_special_tokens &special = program.special;
  result.never.assign(special.suppress,
                      special.suppress + special.suppress_count);
  result.notFirst.assign(special.begin_suppress,
                         special.begin_suppress + special.begin_suppress_count);
  result.seed = options.seed;
  return result;
}

void sinter::runtime::checkOptions(const sinter_generate_options &options) {
  if (options.context_shift &&
      (options.maximum_tokens < 1 || options.beams > 1))
    fail(SINTER_ERROR_ARGUMENT,
         "context shift needs a limit of tokens, and no beams");
  if (options.end_token_count < 0 ||
      (options.end_token_count > 0 && !options.end_tokens))
    fail(SINTER_ERROR_ARGUMENT, "the end tokens are missing");
  if (options.draft && options.draft_tokens < 1)
    fail(SINTER_ERROR_ARGUMENT,
         "%lld tokens of a draft asked for, expected 1 or more",
         static_cast<long long>(options.draft_tokens));
  if (options.draft && (options.beams > 1 || options.lookup > 0))
    fail(SINTER_ERROR_ARGUMENT, "a draft goes with no beams or prompt look-up");
  if (options.maximum_tokens < 0)
    fail(SINTER_ERROR_ARGUMENT,
         "%lld tokens to generate asked for, expected 0 (no limit) or more",
         static_cast<long long>(options.maximum_tokens));
  if (options.beams < 1)
    fail(SINTER_ERROR_ARGUMENT, "%lld beams asked for, expected 1 or more",
         static_cast<long long>(options.beams));
  if (options.beams > 1 && options.temperature != 0)
    fail(SINTER_ERROR_ARGUMENT,
         "beam search does not sample: give a temperature or more than one "
         "beam, not both");
  if (options.stop_count < 0 || (options.stop_count > 0 && !options.stop))
    fail(SINTER_ERROR_ARGUMENT, "the stop strings are missing");
  if (options.logit_bias_count < 0 ||
      (options.logit_bias_count > 0 && !options.logit_bias))
    fail(SINTER_ERROR_ARGUMENT, "the logit biases are missing");
  if (options.feature_rows < 0 ||
      (options.feature_rows > 0 && !options.features))
    fail(SINTER_ERROR_ARGUMENT, "the rows of the source are missing");
}

/// The most probable language of sequence 0's source.
static int32_t hearLanguage(sinter_session &session) {
  const sinter_special_tokens &special = session.model.program.special;
  std::vector<float> logits(size_t(session.model.program.vocabulary));
  const int32_t row = 0;
  sinter_batch batch = {};
  batch.tokens = batch.rows = 1;
  batch.token = &special.decoder_start;
  batch.row = &row;
  session.feed(batch, logits.data());
  session.truncate(0, 0);
  int32_t best = special.language[0];
  for (int32_t i = 0; i < special.language_count; ++i) {
    const int32_t token = special.language[i];
    checkNumber(logits[size_t(token)], size_t(token));
    if (logits[size_t(token)] > logits[size_t(best)])
      best = token;
  }
  return best;
}

/// The first tokens of a target: decoder_start, and what is `given` or else
/// what the model always has there.
static std::vector<int32_t> beginTarget(sinter_session &session,
                                        std::span<const int32_t> given) {
  const sinter_program &program = session.model.program;
  const sinter_special_tokens &special = program.special;
  if (given.empty())
    given = {special.prompt, size_t(special.prompt_count)};
  std::vector<int32_t> target = {special.decoder_start};
  for (int32_t token : given) {
    const bool heard = token == -1 && special.language_count > 0;
    if (!heard && (token < 0 || token >= program.vocabulary))
      fail(SINTER_ERROR_ARGUMENT,
           "token %d of the target's prompt is not in the vocabulary: ids are "
           "0 to %lld",
           token, static_cast<long long>(program.vocabulary - 1));
    target.push_back(heard ? hearLanguage(session) : token);
  }
  return target;
}

std::vector<int32_t>
sinter::runtime::beginSequence(sinter_session &session,
                               std::span<const int32_t> prompt,
                               const sinter_generate_options &options) {
  const sinter_program &program = session.model.program;
  if (options.context_shift && program.head != SINTER_HEAD_NEXT_TOKEN)
    fail(SINTER_ERROR_UNSUPPORTED,
         "context shift is for models that continue text");
  if (program.head == SINTER_HEAD_ENCODER_DECODER) {
    const bool ofNumbers = program.source_width > 0;
    if (ofNumbers)
      session.encodeFeatures(
          0, {options.features,
              size_t(options.feature_rows * program.source_width)});
    else
      session.encode(0, prompt);
    return beginTarget(session,
                       ofNumbers ? prompt : std::span<const int32_t>());
  }
  if (program.head != SINTER_HEAD_NEXT_TOKEN)
    fail(SINTER_ERROR_UNSUPPORTED,
         "model '%s' does not generate: it reads whole sequences",
         program.name);
  if (prompt.empty())
    fail(SINTER_ERROR_ARGUMENT, "the prompt has no tokens");
  const bool fits = options.kept >= 0 &&
                    options.kept < static_cast<int64_t>(prompt.size()) &&
                    options.kept <= session.length(0);
  if (!fits)
    fail(SINTER_ERROR_ARGUMENT,
         "%lld tokens of the prompt are said to be read already, of %zu, and "
         "the session holds %lld",
         static_cast<long long>(options.kept), prompt.size(),
         static_cast<long long>(session.length(0)));
  session.truncate(0, options.kept);
  return {prompt.begin(), prompt.end()};
}

std::vector<int32_t>
sinter::runtime::endTokens(const sinter_model &model,
                           const sinter_generate_options &options) {
  if (options.ignore_end)
    return {};
  const sinter_special_tokens &special = model.program.special;
  std::vector<int32_t> ends(special.eos, special.eos + special.eos_count);
  ends.insert(ends.end(), options.end_tokens,
              options.end_tokens + options.end_token_count);
  return ends;
}
