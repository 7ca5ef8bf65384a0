//===- batch.cpp - Several texts at once, from C++ ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Continues several texts side by side: each step is one call of the model with
// a token of every text, which costs little more than a token of one.
//
//     batch 20 "The cat" "Every morning"
//
//===----------------------------------------------------------------------===//

#include "sinter.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

void check(sinter_status status) {
  if (status != SINTER_OK)
    throw std::runtime_error(sinter_last_error());
}

template <auto function> struct Deleter {
  template <typename T> void operator()(T *pointer) const { function(pointer); }
};
using Model = std::unique_ptr<sinter_model, Deleter<sinter_model_close>>;
using Session =
    std::unique_ptr<sinter_session, Deleter<sinter_session_destroy>>;

std::vector<int32_t> tokenize(const sinter_model *model, const char *text) {
  sinter_tokens tokens = {};
  check(sinter_tokenize(model, text, std::strlen(text), SINTER_TOKENIZE_SPECIAL,
                        &tokens));
  std::vector<int32_t> ids(tokens.data, tokens.data + tokens.count);
  sinter_tokens_free(&tokens);
  return ids;
}

std::string textOf(const sinter_model *model, const std::vector<int32_t> &ids) {
  char *text = nullptr;
  size_t bytes = 0;
  check(sinter_detokenize(model, ids.data(), static_cast<int64_t>(ids.size()),
                          /*skip_special=*/1, &text, &bytes));
  std::string result(text, bytes);
  std::free(text);
  return result;
}

/// Runs what is new of each text, and appends its most probable next token.
void step(sinter_session *session, std::vector<std::vector<int32_t>> &texts,
          std::vector<size_t> &fed) {
  std::vector<int32_t> token, sequence, row, next(texts.size());
  for (size_t text = 0; text < texts.size(); ++text) {
    for (size_t i = fed[text]; i < texts[text].size(); ++i) {
      token.push_back(texts[text][i]);
      sequence.push_back(static_cast<int32_t>(text));
    }
    fed[text] = texts[text].size();
    row.push_back(static_cast<int32_t>(token.size()) - 1);
  }
  sinter_batch batch = {};
  batch.tokens = static_cast<int64_t>(token.size());
  batch.token = token.data();
  batch.sequence = sequence.data();
  batch.rows = static_cast<int64_t>(row.size());
  batch.row = row.data();
  check(sinter_feed_most_probable(session, &batch, next.data(), nullptr));
  for (size_t text = 0; text < texts.size(); ++text)
    texts[text].push_back(next[text]);
}

void run(int64_t count, const std::vector<const char *> &prompts) {
  sinter_model *opened = nullptr;
  check(sinter_model_open(&sinter_compiled_model, nullptr, &opened));
  Model model(opened);
  sinter_session_options options = {};
  options.sequences = static_cast<int64_t>(prompts.size());
  sinter_session *created = nullptr;
  check(sinter_session_create(model.get(), &options, &created));
  Session session(created);

  std::vector<std::vector<int32_t>> texts;
  for (const char *prompt : prompts)
    texts.push_back(tokenize(model.get(), prompt));
  std::vector<size_t> fed(texts.size());
  for (int64_t i = 0; i < count; ++i)
    step(session.get(), texts, fed);
  for (const std::vector<int32_t> &text : texts)
    std::printf("%s\n", textOf(model.get(), text).c_str());
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: batch TOKENS TEXT...\n");
    return 2;
  }
  try {
    run(std::atoll(argv[1]), std::vector<const char *>(argv + 2, argv + argc));
  } catch (const std::exception &error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
