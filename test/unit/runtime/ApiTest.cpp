//===- ApiTest.cpp - The C interface --------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"
#include "FakeTokenizer.h"
#include "runtime/include/sinter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <thread>

using namespace sinter::runtime::testing;

extern "C" sinter_status continue_in_c(const sinter_program *program,
                                       int64_t count, char *text, size_t room);

namespace {

FakeOptions letters() {
  FakeOptions options;
  options.tokenizer = fakeTokenizer(
      {"<s>", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}, {0}, 0);
  return options;
}

class Api : public ::testing::Test {
protected:
  Api() : fake(letters()) {
    EXPECT_EQ(sinter_model_open(&fake.program, nullptr, &model), SINTER_OK);
    sinter_session_options options = {3, 2, nullptr};
    EXPECT_EQ(sinter_session_create(model, &options, &session), SINTER_OK);
  }
  ~Api() override {
    sinter_session_destroy(session);
    sinter_model_close(model);
  }

  FakeModel fake;
  sinter_model *model = nullptr;
  sinter_session *session = nullptr;
};

TEST(PlainC, ContinuesAText) {
  FakeModel fake(letters());
  char text[64] = "";
  ASSERT_EQ(continue_in_c(&fake.program, 5, text, sizeof(text)), SINTER_OK)
      << sinter_last_error();
  EXPECT_EQ(std::string(text).substr(0, 2), "ab");
  EXPECT_GE(std::strlen(text), 3u);
  EXPECT_EQ(continue_in_c(&fake.program, -5, text, sizeof(text)),
            SINTER_ERROR_ARGUMENT);
  EXPECT_STREQ(sinter_last_error(),
               "-5 tokens to generate asked for, expected 0 (no limit) or "
               "more");
}

TEST_F(Api, DescribesTheModel) {
  sinter_model_description description;
  sinter_model_describe(model, &description);
  EXPECT_STREQ(description.name, "fake");
  EXPECT_EQ(description.head, SINTER_MODEL_NEXT_TOKEN);
  EXPECT_EQ(description.context, 64);
  EXPECT_EQ(description.vocabulary, 11);
  EXPECT_EQ(description.output_width, 11);
  EXPECT_TRUE(description.has_tokenizer);
  EXPECT_TRUE(description.causal);
  EXPECT_EQ(sinter_session_threads(session), 2);
  EXPECT_EQ(sinter_session_sequences(session), 3);
  EXPECT_GT(sinter_session_bytes(session), 64 * 3 * 2 * 8);
  EXPECT_EQ(sinter_model_verify(model), SINTER_OK);
}

TEST_F(Api, TokenizesAndBack) {
  sinter_tokens tokens = {};
  ASSERT_EQ(sinter_tokenize(model, "cab", 3, SINTER_TOKENIZE_SPECIAL, &tokens),
            SINTER_OK);
  EXPECT_EQ(std::vector<int32_t>(tokens.data, tokens.data + tokens.count),
            (std::vector<int32_t>{0, 3, 1, 2}));
  for (int skip : {0, 1}) {
    char *text = nullptr;
    size_t bytes = 0;
    ASSERT_EQ(sinter_detokenize(model, tokens.data, tokens.count, skip, &text,
                                &bytes),
              SINTER_OK);
    EXPECT_STREQ(text, skip ? "cab" : "<s>cab");
    EXPECT_EQ(bytes, std::strlen(text));
    std::free(text);
  }
  // What was there before is given back.
  ASSERT_EQ(sinter_tokenize(model, "", 0, 0, &tokens), SINTER_OK);
  EXPECT_EQ(tokens.count, 0);
  sinter_tokens_free(&tokens);
  EXPECT_EQ(tokens.data, nullptr);
}

TEST_F(Api, FeedsAndSelects) {
  const int32_t token[] = {1, 2, 3}, row[] = {2}, from[] = {0, 0};
  sinter_batch batch = {};
  batch.tokens = 3;
  batch.token = token;
  batch.rows = 1;
  batch.row = row;
  std::vector<float> logits(11), other(11);
  ASSERT_EQ(sinter_feed(session, &batch, logits.data()), SINTER_OK);
  EXPECT_EQ(logits, fake.expectedNext({1, 2, 3}));
  EXPECT_EQ(sinter_sequence_length(session, 0), 3);
  EXPECT_EQ(sinter_sequence_length(session, 3), -1);
  ASSERT_EQ(sinter_sequences_select(session, from, 2), SINTER_OK);
  EXPECT_EQ(sinter_sequence_length(session, 1), 3);
  ASSERT_EQ(sinter_sequence_truncate(session, 1, 1), SINTER_OK);
  EXPECT_EQ(sinter_sequence_length(session, 1), 1);
  EXPECT_EQ(sinter_sequence_length(session, 0), 3);
}

TEST(ApiOf, MostProbableTokens) {
  for (bool givesLargest : {false, true}) {
    FakeOptions options;
    options.givesLargest = givesLargest;
    FakeModel fake(options);
    sinter_model *model = nullptr;
    sinter_session *session = nullptr;
    ASSERT_EQ(sinter_model_open(&fake.program, nullptr, &model), SINTER_OK);
    ASSERT_EQ(sinter_session_create(model, nullptr, &session), SINTER_OK);
    // More than the model takes at once, and more rows.
    const int32_t token[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    const int32_t row[] = {0, 2, 3, 4, 8, 9};
    sinter_batch batch = {};
    batch.tokens = 10;
    batch.token = token;
    batch.rows = 6;
    batch.row = row;
    int32_t best[6];
    float logit[6];
    ASSERT_EQ(sinter_feed_most_probable(session, &batch, best, logit),
              SINTER_OK);
    for (int i = 0; i < 6; ++i) {
      std::vector<float> all = fake.expectedNext({token, token + row[i] + 1});
      auto largest = std::max_element(all.begin(), all.end());
      EXPECT_EQ(best[i], largest - all.begin());
      EXPECT_EQ(logit[i], *largest);
    }
    ASSERT_EQ(sinter_sequence_truncate(session, 0, 0), SINTER_OK);
    int32_t again[6];
    EXPECT_EQ(sinter_feed_most_probable(session, &batch, again, nullptr),
              SINTER_OK);
    EXPECT_TRUE(std::equal(best, best + 6, again));
    EXPECT_EQ(sinter_feed_most_probable(session, &batch, nullptr, logit),
              SINTER_ERROR_ARGUMENT);
    EXPECT_EQ(fake.largestFound, givesLargest ? 12 : 0);
    EXPECT_EQ(fake.violations, 0);
    sinter_session_destroy(session);
    sinter_model_close(model);
  }
}

TEST_F(Api, NullsAreErrorsAndNotCrashes) {
  sinter_tokens tokens = {};
  sinter_model *none = nullptr;
  sinter_session *noSession = nullptr;
  int64_t count;
  EXPECT_EQ(sinter_model_open(nullptr, nullptr, &none), SINTER_ERROR_ARGUMENT);
  EXPECT_EQ(sinter_model_open(&fake.program, nullptr, nullptr),
            SINTER_ERROR_ARGUMENT);
  EXPECT_EQ(sinter_model_verify(nullptr), SINTER_ERROR_ARGUMENT);
  EXPECT_EQ(sinter_session_create(nullptr, nullptr, &noSession),
            SINTER_ERROR_ARGUMENT);
  EXPECT_EQ(sinter_tokenize(model, nullptr, 3, 0, &tokens),
            SINTER_ERROR_ARGUMENT);
  EXPECT_EQ(sinter_tokenize(nullptr, "", 0, 0, &tokens), SINTER_ERROR_ARGUMENT);
  EXPECT_EQ(sinter_feed(session, nullptr, nullptr), SINTER_ERROR_ARGUMENT);
  EXPECT_EQ(sinter_encode(session, 0, nullptr, 3), SINTER_ERROR_ARGUMENT);
  EXPECT_EQ(sinter_generate(session, nullptr, 2, nullptr, &tokens, nullptr),
            SINTER_ERROR_ARGUMENT);
  EXPECT_EQ(sinter_generate(session, nullptr, 0, nullptr, nullptr, nullptr),
            SINTER_ERROR_ARGUMENT);
  EXPECT_EQ(sinter_fill_mask(session, nullptr, nullptr, 0, 1, &count, nullptr,
                             nullptr),
            SINTER_ERROR_ARGUMENT);
  sinter_batch batch = {};
  batch.tokens = 1;
  EXPECT_EQ(sinter_feed(session, &batch, nullptr), SINTER_ERROR_ARGUMENT);
  batch.tokens = -1;
  EXPECT_EQ(sinter_feed(session, &batch, nullptr), SINTER_ERROR_ARGUMENT);
  batch.tokens = 0;
  EXPECT_EQ(sinter_feed(session, &batch, nullptr), SINTER_OK);
  const int32_t token = 1, row = 0;
  batch.tokens = batch.rows = 1;
  batch.token = &token;
  batch.row = &row;
  EXPECT_EQ(sinter_feed(session, &batch, nullptr), SINTER_ERROR_ARGUMENT);
  EXPECT_STREQ(sinter_last_error(),
               "rows asked for, and no output to write to");
  sinter_model_close(nullptr);
  sinter_session_destroy(nullptr);
  EXPECT_EQ(fake.violations, 0);
}

TEST_F(Api, EachThreadHasItsOwnLastError) {
  EXPECT_EQ(sinter_sequence_truncate(session, 9, 0), SINTER_ERROR_ARGUMENT);
  std::thread([] { EXPECT_STREQ(sinter_last_error(), "no error"); }).join();
  EXPECT_STREQ(sinter_last_error(),
               "sequence 9 does not exist: the session has room for 3");
}

TEST(HalideSupport, ScratchIsAlignedAndComesBack) {
  std::vector<void *> blocks;
  for (uint64_t bytes : {1u, 64u, 255u, 256u, 257u, 100000u}) {
    void *block = halide_malloc(nullptr, bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 64, 0u);
    std::memset(block, 0xab, bytes);
    blocks.push_back(block);
  }
  for (void *block : blocks)
    halide_free(nullptr, block);
  void *again = halide_malloc(nullptr, 100000);
  EXPECT_EQ(again, blocks.back());
  halide_free(nullptr, again);
  halide_free(nullptr, nullptr);
}

} // namespace
