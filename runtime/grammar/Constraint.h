//===- Constraint.h - Which tokens a grammar allows next -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_GRAMMAR_CONSTRAINT_H
#define SINTER_RUNTIME_GRAMMAR_CONSTRAINT_H

#include "runtime/Model.h"
#include "runtime/grammar/Automaton.h"

#include <span>
#include <unordered_map>

/// A grammar and the tokens of a model's vocabulary that keep to it. Of each
/// state of the automaton the allowed tokens are found once: the vocabulary is
/// walked in the order of its tokens' bytes, and a beginning that leads nowhere
/// is passed over with all that share it.
struct sinter_constraint {
  sinter_constraint(const sinter_model &model,
                    const sinter::runtime::grammar::Grammar &grammar);

  /// Makes the logits of tokens that may not follow `written` -infinity; ends
  /// may follow where the grammar accepts. False: nothing may follow, not even
  /// an end, for the text is complete and the model has no end token. Throws a
  /// Failure where the text is not complete, but no token goes on.
  bool restrict(std::span<float> logits, std::span<const int32_t> written,
                std::span<const int32_t> ends);

  /// Whether a text of these tokens may end.
  bool accepts(std::span<const int32_t> written);

  const sinter_model &model;

private:
  using Mask = std::vector<uint32_t>; ///< a bit for each token

  int32_t stateOf(std::span<const int32_t> written);
  const Mask &maskOf(int32_t state);

  sinter::runtime::grammar::Automaton automaton;
  std::vector<std::string> bytes; ///< by id; empty: no text
  std::vector<int32_t> order;     ///< ids by their bytes
  std::vector<uint32_t>
      common; ///< bytes that order[i] shares with the one before
  std::unordered_map<int32_t, Mask> masks;
};

#endif // SINTER_RUNTIME_GRAMMAR_CONSTRAINT_H
