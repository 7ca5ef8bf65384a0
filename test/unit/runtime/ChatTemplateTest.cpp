//===- ChatTemplateTest.cpp - Chat templates against transformers -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Template.h"

#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <random>

using namespace sinter::runtime::chat;

namespace {

const std::string fixtures = std::string(SINTER_FIXTURES) + "/chat/";

std::string readFile(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

const Value &member(const Value &dict, const char *name) {
  return *dict.dict().find(name);
}

/// What a template writes, or the message of its error.
std::string result(const std::string &text, const Dict &names) {
  try {
    return Template(text).render(names);
  } catch (const TemplateError &error) {
    return Template::explain(text, error, "t");
  }
}

bool refuses(const std::string &text, const Dict &names) {
  try {
    Template(text).render(names);
    return false;
  } catch (const TemplateError &error) {
    EXPECT_NE(error.place, TemplateError::unknown) << text;
    EXPECT_FALSE(error.text.empty());
    return true;
  }
}

} // namespace

TEST(ChatTemplate, Language) {
  Value file = parseJson(readFile(fixtures + "language.json"));
  const Dict names = member(file, "names").dict();
  for (const Value &each : member(file, "cases").list()) {
    const std::string &text = member(each, "template").string();
    EXPECT_EQ(result(text, names), member(each, "expected").string()) << text;
  }
  for (const Value &text : member(file, "refused").list())
    EXPECT_TRUE(refuses(text.string(), names)) << text.string();
}

TEST(ChatTemplate, Conversations) {
  Value file = parseJson(readFile(fixtures + "conversations.json"));
  int written = 0, refused = 0;
  for (const Value &each : member(file, "results").list()) {
    const std::string &name = member(each, "template").string();
    const std::string &title = member(each, "conversation").string();
    Dict names = member(file, "names").dict();
    const Value &conversation =
        member(member(file, "conversations"), title.c_str());
    for (const auto &[key, value] : conversation.dict().entries)
      names.set(key, value);
    const std::string text = readFile(fixtures + name + ".jinja");
    const Value &expected = member(each, "expected");
    if (expected.isNone()) {
      EXPECT_TRUE(refuses(text, names)) << name << ": " << title;
      ++refused;
    } else {
      EXPECT_EQ(result(text, names), expected.string())
          << name << ": " << title;
      ++written;
    }
  }
  EXPECT_GT(written, 100);
  EXPECT_GT(refused, 20);
}

TEST(ChatTemplate, Messages) {
  EXPECT_EQ(result("a\n{{ b | trimm }}", {}),
            "t:2:8: error: there is no filter 'trimm'\n{{ b | trimm }}\n"
            "       ^");
  EXPECT_EQ(result("{% if x %}\nabc", {}),
            "t:1:4: error: this if has no 'endif'\n{% if x %}\n   ^");
  EXPECT_EQ(result("é{{ messages.x.y }}", {}),
            "t:1:13: error: 'messages' is undefined, so it has no 'x'\n"
            "é{{ messages.x.y }}\n            ^");
  EXPECT_EQ(result("{{ raise_exception('Roles must alternate') }}", {}),
            "t:1:19: error: Roles must alternate\n"
            "{{ raise_exception('Roles must alternate') }}\n"
            "                  ^");
  EXPECT_EQ(
      result(std::string(100, 'x') + "{{ 1 + }}" + std::string(100, 'y'), {}),
      "t:1:108: error: a value was expected, but the output ends here\n"
      "..." +
          std::string(53, 'x') + "{{ 1 + }}" + std::string(38, 'y') + "...\n" +
          std::string(63, ' ') + "^");
}

TEST(ChatTemplate, Bounds) {
  auto says = [](const std::string &text, const char *part) {
    EXPECT_NE(result(text, {}).find(part), std::string::npos)
        << result(text, {});
  };
  says("{% for i in range(100000) %}{% for j in range(100000) %}"
       "{% endfor %}{% endfor %}",
       "steps");
  says("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "too deep");
  says("{{ 'x' * 100000000 }}", "too long");
  says("{% set s = 'x' * 1000000 %}{% for i in range(1000) %}{{ s }}"
       "{% endfor %}",
       "64 MiB");
  says("{{ " + std::string(10000, '(') + "1" + std::string(10000, ')') + " }}",
       "too deep");
  says("{{ " + std::string(10000, '-') + "1 }}", "too deep");
  std::string blocks;
  for (int i = 0; i < 1000; ++i)
    blocks += "{% if true %}";
  says(blocks, "too deep");
  says("{{ strftime_now(5) }}", "format");
  EXPECT_EQ(result("{{ strftime_now('%Y') | length }}", {}), "4");
  // A macro that outlives its loop.
  EXPECT_EQ(
      result("{% set ns = namespace() %}{% for i in [1, 2] %}{% macro m() "
             "%}{{ i }}{% endmacro %}{% set ns.m = m %}{% endfor %}"
             "{{ ns.m() }}",
             {}),
      "2");
}

/// Templates that no one would write: a text or a message, never a crash.
TEST(ChatTemplate, ChangedAnywhere) {
  Value file = parseJson(readFile(fixtures + "language.json"));
  const Dict names = member(file, "names").dict();
  std::vector<std::string> texts;
  for (const Value &each : member(file, "cases").list())
    texts.push_back(member(each, "template").string());
  for (const char *name : {"llama31", "qwen3", "macros", "mistral-tools"})
    texts.push_back(readFile(fixtures + name + ".jinja"));
  std::mt19937_64 random(3);
  for (int i = 0; i < 3000; ++i) {
    std::string text = texts[random() % texts.size()];
    for (int count = 1 + int(random() % 3); count > 0; --count) {
      static constexpr char pieces[] = "{}%#()[]|.,:'\"-+*/~=<>!x1 \n\\";
      const size_t at = random() % text.size();
      switch (random() % 3) {
      case 0:
        text[at] = pieces[random() % (sizeof pieces - 1)];
        break;
      case 1:
        text.erase(at, 1 + random() % 5);
        break;
      case 2:
        text.insert(at, texts[random() % texts.size()].substr(0, 20));
        break;
      }
      if (text.empty())
        text = "x";
    }
    result(text, names);
  }
}

TEST(ChatTemplate, Json) {
  auto again = [](const std::string &text) {
    try {
      return toJson(parseJson(text), {});
    } catch (const TemplateError &error) {
      return std::string(error.what());
    }
  };
  EXPECT_EQ(
      again(R"( {"a" : [1, -2.5e3, "é\u00e9\ud83d\ude42\n", true, null]} )"),
      R"({"a": [1, -2500.0, "éé🙂\n", true, null]})");
  for (const char *bad :
       {"", "{", "[1,", "[1 2]", "{\"a\"}", "{a: 1}", "nul", "01x", "\"abc",
        "\"\\x\"", "\"\\ud800\"", "-", "1.2.3", "[] []", "\"\n\"", "{\"a\":}"})
    EXPECT_NE(again(bad).find("of the JSON: "), std::string::npos) << bad;
  EXPECT_NE(again(std::string(100000, '[')).find("too deep"),
            std::string::npos);
}
