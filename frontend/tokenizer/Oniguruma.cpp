//===- Oniguruma.cpp - Oniguruma's regular expressions --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tokenizer/Oniguruma.h"

#include "frontend/tokenizer/OnigurumaProperties.h"

#include <cctype>
#include <optional>
#include <vector>

namespace sinter::frontend {

namespace {

bool isDigit(char character) { return character >= '0' && character <= '9'; }

class Translator {
public:
  Translator(std::string_view pattern, std::string &out, std::string &error)
      : pattern(pattern), out(out), error(error) {}

  bool run() {
    if (pattern.size() > 65536) {
      error = "a regular expression of " + std::to_string(pattern.size()) +
              " bytes is too long";
      return false;
    }
    groups.push_back({0, 0});
    while (at < pattern.size())
      if (!translateNext())
        return false;
    if (groups.size() != 1)
      return fail("a group is not closed");
    out.append(groups.back().openOptions, ')');
    return true;
  }

private:
  struct Group {
    size_t start;       ///< of its text in `out`
    size_t openOptions; ///< groups that stand for (?i) up to its end
  };

  bool fail(const std::string &what) {
    error = "the regular expression " + std::string(pattern) + ": " + what +
            " (at byte " + std::to_string(at) + ")";
    return false;
  }
  bool isNext(std::string_view text) const {
    return pattern.substr(at, text.size()) == text;
  }
  char peek(size_t ahead = 0) const {
    return at + ahead < pattern.size() ? pattern[at + ahead] : '\0';
  }

  /// Appends something that a quantifier may follow.
  void atom(std::string_view text) {
    atomStart = out.size();
    isQuantified = false;
    out += text;
  }

  bool translateNext() {
    char next = peek();
    switch (next) {
    case '\\':
      return translateEscape();
    case '[': {
      std::string text;
      if (!translateClass(text, 0))
        return false;
      atom(text);
      return true;
    }
    case '(':
      return translateGroup();
    case ')': {
      if (groups.size() == 1)
        return fail("a group is closed that is not open");
      Group group = groups.back();
      groups.pop_back();
      out.append(group.openOptions + 1, ')');
      atomStart = group.start;
      isQuantified = false;
      ++at;
      return true;
    }
    case '|':
      out += '|';
      atomStart = noAtom;
      ++at;
      return true;
    case '*':
    case '+':
    case '?':
      ++at;
      return quantify(std::string(1, next), true);
    case '{':
      return translateInterval();
    default:
      break;
    }
    size_t bytes = 1;
    while (at + bytes < pattern.size() && (pattern[at + bytes] & 0xc0) == 0x80)
      ++bytes;
    atom(pattern.substr(at, bytes));
    at += bytes;
    return true;
  }

  /// Puts the quantifier behind the last atom, with a "?" or "+" that follows.
  bool quantify(std::string text, bool takesMode) {
    if (atomStart == noAtom)
      return fail("there is nothing to repeat");
    if (isQuantified) {
      out.insert(atomStart, "(?:");
      out += ')';
    }
    if (takesMode && (peek() == '?' || peek() == '+'))
      text += pattern[at++];
    out += text;
    isQuantified = true;
    return true;
  }

  bool translateInterval() {
    size_t i = at + 1;
    auto digits = [&] {
      size_t start = i;
      while (i < pattern.size() && isDigit(pattern[i]))
        ++i;
      return std::string(pattern.substr(start, i - start));
    };
    std::string low = digits();
    bool hasComma = i < pattern.size() && pattern[i] == ',';
    std::string high;
    if (hasComma) {
      ++i;
      high = digits();
    }
    bool isInterval = i < pattern.size() && pattern[i] == '}' &&
                      (!low.empty() || !high.empty());
    if (!isInterval) {
      atom("\\{");
      ++at;
      return true;
    }
    at = i + 1;
    if (low.empty())
      low = "0";
    if (low.size() > 5 || high.size() > 5)
      return fail("a repetition is too large");
    if (!hasComma)
      return quantify("{" + low + "}", false);
    std::string text = "{" + low + "," + high + "}";
    // A "+" behind repeats it once more; only "?" changes how it matches.
    if (peek() == '?') {
      ++at;
      text += '?';
    }
    return quantify(text, false);
  }

