//===- ContinueText.cpp - Generating text for a user ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Commands.h"
#include "runtime/main/GenerateOptions.h"
#include "runtime/main/Interrupt.h"
#include "runtime/main/Output.h"

#include <chrono>
#include <cstdio>
#include <optional>

using namespace sinter::runtime;

namespace {

using Clock = std::chrono::steady_clock;

/// What the callback needs: it must not throw through C code.
struct Stream {
  bool printing;
  std::string text;
  std::optional<WriteFailure> failure;
  int64_t tokens = 0;
  Clock::time_point first;
};

int take(void *user, int32_t token, const char *text, size_t bytes) {
  Stream &stream = *static_cast<Stream *>(user);
  if (token >= 0 && stream.tokens++ == 0)
    stream.first = Clock::now();
  stream.text.append(text, bytes);
  if (stream.printing && bytes > 0) {
    try {
      print({text, bytes});
      flush();
    } catch (const WriteFailure &failure) {
      stream.failure = failure;
      return 1;
    }
  }
  return interrupted();
}

void printStats(const Input &input, const Stream &stream,
                Clock::time_point start) {
  if (stream.tokens == 0)
    return;
  auto seconds = [](Clock::duration time) {
    return std::chrono::duration<double>(time).count();
  };
  const double prompt = seconds(stream.first - start);
  const double rest = seconds(Clock::now() - stream.first);
  std::fprintf(stderr, "%zu tokens read in %.1f ms, %lld written",
               input.ids.size(), prompt * 1e3,
               static_cast<long long>(stream.tokens));
  if (stream.tokens > 1)
    std::fprintf(stderr, " at %.1f a second",
                 static_cast<double>(stream.tokens - 1) / rest);
  std::fprintf(stderr, "\n");
}

} // namespace

int sinter::runtime::continueText(const Request &request) {
  const Options &options = request.options;
  const bool pair = request.description.head == SINTER_MODEL_ENCODER_DECODER;
  const bool givesIds = !options.ids.empty();
  GenerateOptions given(options, request.model);
  sinter_generate_options generate = given.get();
  SessionHandle session = openSession(request, generate.beams);

  for (const Input &input : request.inputs) {
    Stream stream{!options.json && !givesIds, "", std::nullopt, 0, {}};
    // A prompt that does not fit is answered by a message alone.
    const bool fits =
        static_cast<int64_t>(input.ids.size()) <= request.description.context;
    if (stream.printing && !pair && !options.noEcho && fits) {
      print(input.text);
      flush();
    }
    generate.callback = take;
    generate.user = &stream;
    sinter_tokens tokens = {};
    sinter_stop_reason reason;
    const Clock::time_point start = Clock::now();
    check(sinter_generate(session.get(), input.ids.data(),
                          static_cast<int64_t>(input.ids.size()), &generate,
                          &tokens, &reason));
    std::vector<int32_t> ids(tokens.data, tokens.data + tokens.count);
    sinter_tokens_free(&tokens);
    if (stream.failure)
      throw *stream.failure;

    if (options.json) {
      std::string line = "{";
      if (!givesIds)
        line += "\"prompt\": " + jsonString(input.text) + ", ";
      if (request.description.has_tokenizer)
        line += "\"text\": " + jsonString(stream.text) + ", ";
      print(line + "\"ids\": [" + idList(ids) + "], \"stop\": \"" +
            nameOf(reason) + "\"}\n");
    } else {
      print(givesIds ? idList(ids) + "\n" : "\n");
    }
    flush();
    if (options.stats)
      printStats(input, stream, start);
    if (reason == SINTER_STOP_CONTEXT && !options.json)
      std::fprintf(stderr,
                   "note: stopped where the context of %lld tokens is "
                   "full\n",
                   static_cast<long long>(request.description.context));
    if (interrupted())
      return 130;
  }
  return 0;
}
