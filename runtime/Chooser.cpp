//===- Chooser.cpp - The next token of one sequence -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Chooser.h"

#include "runtime/Failure.h"
#include "runtime/GenerateParts.h"
#include "runtime/grammar/Constraint.h"

#include <algorithm>

using namespace sinter::runtime;

std::vector<int32_t>
sinter::runtime::guessFrom(std::span<const int32_t> history, size_t count) {
  for (size_t length = std::min<size_t>(3, history.size()); length > 0;
       --length) {
    const auto last = history.last(length);
    // The latest place first: near texts are alike.
    for (size_t at = history.size() - length; at-- > 0;)
      if (std::equal(last.begin(), last.end(), history.begin() + long(at))) {
        const auto behind = history.subspan(at + length);
        return {behind.begin(),
                behind.begin() + long(std::min(count, behind.size()))};
      }
  }
  return {};
}

Chooser::Chooser(sinter_session &session, Sampler &sampler,
                 const sinter_generate_options &options, size_t start)
    : session(session), sampler(sampler), constraint(options.constraint),
      ends(endTokens(session.model, options)), start(start),
      lookup(options.lookup), draftTokens(options.draft_tokens),
      isGreedy(!constraint && sampler.isGreedy()),
      samples(options.temperature > 0), guesses(options.guesses) {
  if (options.draft)
    draft =
        std::make_unique<Draft>(session.model, *options.draft, options, start);
  if (lookup > 0 && !isGreedy)
    fail(SINTER_ERROR_ARGUMENT,
         "prompt look-up is for greedy decoding: it goes with no sampling, "
         "penalties, biases or constraints");
}

void Chooser::run(std::span<const int32_t> tokens, size_t rows) {
  std::vector<int32_t> row(rows);
  for (size_t i = 0; i < rows; ++i)
    row[i] = static_cast<int32_t>(tokens.size() - rows + i);
  sinter_batch batch = {};
  batch.tokens = static_cast<int64_t>(tokens.size());
  batch.token = tokens.data();
  batch.rows = static_cast<int64_t>(rows);
  batch.row = row.data();
  best.resize(rows);
  bestLogits.resize(rows);
  if (isGreedy && session.model.forward.gives_largest) {
    session.feedMostProbable(batch, best.data(), bestLogits.data());
    return;
  }
  const auto width = static_cast<size_t>(session.model.program.vocabulary);
  logits.resize(rows * width);
  session.feed(batch, logits.data());
  for (size_t i = 0; isGreedy && i < rows; ++i) {
    best[i] = mostProbable({logits.data() + i * width, width});
    bestLogits[i] = logits[i * width + size_t(best[i])];
  }
}

void Chooser::feed(std::span<const int32_t> history, size_t from) {
  if (history.size() - from == 1 && current < guess.size() &&
      guess[current] == history.back()) {
    ++current;
    if (guesses)
      ++guesses->taken;
    return;
  }
  settle(static_cast<int64_t>(from));
  current = 0;
  guess.clear();
  guess = guessBehind(history);
  if (guesses)
    guesses->made += static_cast<int64_t>(guess.size());
  fed.assign(history.begin() + long(from), history.end());
  fed.insert(fed.end(), guess.begin(), guess.end());
  run(fed, guess.size() + 1);
}

std::vector<int32_t> Chooser::guessBehind(std::span<const int32_t> history) {
  const int64_t room =
      session.model.program.context - static_cast<int64_t>(history.size());
  const int64_t most = std::min(draft ? draftTokens : lookup, room);
  if (most < 1)
    return {};
  return draft ? draft->guess(history, static_cast<size_t>(most))
               : guessFrom(history, static_cast<size_t>(most));
}

void Chooser::settle(int64_t length) {
  if (!guess.empty() && session.length(0) > length)
    session.truncate(0, length);
}

int32_t Chooser::choose(std::span<const int32_t> history) {
  if (!isGreedy) {
    const auto width = static_cast<size_t>(session.model.program.vocabulary);
    const std::span<float> row =
        std::span(logits).subspan(current * width, width);
    if (constraint && !constraint->restrict(row, history.subspan(start), ends))
      return -1;
    if (!samples || current >= guess.size())
      return sampler.choose(row, history);
    sampler.distribution(row, history, wanted);
    return sampler.accept(guess[current], draft->probabilities(current),
                          wanted);
  }
  checkNumber(bestLogits[current], static_cast<size_t>(best[current]));
  return best[current];
}