  bool translateGroup() {
    size_t start = out.size();
    auto open = [&](std::string_view read, std::string_view written) {
      at += read.size();
      out += written;
      groups.push_back({start, 0});
      atomStart = noAtom;
      return true;
    };
    if (!isNext("(?"))
      return open("(", "(");
    for (std::string_view form : {"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"})
      if (isNext(form))
        return open(form, form);
    if (isNext("(?#")) {
      size_t end = pattern.find(')', at);
      if (end == std::string_view::npos)
        return fail("a comment is not closed");
      at = end + 1;
      return true;
    }
    if (isNext("(?<") || isNext("(?'"))
      return translateNamedGroup(start);

    // Options: (?i) and (?i:...).
    size_t i = at + 2;
    std::string options;
    for (; i < pattern.size() && pattern[i] != ')' && pattern[i] != ':'; ++i) {
      if (pattern[i] == 'i' || pattern[i] == '-')
        options += pattern[i];
      else if (pattern[i] == 'm')
        options += 's';
      else
        return fail("this kind of group is not supported");
    }
    if (i == pattern.size())
      return fail("a group is not closed");
    std::string written = "(?" + options + ":";
    if (pattern[i] == ':')
      return open(pattern.substr(at, i + 1 - at), written);
    at = i + 1;
    out += written;
    ++groups.back().openOptions;
    atomStart = noAtom;
    return true;
  }

  bool translateNamedGroup(size_t start) {
    char close = pattern[at + 2] == '<' ? '>' : '\'';
    size_t end = pattern.find(close, at + 3);
    if (end == std::string_view::npos || end == at + 3)
      return fail("a group has no name");
    out += "(?<";
    out += pattern.substr(at + 3, end - at - 3);
    out += '>';
    at = end + 1;
    groups.push_back({start, 0});
    atomStart = noAtom;
    return true;
  }

  /// Contents of a class for an escape that stands for several characters;
  /// nothing if it does not. Leaves `at` behind it.
  std::optional<std::string> translateSet(bool &isNegated) {
    char kind = peek(1);
    isNegated = std::isupper(static_cast<unsigned char>(kind));
    switch (kind) {
    case 'w':
    case 'W':
      at += 2;
      return propertyCharacters("word");
    case 's':
    case 'S':
      at += 2;
      return propertyCharacters("space");
    case 'd':
    case 'D':
      at += 2;
      return propertyCharacters("Nd");
    case 'h':
    case 'H':
      at += 2;
      return "0-9A-Fa-f";
    case 'p':
    case 'P':
      break;
    default:
      return std::nullopt;
    }
    size_t end = pattern.find('}', at);
    if (peek(2) != '{' || end == std::string_view::npos)
      return std::nullopt;
    std::string_view name = pattern.substr(at + 3, end - at - 3);
    at = end + 1;
    if (name.starts_with('^')) {
      isNegated = !isNegated;
      name.remove_prefix(1);
    }
    return propertyCharacters(name);
  }

  /// A character that is written as an escape, for PCRE2; empty if it is none.
  std::string translateCharacter() {
    auto hexadecimal = [&](size_t start, size_t count) -> std::string {
      std::string digits(
          pattern.substr(std::min(start, pattern.size()), count));
      if (digits.size() != count || digits.empty() ||
          digits.find_first_not_of("0123456789abcdefABCDEF") !=
              std::string::npos)
        return {};
      at = start + count;
      return "\\x{" + digits + "}";
    };
    char kind = peek(1);
    switch (kind) {
    case 't':
    case 'n':
    case 'r':
    case 'f':
    case 'a':
    case 'e':
      at += 2;
      return std::string{'\\', kind};
    case 'v':
      at += 2;
      return "\\x{0b}";
    case 'u':
      return hexadecimal(at + 2, 4);
    case 'x': {
      if (peek(2) != '{')
        return hexadecimal(at + 2, 2);
      size_t end = pattern.find('}', at);
      if (end == std::string_view::npos || end - at - 3 > 6)
        return {};
      std::string text = hexadecimal(at + 3, end - at - 3);
      at = text.empty() ? at : end + 1;
      return text;
    }
    default:
      break;
    }
    auto byte = static_cast<unsigned char>(kind);
    if (byte >= 0x80) { // a character of several bytes stands for itself
      size_t end = at + 2;
      while (end < pattern.size() && (pattern[end] & 0xc0) == 0x80)
        ++end;
      std::string text(pattern.substr(at + 1, end - at - 1));
      at = end;
      return text;
    }
    if (at + 1 >= pattern.size() || std::isalnum(byte) || byte < 0x20)
      return {};
    at += 2;
    return std::string{'\\', kind};
  }

