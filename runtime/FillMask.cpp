//===- FillMask.cpp - Tokens for the masks of a text ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/FillMask.h"

#include "runtime/Failure.h"
#include "runtime/Sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace sinter::runtime;

Filled sinter::runtime::fillMask(sinter_session &session,
                                 std::span<const int32_t> tokens,
                                 std::span<const int32_t> segments,
                                 int64_t topK) {
  const sinter_program &program = session.model.program;
  if (program.head != SINTER_HEAD_MASKED_TOKEN || program.special.mask < 0)
    fail(SINTER_ERROR_UNSUPPORTED, "model '%s' does not fill masks",
         program.name);
  if (topK < 1 || topK > program.vocabulary)
    fail(SINTER_ERROR_ARGUMENT,
         "%lld candidates a mask asked for, expected 1 to %lld",
         static_cast<long long>(topK),
         static_cast<long long>(program.vocabulary));
  Filled result;
  std::vector<int32_t> rows;
  for (size_t place = 0; place < tokens.size(); ++place)
    if (tokens[place] == program.special.mask) {
      result.positions.push_back(static_cast<int64_t>(place));
      rows.push_back(static_cast<int32_t>(place));
    }
  if (rows.empty())
    fail(SINTER_ERROR_ARGUMENT, "the text has no mask (token %d)",
         program.special.mask);

  const size_t vocabulary = static_cast<size_t>(program.vocabulary);
  const std::vector<float> logits = session.evaluate(tokens, segments, rows);

  std::vector<int32_t> order(vocabulary);
  for (size_t mask = 0; mask < rows.size(); ++mask) {
    std::span<const float> row(logits.data() + mask * vocabulary, vocabulary);
    const double total = logSumExp(row);
    std::iota(order.begin(), order.end(), 0);
    std::partial_sort(order.begin(), order.begin() + topK, order.end(),
                      [&](int32_t a, int32_t b) {
                        return row[a] != row[b] ? row[a] > row[b] : a < b;
                      });
    for (int64_t rank = 0; rank < topK; ++rank)
      result.candidates.push_back(
          {order[rank], std::exp(row[order[rank]] - total)});
  }
  return result;
}
