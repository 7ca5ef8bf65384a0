//===- Lexer.cpp - Words of a chat template -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Lexer.h"
#include "runtime/chat/Text.h"

#include <algorithm>
#include <charconv>

using namespace sinter::runtime;
using namespace sinter::runtime::chat;

namespace {

bool isNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (c & 0x80);
}
bool isNumeral(char c) { return c >= '0' && c <= '9'; }
bool isWhite(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 28 && c <= 31);
}

class Lexer {
public:
  explicit Lexer(std::string_view text) : text(text) {
    // One newline at the end is the editor's.
    if (!this->text.empty() && this->text.back() == '\n')
      this->text.remove_suffix(1);
  }

  std::vector<Token> read() {
    while (at < text.size())
      readText();
    add(Token::End, text.size());
    return std::move(tokens);
  }

private:
  [[noreturn]] void fail(const std::string &message, size_t place) const {
    throw TemplateError(message, place);
  }
  void add(Token::Kind kind, size_t place, std::string content = {}) {
    tokens.push_back({kind, place, std::move(content), {}});
  }
  bool starts(std::string_view word) const {
    return text.substr(at, word.size()) == word;
  }

  /// Text up to the next tag, and the tag.
  void readText() {
    size_t tag = at;
    while (true) {
      tag = text.find('{', tag);
      if (tag == text.npos || tag + 1 >= text.size()) {
        tag = text.size();
        break;
      }
      if (text[tag + 1] == '{' || text[tag + 1] == '%' || text[tag + 1] == '#')
        break;
      ++tag;
    }
    addText(at, tag);
    at = tag;
    if (at >= text.size())
      return;
    size_t begin = at;
    char kind = text[at + 1];
    at += 2;
    if (at < text.size() && (text[at] == '-' || text[at] == '+'))
      ++at;
    if (kind == '#')
      readComment(begin);
    else if (kind == '%' && isRaw())
      readRaw(begin);
    else
      readTag(begin, kind == '{');
  }

  /// What `begin` to `tag` leaves of itself before the tag that follows.
  void addText(size_t begin, size_t tag) {
    std::string_view content = text.substr(begin, tag - begin);
    char sign = tag + 2 < text.size() ? text[tag + 2] : ' ';
    if (tag < text.size() && sign == '-') {
      while (!content.empty() && isWhite(content.back()))
        content.remove_suffix(1);
    } else if (tag < text.size() && sign != '+' && text[tag + 1] != '{') {
      size_t line = content.rfind('\n') + 1;
      bool isAlone =
          (line > 0 || atLineStart) &&
          std::all_of(content.begin() + line, content.end(), isWhite);
      if (isAlone)
        content = content.substr(0, line);
    }
    if (!content.empty())
      add(Token::Text, begin, std::string(content));
  }

  /// Behind a tag: `-` takes all white space, a block's end one newline.
  void finishTag(char sign, bool takesLine) {
    size_t begin = at;
    if (sign == '-')
      while (at < text.size() && isWhite(text[at]))
        ++at;
    else if (takesLine && sign != '+' && at < text.size() && text[at] == '\n')
      ++at;
    atLineStart = at > begin && text[at - 1] == '\n';
  }

  void readComment(size_t begin) {
    // "{#-#}" is whole: its sign ends it, too.
    size_t end = text.find("#}", std::max(begin + 2, at - 1));
    if (end == text.npos)
      fail("this comment does not end", begin);
    char sign = text[end - 1];
    at = end + 2;
    finishTag(sign == '-' || sign == '+' ? sign : ' ', true);
  }

  bool isRaw() {
    size_t place = skipped(at);
    if (text.substr(place, 3) != "raw")
      return false;
    place = skipped(place + 3);
    if (place < text.size() && (text[place] == '-' || text[place] == '+'))
      ++place;
    return text.substr(place, 2) == "%}";
  }
  size_t skipped(size_t place) const {
    while (place < text.size() && isWhite(text[place]))
      ++place;
    return place;
  }

  void readRaw(size_t begin) {
    size_t end = text.find("%}", at);
    char sign = text[end - 1];
    at = end + 2;
    finishTag(sign == '-' ? '-' : '+', false);
    size_t first = at;
    for (size_t tag = at; (tag = text.find("{%", tag)) != text.npos; tag += 2) {
      size_t place = tag + 2;
      if (place < text.size() && (text[place] == '-' || text[place] == '+'))
        ++place;
      place = skipped(place);
      if (text.substr(place, 6) != "endraw")
        continue;
      place = skipped(place + 6);
      char last = place < text.size() ? text[place] : ' ';
      if (last == '-' || last == '+')
        ++place;
      if (text.substr(place, 2) != "%}")
        continue;
      addText(first, tag);
      at = place + 2;
      finishTag(last == '-' || last == '+' ? last : ' ', true);
      return;
    }
    fail("this raw block does not end", begin);
  }

  void readTag(size_t begin, bool isOutput) {
    add(isOutput ? Token::OutputBegin : Token::BlockBegin, begin);
    std::string_view end = isOutput ? "}}" : "%}";
    open.clear();
    while (true) {
      at = skipped(at);
      if (at >= text.size())
        fail(isOutput ? "this {{ has no }}" : "this {% has no %}", begin);
      if (open.empty()) {
        char sign = text[at];
        bool isSigned = (sign == '-' || (sign == '+' && !isOutput)) &&
                        text.substr(at + 1, 2) == end;
        if (isSigned || starts(end)) {
          add(isOutput ? Token::OutputEnd : Token::BlockEnd, at);
          at += isSigned ? 3 : 2;
          finishTag(isSigned ? sign : ' ', !isOutput);
          return;
        }
      }
      readWord();
    }
  }

