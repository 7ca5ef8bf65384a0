//===- BuilderErrorTest.cpp - Files that are no tokenizers ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/tokenizer/TestSupport.h"

#include <gtest/gtest.h>

#include <random>

using namespace sinter;

namespace {

/// A tokenizer.json with these members beside a small model.
std::string withModel(const std::string &members) {
  return R"({"model": {"type": "WordLevel", "unk_token": "a",
             "vocab": {"a": 0, "b": 1}})" +
         (members.empty() ? "" : ", " + members) + "}";
}

std::string model(const std::string &members) {
  return R"({"model": {)" + members + "}}";
}

struct Case {
  const char *name;
  std::string json;
  const char *message;
};

class Refused : public testing::TestWithParam<Case> {};

TEST_P(Refused, WithOneMessage) {
  frontend::TokenizerBlob blob = frontend::buildTokenizer(GetParam().json);
  EXPECT_FALSE(blob);
  EXPECT_TRUE(blob.bytes.empty());
  EXPECT_NE(blob.error.find(GetParam().message), std::string::npos)
      << blob.error;
  EXPECT_EQ(blob.error.find('\n'), std::string::npos) << blob.error;
}

std::string normalizer(const std::string &value) {
  return withModel(R"("normalizer": )" + value);
}
std::string preTokenizer(const std::string &value) {
  return withModel(R"("pre_tokenizer": )" + value);
}
std::string decoder(const std::string &value) {
  return withModel(R"("decoder": )" + value);
}
std::string postProcessor(const std::string &value) {
  return withModel(R"("post_processor": )" + value);
}
std::string split(const std::string &regex) {
  return preTokenizer(R"({"type": "Split", "behavior": "Isolated",
                          "pattern": {"Regex": ")" +
                      regex + R"("}})");
}

