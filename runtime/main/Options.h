//===- Options.h - What the command line of a model says ------ -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MAIN_OPTIONS_H
#define SINTER_RUNTIME_MAIN_OPTIONS_H

#include "runtime/include/sinter.h"

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sinter::runtime {

/// The user wrote something that cannot be understood: exit status 2.
class UsageError : public std::exception {
public:
  explicit UsageError(std::string message) : text(std::move(message)) {}
  const char *what() const noexcept override { return text.c_str(); }

private:
  std::string text;
};

struct Options {
  std::vector<std::string> texts; ///< arguments that are not options
  std::vector<std::string> ids, decoderIds, segments, stop, logitBias;
  std::vector<std::string> audio, features;
  std::string language, task; ///< task: "transcribe" or "translate"
  std::optional<int64_t> samples, lookup, draftTokens;
  std::optional<int64_t> tokens, topK, beams, threads, split, seed;
  std::optional<double> temperature, topP, minP, typical, lengthPenalty;
  std::optional<double> repetitionPenalty, frequencyPenalty, presencePenalty;
  std::optional<int64_t> longest, perplexityWindow, perplexityStride;
  std::string profile; ///< "": none, "table" or "json"
  std::string system, chatTemplate, promptCache, grammar, jsonSchema, regex;
  std::string draft, tools, logits, weights, device, question, context, pair,
      perplexity;
  bool similarity = false;
  bool lines = false, noEcho = false, ignoreEnd = false;
  bool earlyStopping = false, json = false, stats = false;
  bool info = false, verify = false;
  bool chat = false, contextShift = false;
  bool help = false, version = false, completion = false;
};

/// Parses the arguments behind the program's name: `--name value`,
/// `--name=value`, `-n 5`, `-n5`; `-` and what follows `--` are texts. Throws
/// UsageError, with a "did you mean" where a name is nearly right.
Options parseOptions(const std::vector<std::string> &arguments,
                     sinter_model_head head);

/// The text of --help: usage, options and examples that fit the model.
std::string helpText(const std::string &program, const std::string &model,
                     sinter_model_head head, bool hasTokenizer,
                     bool hears = false);

/// A script that makes bash complete the options of `program`.
std::string completionScript(const std::string &program,
                             sinter_model_head head);

/// A token and what is added to its logit, of "5=-1.5"; "5=-inf": never.
std::pair<int32_t, float> parseLogitBias(const std::string &text);

/// Token ids of "1,5,7". `what` names the option.
std::vector<int32_t> parseIds(const std::string &text, const std::string &what);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_MAIN_OPTIONS_H
