//===- Draft.cpp - A smaller model that guesses -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Draft.h"

#include "runtime/Failure.h"
#include "runtime/GenerateParts.h"

#include <algorithm>

using namespace sinter::runtime;

/// Two models can write the same text only if their tokens mean the same.
static void checkVocabulary(const sinter_model &target,
                            const sinter_model &draft) {
  if (target.program.head != SINTER_HEAD_NEXT_TOKEN ||
      draft.program.head != SINTER_HEAD_NEXT_TOKEN)
    fail(SINTER_ERROR_UNSUPPORTED,
         "model '%s' cannot be a draft of '%s': both must continue text",
         draft.program.name, target.program.name);
  if (target.program.vocabulary != draft.program.vocabulary)
    fail(SINTER_ERROR_ARGUMENT,
         "model '%s' cannot be a draft of '%s': it has %lld tokens, and not "
         "%lld",
         draft.program.name, target.program.name,
         static_cast<long long>(draft.program.vocabulary),
         static_cast<long long>(target.program.vocabulary));
  if (!target.hasTokenizer() || !draft.hasTokenizer())
    return;
  for (int64_t id = 0; id < target.program.vocabulary; ++id) {
    std::string_view ours, theirs;
    const auto token = static_cast<int32_t>(id);
    target.tokenizer(false).idToToken(token, ours);
    draft.tokenizer(false).idToToken(token, theirs);
    if (ours != theirs)
      fail(SINTER_ERROR_ARGUMENT,
           "model '%s' cannot be a draft of '%s': token %d is '%.*s', and not "
           "'%.*s'",
           draft.program.name, target.program.name, token,
           static_cast<int>(theirs.size()), theirs.data(),
           static_cast<int>(ours.size()), ours.data());
  }
}

/// The draft draws numbers of its own: those of the larger model's sampler
/// decide whether its guesses are taken.
static SamplerOptions optionsOf(const sinter_generate_options &options,
                                const sinter_program &program) {
  SamplerOptions result = samplerOptions(options, program);
  result.seed ^= 0x9e3779b97f4a7c15u;
  return result;
}

Draft::Draft(const sinter_model &target, sinter_session &session,
             const sinter_generate_options &options, size_t start)
    : session(session), sampler(optionsOf(options, session.model.program),
                                session.model.program.vocabulary),
      samples(options.temperature > 0),
      logits(static_cast<size_t>(session.model.program.vocabulary)) {
  checkVocabulary(target, session.model);
  sampler.countFrom(start);
  session.truncate(0, 0);
}

void Draft::feed(std::span<const int32_t> tokens) {
  const auto row = static_cast<int32_t>(tokens.size()) - 1;
  sinter_batch batch = {};
  batch.tokens = static_cast<int64_t>(tokens.size());
  batch.token = tokens.data();
  batch.rows = 1;
  batch.row = &row;
  session.feed(batch, logits.data());
  held.insert(held.end(), tokens.begin(), tokens.end());
}

int32_t Draft::choose(std::span<const int32_t> history, size_t place) {
  if (!samples)
    return sampler.choose(logits, history);
  drawnFrom.resize(std::max(drawnFrom.size(), place + 1));
  sampler.distribution(logits, history, drawnFrom[place]);
  return sampler.draw(drawnFrom[place]);
}

std::vector<int32_t> Draft::guess(std::span<const int32_t> history,
                                  size_t count) {
  const int64_t room =
      session.model.program.context - static_cast<int64_t>(history.size()) + 1;
  if (room < 1)
    return {};
  count = std::min(count, static_cast<size_t>(room));
  // The last token is read in any case: what follows comes of it.
  const auto common = std::min(
      std::mismatch(held.begin(), held.end(), history.begin(), history.end())
              .first -
          held.begin(),
      static_cast<ptrdiff_t>(history.size()) - 1);
  held.resize(static_cast<size_t>(common));
  session.truncate(0, common);
  feed(history.subspan(static_cast<size_t>(common)));
  std::vector<int32_t> guesses, seen(history.begin(), history.end());
  while (true) {
    const int32_t token = choose(seen, guesses.size());
    guesses.push_back(token);
    if (guesses.size() == count)
      return guesses;
    seen.push_back(token);
    feed({&token, 1});
  }
}