const Case cases[] = {
    {"NotJson", "{\"model\": ", "tokenizer.json: "},
    {"Empty", "", "tokenizer.json: "},
    {"List", "[]", "tokenizer.json: an object was expected, not []"},
    {"Version", R"({"version": "2.0"})",
     "tokenizer.json.version: version \"1.0\" was expected, not \"2.0\""},
    {"NoModel", "{}", "tokenizer.json: \"model\" is missing"},
    {"ModelIsText", R"({"model": "BPE"})",
     "tokenizer.json.model: an object was expected, not \"BPE\""},
    {"Unigram", model(R"("type": "Unigram", "unk_id": 0, "vocab": [])"),
     "tokenizer.json.model: model \"Unigram\" is not supported yet"},
    {"UnigramUntyped", model(R"("unk_id": 0, "vocab": [])"),
     "model \"Unigram\" is not supported yet"},
    {"ModelUnknown", model(R"("type": "Magic")"),
     "model \"Magic\" is not supported yet"},
    {"NoVocabulary", model(R"("type": "WordLevel", "unk_token": "a")"),
     "tokenizer.json.model: \"vocab\" is missing"},
    {"VocabularyIsList",
     model(R"("type": "WordLevel", "unk_token": "a", "vocab": [1])"),
     "tokenizer.json.model.vocab: an object of tokens was expected"},
    {"NegativeId",
     model(R"("type": "WordLevel", "unk_token": "a", "vocab": {"a": -1})"),
     "token \"a\" has id -1, a whole number below 16777216 was expected"},
    {"FractionalId",
     model(R"("type": "WordLevel", "unk_token": "a", "vocab": {"a": 0.5})"),
     "token \"a\" has id 0.5"},
    {"HugeId",
     model(
         R"("type": "WordLevel", "unk_token": "a", "vocab": {"a": 16777216})"),
     "token \"a\" has id 16777216"},
    {"SameId", model(R"("type": "WordLevel", "unk_token": "a",
              "vocab": {"a": 3, "b": 3})"),
     "tokens \"a\" and \"b\" both have id 3"},
    {"NoUnknown", model(R"("type": "WordLevel", "vocab": {"a": 0})"),
     "tokenizer.json.model: \"unk_token\" is missing"},
    {"NoPrefix",
     model(R"("type": "WordPiece", "unk_token": "a", "vocab": {"a": 0},
              "max_input_chars_per_word": 100)"),
     "\"continuing_subword_prefix\" is missing"},
    {"NoMaximum",
     model(R"("type": "WordPiece", "unk_token": "a", "vocab": {"a": 0},
              "continuing_subword_prefix": "##")"),
     "\"max_input_chars_per_word\" is missing"},
    {"NoMerges", model(R"("type": "BPE", "vocab": {"a": 0})"),
     "tokenizer.json.model: \"merges\" is missing"},
    {"MergesAreObject",
     model(R"("type": "BPE", "vocab": {"a": 0}, "merges": {})"),
     "tokenizer.json.model.merges: a list of merges was expected"},
    {"MergeOfThree",
     model(R"("type": "BPE", "vocab": {"a": 0}, "merges": ["a b c"])"),
     "merge 0 is not two texts: \"a b c\""},
    {"MergeOfNumbers",
     model(R"("type": "BPE", "vocab": {"a": 0}, "merges": [[1, 2]])"),
     "merge 0 is not two texts: [1,2]"},
    {"MergeOfUnknown",
     model(R"("type": "BPE", "vocab": {"a": 0}, "merges": [["a", "b"]])"),
     "merge 0 (\"a\" and \"b\") needs token \"b\", which is not in the "
     "vocabulary"},
    {"MergeToUnknown",
     model(R"("type": "BPE", "vocab": {"a": 0}, "merges": ["a a"])"),
     "needs token \"aa\""},
    {"MergeShorterThanPrefix",
     model(R"("type": "BPE", "vocab": {"a": 0}, "merges": ["a a"],
              "continuing_subword_prefix": "##")"),
     "\"a\" is shorter than the prefix \"##\""},
    {"NoByteTokens", model(R"("type": "BPE", "vocab": {"a": 0}, "merges": [],
              "byte_fallback": true)"),
     "\"byte_fallback\" is set, but the vocabulary has no token \"<0x00>\""},
    {"FlagIsText", model(R"("type": "BPE", "vocab": {"a": 0}, "merges": [],
              "fuse_unk": "yes")"),
     "tokenizer.json.model.fuse_unk: true or false was expected, not "
     "\"yes\""},
    {"DropoutIsText", model(R"("type": "BPE", "vocab": {"a": 0}, "merges": [],
              "dropout": "x")"),
     "tokenizer.json.model.dropout: a number was expected"},
    {"NormalizerUntyped", normalizer("{}"),
     "tokenizer.json.normalizer: \"type\" is missing"},
    {"Precompiled",
     normalizer(R"({"type": "Precompiled", "precompiled_charsmap": ""})"),
     "tokenizer.json.normalizer: normalizer \"Precompiled\" is not supported "
     "yet"},
    {"SequenceOfWrong", normalizer(R"({"type": "Sequence",
                    "normalizers": [{"type": "NFC"}, {"type": "X"}]})"),
     "tokenizer.json.normalizer.normalizers[1]: normalizer \"X\" is not "
     "supported yet"},
    {"SequenceOfNothing", normalizer(R"({"type": "Sequence"})"),
     "\"normalizers\" is missing"},
    {"PrependNothing", normalizer(R"({"type": "Prepend"})"),
     "\"prepend\" is missing"},
    {"ReplaceNothing", normalizer(R"({"type": "Replace", "content": ""})"),
     "\"pattern\" is missing"},
    {"ReplaceWrong",
     normalizer(R"({"type": "Replace", "content": "", "pattern": {}})"),
     R"(pattern: {"String": ...} or {"Regex": ...} was expected, not {})"},
    {"StripNothing", normalizer(R"({"type": "Strip"})"),
     "\"strip_left\" is missing"},
    {"UnicodeScripts", preTokenizer(R"({"type": "UnicodeScripts"})"),
     "pre-tokenizer \"UnicodeScripts\" is not supported yet"},
    {"Behavior", preTokenizer(R"({"type": "Split", "pattern": {"String": "a"},
                      "behavior": "Maybe"})"),
     "tokenizer.json.pre_tokenizer.behavior: there is no behavior \"Maybe\""},
    {"MetaspaceOfTwo",
     preTokenizer(R"({"type": "Metaspace", "replacement": "ab"})"),
     "replacement: one character was expected, not \"ab\""},
    {"MetaspaceScheme",
     preTokenizer(R"({"type": "Metaspace", "replacement": "a",
                      "prepend_scheme": "last"})"),
     "\"first\", \"always\" or \"never\" was expected, not \"last\""},
    {"MetaspaceContradiction",
     preTokenizer(R"({"type": "Metaspace", "replacement": "a",
                      "prepend_scheme": "first", "add_prefix_space": false})"),
     "false contradicts \"prepend_scheme\""},
    {"FixedLength", preTokenizer(R"({"type": "FixedLength", "length": 0})"),
     "a length above 0 was expected"},
    {"RegexOpen", split("(a"), "a group is not closed"},
    {"RegexRepeat", split("*a"), "there is nothing to repeat"},
    {"RegexClass", split("[a"), "a class is not closed"},
    {"RegexProperty", split(R"(\\p{Klingon})"), "is not one at byte"},
    {"RegexEscape", split(R"(\\y)"), "this escape is not supported"},
    {"RegexOption", split("(?x)a"), "this kind of group is not supported"},
    {"RegexLookbehind", split("(?<=a+)b"), "is not one at byte"},
    {"Ctc", decoder(R"({"type": "CTC"})"),
     "decoder \"CTC\" is not supported yet"},
    {"DecoderStrip", decoder(R"({"type": "Strip", "content": " "})"),
     "\"start\" is missing"},
    {"DecoderStripNegative",
     decoder(R"({"type": "Strip", "content": " ", "start": -1, "stop": 0})"),
     "decoder.start: a whole number below 1073741824 was expected, not -1"},
    {"DecoderSuffix", decoder(R"({"type": "BPEDecoder", "suffix": ""})"),
     "suffix: a text that is not empty was expected"},
    {"WordPieceDecoder", decoder(R"({"type": "WordPiece"})"),
     "\"prefix\" is missing"},
    {"Processor", postProcessor(R"({"type": "Other"})"),
     "post-processor \"Other\" is not supported yet"},
    {"TemplateEmpty",
     postProcessor(R"({"type": "TemplateProcessing", "single": [],
                       "pair": [], "special_tokens": {}})"),
     "a template that is not empty was expected"},
    {"TemplateToken",
     postProcessor(R"({"type": "TemplateProcessing", "pair": [],
        "single": [{"SpecialToken": {"id": "x", "type_id": 0}}],
        "special_tokens": {}})"),
     "single[0].SpecialToken.id: \"x\" is not in \"special_tokens\""},
    {"TemplateSecond",
     postProcessor(R"({"type": "TemplateProcessing", "pair": [],
        "single": [{"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {}})"),
     "there is no text \"B\" here"},
    {"TemplateTwice", postProcessor(R"({"type": "Sequence", "processors": [
        {"type": "BertProcessing", "sep": ["a", 0], "cls": ["b", 1]},
        {"type": "BertProcessing", "sep": ["a", 0], "cls": ["b", 1]}]})"),
     "processors[1]: a second template is not supported yet"},
    {"BertSeparator",
     postProcessor(R"({"type": "BertProcessing", "sep": ["a"]})"),
     "sep: a token and its id were expected, not [\"a\"]"},
    {"AddedIsObject", withModel(R"("added_tokens": {})"),
     "tokenizer.json.added_tokens: a list was expected, not {}"},
    {"AddedWithoutText", withModel(R"("added_tokens": [{"id": 2}])"),
     "tokenizer.json.added_tokens[0]: \"content\" is missing"},
    {"AddedWithoutId", withModel(R"("added_tokens": [{"content": "x"}])"),
     "tokenizer.json.added_tokens[0]: \"id\" is missing"},
    {"SurrogateInText",
     model("\"type\": \"WordLevel\", \"unk_token\": \"\xff\", \"vocab\": {}"),
     "tokenizer.json: "},
};

