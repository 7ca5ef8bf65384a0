//===- Text.cpp - Strings as Python sees them -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Text.h"

#include <algorithm>
#include <utf8proc.h>

using namespace sinter::runtime;
using namespace sinter::runtime::chat;

std::vector<std::string_view> chat::charactersOf(std::string_view text) {
  std::vector<std::string_view> characters;
  for (size_t at = 0; at < text.size();) {
    size_t bytes = decodeCharacter(text, at).bytes;
    characters.push_back(text.substr(at, bytes));
    at += bytes;
  }
  return characters;
}

bool chat::isSpace(char32_t code) {
  if ((code >= 9 && code <= 13) || (code >= 28 && code <= 31) || code == 0x85)
    return true;
  utf8proc_category_t category = utf8proc_category(utf8proc_int32_t(code));
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

bool chat::isLetter(char32_t code) {
  utf8proc_category_t category = utf8proc_category(utf8proc_int32_t(code));
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool chat::isDigit(char32_t code) {
  return utf8proc_category(utf8proc_int32_t(code)) == UTF8PROC_CATEGORY_ND;
}

std::string chat::changeCase(std::string_view text, Case to) {
  std::string out;
  bool inWord = false;
  for (size_t at = 0; at < text.size();) {
    auto [code, bytes] = decodeCharacter(text, at);
    at += bytes;
    auto value = utf8proc_int32_t(code);
    Case now = to == Case::Title && inWord ? Case::Lower : to;
    inWord = isLetter(code);
    // The one of Unicode's special cases that texts have.
    if (code == 0xdf && now == Case::Upper) {
      out += "SS";
      continue;
    }
    appendCharacter(out,
                    char32_t(now == Case::Lower   ? utf8proc_tolower(value)
                             : now == Case::Upper ? utf8proc_toupper(value)
                                                  : utf8proc_totitle(value)));
  }
  return out;
}

std::string chat::capitalized(std::string_view text) {
  if (text.empty())
    return "";
  size_t first = decodeCharacter(text, 0).bytes;
  return changeCase(text.substr(0, first), Case::Title) +
         changeCase(text.substr(first), Case::Lower);
}

std::string_view chat::stripped(std::string_view text, std::string_view set,
                                bool left, bool right) {
  auto goes = [&](std::string_view character) {
    return set.empty() ? isSpace(decodeCharacter(character, 0).code)
                       : set.find(character) != set.npos;
  };
  std::vector<std::string_view> characters = charactersOf(text);
  size_t begin = 0, end = characters.size();
  while (left && begin < end && goes(characters[begin]))
    text.remove_prefix(characters[begin++].size());
  while (right && begin < end && goes(characters[end - 1]))
    text.remove_suffix(characters[--end].size());
  return text;
}

static std::vector<std::string> splitAtSpace(std::string_view text,
                                             int64_t most, bool fromRight) {
  std::vector<std::string> parts;
  text = stripped(text, "", !fromRight, fromRight);
  while (!text.empty()) {
    if (most >= 0 && int64_t(parts.size()) == most) {
      parts.emplace_back(text);
      break;
    }
    std::vector<std::string_view> characters = charactersOf(text);
    size_t bytes = 0, count = characters.size();
    for (size_t i = 0; i < count; ++i) {
      std::string_view c = characters[fromRight ? count - 1 - i : i];
      if (isSpace(decodeCharacter(c, 0).code))
        break;
      bytes += c.size();
    }
    parts.emplace_back(fromRight ? text.substr(text.size() - bytes)
                                 : text.substr(0, bytes));
    text = fromRight ? text.substr(0, text.size() - bytes) : text.substr(bytes);
    text = stripped(text, "", !fromRight, fromRight);
  }
  if (fromRight)
    std::reverse(parts.begin(), parts.end());
  return parts;
}

std::vector<std::string> chat::split(std::string_view text,
                                     const std::string_view *separator,
                                     int64_t most, bool fromRight) {
  if (!separator)
    return splitAtSpace(text, most, fromRight);
  std::vector<std::string> parts;
  while (most < 0 || int64_t(parts.size()) < most) {
    size_t at = fromRight ? text.rfind(*separator) : text.find(*separator);
    if (at == text.npos)
      break;
    size_t behind = at + separator->size();
    parts.emplace_back(fromRight ? text.substr(behind) : text.substr(0, at));
    text = fromRight ? text.substr(0, at) : text.substr(behind);
  }
  parts.emplace_back(text);
  if (fromRight)
    std::reverse(parts.begin(), parts.end());
  return parts;
}

std::string chat::replaced(std::string_view text, std::string_view from,
                           std::string_view to, int64_t most) {
  std::string out;
  size_t at = 0;
  for (int64_t count = 0; most < 0 || count < most; ++count) {
    // Nothing is found before each character, and at the end.
    size_t found = text.find(from, at);
    if (found == text.npos)
      break;
    out += text.substr(at, found - at);
    out += to;
    at = found + from.size();
    if (from.empty()) {
      if (at >= text.size())
        return out;
      size_t bytes = decodeCharacter(text, at).bytes;
      out += text.substr(at, bytes);
      at += bytes;
    }
  }
  return out + std::string(text.substr(at));
}
