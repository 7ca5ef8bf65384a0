//===- Generate.cpp - Continuing a sequence -------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Generate.h"

#include "runtime/BeamSearch.h"
#include "runtime/Chooser.h"
#include "runtime/Failure.h"
#include "runtime/GenerateParts.h"
#include "runtime/Sampler.h"

#include <algorithm>
#include <limits>

using namespace sinter::runtime;

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

/// The first token, which often stands for the begin of a text, and the last
/// `count`.
static std::vector<int32_t> shifted(const std::vector<int32_t> &tokens,
                                    int64_t count) {
  std::vector<int32_t> result = {tokens.front()};
  result.insert(result.end(), tokens.end() - std::max<int64_t>(1, count),
                tokens.end());
  return result;
}

Generated sinter::runtime::generate(sinter_session &session,
                                    std::span<const int32_t> prompt,
                                    const sinter_generate_options &options) {
  checkOptions(options);
  const sinter_model &model = session.model;
  Sampler sampler(samplerOptions(options, model.program),
                  model.program.vocabulary);
  Generated result{beginSequence(session, prompt, options),
                   SINTER_STOP_CONTEXT};
  std::vector<int32_t> &tokens = result.tokens;
  Reporter reporter(session, options, tokens);

  // The last token need not be fed, so that one more than the context fits.
  const int64_t start = static_cast<int64_t>(tokens.size());
  sampler.countFrom(tokens.size());
  const int64_t context = model.program.context;
  int64_t limit =
      options.context_shift ? std::numeric_limits<int64_t>::max() : context + 1;
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
  const std::vector<int32_t> ends = endTokens(model, options);
  // What the model sees once the context was full; before that, all tokens.
  std::vector<int32_t> window;
  chooser.feed(tokens, static_cast<size_t>(options.kept));
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
    if (std::find(ends.begin(), ends.end(), token) != ends.end()) {
      result.reason = SINTER_STOP_END_TOKEN;
      break;
    }
    if (stopped)
      break;
    if (!window.empty())
      window.push_back(token);
    if (static_cast<int64_t>(tokens.size()) == limit)
      break;
    const std::vector<int32_t> &seen = window.empty() ? tokens : window;
    if (static_cast<int64_t>(seen.size()) > context) {
      window = shifted(seen, context / 2);
      session.truncate(0, 0);
      chooser.feed(window, 0);
    } else {
      chooser.feed(seen, seen.size() - 1);
    }
  }
  chooser.settle(
      static_cast<int64_t>(window.empty() ? tokens.size() : window.size()) - 1);
  reporter.finish();
  return result;
}
