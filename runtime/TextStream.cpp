//===- TextStream.cpp - Text of tokens as they are generated --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/TextStream.h"

#include "runtime/Failure.h"

#include <algorithm>

using namespace sinter::runtime;

StopStrings::StopStrings(std::vector<std::string> given)
    : strings(std::move(given)) {
  for (const std::string &string : strings)
    if (string.empty())
      fail(SINTER_ERROR_ARGUMENT, "a stop string is empty");
}

bool StopStrings::push(std::string_view text, std::string &out) {
  if (found)
    return true;
  held += text;
  size_t first = std::string::npos;
  for (const std::string &string : strings)
    first = std::min(first, held.find(string));
  if (first != std::string::npos) {
    out.append(held, 0, first);
    held.clear();
    found = true;
    return true;
  }
  size_t keep = 0;
  for (const std::string &string : strings)
    for (size_t length = std::min(string.size() - 1, held.size());
         length > keep; --length)
      if (held.compare(held.size() - length, length, string, 0, length) == 0)
        keep = length;
  out.append(held, 0, held.size() - keep);
  held.erase(0, held.size() - keep);
  return false;
}

void StopStrings::finish(std::string &out) {
  out += held;
  held.clear();
}

TextStream::TextStream(const Tokenizer *tokenizer,
                       std::span<const int32_t> prompt,
                       std::vector<std::string> strings)
    : stop(std::move(strings)) {
  if (!tokenizer)
    return;
  streamer = std::make_unique<Streamer>(*tokenizer, true);
  std::string error, whole;
  for (int32_t token : prompt)
    if (!streamer->push(token, fresh, error))
      fail(SINTER_ERROR_INTERNAL, "%s", error.c_str());
  if (!tokenizer->decode(prompt, true, whole, error))
    fail(SINTER_ERROR_INTERNAL, "%s", error.c_str());
  if (whole.size() > fresh.size())
    promptRest = whole.substr(fresh.size());
  fresh.clear();
}

void TextStream::dropPrompt() {
  if (promptRest.empty() || fresh.empty())
    return;
  // A prompt that ended within a character shows as U+FFFD by itself, and as
  // the character once that is whole: then it is new.
  size_t common = std::min(promptRest.size(), fresh.size());
  if (fresh.compare(0, common, promptRest, 0, common) != 0) {
    promptRest.clear();
    return;
  }
  fresh.erase(0, common);
  promptRest.erase(0, common);
}

const std::string &TextStream::push(int32_t token, bool &stopped) {
  fresh.clear();
  out.clear();
  stopped = false;
  if (!streamer)
    return out;
  std::string error;
  if (!streamer->push(token, fresh, error))
    fail(SINTER_ERROR_INTERNAL, "%s", error.c_str());
  dropPrompt();
  stopped = stop.push(fresh, out);
  return out;
}

const std::string &TextStream::finish() {
  fresh.clear();
  out.clear();
  if (!streamer)
    return out;
  std::string error;
  if (!streamer->finish(fresh, error))
    fail(SINTER_ERROR_INTERNAL, "%s", error.c_str());
  dropPrompt();
  if (!stop.push(fresh, out))
    stop.finish(out);
  return out;
}