INSTANTIATE_TEST_SUITE_P(Builder, Refused, testing::ValuesIn(cases),
                         [](const testing::TestParamInfo<Case> &info) {
                           return info.param.name;
                         });

TEST(Builder, NamesTheFile) {
  EXPECT_EQ(frontend::buildTokenizer("{}", "", "model/tokenizer.json").error,
            "model/tokenizer.json: \"model\" is missing");
}

TEST(Builder, RefusesAWrongConfig) {
  std::string json = withModel("");
  EXPECT_EQ(frontend::buildTokenizer(json, "[]").error,
            "tokenizer_config.json: an object was expected, not []");
  EXPECT_EQ(frontend::buildTokenizer(json, R"({"bos_token": 1})").error,
            "tokenizer_config.json.bos_token: a text was expected, not 1");
}

TEST(Builder, RefusesWhatLiesTooDeep) {
  std::string json = R"({"type": "NFC"})";
  for (int i = 0; i < 5000; ++i)
    json = R"({"type": "Sequence", "normalizers": [)" + json + "]}";
  EXPECT_EQ(frontend::buildTokenizer(normalizer(json)).error,
            "values lie too deep in each other");
  std::string brackets(1000000, '[');
  EXPECT_NE(frontend::buildTokenizer(brackets).error, "");
}

