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
#include "runtime/main/SourceFiles.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <unistd.h>

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
                Clock::time_point start, const std::string &guesses) {
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
  std::fprintf(stderr, "%s\n", guesses.c_str());
}

} // namespace

/// --prompt-cache: how many of the prompt's tokens the session holds then.
static int64_t loadCache(const Request &request, sinter_session *session,
                         const std::vector<int32_t> &prompt) {
  const std::string &path = request.options.promptCache;
  if (path.empty() || prompt.empty() || access(path.c_str(), F_OK) != 0)
    return 0;
  sinter_tokens held = {};
  check(sinter_prompt_load(session, path.c_str(), &held));
  const auto common = std::mismatch(prompt.begin(), prompt.end(), held.data,
                                    held.data + held.count)
                          .first -
                      prompt.begin();
  sinter_tokens_free(&held);
  // The last token of a prompt is read in any case: what follows comes of it.
  return std::min<int64_t>(common, static_cast<int64_t>(prompt.size()) - 1);
}

/// What comes before the first of some strings, behind the prompt.
static void cutAtStop(std::string &text, size_t prompt,
                      const std::vector<std::string> &stop) {
  size_t first = text.size();
  for (const std::string &string : stop)
    first = std::min(first, text.find(string, std::min(prompt, text.size())));
  text.resize(first);
}

/// What the generator reads: an input's tokens, or, of numbers, `prompt`.
static const std::vector<int32_t> &
setSource(const Request &request, const Input &input,
          const std::vector<int32_t> &prompt,
          sinter_generate_options &generate) {
  const int64_t width = request.description.source_width;
  if (width == 0)
    return input.ids;
  generate.features = input.features.data();
  generate.feature_rows = static_cast<int64_t>(input.features.size()) / width;
  return prompt;
}

/// --samples: all texts of an input, one behind the other.
static int writeSeveral(const Request &request,
                        sinter_generate_options generate) {
  const Options &options = request.options;
  const auto count = static_cast<size_t>(*options.samples);
  const bool givesIds = !options.ids.empty();
  SessionHandle session = openSession(request, *options.samples);
  const std::vector<int32_t> prompt = targetPrompt(request);
  for (const Input &input : request.inputs) {
    const std::vector<int32_t> &read =
        setSource(request, input, prompt, generate);
    std::vector<sinter_tokens> tokens(count);
    std::vector<sinter_stop_reason> reasons(count);
    check(sinter_generate_several(
        session.get(), read.data(), static_cast<int64_t>(read.size()),
        &generate, *options.samples, tokens.data(), reasons.data()));
    for (size_t i = 0; i < count; ++i) {
      std::vector<int32_t> ids(tokens[i].data,
                               tokens[i].data + tokens[i].count);
      sinter_tokens_free(&tokens[i]);
      std::string text = request.description.has_tokenizer
                             ? textOf(request.model, ids, true)
                             : "";
      if (reasons[i] == SINTER_STOP_STRING)
        cutAtStop(text, textOf(request.model, input.ids, true).size(),
                  options.stop);
      if (options.json)
        print("{\"sample\": " + std::to_string(i + 1) +
              (text.empty() ? "" : ", \"text\": " + jsonString(text)) +
              ", \"ids\": [" + idList(ids) + "], \"stop\": \"" +
              nameOf(reasons[i]) + "\"}\n");
      else
        print((givesIds ? idList(ids) : text) + "\n");
    }
    flush();
    if (interrupted())
      return 130;
  }
  return 0;
}

int sinter::runtime::continueText(const Request &request) {
  const Options &options = request.options;
  const bool pair = request.description.head == SINTER_MODEL_ENCODER_DECODER;
  const bool givesIds = !options.ids.empty();
  GenerateOptions given(options, request.model);
  sinter_generate_options generate = given.get();
  if ((options.samples || options.contextShift) && !options.promptCache.empty())
    throw UsageError(
        "--prompt-cache goes with neither --samples nor --context-shift");
  generate.context_shift = options.contextShift;
  if (options.samples)
    return writeSeveral(request, generate);
  SessionHandle session = openSession(request, generate.beams);
  if (!options.promptCache.empty() && request.inputs.size() != 1)
    throw UsageError("--prompt-cache is for one prompt");

  const std::vector<int32_t> prompt = targetPrompt(request);
  for (const Input &input : request.inputs) {
    const std::vector<int32_t> &read =
        setSource(request, input, prompt, generate);
    Stream stream{!options.json && !givesIds, "", std::nullopt, 0, {}};
    // A prompt that does not fit is answered by a message alone.
    const bool fits =
        static_cast<int64_t>(input.ids.size()) <= request.description.context;
    if (stream.printing && !pair && !options.noEcho && fits) {
      print(input.text);
      flush();
    }
    generate.kept = loadCache(request, session.get(), input.ids);
    generate.callback = take;
    generate.user = &stream;
    sinter_tokens tokens = {};
    sinter_stop_reason reason;
    const Clock::time_point start = Clock::now();
    check(sinter_generate(session.get(), read.data(),
                          static_cast<int64_t>(read.size()), &generate, &tokens,
                          &reason));
    std::vector<int32_t> ids(tokens.data, tokens.data + tokens.count);
    sinter_tokens_free(&tokens);
    if (stream.failure)
      throw *stream.failure;
    if (!options.promptCache.empty())
      check(sinter_prompt_save(session.get(), ids.data(),
                               sinter_sequence_length(session.get(), 0),
                               options.promptCache.c_str()));

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
      printStats(input, stream, start, given.guessesText());
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
