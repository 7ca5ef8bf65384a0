//===- Automaton.cpp - Grammars over bytes -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/grammar/Automaton.h"
#include "runtime/tokenizer/Utf8.h"

#include <algorithm>

using namespace sinter::runtime;
using namespace sinter::runtime::grammar;

// Bounds that no grammar of use reaches.
static constexpr size_t maximumNodes = 1'000'000, maximumPlaces = 20'000;
static constexpr uint32_t maximumDepth = 5'000;

uint32_t Automaton::add(Node node) {
  if (nodes.size() >= maximumNodes)
    throw GrammarError("the grammar is too large: its repetitions, written "
                       "out, have more than 1,000,000 parts");
  nodes.push_back(std::move(node));
  return static_cast<uint32_t>(nodes.size() - 1);
}

/// The ranges of bytes of all characters in [first, last] whose UTF-8 is
/// equally long: the leading bytes that differ are gone through, the rest is
/// whole.
static void
byteRanges(char32_t first, char32_t last,
           std::vector<std::vector<std::pair<unsigned char, unsigned char>>>
               &sequences) {
  std::string low, high;
  appendCharacter(low, first);
  appendCharacter(high, last);
  for (size_t i = 1; i < low.size(); ++i) {
    // Below place `low.size() - i` all is whole, or the range is cut there.
    const char32_t mask = (char32_t(1) << 6 * i) - 1;
    if ((first & ~mask) == (last & ~mask))
      continue;
    if ((first & mask) != 0) {
      byteRanges(first, first | mask, sequences);
      byteRanges((first | mask) + 1, last, sequences);
      return;
    }
    if ((last & mask) != mask) {
      byteRanges(first, (last & ~mask) - 1, sequences);
      byteRanges(last & ~mask, last, sequences);
      return;
    }
  }
  std::vector<std::pair<unsigned char, unsigned char>> sequence;
  for (size_t i = 0; i < low.size(); ++i)
    sequence.emplace_back(static_cast<unsigned char>(low[i]),
                          static_cast<unsigned char>(high[i]));
  sequences.push_back(std::move(sequence));
}

uint32_t Automaton::compileCharacters(const std::vector<Range> &ranges,
                                      uint32_t next) {
  std::vector<std::vector<std::pair<unsigned char, unsigned char>>> sequences;
  // Where the length of UTF-8 changes, and around what is no character.
  static constexpr Range lengths[] = {{0, 0x7f},
                                      {0x80, 0x7ff},
                                      {0x800, 0xd7ff},
                                      {0xe000, 0xffff},
                                      {0x10000, 0x10ffff}};
  for (auto [first, last] : ranges)
    for (auto [from, to] : lengths)
      if (std::max(first, from) <= std::min(last, to))
        byteRanges(std::max(first, from), std::min(last, to), sequences);
  Node split{Node::Split};
  for (const auto &sequence : sequences) {
    uint32_t behind = next;
    for (size_t i = sequence.size(); i-- > 0;)
      behind =
          add({Node::Bytes, sequence[i].first, sequence[i].second, behind});
    split.choices.push_back(behind);
  }
  return split.choices.size() == 1 ? split.choices[0] : add(std::move(split));
}

uint32_t Automaton::compileRepeat(const Expression &expression, uint32_t next) {
  const Expression &part = expression.parts[0];
  if (expression.most < 0) {
    // A loop: the split is made before what comes back to it.
    const uint32_t loop = add({Node::Split});
    const uint32_t body = compile(part, loop);
    nodes[loop].choices = {body, next};
    next = loop;
  } else {
    const uint32_t end = next;
    for (int64_t i = expression.least; i < expression.most; ++i) {
      Node split{Node::Split};
      split.choices = {compile(part, next), end};
      next = add(std::move(split));
    }
  }
  for (int64_t i = 0; i < expression.least; ++i)
    next = compile(part, next);
  return next;
}

/// The node that an expression begins with; it goes on at `next`.
uint32_t Automaton::compile(const Expression &expression, uint32_t next) {
  switch (expression.kind) {
  case Expression::Characters:
    return compileCharacters(expression.ranges, next);
  case Expression::Sequence:
    for (size_t i = expression.parts.size(); i-- > 0;)
      next = compile(expression.parts[i], next);
    return next;
  case Expression::Choice: {
    Node split{Node::Split};
    for (const Expression &part : expression.parts)
      split.choices.push_back(compile(part, next));
    return add(std::move(split));
  }
  case Expression::Repeat:
    return compileRepeat(expression, next);
  case Expression::Rule:
    return add(
        {Node::Call, 0, 0, next, static_cast<uint32_t>(expression.rule)});
  }
  return next;
}

