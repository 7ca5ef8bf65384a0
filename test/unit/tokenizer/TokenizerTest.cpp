//===- TokenizerTest.cpp - The interface of the tokenizer -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Utf8.h"
#include "test/unit/tokenizer/TestSupport.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

using namespace sinter;
using namespace sinter::test;
using runtime::Tokenizer;

namespace {

using Ids = std::vector<int32_t>;

BuiltTokenizer openFixture(const char *name, const std::string &config = {}) {
  std::optional<std::string> json = readFile(fixtures() + "/" + name + ".json");
  EXPECT_TRUE(json);
  return openJson(json.value_or(""), config);
}

TEST(Tokenizer, KnowsItsTokens) {
  BuiltTokenizer bert = openFixture("bert-uncased");
  EXPECT_EQ(bert->vocabularySize(), 600u);
  EXPECT_EQ(bert->idBound(), 600u);
  EXPECT_EQ(bert->tokenToId("[MASK]"), 4);
  EXPECT_EQ(bert->tokenToId("not a token"), -1);
  std::string_view token;
  EXPECT_TRUE(bert->idToToken(4, token));
  EXPECT_EQ(token, "[MASK]");
  EXPECT_FALSE(bert->idToToken(600, token));
  EXPECT_FALSE(bert->idToToken(-1, token));
  EXPECT_TRUE(bert->isSpecial(4));
  EXPECT_FALSE(bert->isSpecial(5));
  EXPECT_FALSE(bert->isSpecial(-1));
  for (int32_t id = 0; id < 600; ++id) {
    ASSERT_TRUE(bert->idToToken(id, token));
    EXPECT_EQ(bert->tokenToId(token), id);
  }
}

TEST(Tokenizer, KnowsRolesByUsualNames) {
  BuiltTokenizer bert = openFixture("bert-uncased");
  EXPECT_EQ(bert->roleToken(Tokenizer::Role::Mask), 4);
  EXPECT_EQ(bert->roleToken(Tokenizer::Role::Separator), 3);
  EXPECT_EQ(bert->roleToken(Tokenizer::Role::Begin), -1);
  BuiltTokenizer gpt2 = openFixture("gpt2");
  EXPECT_EQ(gpt2->roleToken(Tokenizer::Role::End),
            gpt2->tokenToId("<|endoftext|>"));
}

TEST(Tokenizer, KnowsRolesByTheConfig) {
  BuiltTokenizer llama =
      openFixture("llama3", R"({"bos_token": "<|begin_of_text|>",
                                "eos_token": {"content": "<|eot_id|>"},
                                "pad_token": null, "mask_token": "nowhere"})");
  EXPECT_EQ(llama->roleToken(Tokenizer::Role::Begin),
            llama->tokenToId("<|begin_of_text|>"));
  EXPECT_EQ(llama->roleToken(Tokenizer::Role::End),
            llama->tokenToId("<|eot_id|>"));
  EXPECT_EQ(llama->roleToken(Tokenizer::Role::Padding), -1);
  EXPECT_EQ(llama->roleToken(Tokenizer::Role::Mask), -1);
}

TEST(Tokenizer, GapsInIdsHaveNoToken) {
  BuiltTokenizer tokenizer = openJson(
      R"({"model": {"type": "WordLevel", "unk_token": "a",
                    "vocab": {"a": 2, "b": 5, "": 7}}})");
  std::string_view token;
  EXPECT_EQ(tokenizer->vocabularySize(), 3u);
  EXPECT_EQ(tokenizer->idBound(), 8u);
  EXPECT_FALSE(tokenizer->idToToken(3, token));
  EXPECT_TRUE(tokenizer->idToToken(7, token));
  EXPECT_EQ(token, "");
  EXPECT_EQ(decode(tokenizer, {2, 3, 5, 99, -4}), "a b");
}

TEST(Tokenizer, PairsHaveSegments) {
  BuiltTokenizer bert = openFixture("bert-uncased");
  runtime::Encoding encoding;
  std::string error;
  ASSERT_TRUE(bert->encodePair("the", "of the", true, encoding, error));
  int32_t the = bert->tokenToId("the"), of = bert->tokenToId("of");
  EXPECT_EQ(encoding.ids, (Ids{2, the, 3, of, the, 3}));
  EXPECT_EQ(encoding.segments, (Ids{0, 0, 0, 1, 1, 1}));
  ASSERT_TRUE(bert->encodePair("the", "of the", false, encoding, error));
  EXPECT_EQ(encoding.ids, (Ids{the, of, the}));
  EXPECT_EQ(encoding.segments, (Ids{0, 1, 1}));
}

