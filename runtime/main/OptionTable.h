//===- OptionTable.h - The one list of options -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MAIN_OPTIONTABLE_H
#define SINTER_RUNTIME_MAIN_OPTIONTABLE_H

#include "runtime/main/Options.h"

#include <limits>
#include <variant>

namespace sinter::runtime {

/// Which models an option is for.
enum Heads : unsigned {
  nextToken = 1u << SINTER_MODEL_NEXT_TOKEN,
  masked = 1u << SINTER_MODEL_MASKED_TOKEN,
  translation = 1u << SINTER_MODEL_ENCODER_DECODER,
  hidden = 1u << SINTER_MODEL_HIDDEN,
  sequences = 1u << SINTER_MODEL_SEQUENCE_CLASSIFICATION,
  tokens = 1u << SINTER_MODEL_TOKEN_CLASSIFICATION,
  answers = 1u << SINTER_MODEL_QUESTION_ANSWERING,
  embedding = 1u << SINTER_MODEL_EMBEDDING,
  generating = nextToken | translation,
  all = generating | masked | hidden | sequences | tokens | answers | embedding
};

struct Whole {
  std::optional<int64_t> Options::*value;
  int64_t least, most;
};
struct Real {
  std::optional<double> Options::*value;
};
/// One of some words, `--name=word`; `--name` alone is the first one.
struct Word {
  std::string Options::*value;
  std::vector<std::string> words;
};
using Target =
    std::variant<bool Options::*, std::string Options::*,
                 std::vector<std::string> Options::*, Whole, Real, Word>;

struct Flag {
  const char *name;
  char letter;          ///< 0: none
  const char *argument; ///< null: takes none
  const char *help;
  unsigned heads;
  Target target;
  /// What a user of another model should know.
  const char *elsewhere = nullptr;
};

/// A limit that is none.
inline constexpr int64_t large = std::numeric_limits<int64_t>::max();

/// Parsing, --help and completion come from it.
const std::vector<Flag> &flags();

inline bool appliesTo(const Flag &flag, sinter_model_head head) {
  return flag.heads >> head & 1;
}

/// "continues text": what a model with this head does.
const char *taskOf(sinter_model_head head);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_MAIN_OPTIONTABLE_H
