//===- OptionsTest.cpp - What the command line says -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Options.h"
#include "runtime/main/Output.h"

#include <gtest/gtest.h>

using namespace sinter::runtime;

namespace {

std::string complaint(const std::vector<std::string> &arguments,
                      sinter_model_head head = SINTER_MODEL_NEXT_TOKEN) {
  try {
    parseOptions(arguments, head);
  } catch (const UsageError &error) {
    return error.what();
  }
  return "";
}

TEST(Options, ValuesInEveryForm) {
  Options options = parseOptions({"a text", "-n", "5", "--top-k=40", "--seed",
                                  "9", "--temperature", "0.8", "--json"},
                                 SINTER_MODEL_NEXT_TOKEN);
  EXPECT_EQ(options.texts, std::vector<std::string>{"a text"});
  EXPECT_EQ(options.tokens, 5);
  EXPECT_EQ(options.topK, 40);
  EXPECT_EQ(options.seed, 9);
  EXPECT_EQ(options.temperature, 0.8);
  EXPECT_TRUE(options.json);
  EXPECT_FALSE(options.topP);
  EXPECT_EQ(parseOptions({"-n12"}, SINTER_MODEL_NEXT_TOKEN).tokens, 12);
  EXPECT_EQ(parseOptions({"--tokens=3"}, SINTER_MODEL_NEXT_TOKEN).tokens, 3);
}

TEST(Options, DashAndWhatFollowsTwoDashesAreTexts) {
  EXPECT_EQ(parseOptions({"-"}, SINTER_MODEL_NEXT_TOKEN).texts,
            std::vector<std::string>{"-"});
  EXPECT_EQ(parseOptions({"--", "--json"}, SINTER_MODEL_NEXT_TOKEN).texts,
            std::vector<std::string>{"--json"});
  EXPECT_EQ(parseOptions({""}, SINTER_MODEL_NEXT_TOKEN).texts,
            std::vector<std::string>{""});
}

TEST(Options, RepeatedOnesAreKept) {
  Options options = parseOptions({"--ids", "1,2", "--ids=3", "--stop", "."},
                                 SINTER_MODEL_NEXT_TOKEN);
  EXPECT_EQ(options.ids, (std::vector<std::string>{"1,2", "3"}));
  EXPECT_EQ(options.stop, std::vector<std::string>{"."});
}

TEST(Options, MistakesGetOneClearMessage) {
  EXPECT_EQ(complaint({"--temperatur", "1"}),
            "unknown option --temperatur; did you mean --temperature?");
  EXPECT_EQ(complaint({"--max-tokens", "1"}),
            "unknown option --max-tokens; did you mean --tokens?");
  EXPECT_EQ(complaint({"--num-beams", "1"}, SINTER_MODEL_ENCODER_DECODER),
            "unknown option --num-beams; did you mean --beam?");
  EXPECT_EQ(complaint({"--zzzzzzzzzzzz"}),
            "unknown option --zzzzzzzzzzzz; see --help");
  EXPECT_EQ(complaint({"-q"}), "unknown option -q; see --help");
  EXPECT_EQ(complaint({"--beam", "4"}),
            "--beam is not for this model: it continues text");
  EXPECT_EQ(complaint({"-n", "4"}, SINTER_MODEL_MASKED_TOKEN),
            "-n is not for this model: it fills masks");
  EXPECT_EQ(complaint({"-n"}), "-n needs a value: N");
  EXPECT_EQ(complaint({"--tokens"}), "--tokens needs a value: N");
  EXPECT_EQ(complaint({"--json=yes"}), "--json takes no value");
  EXPECT_EQ(complaint({"-n", "many"}),
            "--tokens: 'many' is not a whole number");
  EXPECT_EQ(complaint({"-n", "5x"}), "--tokens: '5x' is not a whole number");
  EXPECT_EQ(complaint({"-n", ""}), "--tokens: '' is not a whole number");
  EXPECT_EQ(complaint({"-n", "0"}),
            "--tokens: 0 is out of range, expected 1 or more");
  EXPECT_EQ(complaint({"-n", "99999999999999999999"}),
            "--tokens: 99999999999999999999 is out of range, expected 1 or "
            "more");
  EXPECT_EQ(complaint({"--threads", "2000"}),
            "--threads: 2000 is out of range, expected 1 to 1024");
  EXPECT_EQ(complaint({"--temperature", "warm"}),
            "--temperature: 'warm' is not a number");
  EXPECT_EQ(complaint({"--temperature", "nan"}),
            "--temperature: 'nan' is not a number");
}

TEST(Options, TopKMeansWhatTheModelDoes) {
  EXPECT_EQ(parseOptions({"--top-k", "0"}, SINTER_MODEL_NEXT_TOKEN).topK, 0);
  EXPECT_EQ(complaint({"--top-k", "0"}, SINTER_MODEL_MASKED_TOKEN),
            "--top-k: 0 is out of range, expected 1 or more");
}

TEST(Options, HelpAndCompletionNameEveryOption) {
  for (auto head : {SINTER_MODEL_NEXT_TOKEN, SINTER_MODEL_MASKED_TOKEN,
                    SINTER_MODEL_ENCODER_DECODER, SINTER_MODEL_HIDDEN}) {
    std::string help = helpText("./model", "model", head, true);
    std::string script = completionScript("model", head);
    for (size_t start = script.find("--"); start != std::string::npos;
         start = script.find("--", start + 2)) {
      std::string name =
          script.substr(start, script.find_first_of(" \"", start) - start);
      EXPECT_NE(help.find(name), std::string::npos) << name;
    }
    EXPECT_NE(script.find("--threads"), std::string::npos);
    for (size_t line = 0; line < help.size();) {
      size_t end = help.find('\n', line);
      EXPECT_LE(end - line, 80u) << help.substr(line, end - line);
      line = end + 1;
    }
  }
}

TEST(ParseIds, TakesListsAndNamesWhatIsNone) {
  EXPECT_EQ(parseIds("1,5,7", "--ids"), (std::vector<int32_t>{1, 5, 7}));
  EXPECT_EQ(parseIds(" 1, 5 ", "--ids"), (std::vector<int32_t>{1, 5}));
  for (const char *wrong : {"", "1,,2", "1,", "x", "1 2", "1.5", "-1",
                            "2147483648", "99999999999999999999"})
    EXPECT_THROW(parseIds(wrong, "--ids"), UsageError) << wrong;
}

TEST(Json, EscapesWhatItMust) {
  EXPECT_EQ(jsonString("a\"b\\c\n\t\x01\x7f\u00e9"),
            "\"a\\\"b\\\\c\\n\\t\\u0001\\u007f\u00e9\"");
}

} // namespace