TEST(Builder, RefusesALongRegex) {
  EXPECT_NE(frontend::buildTokenizer(split(std::string(70000, 'a')))
                .error.find("a regular expression of 70000 bytes is too long"),
            std::string::npos);
}

/// Whatever the text, what is built can be used.
TEST(Builder, RandomChangesDoNoHarm) {
  std::vector<std::string> files;
  for (const char *name : {"llama2", "llama3", "bert-uncased", "openai",
                           "wordpiece-added", "han", "prefixed", "words"})
    files.push_back(
        test::readFile(test::fixtures() + "/" + name + ".json").value_or(""));
  const char *pieces[] = {"null", "{}",    "[]",   "-1",    "\"\"",
                          "true", "\"a\"", "[[",   "}",     "1e99",
                          ",",    "\\",    "(?i)", "[^a&&", "\\u0000"};
  std::mt19937 random(3);
  size_t built = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string json = files[random() % files.size()];
    for (unsigned i = random() % 3 + 1; i > 0; --i) {
      // What is not the vocabulary stands at the front.
      size_t place = random() % (random() % 4 ? 1200 : json.size());
      size_t count = random() % 3 ? 1 : random() % 20;
      std::string_view piece = pieces[random() % std::size(pieces)];
      if (random() % 2)
        json[place] = static_cast<char>(random());
      else
        json.replace(place, count, piece);
    }
    frontend::TokenizerBlob blob = frontend::buildTokenizer(json);
    EXPECT_EQ(blob.bytes.empty(), !blob.error.empty());
    if (!blob)
      continue;
    ++built;
    std::string error, text;
    auto tokenizer =
        runtime::Tokenizer::create(blob.bytes.data(), blob.bytes.size(), error);
    ASSERT_TRUE(tokenizer) << error;
    runtime::Encoding encoding;
    tokenizer->encode("Hello w\xc3\xb6rld, <s>the [MASK] 12\xff", true,
                      encoding, error);
    tokenizer->decode(encoding.ids, false, text, error);
  }
  EXPECT_GT(built, 100u);
}

TEST(Builder, WarnsOfDropout) {
  frontend::TokenizerBlob blob = frontend::buildTokenizer(model(
      R"("type": "BPE", "vocab": {"a": 0}, "merges": [], "dropout": 0.1)"));
  EXPECT_TRUE(blob) << blob.error;
  ASSERT_EQ(blob.warnings.size(), 1u);
  EXPECT_NE(blob.warnings[0].find("\"dropout\" is 0.1"), std::string::npos);
}

TEST(Builder, WarnsOfAnotherId) {
  frontend::TokenizerBlob blob = frontend::buildTokenizer(
      withModel(R"("added_tokens": [{"id": 7, "content": "<x>"}])"));
  EXPECT_TRUE(blob) << blob.error;
  ASSERT_EQ(blob.warnings.size(), 1u);
  EXPECT_EQ(blob.warnings[0], "tokenizer: added token \"<x>\" has id 2, not 7 "
                              "as tokenizer.json says");
}

TEST(Builder, GivesTheSameBytes) {
  std::string json = withModel(R"("normalizer": {"type": "NFC"})");
  EXPECT_EQ(frontend::buildTokenizer(json).bytes,
            frontend::buildTokenizer(json).bytes);
}

} // namespace
