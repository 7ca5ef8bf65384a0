//===- GenerateOptions.cpp - How to generate, from the command line -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/GenerateOptions.h"

using namespace sinter::runtime;

GenerateOptions::GenerateOptions(const Options &options) {
  sinter_generate_defaults(&result);
  result.maximum_tokens = options.tokens.value_or(0);
  // Who names how to sample wants to.
  const bool samples = options.topK || options.topP || options.minP ||
                       options.typical || options.seed;
  result.temperature = options.temperature.value_or(samples ? 1 : 0);
  result.top_k = options.topK.value_or(0);
  result.top_p = options.topP.value_or(1);
  result.repetition_penalty = options.repetitionPenalty.value_or(1);
  result.min_p = options.minP.value_or(0);
  result.typical_p = options.typical.value_or(1);
  result.frequency_penalty = options.frequencyPenalty.value_or(0);
  result.presence_penalty = options.presencePenalty.value_or(0);
  for (const std::string &text : options.logitBias) {
    auto [token, value] = parseLogitBias(text);
    bias.push_back({token, value});
  }
  result.logit_bias = bias.data();
  result.logit_bias_count = static_cast<int64_t>(bias.size());
  result.seed = static_cast<uint64_t>(options.seed.value_or(0));
  result.ignore_end = options.ignoreEnd;
  result.beams = options.beams.value_or(1);
  result.length_penalty = options.lengthPenalty.value_or(1);
  result.early_stopping = options.earlyStopping;
  for (const std::string &text : options.stop)
    stop.push_back(text.c_str());
  result.stop = stop.data();
  result.stop_count = static_cast<int64_t>(stop.size());
}

const char *sinter::runtime::nameOf(sinter_stop_reason reason) {
  switch (reason) {
  case SINTER_STOP_END_TOKEN:
    return "end";
  case SINTER_STOP_LIMIT:
    return "limit";
  case SINTER_STOP_CONTEXT:
    return "context";
  case SINTER_STOP_STRING:
    return "stop";
  case SINTER_STOP_CALLBACK:
    return "interrupt";
  }
  return "";
}
