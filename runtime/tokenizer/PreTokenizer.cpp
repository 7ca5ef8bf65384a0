//===- PreTokenizer.cpp - Text cut into words -----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/PreTokenizer.h"

#include "runtime/tokenizer/ByteAlphabet.h"
#include "runtime/tokenizer/CharacterClasses.h"
#include "runtime/tokenizer/Utf8.h"

#include <algorithm>

namespace sinter::runtime {

using blob::ComponentKind;
using blob::PrependScheme;
using blob::SplitBehavior;

namespace {

/// A stretch of a piece; the stretches of a piece cover it.
struct Stretch {
  size_t begin, end;
  bool isDelimiter;
};

/// The stretches between matches, and the matches.
void coverMatches(size_t size, const std::vector<Span> &matches, bool invert,
                  std::vector<Stretch> &stretches) {
  size_t last = 0;
  for (const Span &match : matches) {
    if (match.begin != last)
      stretches.push_back({last, match.begin, invert});
    stretches.push_back({match.begin, match.end, !invert});
    last = match.end;
  }
  if (last != size)
    stretches.push_back({last, size, invert});
}

/// The same, each character that `isDelimiter` picks being a match.
template <typename IsDelimiter>
void coverCharacters(std::string_view text, IsDelimiter isDelimiter,
                     std::vector<Stretch> &stretches) {
  size_t last = 0;
  for (size_t i = 0; i < text.size();) {
    Character character = decodeCharacter(text, i);
    if (isDelimiter(character.code)) {
      if (last < i)
        stretches.push_back({last, i, false});
      stretches.push_back({i, i + character.bytes, true});
      last = i + character.bytes;
    }
    i += character.bytes;
  }
  if (last < text.size())
    stretches.push_back({last, text.size(), false});
}

/// Puts stretches together as `behavior` says: "the-final--countdown" at "-" is
///   Removed             the final countdown
///   Isolated            the - final - - countdown
///   MergedWithPrevious  the- final- - countdown
///   MergedWithNext      the -final - -countdown
///   Contiguous          the - final -- countdown
void applyBehavior(SplitBehavior behavior, std::vector<Stretch> &stretches) {
  std::vector<Stretch> merged;
  bool wasDelimiter = false;
  switch (behavior) {
  case SplitBehavior::Removed:
    stretches.erase(std::remove_if(stretches.begin(), stretches.end(),
                                   [](const Stretch &stretch) {
                                     return stretch.isDelimiter;
                                   }),
                    stretches.end());
    return;
  case SplitBehavior::Isolated:
    return;
  case SplitBehavior::Contiguous:
    for (const Stretch &stretch : stretches) {
      if (stretch.isDelimiter == wasDelimiter && !merged.empty())
        merged.back().end = stretch.end;
      else
        merged.push_back(stretch);
      wasDelimiter = stretch.isDelimiter;
    }
    break;
  case SplitBehavior::MergedWithPrevious:
    for (const Stretch &stretch : stretches) {
      if (stretch.isDelimiter && !wasDelimiter && !merged.empty())
        merged.back().end = stretch.end;
      else
        merged.push_back(stretch);
      wasDelimiter = stretch.isDelimiter;
    }
    break;
  case SplitBehavior::MergedWithNext:
    for (size_t i = stretches.size(); i-- > 0;) {
      const Stretch &stretch = stretches[i];
      if (stretch.isDelimiter && !wasDelimiter && !merged.empty())
        merged.back().begin = stretch.begin;
      else
        merged.push_back(stretch);
      wasDelimiter = stretch.isDelimiter;
    }
    std::reverse(merged.begin(), merged.end());
    break;
  }
  stretches = std::move(merged);
}

void appendPieces(const Part &part, const std::vector<Stretch> &stretches,
                  std::vector<Part> &result) {
  for (const Stretch &stretch : stretches) {
    if (stretch.begin == stretch.end)
      continue;
    size_t origin = std::min(part.origin, stretch.end) -
                    std::min(part.origin, stretch.begin);
    result.push_back({part.begin + stretch.begin, part.begin + stretch.end,
                      origin, blob::none});
  }
}

/// Cuts each piece of text; `cover` gives the stretches of one.
template <typename Cover>
bool cutPieces(Parts &parts, SplitBehavior behavior, Cover cover) {
  std::vector<Part> result;
  result.reserve(parts.parts.size());
  std::vector<Stretch> stretches;
  for (const Part &part : parts.parts) {
    if (part.token != blob::none) {
      result.push_back(part);
      continue;
    }
    stretches.clear();
    auto text =
        std::string_view(parts.text).substr(part.begin, part.end - part.begin);
    if (!cover(text, stretches))
      return false;
    applyBehavior(behavior, stretches);
    appendPieces(part, stretches, result);
  }
  parts.parts = std::move(result);
  return true;
}

template <typename IsDelimiter>
void cutAtCharacters(Parts &parts, SplitBehavior behavior,
                     IsDelimiter isDelimiter) {
  cutPieces(parts, behavior,
            [&](std::string_view text, std::vector<Stretch> &stretches) {
              coverCharacters(text, isDelimiter, stretches);
              return true;
            });
}

bool cutAtRegex(Parts &parts, SplitBehavior behavior, const Regex &regex,
                bool invert, std::string &error) {
  std::vector<Span> matches;
  return cutPieces(parts, behavior,
                   [&](std::string_view text, std::vector<Stretch> &stretches) {
                     matches.clear();
                     if (!regex.findAll(text, matches, error))
                       return false;
                     coverMatches(text.size(), matches, invert, stretches);
                     return true;
                   });
}

/// Words, and runs of characters that are neither word nor white space.
void cutWords(Parts &parts) {
  auto classOf = [](char32_t code) {
    return isWord(code) ? 1 : isWhitespace(code) ? 0 : 2;
  };
  cutPieces(parts, SplitBehavior::Removed,
            [&](std::string_view text, std::vector<Stretch> &stretches) {
              int lastClass = -1;
              for (size_t i = 0; i < text.size();) {
                Character character = decodeCharacter(text, i);
                int nextClass = classOf(character.code);
                if (nextClass != lastClass)
                  stretches.push_back({i, i, nextClass == 0});
                lastClass = nextClass;
                i += character.bytes;
                stretches.back().end = i;
              }
              return true;
            });
}

void cutLengths(Parts &parts, uint32_t length) {
  cutPieces(parts, SplitBehavior::Isolated,
            [&](std::string_view text, std::vector<Stretch> &stretches) {
              uint32_t count = 0;
              for (size_t i = 0; i < text.size();) {
                if (count++ % length == 0)
                  stretches.push_back({i, i, false});
                i += decodeCharacter(text, i).bytes;
                stretches.back().end = i;
              }
              return true;
            });
}

/// Gives each piece of text to `change`, which may put another in its place.
template <typename Change> void changePieces(Parts &parts, Change change) {
  Parts result;
  result.text.reserve(parts.text.size() + parts.text.size() / 4);
  result.parts.reserve(parts.parts.size());
  Text text;
  for (const Part &part : parts.parts) {
    size_t begin = result.text.size();
    if (part.token != blob::none) {
      result.parts.push_back({begin, begin, 0, part.token});
      continue;
    }
    text.bytes.assign(parts.text, part.begin, part.end - part.begin);
    text.origin = part.origin;
    change(text);
    result.text += text.bytes;
    result.parts.push_back(
        {begin, result.text.size(), text.origin, blob::none});
  }
  parts = std::move(result);
}

void markSpaces(Parts &parts, std::string_view mark, PrependScheme scheme) {
  std::vector<Span> spaces;
  changePieces(parts, [&](Text &text) {
    spaces.clear();
    findText(text.bytes, " ", spaces);
    replaceMatches(text, spaces, mark);
    bool wantsMark = scheme == PrependScheme::Always ||
                     (scheme == PrependScheme::First && text.origin > 0);
    if (wantsMark && !text.bytes.starts_with(mark))
      prepend(text, mark);
  });
}

void mapBytes(Parts &parts) {
  Parts result;
  result.text.reserve(parts.text.size() + parts.text.size() / 4);
  result.parts.reserve(parts.parts.size());
  for (const Part &part : parts.parts) {
    size_t begin = result.text.size();
    size_t origin = 0;
    if (part.token == blob::none)
      for (size_t i = part.begin; i < part.end; ++i) {
        auto byte = static_cast<unsigned char>(parts.text[i]);
        appendCharacter(result.text, byteAlphabet.characters[byte]);
        if (i - part.begin < part.origin)
          origin = result.text.size() - begin;
      }
    result.parts.push_back({begin, result.text.size(), origin, part.token});
  }
  parts = std::move(result);
}

} // namespace

bool PreTokenizerChain::open(const Blob &blob, std::string &error) {
  for (const blob::Component &component : blob.preTokenizers()) {
    Stage stage{component, blob.text(component.pattern), nullptr};
    auto kind = static_cast<ComponentKind>(component.kind);
    if (kind == ComponentKind::SplitRegex ||
        (kind == ComponentKind::ByteLevel && !stage.pattern.empty())) {
      stage.regex = Regex::compile(stage.pattern, error);
      if (!stage.regex)
        return false;
    }
    stages.push_back(std::move(stage));
  }
  return true;
}

bool PreTokenizerChain::apply(Parts &parts, std::string &error) const {
  for (const Stage &stage : stages)
    if (!cutStage(stage, parts, error))
      return false;
  return true;
}

bool PreTokenizerChain::cutStage(const Stage &stage, Parts &parts,
                                 std::string &error) const {
  uint32_t flags = stage.component.flags;
  uint32_t number = stage.component.number;
  switch (static_cast<ComponentKind>(stage.component.kind)) {
  case ComponentKind::ByteLevel:
    if (flags & blob::AddPrefixSpace)
      changePieces(parts, [](Text &text) {
        if (!text.bytes.starts_with(' '))
          prepend(text, " ");
      });
    if (stage.regex &&
        !cutAtRegex(parts, SplitBehavior::Isolated, *stage.regex, false, error))
      return false;
    mapBytes(parts);
    return true;
  case ComponentKind::BertWords:
    cutAtCharacters(parts, SplitBehavior::Removed, isWhitespace);
    cutAtCharacters(parts, SplitBehavior::Isolated, isPunctuation);
    return true;
  case ComponentKind::Whitespace:
    cutWords(parts);
    return true;
  case ComponentKind::WhitespaceSplit:
    cutAtCharacters(parts, SplitBehavior::Removed, isWhitespace);
    return true;
  case ComponentKind::SplitText: {
    if (stage.pattern.empty())
      return true;
    std::vector<Span> matches;
    return cutPieces(
        parts, static_cast<SplitBehavior>(number),
        [&](std::string_view text, std::vector<Stretch> &stretches) {
          matches.clear();
          findText(text, stage.pattern, matches);
          coverMatches(text.size(), matches, flags & blob::Invert, stretches);
          return true;
        });
  }
  case ComponentKind::SplitRegex:
    return cutAtRegex(parts, static_cast<SplitBehavior>(number), *stage.regex,
                      flags & blob::Invert, error);
  case ComponentKind::Metaspace: {
    markSpaces(parts, stage.pattern, static_cast<PrependScheme>(number));
    char32_t mark = decodeCharacter(stage.pattern, 0).code;
    if (flags & blob::MetaspaceSplit)
      cutAtCharacters(parts, SplitBehavior::MergedWithNext,
                      [mark](char32_t code) { return code == mark; });
    return true;
  }
  case ComponentKind::Digits:
    cutAtCharacters(parts,
                    flags & blob::IndividualDigits ? SplitBehavior::Isolated
                                                   : SplitBehavior::Contiguous,
                    isNumeric);
    return true;
  case ComponentKind::Punctuation:
    cutAtCharacters(parts, static_cast<SplitBehavior>(number), isPunctuation);
    return true;
  case ComponentKind::FixedLength:
    cutLengths(parts, number);
    return true;
  default: // Blob lets no other kind in
    return true;
  }
}

} // namespace sinter::runtime
