//===- BeamSearch.cpp - The most probable sequence, nearly ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/BeamSearch.h"

#include "runtime/Failure.h"
#include "runtime/Generate.h"
#include "runtime/grammar/Constraint.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace sinter::runtime;

BeamSearch::BeamSearch(sinter_session &session,
                       const sinter_generate_options &options, Sampler &sampler,
                       int64_t limit)
    : session(session), program(session.model.program), options(options),
      sampler(sampler), limit(limit), width(options.beams) {
  if (width > session.sequences())
    fail(SINTER_ERROR_ARGUMENT,
         "%lld beams asked for, and the session has room for %lld sequences",
         static_cast<long long>(width),
         static_cast<long long>(session.sequences()));
  if (!(std::isfinite(options.length_penalty)))
    fail(SINTER_ERROR_ARGUMENT, "the length penalty is not a number");
  // However many of the best are ends, as many beams can go on.
  candidateLimit = static_cast<size_t>(
      width * std::max<int64_t>(2, 1 + program.special.eos_count));
  const size_t most = static_cast<size_t>(width);
  logits.resize(most * static_cast<size_t>(program.vocabulary));
  candidates.reserve(candidateLimit + 1);
  fed.resize(most);
  sequence.resize(most);
  row.resize(most);
  std::iota(sequence.begin(), sequence.end(), 0);
  std::iota(row.begin(), row.end(), 0);
  parents.reserve(most);
}

void BeamSearch::offer(const Candidate &candidate) {
  // Candidates come in the order of beam and token, so that among equals the
  // first stays.
  if (candidates.size() == candidateLimit &&
      candidate.score <= candidates.back().score)
    return;
  auto place = std::upper_bound(
      candidates.begin(), candidates.end(), candidate,
      [](const Candidate &a, const Candidate &b) { return a.score > b.score; });
  candidates.insert(place, candidate);
  if (candidates.size() > candidateLimit)
    candidates.pop_back();
}

void BeamSearch::collect() {
  candidates.clear();
  const size_t vocabulary = static_cast<size_t>(program.vocabulary);
  for (size_t index = 0; index < beams.size(); ++index) {
    const Beam &beam = beams[index];
    const int32_t forced =
        forcedToken(program, static_cast<int64_t>(beam.tokens.size()), limit,
                    options.ignore_end != 0);
    if (forced >= 0) {
      offer({static_cast<int64_t>(index), forced, beam.score});
      continue;
    }
    std::span<float> scores(logits.data() + index * vocabulary, vocabulary);
    const double total = logSumExp(scores);
    for (float &score : scores)
      score = static_cast<float>(score - total);
    sampler.penalize(scores, beam.tokens);
    if (options.constraint && !restrict(beam, scores))
      continue;
    for (size_t token = 0; token < vocabulary; ++token)
      if (!std::isinf(scores[token]))
        offer({static_cast<int64_t>(index), static_cast<int32_t>(token),
               beam.score + scores[token]});
  }
}

/// False: the beam is complete, and has been put where those are.
bool BeamSearch::restrict(const Beam &beam, std::span<float> scores) {
  const sinter_special_tokens &special = program.special;
  const auto written = std::span<const int32_t>(beam.tokens)
                           .subspan(static_cast<size_t>(startLength));
  std::span<const int32_t> ends(special.eos,
                                static_cast<size_t>(special.eos_count));
  if (options.constraint->restrict(
          scores, written,
          options.ignore_end ? std::span<const int32_t>() : ends))
    return true;
  finish(beam.tokens, beam.score,
         std::max<int64_t>(1, static_cast<int64_t>(written.size())));
  return false;
}

void BeamSearch::finish(std::vector<int32_t> tokens, double score,
                        int64_t length) {
  score /= std::pow(static_cast<double>(length), options.length_penalty);
  auto place = std::upper_bound(
      finished.begin(), finished.end(), score,
      [](double value, const Beam &beam) { return value > beam.score; });
  finished.insert(place, Beam{std::move(tokens), score});
  if (static_cast<int64_t>(finished.size()) > width)
    finished.pop_back();
}

void BeamSearch::advance() {
  next.clear();
  parents.clear();
  for (size_t rank = 0; rank < candidates.size(); ++rank) {
    const Candidate &candidate = candidates[rank];
    std::vector<int32_t> tokens = beams[candidate.beam].tokens;
    tokens.push_back(candidate.token);
    if (!options.ignore_end && session.model.endsSequence(candidate.token)) {
      // An end that is not among the best `width` would crowd out texts that
      // are still better.
      if (static_cast<int64_t>(rank) < width) {
        const int64_t length =
            static_cast<int64_t>(tokens.size()) - startLength;
        finish(std::move(tokens), candidate.score, length);
      }
      continue;
    }
    next.push_back({std::move(tokens), candidate.score});
    parents.push_back(static_cast<int32_t>(candidate.beam));
    if (static_cast<int64_t>(next.size()) == width)
      break;
  }
}

bool BeamSearch::decided(double bestScore) const {
  if (static_cast<int64_t>(finished.size()) < width)
    return false;
  if (options.early_stopping)
    return true;
  const double length = static_cast<double>(beams[0].tokens.size()) + 1 -
                        static_cast<double>(startLength);
  return finished.back().score >=
         bestScore / std::pow(length, options.length_penalty);
}

void BeamSearch::feedBeams() {
  session.select(parents);
  for (size_t index = 0; index < beams.size(); ++index)
    fed[index] = beams[index].tokens.back();
  sinter_batch batch = {};
  batch.tokens = batch.rows = static_cast<int64_t>(beams.size());
  batch.token = fed.data();
  batch.sequence = sequence.data();
  batch.row = row.data();
  session.feed(batch, logits.data());
}

std::vector<int32_t> BeamSearch::run(std::span<const int32_t> start) {
  startLength = static_cast<int64_t>(start.size());
  beams.assign(1, Beam{{start.begin(), start.end()}, 0});
  const int32_t last = static_cast<int32_t>(startLength) - 1;
  sinter_batch batch = {};
  batch.tokens = startLength;
  batch.token = start.data();
  batch.rows = 1;
  batch.row = &last;
  session.feed(batch, logits.data());

  for (;;) {
    collect();
    if (candidates.empty()) { // every beam is complete
      beams.clear();
      break;
    }
    advance();
    const bool settled = decided(candidates.front().score);
    beams.swap(next);
    if (settled)
      beams.clear();
    if (beams.empty() ||
        static_cast<int64_t>(beams.front().tokens.size()) == limit)
      break;
    feedBeams();
  }
  // Texts that the limit cut off compete with those that ended.
  for (Beam &beam : beams) {
    const int64_t length =
        static_cast<int64_t>(beam.tokens.size()) - startLength;
    finish(std::move(beam.tokens), beam.score, length);
  }
  return std::move(finished.front().tokens);
}
