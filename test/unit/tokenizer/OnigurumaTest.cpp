//===- OnigurumaTest.cpp - Oniguruma's regular expressions ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tokenizer/Oniguruma.h"
#include "runtime/tokenizer/Regex.h"

#include <gtest/gtest.h>

using namespace sinter;

namespace {

/// How the translated pattern cuts: each match in brackets.
std::string cut(const std::string &pattern, const std::string &text) {
  std::string translated, error;
  EXPECT_TRUE(frontend::translateOniguruma(pattern, translated, error))
      << error;
  auto regex = runtime::Regex::compile(translated, error);
  EXPECT_TRUE(regex) << error;
  std::vector<runtime::Span> matches;
  if (!regex || !regex->findAll(text, matches, error))
    return error;
  std::string result;
  size_t last = 0;
  for (const runtime::Span &match : matches) {
    result += text.substr(last, match.begin - last) + "[" +
              text.substr(match.begin, match.end - match.begin) + "]";
    last = match.end;
  }
  return result + text.substr(last);
}

TEST(Oniguruma, LinesAndDots) {
  EXPECT_EQ(cut("^a", "a\na"), "[a]\n[a]");
  EXPECT_EQ(cut("a$", "a\na\n"), "[a]\n[a]\n");
  EXPECT_EQ(cut("a.b", "a\nb"), "a\nb");
  EXPECT_EQ(cut("(?m)a.b", "a\nb"), "[a\nb]");
  EXPECT_EQ(cut("(?m:a.)b", "a\nb"), "[a\nb]");
}

TEST(Oniguruma, OptionsReachToTheEndOfTheirGroup) {
  EXPECT_EQ(cut("a(?i)b|c", "aB C aC ac"), "[aB] C [aC] [ac]");
  EXPECT_EQ(cut("(?:a(?i)b)c", "aBc aBC"), "[aBc] aBC");
  EXPECT_EQ(cut("(?i-m:a)b", "Ab AB"), "[Ab] AB");
}

TEST(Oniguruma, Repetitions) {
  EXPECT_EQ(cut("a{,2}b", "aaab"), "a[aab]");
  EXPECT_EQ(cut("xa{2}?", "xaa xa"), "[xaa] [x]a");
  EXPECT_EQ(cut("a{1,2}+b", "aaaab"), "[aaaab]");
  EXPECT_EQ(cut("a{1,2}?b", "aab"), "[aab]");
  EXPECT_EQ(cut("a++a", "aaa"), "aaa");
  EXPECT_EQ(cut("(?:ab)*+a", "ababa"), "[ababa]");
  EXPECT_EQ(cut("a**b", "aab"), "[aab]");
  EXPECT_EQ(cut("a{b", "a{b"), "[a{b]");
  EXPECT_EQ(cut("(a|bc){2}", "abca"), "[abc]a");
}

TEST(Oniguruma, Classes) {
  EXPECT_EQ(cut("[a-z&&[^aeiou]]+", "hello"), "[h]e[ll]o");
  EXPECT_EQ(cut("[^a-c[x-z]]+", "abdxe"), "ab[d]x[e]");
  EXPECT_EQ(cut("[]a]", "]a"), "[]][a]");
  EXPECT_EQ(cut("[a\\]^-]", "]^-"), "[]][^][-]");
  EXPECT_EQ(cut("[[:upper:]]", "aB"), "a[B]");
  EXPECT_EQ(cut("[[:^upper:]]", "aB"), "[a]B");
  EXPECT_EQ(cut("[\\S&&\\W]+", "a, b!"), "a[,] b[!]");
  EXPECT_EQ(cut("[\\u0041\\x42\\x{43}]+", "ABCD"), "[ABC]D");
  EXPECT_EQ(cut("[\\b]", "a\bc"), "a[\b]c");
}

TEST(Oniguruma, Characters) {
  EXPECT_EQ(cut("\\h+", "xfF9g"), "x[fF9]g");
  EXPECT_EQ(cut("\\H+", "xfF9g"), "[x]fF9[g]");
  EXPECT_EQ(cut("\\v", "\n\v"), "\n[\v]");
  EXPECT_EQ(cut("\\w+", "a\xcc\x81_1-"), "[a\xcc\x81_1]-");
  EXPECT_EQ(cut("\\bb", "ab b"), "ab [b]");
  EXPECT_EQ(cut("\\Bb", "ab b"), "a[b] b");
  EXPECT_EQ(cut("\\s", "a\xc2\x85 \xe1\xa0\x8e"), "a[\xc2\x85][ ]\xe1\xa0\x8e");
  EXPECT_EQ(cut("\\O", "\n"), "[\n]");
  EXPECT_EQ(cut("(a)\\1", "aab"), "[aa]b");
  EXPECT_EQ(cut("(?<n>a)\\k<n>", "aab"), "[aa]b");
  EXPECT_EQ(cut("a(?#a comment)b", "ab"), "[ab]");
}

TEST(Oniguruma, Properties) {
  EXPECT_EQ(cut("\\p{Han}+", "a\xe6\x97\xa5"), "a[\xe6\x97\xa5]");
  EXPECT_EQ(cut("\\p{^L}", "a1"), "a[1]");
  EXPECT_EQ(cut("\\P{Lowercase_Letter}", "aB"), "a[B]");
  // U+1C89 and U+2EBF0 are letters since Unicode 16 and 15.1.
  EXPECT_EQ(cut("\\p{L}+", "\xe1\xb2\x89\xf0\xae\xaf\xb0"),
            "[\xe1\xb2\x89\xf0\xae\xaf\xb0]");
  EXPECT_EQ(cut("[^\\p{L}]+", "\xe1\xb2\x89-"), "\xe1\xb2\x89[-]");
}

TEST(Oniguruma, EmptyMatchesDoNotTouchTheOneBefore) {
  EXPECT_EQ(cut("x*", "axb"), "[]a[x]b[]");
  EXPECT_EQ(cut("", "\xc3\xa9z"), "[]\xc3\xa9[]z[]");
}

TEST(Oniguruma, Refuses) {
  auto messageFor = [](std::string_view pattern) {
    std::string translated, error;
    EXPECT_FALSE(frontend::translateOniguruma(pattern, translated, error));
    return error;
  };
  EXPECT_EQ(messageFor("a)"), "the regular expression a): a group is closed "
                              "that is not open (at byte 1)");
  EXPECT_EQ(messageFor("(?~a)"), "the regular expression (?~a): this kind of "
                                 "group is not supported (at byte 0)");
  EXPECT_EQ(messageFor("\\g<a>"), "the regular expression \\g<a>: this escape "
                                  "is not supported (at byte 0)");
  EXPECT_EQ(messageFor("a\\"), "the regular expression a\\: this escape is not "
                               "supported (at byte 1)");
  EXPECT_EQ(messageFor("[[:foo:]]"), "the regular expression [[:foo:]]: this "
                                     "bracket is not known (at byte 1)");
  EXPECT_EQ(messageFor("a{100000}"), "the regular expression a{100000}: a "
                                     "repetition is too large (at byte 9)");
  std::string deep(100, '[');
  EXPECT_NE(messageFor(deep).find("classes lie too deep"), std::string::npos);
}

TEST(Regex, GivesUpWithAMessage) {
  std::string error;
  auto regex = runtime::Regex::compile("(a+)+[bc]", error);
  ASSERT_TRUE(regex);
  std::vector<runtime::Span> matches;
  EXPECT_FALSE(regex->findAll(std::string(40, 'a'), matches, error));
  EXPECT_EQ(error, "tokenizer: a regular expression gave up on the text: "
                   "match limit exceeded");
}

} // namespace
