//===- Constraint.cpp - Which tokens a grammar allows next -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/grammar/Constraint.h"

#include "runtime/Failure.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace sinter::runtime;
using namespace sinter::runtime::grammar;

/// Masks that are kept: a vocabulary of 128,000 takes 16 kB each.
static constexpr size_t maximumMasks = 2000;

sinter_constraint::sinter_constraint(const sinter_model &model,
                                     const Grammar &grammar)
    : model(model), automaton(grammar) {
  const Tokenizer &tokenizer = model.tokenizer(false);
  const auto count = static_cast<size_t>(model.program.vocabulary);
  bytes.resize(count);
  for (size_t id = 0; id < count; ++id) {
    const auto token = static_cast<int32_t>(id);
    if (tokenizer.tokenBytes(token, bytes[id]) && !bytes[id].empty())
      order.push_back(token);
    else
      bytes[id].clear();
  }
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return std::tie(bytes[size_t(a)], a) < std::tie(bytes[size_t(b)], b);
  });
  for (size_t i = 0; i < order.size(); ++i) {
    const std::string &text = bytes[size_t(order[i])];
    const std::string &before = i ? bytes[size_t(order[i - 1])] : bytes[0];
    uint32_t shared = 0;
    while (i && shared < std::min(text.size(), before.size()) &&
           text[shared] == before[shared])
      ++shared;
    common.push_back(shared);
  }
}

int32_t sinter_constraint::stateOf(std::span<const int32_t> written) {
  int32_t state = automaton.start();
  for (int32_t token : written)
    state = automaton.walk(state, bytes[size_t(token)]);
  return state;
}

bool sinter_constraint::accepts(std::span<const int32_t> written) {
  const int32_t state = stateOf(written);
  return state != Automaton::dead && automaton.accepts(state);
}

const sinter_constraint::Mask &sinter_constraint::maskOf(int32_t state) {
  if (auto found = masks.find(state); found != masks.end())
    return found->second;
  if (masks.size() >= maximumMasks)
    masks.clear();
  Mask mask((bytes.size() + 31) / 32);
  // The states behind each byte of the token before.
  std::vector<int32_t> path = {state};
  for (size_t i = 0; i < order.size();) {
    const std::string &text = bytes[size_t(order[i])];
    path.resize(std::min<size_t>(path.size(), common[i] + 1));
    bool lives = true;
    while (lives && path.size() <= text.size()) {
      const int32_t next = automaton.step(
          path.back(), static_cast<unsigned char>(text[path.size() - 1]));
      lives = next != Automaton::dead;
      if (lives)
        path.push_back(next);
    }
    if (lives)
      mask[size_t(order[i]) / 32] |= 1u << order[i] % 32;
    ++i;
    // All that begin with the bytes that led nowhere are out, too.
    while (!lives && i < order.size() && common[i] >= path.size())
      ++i;
  }
  return masks.emplace(state, std::move(mask)).first->second;
}

bool sinter_constraint::restrict(std::span<float> logits,
                                 std::span<const int32_t> written,
                                 std::span<const int32_t> ends) {
  const int32_t state = stateOf(written);
  if (state == Automaton::dead)
    fail(SINTER_ERROR_INTERNAL, "the text left its grammar");
  const Mask &mask = maskOf(state);
  constexpr float never = -std::numeric_limits<float>::infinity();
  bool goesOn = false;
  for (size_t token = 0; token < logits.size(); ++token) {
    bool allowed = mask[token / 32] >> token % 32 & 1;
    if (std::find(ends.begin(), ends.end(), static_cast<int32_t>(token)) !=
        ends.end())
      allowed = automaton.accepts(state);
    if (!allowed && !std::isnan(logits[token]))
      logits[token] = never;
    goesOn |= allowed;
  }
  if (!goesOn && !automaton.accepts(state))
    fail(SINTER_ERROR_ARGUMENT,
         "no token of the model goes on as the grammar wants");
  return goesOn;
}
