//===- Automaton.h - Grammars over bytes -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_GRAMMAR_AUTOMATON_H
#define SINTER_RUNTIME_GRAMMAR_AUTOMATON_H

#include "runtime/grammar/Grammar.h"

#include <array>
#include <map>
#include <string_view>
#include <vector>

namespace sinter::runtime::grammar {

/// A grammar as an automaton with a stack over the bytes of UTF-8. A state is
/// the set of all places that a text read so far can have reached, each with
/// the rules that it is to return to; states are made when they are first
/// reached and have numbers from then on.
class Automaton {
public:
  /// Throws a GrammarError where a rule begins with itself, or where the
  /// grammar is too large.
  explicit Automaton(const Grammar &grammar);

  static constexpr int32_t dead = -1;
  /// That of the empty text.
  int32_t start() const { return first; }
  /// The state behind one byte more; `dead`: no text goes on so.
  int32_t step(int32_t state, unsigned char byte);
  /// Whether the text may end here.
  bool accepts(int32_t state) const { return states[size_t(state)].accepts; }
  /// Whether the text can only end here.
  bool isComplete(int32_t state) const {
    return states[size_t(state)].places.empty();
  }
  /// dead stays dead.
  int32_t walk(int32_t state, std::string_view text);
  /// How many states there are by now; a user may forget what it knows of them
  /// when they are too many.
  size_t size() const { return states.size(); }

private:
  struct Node {
    enum Kind : uint8_t { Bytes, Split, Call, Return } kind;
    unsigned char low = 0, high = 0; ///< of Bytes
    uint32_t next = 0;               ///< where it goes on; of Call, afterwards
    uint32_t rule = 0;               ///< of Call: the rule's first node
    std::vector<uint32_t> choices = {};
  };
  /// Where to return to, and what is around it.
  struct Frame {
    uint32_t node;
    uint32_t around;
    uint32_t depth;
  };
  static constexpr uint32_t outermost = 0;
  using Place = std::pair<uint32_t, uint32_t>; ///< a Bytes node, a frame
  struct State {
    std::vector<Place> places;
    bool accepts;
    std::array<int32_t, 256> next;
  };

  uint32_t add(Node node);
  uint32_t compile(const Expression &expression, uint32_t next);
  uint32_t compileCharacters(const std::vector<Range> &ranges, uint32_t next);
  uint32_t compileRepeat(const Expression &expression, uint32_t next);
  void checkRecursion(const Grammar &grammar) const;
  void close(Place place, std::vector<Place> &places, bool &accepts,
             std::map<Place, bool> &visited);
  uint32_t frameOf(uint32_t node, uint32_t around);
  int32_t intern(std::vector<Place> places, bool accepts);

  std::vector<Node> nodes;
  std::vector<uint32_t> ruleStart;
  std::vector<Frame> frames;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> knownFrames;
  std::vector<State> states;
  std::map<std::pair<std::vector<Place>, bool>, int32_t> knownStates;
  int32_t first = 0;
};

} // namespace sinter::runtime::grammar

#endif // SINTER_RUNTIME_GRAMMAR_AUTOMATON_H
