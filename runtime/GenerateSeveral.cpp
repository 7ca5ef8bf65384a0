//===- GenerateSeveral.cpp - Several continuations at once -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Failure.h"
#include "runtime/GenerateParts.h"
#include "runtime/grammar/Constraint.h"

#include <algorithm>
#include <memory>

using namespace sinter::runtime;

std::vector<Generated> sinter::runtime::generateSeveral(
    sinter_session &session, std::span<const int32_t> prompt,
    const sinter_generate_options &options, int64_t samples) {
  checkOptions(options);
  const sinter_model &model = session.model;
  if (samples < 1 || samples > session.sequences())
    fail(SINTER_ERROR_ARGUMENT,
         "%lld samples asked for, and the session has room for %lld sequences",
         static_cast<long long>(samples),
         static_cast<long long>(session.sequences()));
  if (options.beams > 1 || options.lookup > 0 || options.draft ||
      options.context_shift)
    fail(SINTER_ERROR_ARGUMENT, "several samples go with no beams, prompt "
                                "look-up, draft or context shift");
  const std::vector<int32_t> first = beginSequence(session, prompt, options);
  const auto start = static_cast<int64_t>(first.size());
  int64_t limit = model.program.context + 1;
  sinter_stop_reason atLimit = SINTER_STOP_CONTEXT;
  if (options.maximum_tokens > 0 && options.maximum_tokens < limit - start) {
    limit = start + options.maximum_tokens;
    atLimit = SINTER_STOP_LIMIT;
  }
  const std::vector<int32_t> ends = endTokens(model, options);

  struct Sample {
    Generated result;
    Sampler sampler;
    Reporter reporter;
    std::vector<float> logits;
    bool isDone = false;
  };
  // They are written one beside the other: nothing is reported on the way.
  sinter_generate_options quiet = options;
  quiet.callback = nullptr;
  std::vector<std::unique_ptr<Sample>> all;
  const auto width = static_cast<size_t>(model.program.vocabulary);
  std::vector<float> logits(static_cast<size_t>(samples) * width);
  const int32_t last = static_cast<int32_t>(start - options.kept) - 1;
  sinter_batch batch = {};
  batch.tokens = start - options.kept;
  batch.token = first.data() + options.kept;
  batch.rows = 1;
  batch.row = &last;
  session.feed(batch, logits.data());
  for (int64_t i = 0; i < samples; ++i) {
    SamplerOptions own = samplerOptions(options, session.model.program);
    own.seed += static_cast<uint64_t>(i);
    all.push_back(std::unique_ptr<Sample>(
        new Sample{{first, atLimit},
                   Sampler(own, model.program.vocabulary),
                   Reporter(session, quiet, first),
                   {logits.begin(), logits.begin() + long(width)}}));
    all.back()->sampler.countFrom(first.size());
  }
  // All go on from the prompt, which was read once.
  session.select(std::vector<int32_t>(static_cast<size_t>(samples), 0));

  while (true) {
    std::vector<int32_t> token, sequence, row;
    std::vector<Sample *> fed;
    for (size_t i = 0; i < all.size(); ++i) {
      Sample &sample = *all[i];
      std::vector<int32_t> &tokens = sample.result.tokens;
      if (sample.isDone)
        continue;
      sample.isDone = static_cast<int64_t>(tokens.size()) >= limit;
      if (sample.isDone)
        continue;
      int32_t next = forcedToken(model.program, int64_t(tokens.size()), limit,
                                 options.ignore_end != 0);
      if (next >= 0 && options.constraint && model.endsSequence(next))
        next = -1;
      const auto written =
          std::span<const int32_t>(tokens).subspan(first.size());
      if (next < 0 && options.constraint &&
          !options.constraint->restrict(sample.logits, written, ends)) {
        sample.result.reason = SINTER_STOP_END_TOKEN;
        sample.isDone = true;
        continue;
      }
      if (next < 0)
        next = sample.sampler.choose(sample.logits, tokens);
      tokens.push_back(next);
      sample.isDone = sample.reporter.report(next, sample.result.reason);
      if (std::find(ends.begin(), ends.end(), next) != ends.end()) {
        sample.result.reason = SINTER_STOP_END_TOKEN;
        sample.isDone = true;
      }
      if (sample.isDone || static_cast<int64_t>(tokens.size()) >= limit)
        continue;
      row.push_back(static_cast<int32_t>(token.size()));
      token.push_back(next);
      sequence.push_back(static_cast<int32_t>(i));
      fed.push_back(&sample);
    }
    if (fed.empty())
      break;
    batch.tokens = batch.rows = static_cast<int64_t>(fed.size());
    batch.token = token.data();
    batch.sequence = sequence.data();
    batch.row = row.data();
    session.feed(batch, logits.data());
    for (size_t i = 0; i < fed.size(); ++i)
      std::copy_n(logits.begin() + long(i * width), width,
                  fed[i]->logits.begin());
  }
  std::vector<Generated> results;
  for (auto &sample : all)
    results.push_back(std::move(sample->result));
  return results;
}
