//===- AnswerQuestion.cpp - Answers from a text ------------------------ -===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Commands.h"
#include "runtime/main/Output.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

using namespace sinter::runtime;

namespace {

std::vector<int32_t> plainTokens(const sinter_model *model,
                                 std::string_view text) {
  sinter_tokens tokens = {};
  check(sinter_tokenize(model, text.data(), text.size(), 0, &tokens));
  std::vector<int32_t> ids(tokens.data, tokens.data + tokens.count);
  sinter_tokens_free(&tokens);
  return ids;
}

enum class Kind { Space, Letter, Sign };

Kind kindOf(char character) {
  const unsigned char byte = static_cast<unsigned char>(character);
  if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r')
    return Kind::Space;
  const bool isLetter = byte >= 0x80 || (byte >= '0' && byte <= '9') ||
                        (byte >= 'A' && byte <= 'Z') ||
                        (byte >= 'a' && byte <= 'z');
  return isLetter ? Kind::Letter : Kind::Sign;
}

/// Where words of a text begin and end, in bytes and in tokens: how many tokens
/// the text before has. Tokenizers say nothing of places, but what stands in
/// front of the end of a word has the tokens that it has in the whole text.
class WordPlaces {
public:
  WordPlaces(const sinter_model *model, const std::string &text,
             const std::vector<int32_t> &tokens)
      : text(text) {
    places.push_back({0, 0});
    for (size_t at = 1; at <= text.size(); ++at) {
      const bool isEnd = at == text.size() ||
                         kindOf(text[at - 1]) != kindOf(text[at]) ||
                         kindOf(text[at]) == Kind::Sign;
      if (!isEnd || kindOf(text[at - 1]) == Kind::Space)
        continue;
      const std::vector<int32_t> before =
          plainTokens(model, std::string_view(text).substr(0, at));
      if (before.size() <= tokens.size() &&
          std::equal(before.begin(), before.end(), tokens.begin()))
        places.push_back({at, before.size()});
    }
  }

  /// The words that hold tokens first to last.
  std::string textOf(size_t first, size_t last) const {
    size_t start = 0, end = text.size();
    for (const Place &place : places)
      if (place.tokens <= first)
        start = place.byte;
    for (size_t index = places.size(); index-- > 0;)
      if (places[index].tokens > last)
        end = places[index].byte;
    while (start < end && kindOf(text[start]) == Kind::Space)
      ++start;
    return text.substr(start, end - start);
  }

private:
  struct Place {
    size_t byte, tokens;
  };
  const std::string &text;
  std::vector<Place> places;
};

/// Where the tokens of the context begin among those of the pair.
int64_t findContext(const std::vector<int32_t> &pair,
                    const std::vector<int32_t> &context) {
  auto found =
      std::find_end(pair.begin(), pair.end(), context.begin(), context.end());
  return found == pair.end() ? -1 : found - pair.begin();
}

} // namespace

int sinter::runtime::answerQuestion(const Request &request) {
  if (!request.options.ids.empty())
    throw UsageError("answers are found in texts: give --question and "
                     "--context, or --ids with --logits");
  const Input &input = request.inputs.front();
  const std::vector<int32_t> context = plainTokens(request.model, input.text);
  const int64_t first = findContext(input.ids, context);
  if (context.empty() || first < 0)
    throw UsageError("--context: there are no tokens in it");
  const int64_t topK = request.options.topK.value_or(1);
  std::vector<sinter_span> spans(static_cast<size_t>(topK));
  int64_t found = 0;
  SessionHandle session = openSession(request, 1);
  check(sinter_answer(session.get(), input.ids.data(),
                      input.segments.empty() ? nullptr : input.segments.data(),
                      static_cast<int64_t>(input.ids.size()), first,
                      first + static_cast<int64_t>(context.size()),
                      request.options.longest.value_or(15), topK, spans.data(),
                      &found));
  const WordPlaces places(request.model, input.text, context);
  std::string json;
  for (int64_t rank = 0; rank < found; ++rank) {
    const sinter_span &span = spans[static_cast<size_t>(rank)];
    const std::string answer =
        places.textOf(static_cast<size_t>(span.first - first),
                      static_cast<size_t>(span.last - first));
    char score[40];
    std::snprintf(score, sizeof(score),
                  request.options.json ? "%.6g" : "%7.2f %%  ",
                  span.probability * (request.options.json ? 1 : 100));
    if (request.options.json)
      json += std::string(rank ? ", " : "") +
              "{\"answer\": " + jsonString(answer) + ", \"score\": " + score +
              ", \"first\": " + std::to_string(span.first) +
              ", \"last\": " + std::to_string(span.last) + "}";
    else
      print((topK > 1 ? score : "") + answer + "\n");
  }
  if (request.options.json)
    print("{\"answers\": [" + json + "]}\n");
  return 0;
}