TEST(Tokenizer, UnknownWithoutATokenIsAnError) {
  runtime::Encoding encoding;
  std::string error;
  BuiltTokenizer words = openJson(
      R"({"model": {"type": "WordLevel", "unk_token": "<u>",
                    "vocab": {"a": 0}}})");
  EXPECT_FALSE(words->encode("b", false, encoding, error));
  EXPECT_EQ(error, "tokenizer: the vocabulary has no token for \"b\" and none "
                   "\"<u>\" for what is unknown");
  BuiltTokenizer pairs = openJson(
      R"({"model": {"type": "BPE", "unk_token": "<u>", "vocab": {"a": 0},
                    "merges": []}})");
  EXPECT_FALSE(pairs->encode("ab", false, encoding, error));
  EXPECT_EQ(encode(pairs, "aa"), (Ids{0, 0}));
  BuiltTokenizer pieces = openJson(
      R"({"model": {"type": "WordPiece", "unk_token": "<u>",
                    "continuing_subword_prefix": "##",
                    "max_input_chars_per_word": 3, "vocab": {"a": 0}}})");
  EXPECT_FALSE(pieces->encode(std::string(80, 'b'), false, encoding, error));
  EXPECT_EQ(error, "tokenizer: the vocabulary has no token for \"" +
                       std::string(64, 'b') +
                       "...\" and none \"<u>\" for what is unknown");
}

TEST(Tokenizer, ByteTokensMayBePartial) {
  // "é" has its bytes, "è" has not; an unknown character waits behind it.
  BuiltTokenizer tokenizer = openJson(
      R"({"model": {"type": "BPE", "unk_token": "<u>", "byte_fallback": true,
          "merges": [], "vocab": {"<u>": 0, "a": 1, "<0xC3>": 2,
          "<0xA9>": 3}}})");
  EXPECT_EQ(encode(tokenizer, "\xc3\xa9"), (Ids{2, 3}));
  EXPECT_EQ(encode(tokenizer, "\xc3\xa8\xc3\xa9"
                              "a"),
            (Ids{2, 3, 0, 1}));
}

TEST(Tokenizer, LastOfTwoMergesCounts) {
  BuiltTokenizer tokenizer = openJson(
      R"({"model": {"type": "BPE",
          "vocab": {"a": 0, "b": 1, "c": 2, "ab": 3, "bc": 4},
          "merges": ["a b", "b c", "a b"]}})");
  EXPECT_EQ(encode(tokenizer, "abc"), (Ids{0, 4}));
}

TEST(Tokenizer, SpecialTokensCanBeLeftOut) {
  BuiltTokenizer llama = openFixture("llama3");
  Ids ids = encode(llama, "Hi<|eot_id|>there", true);
  EXPECT_EQ(ids.front(), llama->tokenToId("<|begin_of_text|>"));
  EXPECT_EQ(decode(llama, ids), "<|begin_of_text|>Hi<|eot_id|>there");
  EXPECT_EQ(decode(llama, ids, true), "Hithere");
}

TEST(Tokenizer, BrokenUtf8CountsAsReplacement) {
  BuiltTokenizer gpt2 = openFixture("gpt2");
  EXPECT_EQ(encode(gpt2, "a\xf0\x9f\x98z\xff"),
            encode(gpt2, "a\xef\xbf\xbdz\xef\xbf\xbd"));
  EXPECT_EQ(decode(gpt2, encode(gpt2, "\xed\xa0\x80")),
            "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(Tokenizer, MayBeShared) {
  BuiltTokenizer bert = openFixture("wordpiece-added");
  std::string text = "Once upon a time, Word 12 \xc3\xa9t\xc3\xa9";
  Ids expected = encode(bert, text, true);
  std::vector<Ids> results(4);
  std::vector<std::thread> threads;
  for (Ids &result : results)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i)
        result = encode(bert, text, true);
    });
  for (std::thread &thread : threads)
    thread.join();
  for (const Ids &result : results)
    EXPECT_EQ(result, expected);
}

