//===- FuzzGrammar.cpp - Any bytes as a grammar -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes bytes as a hostile hand would write them. See Replay.cpp for how it is
// run.
//
//===----------------------------------------------------------------------===//

#include "runtime/grammar/Automaton.h"

using namespace sinter::runtime::grammar;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  // What it looks like.
  const std::string_view text(reinterpret_cast<const char *>(bytes), size);
  try {
    Grammar grammar;
    if (text.starts_with('{'))
      grammar = parseJsonSchema(text);
    else if (text.find("::=") != text.npos)
      grammar = parseGbnf(text);
    else
      grammar.rules.push_back({"root", parseRegex(text), 0});
    Automaton automaton(grammar);
    automaton.walk(automaton.start(), text.substr(0, 50));
    int32_t state = automaton.start();
    for (int step = 0; step < 50 && state != Automaton::dead; ++step) {
      int32_t next = Automaton::dead;
      for (int byte = 0; byte < 256 && next == Automaton::dead; ++byte)
        next = automaton.step(state, static_cast<unsigned char>(byte));
      state = next;
    }
  } catch (const GrammarError &error) {
    explain(text, error, "fuzz");
  }
  return 0;
}