  void readWord() {
    size_t begin = at;
    char c = text[at];
    if (isNameStart(c)) {
      while (at < text.size() && (isNameStart(text[at]) || isNumeral(text[at])))
        ++at;
      add(Token::Name, begin, std::string(text.substr(begin, at - begin)));
    } else if (isNumeral(c)) {
      readNumber();
    } else if (c == '\'' || c == '"') {
      readString();
    } else {
      readOperator();
    }
  }

  void readOperator() {
    static constexpr std::string_view operators[] = {
        "**", "//", "==", "!=", "<=", ">=", "<", ">", "=", "+", "-", "*", "/",
        "%",  "~",  "(",  ")",  "[",  "]",  "{", "}", ".", ",", ":", "|", ";"};
    for (std::string_view word : operators) {
      if (!starts(word))
        continue;
      if (std::string_view("([{").find(word) != word.npos)
        open.push_back(word[0] == '(' ? ')' : word[0] == '[' ? ']' : '}');
      if (std::string_view(")]}").find(word) != word.npos) {
        if (open.empty() || open.back() != word[0])
          fail("this '" + std::string(word) + "' closes nothing", at);
        open.pop_back();
      }
      add(Token::Operator, at, std::string(word));
      at += word.size();
      return;
    }
    fail("'" + std::string(text.substr(at, decodeCharacter(text, at).bytes)) +
             "' has no meaning here",
         at);
  }

  void readNumber() {
    size_t begin = at;
    std::string digits;
    int base = 10;
    if (text[at] == '0' && at + 1 < text.size()) {
      char kind = char(text[at + 1] | 0x20);
      base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
      at += base == 10 ? 0 : 2;
    }
    auto take = [&] {
      while (
          at < text.size() &&
          (isNumeral(text[at]) || text[at] == '_' ||
           (base == 16 && std::isxdigit(static_cast<unsigned char>(text[at])))))
        if (char c = text[at++]; c != '_')
          digits += c;
    };
    take();
    bool isReal = false;
    if (base == 10 && at + 1 < text.size() && text[at] == '.' &&
        isNumeral(text[at + 1])) {
      isReal = true;
      digits += text[at++];
      take();
    }
    if (base == 10 && at < text.size() && (text[at] | 0x20) == 'e') {
      size_t after = at + 1;
      if (after < text.size() && (text[after] == '+' || text[after] == '-'))
        ++after;
      if (after < text.size() && isNumeral(text[after])) {
        isReal = true;
        digits += text.substr(at, after - at);
        at = after;
        take();
      }
    }
    int64_t whole = 0;
    double real = 0;
    const char *end = digits.data() + digits.size();
    auto result = isReal ? std::from_chars(digits.data(), end, real)
                         : std::from_chars(digits.data(), end, whole, base);
    if (result.ec != std::errc() || result.ptr != end)
      fail("this is no number that a template can compute with", begin);
    tokens.push_back(
        {Token::Literal, begin, {}, isReal ? Value(real) : Value(whole)});
  }

  void readString() {
    size_t begin = at;
    char quote = text[at++];
    std::string content;
    while (true) {
      if (at >= text.size())
        fail("this string does not end", begin);
      char c = text[at++];
      if (c == quote)
        break;
      if (c != '\\' || at >= text.size()) {
        content += c;
        continue;
      }
      readEscape(content);
    }
    tokens.push_back({Token::Literal, begin, {}, Value(content)});
  }

  /// As in Python; an unknown escape stands for itself.
  void readEscape(std::string &content) {
    static constexpr std::string_view names = "\\'\"abfnrtv",
                                      meant = "\\'\"\a\b\f\n\r\t\v";
    char c = text[at++];
    if (size_t found = names.find(c); found != names.npos) {
      content += meant[found];
      return;
    }
    if (c == '\n')
      return;
    size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    int base = 16;
    if (c >= '0' && c <= '7') {
      --at;
      base = 8;
      while (digits < 3 && at + digits < text.size() &&
             text[at + digits] >= '0' && text[at + digits] <= '7')
        ++digits;
    }
    if (digits == 0) {
      content += '\\';
      content += c;
      return;
    }
    uint32_t code = 0;
    std::string_view word = text.substr(at, digits);
    auto [end, error] =
        std::from_chars(word.data(), word.data() + word.size(), code, base);
    if (word.size() < digits || error != std::errc() ||
        end != word.data() + digits || code > 0x10ffff ||
        (code >= 0xd800 && code < 0xe000))
      fail("this escape is no character", at - 1);
    appendCharacter(content, code);
    at += digits;
  }

  std::string_view text;
  size_t at = 0;
  /// Whether what comes begins a line, as far as the text before it was taken.
  bool atLineStart = true;
  std::vector<Token> tokens;
  std::vector<char> open; ///< the brackets that close what is open
};

} // namespace

std::vector<Token> sinter::runtime::chat::readTokens(std::string_view text) {
  return Lexer(text).read();
}