TEST(Tokenizer, LongTextTakesNoQuadraticTime) {
  using Clock = std::chrono::steady_clock;
  std::string marks = "a";
  for (int i = 0; i < 250000; ++i)
    marks += "\xcc\x81\xcc\x96"; // two marks in the wrong order
  std::vector<std::string> texts = {
      std::string(1000000, 'a'), std::string(1000000, ' '),
      std::string(1000000, '\n'), std::string(1000000, '<'), marks};
  std::string steps;
  for (size_t i = 0; i < 1000000; ++i)
    steps += static_cast<char>('a' + i * i % 26);
  texts.push_back(steps);
  for (const char *name : {"gpt2", "llama2", "llama3", "mistral", "qwen2",
                           "bert-uncased", "openai", "wordpiece-added"}) {
    BuiltTokenizer tokenizer = openFixture(name);
    for (const std::string &text : texts) {
      Clock::time_point start = Clock::now();
      Ids ids = encode(tokenizer, text);
      decode(tokenizer, ids);
      // A quadratic step would take hours; a busy machine takes no minute.
      EXPECT_LT(Clock::now() - start, std::chrono::seconds(60)) << name;
    }
  }
}

TEST(Tokenizer, AddedTokensOfWhiteSpaceTakeNoQuadraticTime) {
  BuiltTokenizer tokenizer = openJson(
      R"({"model": {"type": "WordLevel", "unk_token": "a", "vocab": {"a": 0}},
          "added_tokens": [{"id": 1, "content": "  ", "lstrip": true,
                            "rstrip": true}]})");
  // The first takes all the white space that follows.
  EXPECT_EQ(encode(tokenizer, std::string(1000000, ' ')), (Ids{1}));
  EXPECT_EQ(encode(tokenizer, "a    a"), (Ids{0, 1, 0}));
}

TEST(Streamer, HoldsBackWhatIsNotWhole) {
  BuiltTokenizer gpt2 = openFixture("gpt2");
  Ids ids = encode(gpt2, "\xf0\x9f\x98\x80!");
  ASSERT_GE(ids.size(), 3u);
  runtime::Streamer streamer(*gpt2.tokenizer, true);
  std::string text, error;
  ASSERT_TRUE(streamer.push(ids[0], text, error));
  EXPECT_EQ(text, "");
  for (size_t i = 1; i < ids.size(); ++i)
    ASSERT_TRUE(streamer.push(ids[i], text, error));
  EXPECT_EQ(text, "\xf0\x9f\x98\x80!");
  ASSERT_TRUE(streamer.push(ids[0], text, error));
  ASSERT_TRUE(streamer.finish(text, error));
  EXPECT_EQ(text, "\xf0\x9f\x98\x80!\xef\xbf\xbd");
}

TEST(Streamer, GivesTextAtOnce) {
  BuiltTokenizer llama = openFixture("llama2");
  Ids ids = encode(llama, "the little girl", true);
  runtime::Streamer streamer(*llama.tokenizer, true);
  std::string error;
  for (size_t i = 0; i < ids.size(); ++i) {
    std::string text;
    ASSERT_TRUE(streamer.push(ids[i], text, error));
    EXPECT_EQ(text.empty(), i == 0) << i; // <s> is left out
  }
}

TEST(Streamer, RunOfByteTokensEndsBeforeItIsText) {
  BuiltTokenizer llama = openFixture("llama2");
  auto byte = [&](const char *name) { return llama->tokenToId(name); };
  Ids good = {byte("<0xE6>"), byte("<0x97>"), byte("<0xA5>")};
  EXPECT_EQ(decode(llama, good), "\xe6\x97\xa5");
  Ids bad = good;
  bad.push_back(byte("<0xFF>"));
  EXPECT_EQ(decode(llama, bad), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                                "\xef\xbf\xbd");
  runtime::Streamer streamer(*llama.tokenizer, true);
  std::string text, error;
  for (int32_t id : bad)
    ASSERT_TRUE(streamer.push(id, text, error));
  EXPECT_EQ(text, "");
  ASSERT_TRUE(streamer.finish(text, error));
  EXPECT_EQ(text, decode(llama, bad));
}

TEST(Streamer, StartsAnewAfterTheEnd) {
  BuiltTokenizer mistral = openFixture("mistral");
  Ids ids = encode(mistral, "the girl");
  runtime::Streamer streamer(*mistral.tokenizer, true);
  std::string error;
  for (int round = 0; round < 2; ++round) {
    std::string text;
    for (int32_t id : ids)
      ASSERT_TRUE(streamer.push(id, text, error));
    ASSERT_TRUE(streamer.finish(text, error));
    EXPECT_EQ(text, "the girl");
  }
}

