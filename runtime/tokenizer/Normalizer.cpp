//===- Normalizer.cpp - Text before it is cut -----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Normalizer.h"

#include "runtime/tokenizer/ByteAlphabet.h"
#include "runtime/tokenizer/CharacterClasses.h"
#include "runtime/tokenizer/Utf8.h"

#include <algorithm>

#include <utf8proc.h>

namespace sinter::runtime {

using blob::ComponentKind;

namespace {

/// Gives each character to `map`, which appends what becomes of it.
template <typename Map> void mapCharacters(Text &text, Map map) {
  std::string result;
  result.reserve(text.bytes.size() + text.bytes.size() / 8);
  size_t origin = 0;
  for (size_t i = 0; i < text.bytes.size();) {
    Character character = decodeCharacter(text.bytes, i);
    map(character.code, result);
    if (i < text.origin)
      origin = result.size();
    i += character.bytes;
  }
  text.bytes = std::move(result);
  text.origin = origin;
}

template <typename Keep> void keepCharacters(Text &text, Keep keep) {
  mapCharacters(text, [&](char32_t code, std::string &result) {
    if (keep(code))
      appendCharacter(result, code);
  });
}

bool isAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char byte) {
    return static_cast<unsigned char>(byte) < 0x80;
  });
}

int combiningClass(int32_t code) {
  if (isLeftInPlace(static_cast<char32_t>(code)))
    return 0;
  return utf8proc_get_property(code)->combining_class;
}

/// Puts each run of marks into the order of their combining classes.
void sortMarks(std::vector<utf8proc_int32_t> &codes) {
  struct Mark {
    int order;
    size_t place; // marks of one class keep their order
    utf8proc_int32_t code;
  };
  std::vector<Mark> marks;
  for (size_t i = 0; i < codes.size();) {
    size_t start = i;
    marks.clear();
    for (; i < codes.size() && codes[i] >= 0x300; ++i) {
      int order = combiningClass(codes[i]);
      if (order == 0)
        break;
      marks.push_back({order, i, codes[i]});
    }
    if (marks.size() > 1)
      std::sort(marks.begin(), marks.end(),
                [](const Mark &left, const Mark &right) {
                  return left.order != right.order ? left.order < right.order
                                                   : left.place < right.place;
                });
    for (size_t k = 0; k < marks.size(); ++k)
      codes[start + k] = marks[k].code;
    i += marks.empty();
  }
}

/// Puts characters together. No composition reaches over a mark that the
/// library takes for a character, nor does it know that of U+11930.
void composeMarks(std::vector<utf8proc_int32_t> &codes) {
  auto isBoundary = [](utf8proc_int32_t code) {
    return code >= 0x300 &&
           (code == 0x11930 || isLeftInPlace(static_cast<char32_t>(code)));
  };
  size_t done = 0;
  for (size_t i = 0; i < codes.size();) {
    size_t start = i++;
    while (i < codes.size() && !isBoundary(codes[i]))
      ++i;
    utf8proc_ssize_t count = utf8proc_normalize_utf32(
        codes.data() + start, static_cast<utf8proc_ssize_t>(i - start),
        static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE));
    size_t kept = count < 0 ? i - start : static_cast<size_t>(count);
    std::copy_n(codes.begin() + static_cast<ptrdiff_t>(start), kept,
                codes.begin() + static_cast<ptrdiff_t>(done));
    done += kept;
  }
  codes.resize(done);
}

/// utf8proc_decompose sorts marks in quadratic time, so text is decomposed
/// character by character and sorted here.
void normalizeUnicode(Text &text, bool compatibility, bool compose) {
  if (isAscii(text.bytes))
    return;
  auto options = static_cast<utf8proc_option_t>(
      UTF8PROC_DECOMPOSE | (compatibility ? UTF8PROC_COMPAT : 0));
  std::vector<utf8proc_int32_t> codes;
  codes.reserve(text.bytes.size());
  for (size_t i = 0; i < text.bytes.size();) {
    Character character = decodeCharacter(text.bytes, i);
    i += character.bytes;
    auto code = static_cast<utf8proc_int32_t>(character.code);
    if (code < 0xa0 || isLeftComposed(character.code)) {
      codes.push_back(code);
      continue;
    }
    // 18 is the most that a character of Unicode decomposes into.
    utf8proc_int32_t parts[32];
    int boundary = 0;
    utf8proc_ssize_t count =
        utf8proc_decompose_char(code, parts, 32, options, &boundary);
    if (count > 0 && count <= 32)
      codes.insert(codes.end(), parts, parts + count);
    else
      codes.push_back(code);
  }
  sortMarks(codes);
  if (compose)
    composeMarks(codes);
  std::string result;
  result.reserve(text.bytes.size());
  for (utf8proc_int32_t code : codes)
    appendCharacter(result, static_cast<char32_t>(code));
  if (text.origin)
    text.origin = result.empty() ? 0 : decodeCharacter(result, 0).bytes;
  text.bytes = std::move(result);
}

void normalizeBert(Text &text, uint32_t flags) {
  if (flags & blob::CleanText)
    mapCharacters(text, [](char32_t code, std::string &result) {
      if (isControl(code))
        return;
      appendCharacter(result, isWhitespace(code) ? U' ' : code);
    });
  if (flags & blob::ChineseCharacters)
    mapCharacters(text, [](char32_t code, std::string &result) {
      bool isIdeograph = isChinese(code);
      if (isIdeograph)
        result += ' ';
      appendCharacter(result, code);
      if (isIdeograph)
        result += ' ';
    });
  if (flags & blob::BertStripAccents) {
    normalizeUnicode(text, false, false);
    keepCharacters(text, [](char32_t code) { return !isNonspacingMark(code); });
  }
  if (flags & blob::BertLowercase)
    mapCharacters(text, [](char32_t code, std::string &result) {
      lowercase(code, [&](char32_t lower) { appendCharacter(result, lower); });
    });
}

