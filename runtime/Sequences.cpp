//===- Sequences.cpp - Answers about whole texts --------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Sequences.h"

#include "runtime/Failure.h"
#include "runtime/Sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace sinter::runtime;

namespace {

void requireText(const sinter_program &program,
                 std::span<const int32_t> tokens) {
  if (tokens.empty())
    fail(SINTER_ERROR_ARGUMENT, "model '%s' was given no tokens", program.name);
}

/// Probabilities of the tokens in [first, last). The first token of all stands
/// for "no answer" and takes its part of them.
std::vector<double> probabilities(std::span<const float> rows, size_t column,
                                  size_t first, size_t last) {
  std::vector<float> logits;
  if (first > 0)
    logits.push_back(rows[column]);
  for (size_t token = first; token < last; ++token)
    logits.push_back(rows[2 * token + column]);
  const double total = logSumExp(logits);
  std::vector<double> result;
  for (size_t token = first; token < last; ++token)
    result.push_back(std::exp(rows[2 * token + column] - total));
  return result;
}

} // namespace

std::vector<float>
sinter::runtime::rowOfSequence(sinter_session &session,
                               std::span<const int32_t> tokens,
                               std::span<const int32_t> segments) {
  const sinter_program &program = session.model.program;
  if (program.head != SINTER_HEAD_SEQUENCE_CLASSIFICATION &&
      program.head != SINTER_HEAD_EMBEDDING)
    fail(SINTER_ERROR_UNSUPPORTED,
         "model '%s' gives nothing for a whole sequence", program.name);
  requireText(program, tokens);
  const int32_t row[] = {program.pooling == SINTER_POOLING_FIRST
                             ? 0
                             : static_cast<int32_t>(tokens.size() - 1)};
  return session.evaluate(tokens, segments, row);
}

std::vector<float>
sinter::runtime::rowsOfTokens(sinter_session &session,
                              std::span<const int32_t> tokens,
                              std::span<const int32_t> segments) {
  requireText(session.model.program, tokens);
  std::vector<int32_t> rows(tokens.size());
  std::iota(rows.begin(), rows.end(), 0);
  return session.evaluate(tokens, segments, rows);
}

void sinter::runtime::toScores(const sinter_program &program,
                               std::span<const float> row,
                               std::span<double> scores) {
  const double total =
      program.problem == SINTER_PROBLEM_ONE_LABEL ? logSumExp(row) : 0;
  for (size_t label = 0; label < row.size(); ++label) {
    const double value = row[label];
    scores[label] = program.problem == SINTER_PROBLEM_ONE_LABEL
                        ? std::exp(value - total)
                    : program.problem == SINTER_PROBLEM_MANY_LABELS
                        ? 1 / (1 + std::exp(-value))
                        : value;
  }
}

std::vector<sinter_span>
sinter::runtime::findAnswers(sinter_session &session,
                             std::span<const int32_t> tokens,
                             std::span<const int32_t> segments, int64_t first,
                             int64_t last, int64_t longest, int64_t topK) {
  const sinter_program &program = session.model.program;
  if (program.head != SINTER_HEAD_QUESTION_ANSWERING)
    fail(SINTER_ERROR_UNSUPPORTED, "model '%s' answers no questions",
         program.name);
  if (first < 0 || last > static_cast<int64_t>(tokens.size()) || first >= last)
    fail(SINTER_ERROR_ARGUMENT,
         "an answer within tokens %lld to %lld of %zu was asked for",
         static_cast<long long>(first), static_cast<long long>(last),
         tokens.size());
  if (longest < 1 || topK < 1)
    fail(SINTER_ERROR_ARGUMENT,
         "answers of at least one token, and at least one answer, expected");
  const std::vector<float> rows = rowsOfTokens(session, tokens, segments);
  const size_t from = static_cast<size_t>(first);
  const size_t to = static_cast<size_t>(last);
  const std::vector<double> starts = probabilities(rows, 0, from, to);
  const std::vector<double> ends = probabilities(rows, 1, from, to);
  std::vector<sinter_span> spans;
  auto isBetter = [](const sinter_span &a, const sinter_span &b) {
    if (a.probability != b.probability)
      return a.probability > b.probability;
    return a.first != b.first ? a.first < b.first : a.last < b.last;
  };
  for (int64_t start = 0; start < last - first; ++start)
    for (int64_t end = start; end < std::min(last - first, start + longest);
         ++end) {
      spans.push_back({first + start, first + end,
                       starts[static_cast<size_t>(start)] *
                           ends[static_cast<size_t>(end)]});
      std::push_heap(spans.begin(), spans.end(), isBetter);
      if (static_cast<int64_t>(spans.size()) > topK) {
        std::pop_heap(spans.begin(), spans.end(), isBetter);
        spans.pop_back();
      }
    }
  std::sort_heap(spans.begin(), spans.end(), isBetter);
  return spans;
}