TEST(Utf8, IncompleteTail) {
  EXPECT_EQ(runtime::incompleteTail(""), 0u);
  EXPECT_EQ(runtime::incompleteTail("a"), 0u);
  EXPECT_EQ(runtime::incompleteTail("a\xc3"), 1u);
  EXPECT_EQ(runtime::incompleteTail("\xf0\x9f\x98"), 3u);
  EXPECT_EQ(runtime::incompleteTail("\xf0\x9f\x98\x80"), 0u);
  EXPECT_EQ(runtime::incompleteTail("\xed\xa0"), 0u); // a surrogate: broken
  EXPECT_EQ(runtime::incompleteTail("\x80\x80\x80"), 0u);
  EXPECT_EQ(runtime::incompleteTail("\xe0\x80"), 0u);
}

TEST(TokenList, OfCharacters) {
  std::vector<std::string> tokens =
      frontend::splitCharacters("____ab\xc3\xa9-");
  ASSERT_EQ(tokens.size(), 8u);
  frontend::TokenListOptions options;
  options.padding = 0;
  options.begin = 1;
  options.end = 2;
  options.unknown = 3;
  options.addBegin = options.addEnd = true;
  BuiltTokenizer list =
      open(frontend::buildTokenListTokenizer(tokens, options));
  EXPECT_EQ(encode(list, "b\xc3\xa9-a", true), (Ids{1, 5, 6, 7, 4, 2}));
  EXPECT_EQ(encode(list, "b\xc3\xa9-a", false), (Ids{5, 6, 7, 4}));
  EXPECT_EQ(encode(list, "a_z \xe6\x97\xa5", false), (Ids{4, 3, 3, 3, 3}));
  EXPECT_EQ(encode(list, "", true), (Ids{1, 2}));
  EXPECT_EQ(decode(list, {1, 5, 6, 7, 4, 2}, true), "b\xc3\xa9-a");
  EXPECT_EQ(decode(list, {1, 5, 2}, false), "_b_");
  EXPECT_EQ(list->vocabularySize(), 8u);
  EXPECT_EQ(list->roleToken(Tokenizer::Role::End), 2);
}

TEST(TokenList, TakesTheLongest) {
  std::vector<std::string> tokens = {"<blank>", "<s>", "a", "ab", "abc", "d"};
  frontend::TokenListOptions options;
  options.special = {0, 1};
  BuiltTokenizer list =
      open(frontend::buildTokenListTokenizer(tokens, options));
  EXPECT_EQ(encode(list, "abcdaba"), (Ids{4, 5, 3, 2}));
  EXPECT_EQ(decode(list, {1, 4, 5, 0}, false), "<s>abcd<blank>");
  runtime::Encoding encoding;
  std::string error;
  EXPECT_FALSE(list->encode("abx", false, encoding, error));
  EXPECT_EQ(error, "tokenizer: the vocabulary has no token for \"x\" and none "
                   "for what is unknown");
  // A special token is no text.
  EXPECT_FALSE(list->encode("<s>a", false, encoding, error));
}

TEST(TokenList, RefusesWhatIsNone) {
  auto messageFor = [](std::vector<std::string> tokens,
                       frontend::TokenListOptions options = {}) {
    return frontend::buildTokenListTokenizer(tokens, options).error;
  };
  EXPECT_EQ(messageFor({}), "tokenizer: a list of 0 tokens was given");
  EXPECT_EQ(messageFor({"a", "b", "a"}), "tokenizer: token 2 of the list, "
                                         "\"a\", is token 0 already");
  EXPECT_EQ(messageFor({"a", ""}), "tokenizer: token 1 of the list is no text");
  EXPECT_EQ(messageFor({"\xff"}), "tokenizer: token 0 of the list is no text");
  frontend::TokenListOptions options;
  options.end = 4;
  EXPECT_EQ(messageFor({"a", "b"}, options),
            "tokenizer: special token 4 of a list of 2");
  options = {};
  options.addEnd = true;
  EXPECT_EQ(messageFor({"a", "b"}, options),
            "tokenizer: a token is to be added to each text, but none was "
            "given");
}

} // namespace