  bool translateEscape() {
    bool isNegated;
    size_t start = at;
    bool isWord = peek(1) == 'w' || peek(1) == 'W';
    if (std::optional<std::string> set = translateSet(isNegated)) {
      if (isWord)
        *set += wordsOfLatin;
      atom((isNegated ? "[^" : "[") + *set + "]");
      return true;
    }
    std::string character = translateCharacter();
    if (!character.empty()) {
      atom(character);
      return true;
    }
    at = start;
    char kind = peek(1);
    std::string word =
        "[" + propertyCharacters("word") + std::string(wordsOfLatin) + "]";
    switch (kind) {
    case 'b':
      at += 2;
      atom("(?:(?<=" + word + ")(?!" + word + ")|(?<!" + word + ")(?=" + word +
           "))");
      return true;
    case 'B':
      at += 2;
      atom("(?:(?<=" + word + ")(?=" + word + ")|(?<!" + word + ")(?!" + word +
           "))");
      return true;
    case 'A':
    case 'z':
    case 'Z':
    case 'G':
    case 'R':
    case 'X':
    case 'K':
    case 'N':
      at += 2;
      atom(std::string{'\\', kind});
      return true;
    case 'O':
      at += 2;
      atom("(?s:.)");
      return true;
    default:
      break;
    }
    if (kind == 'k' && (peek(2) == '<' || peek(2) == '\'')) {
      size_t end = pattern.find(peek(2) == '<' ? '>' : '\'', at + 3);
      if (end != std::string_view::npos) {
        atom("\\k{" + std::string(pattern.substr(at + 3, end - at - 3)) + "}");
        at = end + 1;
        return true;
      }
    }
    if (kind >= '1' && kind <= '9') {
      size_t end = at + 2;
      while (end < pattern.size() && isDigit(pattern[end]))
        ++end;
      atom("\\g{" + std::string(pattern.substr(at + 1, end - at - 1)) + "}");
      at = end;
      return true;
    }
    if (kind == '0') {
      at += 2;
      atom("\\x{00}");
      return true;
    }
    return fail("this escape is not supported");
  }

  /// What is read of a class, up to its end or an "&&".
  struct Operand {
    std::string plain; ///< what can stand in a class of PCRE2
    std::vector<std::string> others;

    std::string write() const {
      if (others.empty())
        return plain.empty() ? "(?!)" : "[" + plain + "]";
      std::string text = "(?:";
      if (!plain.empty())
        text += "[" + plain + "]|";
      for (size_t i = 0; i < others.size(); ++i)
        text += (i ? "|" : "") + others[i];
      return text + ")";
    }
  };

  bool translateClass(std::string &text, unsigned depth) {
    if (depth > 20)
      return fail("classes lie too deep in each other");
    ++at;
    bool isNegated = peek() == '^';
    at += isNegated;
    std::vector<Operand> operands(1);
    for (bool isFirst = true;; isFirst = false) {
      if (at >= pattern.size())
        return fail("a class is not closed");
      if (peek() == ']' && !isFirst)
        break;
      if (isNext("&&")) {
        at += 2;
        operands.emplace_back();
        continue;
      }
      if (!translateClassItem(operands.back(), depth))
        return false;
    }
    ++at;
    if (isNegated && operands.size() == 1 && operands[0].others.empty()) {
      text = "[^" + operands[0].plain + "]";
      return true;
    }
    text = operands.back().write();
    if (operands.size() > 1) {
      std::string tests;
      for (size_t i = 0; i + 1 < operands.size(); ++i)
        tests += "(?=" + operands[i].write() + ")";
      text = "(?:" + tests + text + ")";
    }
    if (isNegated)
      text = "(?:(?!" + text + ")(?s:.))";
    return true;
  }

  bool translateClassItem(Operand &operand, unsigned depth) {
    if (isNext("[:")) {
      size_t end = pattern.find(":]", at);
      if (end != std::string_view::npos) {
        std::string_view name = pattern.substr(at + 2, end - at - 2);
        bool isNegated = name.starts_with('^');
        name.remove_prefix(isNegated);
        std::string set = propertyCharacters(name);
        if (name == "punct")
          set += propertyCharacters("S");
        if (set.starts_with("\\p{sc:"))
          return fail("this bracket is not known");
        at = end + 2;
        if (isNegated)
          operand.others.push_back("[^" + set + "]");
        else
          operand.plain += set;
        return true;
      }
    }
    if (peek() == '[') {
      std::string inner;
      if (!translateClass(inner, depth + 1))
        return false;
      operand.others.push_back(std::move(inner));
      return true;
    }
    if (peek() == '\\') {
      bool isNegated;
      if (std::optional<std::string> set = translateSet(isNegated)) {
        if (isNegated)
          operand.others.push_back("[^" + *set + "]");
        else
          operand.plain += *set;
        return true;
      }
      if (peek(1) == 'b') {
        at += 2;
        operand.plain += "\\x{08}";
        return true;
      }
      std::string character = translateCharacter();
      if (character.empty())
        return fail("this escape is not supported in a class");
      operand.plain += character;
      return true;
    }
    char next = pattern[at++];
    if (next == ']' || next == '^')
      operand.plain += '\\';
    operand.plain += next;
    return true;
  }

  static constexpr size_t noAtom = static_cast<size_t>(-1);
  std::string_view pattern;
  std::string &out;
  std::string &error;
  size_t at = 0;
  size_t atomStart = noAtom; ///< of the last atom, in `out`
  bool isQuantified = false;
  std::vector<Group> groups;
};

} // namespace

bool translateOniguruma(std::string_view pattern, std::string &result,
                        std::string &error) {
  result.clear();
  return Translator(pattern, result, error).run();
}

} // namespace sinter::frontend
