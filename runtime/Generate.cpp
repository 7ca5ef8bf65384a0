//===- Generate.cpp - Continuing a sequence -------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Generate.h"

#include "runtime/BeamSearch.h"
#include "runtime/Failure.h"
#include "runtime/Sampler.h"
#include "runtime/TextStream.h"
#include "runtime/grammar/Constraint.h"

#include <algorithm>

using namespace sinter::runtime;

namespace {

SamplerOptions samplerOptions(const sinter_generate_options &options) {
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
  result.seed = options.seed;
  return result;
}

void checkOptions(const sinter_generate_options &options) {
  if (options.end_token_count < 0 ||
      (options.end_token_count > 0 && !options.end_tokens))
    fail(SINTER_ERROR_ARGUMENT, "the end tokens are missing");
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
}

/// Puts the prompt where the model reads it; gives the sequence that is to be
/// continued.
std::vector<int32_t> begin(sinter_session &session,
                           std::span<const int32_t> prompt,
                           const sinter_generate_options &options) {
  const sinter_program &program = session.model.program;
  if (program.head == SINTER_HEAD_ENCODER_DECODER) {
    session.encode(0, prompt);
    return {program.special.decoder_start};
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

/// The tokens that a constraint allows where a text may end.
std::vector<int32_t> endTokens(const sinter_model &model,
                               const sinter_generate_options &options) {
  if (options.ignore_end)
    return {};
  const sinter_special_tokens &special = model.program.special;
  std::vector<int32_t> ends(special.eos, special.eos + special.eos_count);
  ends.insert(ends.end(), options.end_tokens,
              options.end_tokens + options.end_token_count);
  return ends;
}

bool endsText(const sinter_generate_options &options, int32_t token) {
  const int32_t *end = options.end_tokens + options.end_token_count;
  return std::find(options.end_tokens, end, token) != end;
}

/// Hands tokens and their text to the user's callback.
class Reporter {
public:
  Reporter(const sinter_session &session,
           const sinter_generate_options &options,
           std::span<const int32_t> start)
      : options(options),
        stream(session.model.hasTokenizer() ? &session.model.tokenizer(false)
                                            : nullptr,
               start, {options.stop, options.stop + options.stop_count}) {
    if (options.stop_count > 0)
      session.model.tokenizer(false); // says that there is none
  }

  /// True when generation must stop, for `reason`.
  bool report(int32_t token, sinter_stop_reason &reason) {
    bool stopped = false;
    const std::string &text = stream.push(token, stopped);
    if (stopped)
      reason = SINTER_STOP_STRING;
    if (options.callback &&
        options.callback(options.user, token, text.data(), text.size()) != 0) {
      reason = SINTER_STOP_CALLBACK;
      stopped = true;
    }
    return stopped;
  }

  void finish() {
    const std::string &text = stream.finish();
    if (options.callback && !text.empty())
      options.callback(options.user, -1, text.data(), text.size());
  }

private:
  const sinter_generate_options &options;
  TextStream stream;
};

/// Feeds tokens and chooses what follows. Where nothing but the most probable
/// token matters, the logits are not even written.
class Chooser {
public:
  /// `start`: how many tokens a prompt has.
  Chooser(sinter_session &session, Sampler &sampler,
          const sinter_generate_options &options, size_t start)
      : session(session), sampler(sampler), constraint(options.constraint),
        ends(endTokens(session.model, options)), start(start),
        isGreedy(!constraint && sampler.isGreedy() &&
                 session.model.forward.gives_largest),
        logits(isGreedy ? 0 : session.model.program.vocabulary) {}

  void feed(std::span<const int32_t> tokens) {
    const int32_t last = static_cast<int32_t>(tokens.size()) - 1;
    sinter_batch batch = {};
    batch.tokens = static_cast<int64_t>(tokens.size());
    batch.token = tokens.data();
    batch.rows = 1;
    batch.row = &last;
    if (isGreedy)
      session.feedMostProbable(batch, &best, &bestLogit);
    else
      session.feed(batch, logits.data());
  }

  /// -1: the constraint allows nothing more.
  int32_t choose(std::span<const int32_t> history) {
    if (constraint &&
        !constraint->restrict(logits, history.subspan(start), ends))
      return -1;
    if (!isGreedy)
      return sampler.choose(logits, history);
    checkNumber(bestLogit, static_cast<size_t>(best));
    return best;
  }

private:
  sinter_session &session;
  Sampler &sampler;
  sinter_constraint *constraint;
  const std::vector<int32_t> ends;
  const size_t start;
  const bool isGreedy;
  std::vector<float> logits;
  int32_t best = 0;
  float bestLogit = 0;
};

} // namespace

int32_t sinter::runtime::forcedToken(const sinter_program &program,
                                     int64_t length, int64_t limit,
                                     bool ignoreEnd) {
  if (program.head == SINTER_HEAD_ENCODER_DECODER && length == 1 &&
      program.special.forced_bos >= 0)
    return program.special.forced_bos;
  if (length + 1 == limit && !ignoreEnd)
    return program.special.forced_eos;
  return -1;
}

Generated sinter::runtime::generate(sinter_session &session,
                                    std::span<const int32_t> prompt,
                                    const sinter_generate_options &options) {
  checkOptions(options);
  const sinter_model &model = session.model;
  Sampler sampler(samplerOptions(options), model.program.vocabulary);
  Generated result{begin(session, prompt, options), SINTER_STOP_CONTEXT};
  std::vector<int32_t> &tokens = result.tokens;
  Reporter reporter(session, options, tokens);

  // The last token need not be fed, so that one more than the context fits.
  const int64_t start = static_cast<int64_t>(tokens.size());
  sampler.countFrom(tokens.size());
  int64_t limit = model.program.context + 1;
  if (options.maximum_tokens > 0 && options.maximum_tokens < limit - start) {
    limit = start + options.maximum_tokens;
    result.reason = SINTER_STOP_LIMIT;
  }

  if (options.beams > 1) {
    BeamSearch search(session, options, sampler, limit);
    tokens = search.run(tokens);
    if (!options.ignore_end && model.endsSequence(tokens.back()))
      result.reason = SINTER_STOP_END_TOKEN;
    for (size_t place = static_cast<size_t>(start); place < tokens.size();
         ++place)
      if (reporter.report(tokens[place], result.reason))
        break;
    reporter.finish();
    return result;
  }

  Chooser chooser(session, sampler, options, tokens.size());
  tokens.reserve(static_cast<size_t>(std::max(limit, start)));
  chooser.feed(std::span<const int32_t>(tokens).subspan(
      static_cast<size_t>(options.kept)));
  while (static_cast<int64_t>(tokens.size()) < limit) {
    int32_t token =
        forcedToken(model.program, static_cast<int64_t>(tokens.size()), limit,
                    options.ignore_end != 0);
    // A forced end would cut off what the constraint asks for.
    if (token >= 0 && options.constraint && model.endsSequence(token))
      token = -1;
    if (token < 0)
      token = chooser.choose(tokens);
    if (token < 0) {
      result.reason = SINTER_STOP_END_TOKEN;
      break;
    }
    tokens.push_back(token);
    const bool stopped = reporter.report(token, result.reason);
    if (!options.ignore_end &&
        (model.endsSequence(token) || endsText(options, token))) {
      result.reason = SINTER_STOP_END_TOKEN;
      break;
    }
    if (stopped)
      break;
    if (static_cast<int64_t>(tokens.size()) < limit)
      chooser.feed({&tokens.back(), 1});
  }
  reporter.finish();
  return result;
}
