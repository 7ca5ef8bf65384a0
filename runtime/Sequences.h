//===- Sequences.h - Answers about whole texts ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_SEQUENCES_H
#define SINTER_RUNTIME_SEQUENCES_H

#include "runtime/Session.h"

#include <span>
#include <vector>

namespace sinter::runtime {

/// See sinter_embed: the row of the token that stands for the sequence. Of a
/// model that classifies, the number of each class. `segments` may be empty.
std::vector<float> rowOfSequence(sinter_session &session,
                                 std::span<const int32_t> tokens,
                                 std::span<const int32_t> segments);

/// A row of numbers for each token: [tokens][width].
std::vector<float> rowsOfTokens(sinter_session &session,
                                std::span<const int32_t> tokens,
                                std::span<const int32_t> segments);

/// What the numbers of classes mean: probabilities, or as they are.
void toScores(const sinter_program &program, std::span<const float> row,
              std::span<double> scores);

/// See sinter_answer: of all first and last tokens within [first, last) the
/// most probable, best first, with at most `longest` tokens.
std::vector<sinter_span> findAnswers(sinter_session &session,
                                     std::span<const int32_t> tokens,
                                     std::span<const int32_t> segments,
                                     int64_t first, int64_t last,
                                     int64_t longest, int64_t topK);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_SEQUENCES_H