/// SentencePiece's rules for machine translation.
void normalizeForTranslation(Text &text) {
  mapCharacters(text, [](char32_t code, std::string &result) {
    if ((code >= 0x01 && code <= 0x08) || code == 0x0b ||
        (code >= 0x0e && code <= 0x1f) || code == 0x7f || code == 0x8f ||
        code == 0x9f)
      return;
    bool isSpace = code == 0x09 || code == 0x0a || code == 0x0c ||
                   code == 0x0d || code == 0x1680 ||
                   (code >= 0x200b && code <= 0x200f) || code == 0x2028 ||
                   code == 0x2029 || code == 0x2581 || code == 0xfeff ||
                   code == replacementCharacter;
    appendCharacter(result, isSpace ? U' ' : code);
  });
}

void strip(Text &text, uint32_t flags) {
  size_t begin = 0, end = text.bytes.size();
  if (flags & blob::StripStart)
    while (begin < end) {
      Character character = decodeCharacter(text.bytes, begin);
      if (!isWhitespace(character.code))
        break;
      begin += character.bytes;
    }
  if (flags & blob::StripStop)
    while (end > begin) {
      size_t position = previousCharacter(text.bytes, end);
      if (!isWhitespace(decodeCharacter(text.bytes, position).code))
        break;
      end = position;
    }
  text.bytes.erase(end);
  text.bytes.erase(0, begin);
  text.origin = std::min(text.origin > begin ? text.origin - begin : 0,
                         text.bytes.size());
}

} // namespace

void replaceMatches(Text &text, const std::vector<Span> &matches,
                    std::string_view content) {
  if (matches.empty())
    return;
  std::string result;
  result.reserve(text.bytes.size());
  size_t origin = 0;
  size_t last = 0;
  for (const Span &match : matches) {
    if (last < text.origin)
      origin = result.size() + std::min(text.origin, match.begin) - last;
    result.append(text.bytes, last, match.begin - last);
    result += content;
    // New text comes from the last character that it replaces.
    if (match.end <= text.origin)
      origin = result.size();
    last = match.end;
  }
  if (last < text.origin)
    origin = result.size() + text.origin - last;
  result.append(text.bytes, last);
  text.bytes = std::move(result);
  text.origin = origin;
}

void prepend(Text &text, std::string_view content) {
  if (text.bytes.empty())
    return;
  text.bytes.insert(0, content);
  if (text.origin)
    text.origin += content.size();
}

void findText(std::string_view text, std::string_view pattern,
              std::vector<Span> &matches) {
  for (size_t at = text.find(pattern); at != std::string_view::npos;
       at = text.find(pattern, at + pattern.size()))
    matches.push_back({at, at + pattern.size()});
}

bool NormalizerChain::open(const Blob &blob, std::string &error) {
  for (const blob::Component &component : blob.normalizers()) {
    Stage stage{component, blob.text(component.pattern),
                blob.text(component.content), nullptr};
    if (component.kind == static_cast<uint32_t>(ComponentKind::ReplaceRegex)) {
      stage.regex = Regex::compile(stage.pattern, error);
      if (!stage.regex)
        return false;
    }
    stages.push_back(std::move(stage));
  }
  return true;
}

bool NormalizerChain::apply(Text &text, std::string &error) const {
  for (const Stage &stage : stages) {
    switch (static_cast<ComponentKind>(stage.component.kind)) {
    case ComponentKind::Nfc:
      normalizeUnicode(text, false, true);
      break;
    case ComponentKind::Nfd:
      normalizeUnicode(text, false, false);
      break;
    case ComponentKind::Nfkc:
      normalizeUnicode(text, true, true);
      break;
    case ComponentKind::Nfkd:
      normalizeUnicode(text, true, false);
      break;
    case ComponentKind::Lowercase:
      mapCharacters(text, [](char32_t code, std::string &result) {
        lowercase(code,
                  [&](char32_t lower) { appendCharacter(result, lower); });
      });
      break;
    case ComponentKind::StripAccents:
      keepCharacters(text,
                     [](char32_t code) { return !isCombiningMark(code); });
      break;
    case ComponentKind::Strip:
      strip(text, stage.component.flags);
      break;
    case ComponentKind::Prepend:
      prepend(text, stage.content);
      break;
    case ComponentKind::ReplaceText: {
      std::vector<Span> matches;
      if (!stage.pattern.empty())
        findText(text.bytes, stage.pattern, matches);
      replaceMatches(text, matches, stage.content);
      break;
    }
    case ComponentKind::ReplaceRegex: {
      std::vector<Span> matches;
      if (!text.bytes.empty() &&
          !stage.regex->findAll(text.bytes, matches, error))
        return false;
      replaceMatches(text, matches, stage.content);
      break;
    }
    case ComponentKind::Bert:
      normalizeBert(text, stage.component.flags);
      break;
    case ComponentKind::Nmt:
      normalizeForTranslation(text);
      break;
    case ComponentKind::Bytes: {
      std::string bytes = std::move(text.bytes);
      size_t origin = 0;
      text.bytes.clear();
      for (size_t i = 0; i < bytes.size(); ++i) {
        appendCharacter(
            text.bytes,
            byteAlphabet.characters[static_cast<unsigned char>(bytes[i])]);
        if (i < text.origin)
          origin = text.bytes.size();
      }
      text.origin = origin;
      break;
    }
    default: // Blob lets no other kind in
      break;
    }
  }
  return true;
}

} // namespace sinter::runtime