/// Refuses rules that can come to themselves before any byte: the places that
/// they reach would never end.
void Automaton::checkRecursion(const Grammar &grammar) const {
  const size_t count = grammar.rules.size();
  // Which rules can be empty: until no more are found.
  std::vector<char> empty(count), begins(count * count);
  for (bool changes = true; changes;) {
    changes = false;
    for (size_t rule = 0; rule < count; ++rule) {
      std::vector<uint32_t> open = {ruleStart[rule]};
      std::vector<char> seen(nodes.size());
      while (!open.empty()) {
        const uint32_t at = open.back();
        open.pop_back();
        if (seen[at])
          continue;
        seen[at] = 1;
        const Node &node = nodes[at];
        if (node.kind == Node::Split)
          open.insert(open.end(), node.choices.begin(), node.choices.end());
        if (node.kind == Node::Return && !empty[rule])
          changes = empty[rule] = 1;
        if (node.kind != Node::Call)
          continue;
        begins[rule * count + node.rule] = 1;
        if (empty[node.rule])
          open.push_back(node.next);
      }
    }
  }
  for (size_t rule = 0; rule < count; ++rule) {
    std::vector<size_t> open = {rule};
    std::vector<char> seen(count);
    while (!open.empty()) {
      const size_t at = open.back();
      open.pop_back();
      for (size_t other = 0; other < count; ++other) {
        if (!begins[at * count + other])
          continue;
        if (other == rule)
          throw GrammarError("rule '" + grammar.rules[rule].name +
                                 "' begins with itself: put what it repeats "
                                 "behind a beginning of its own",
                             grammar.rules[rule].place);
        if (!seen[other]) {
          seen[other] = 1;
          open.push_back(other);
        }
      }
    }
  }
}

Automaton::Automaton(const Grammar &grammar) {
  if (grammar.rules.size() > 2000)
    throw GrammarError("the grammar has more than 2,000 rules");
  for (const Rule &rule : grammar.rules) {
    const uint32_t end = add({Node::Return});
    ruleStart.push_back(compile(rule.expression, end));
  }
  checkRecursion(grammar);
  frames.push_back({0, 0, 0});
  std::vector<Place> places;
  bool accepts = false;
  std::map<Place, bool> visited;
  close({ruleStart[grammar.root], outermost}, places, accepts, visited);
  first = intern(std::move(places), accepts);
}

uint32_t Automaton::frameOf(uint32_t node, uint32_t around) {
  // What only returns needs no frame of its own: endless right recursion takes
  // no more room than a loop.
  if (nodes[node].kind == Node::Return)
    return around;
  auto [found, isNew] = knownFrames.emplace(
      std::pair(node, around), static_cast<uint32_t>(frames.size()));
  if (isNew)
    frames.push_back({node, around, frames[around].depth + 1});
  return found->second;
}

/// Adds the Bytes nodes that `place` leads to without a byte.
void Automaton::close(Place place, std::vector<Place> &places, bool &accepts,
                      std::map<Place, bool> &visited) {
  std::vector<Place> open = {place};
  while (!open.empty()) {
    const auto [at, frame] = open.back();
    open.pop_back();
    if (!visited.emplace(Place(at, frame), true).second)
      continue;
    const Node &node = nodes[at];
    switch (node.kind) {
    case Node::Bytes:
      places.emplace_back(at, frame);
      break;
    case Node::Split:
      for (uint32_t choice : node.choices)
        open.emplace_back(choice, frame);
      break;
    case Node::Call:
      // Deeper than any text that a model writes; its branch ends.
      if (frames[frame].depth < maximumDepth)
        open.emplace_back(ruleStart[node.rule], frameOf(node.next, frame));
      break;
    case Node::Return:
      if (frame == outermost)
        accepts = true;
      else
        open.emplace_back(frames[frame].node, frames[frame].around);
      break;
    }
  }
}

int32_t Automaton::intern(std::vector<Place> places, bool accepts) {
  if (places.empty() && !accepts)
    return dead;
  if (places.size() > maximumPlaces)
    throw GrammarError("the grammar is too ambiguous: a text can be at more "
                       "than 20,000 of its places at once");
  std::sort(places.begin(), places.end());
  auto [found, isNew] = knownStates.emplace(
      std::pair(places, accepts), static_cast<int32_t>(states.size()));
  if (isNew) {
    states.push_back({std::move(places), accepts, {}});
    states.back().next.fill(-2);
  }
  return found->second;
}

int32_t Automaton::step(int32_t state, unsigned char byte) {
  if (state == dead)
    return dead;
  if (const int32_t known = states[size_t(state)].next[byte]; known != -2)
    return known;
  std::vector<Place> places;
  bool accepts = false;
  std::map<Place, bool> visited;
  for (const auto &[at, frame] : states[size_t(state)].places)
    if (byte >= nodes[at].low && byte <= nodes[at].high)
      close({nodes[at].next, frame}, places, accepts, visited);
  const int32_t next = intern(std::move(places), accepts);
  states[size_t(state)].next[byte] = next;
  return next;
}

int32_t Automaton::walk(int32_t state, std::string_view text) {
  for (char c : text) {
    state = step(state, static_cast<unsigned char>(c));
    if (state == dead)
      break;
  }
  return state;
}
