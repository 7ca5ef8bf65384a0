//===- Decoder.cpp - Tokens put together to text --------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Decoder.h"

#include "runtime/tokenizer/ByteAlphabet.h"
#include "runtime/tokenizer/Normalizer.h"
#include "runtime/tokenizer/Utf8.h"

#include <algorithm>

namespace sinter::runtime {

using blob::ComponentKind;

namespace {

/// Base of stages that change each token by itself and look at whole ones.
class TokenStage : public DecoderStage {
public:
  bool push(std::string_view chunk, bool, std::string &error) override {
    return change(chunk, index++, changed, error) &&
           next->push(changed, true, error);
  }
  bool finish(std::string &error) override {
    index = 0;
    return next->finish(error);
  }

protected:
  virtual bool change(std::string_view token, size_t index,
                      std::string &changed, std::string &error) = 0;

private:
  size_t index = 0;
  std::string changed;
};

/// Joins the chunks of a token, for a stage that looks at whole ones.
class GatherStage : public DecoderStage {
public:
  bool push(std::string_view chunk, bool begins, std::string &error) override {
    if (begins && !flush(error))
      return false;
    isOpen = true;
    token += chunk;
    return true;
  }
  bool finish(std::string &error) override {
    return flush(error) && next->finish(error);
  }

private:
  bool flush(std::string &error) {
    bool done = !isOpen || next->push(token, true, error);
    token.clear();
    isOpen = false;
    return done;
  }
  std::string token;
  bool isOpen = false;
};

/// What stands for a missing decoder: tokens with a space between them.
class SpaceStage : public TokenStage {
  bool change(std::string_view token, size_t index, std::string &changed,
              std::string &) override {
    changed = index ? " " : "";
    changed += token;
    return true;
  }
};

/// Characters of the byte alphabet become bytes, all of them one text.
class ByteLevelStage : public DecoderStage {
public:
  bool push(std::string_view chunk, bool, std::string &error) override {
    size_t start = bytes.size();
    for (size_t i = 0; i < chunk.size();) {
      Character character = decodeCharacter(chunk, i);
      int byte = byteAlphabet.byteOf(character.code);
      if (byte < 0) {
        // A token that is not of the alphabet is text as it stands.
        bytes.resize(start);
        bytes += chunk;
        break;
      }
      bytes += static_cast<char>(byte);
      i += character.bytes;
    }
    size_t tail = incompleteTail(bytes);
    std::string whole;
    appendWellFormed(whole,
                     std::string_view(bytes).substr(0, bytes.size() - tail));
    bytes.erase(0, bytes.size() - tail);
    return whole.empty() || give(whole, error);
  }
  bool finish(std::string &error) override {
    std::string rest;
    appendWellFormed(rest, bytes);
    bytes.clear();
    bool done = (rest.empty() && hasBegun) || give(rest, error);
    hasBegun = false;
    return done && next->finish(error);
  }

private:
  bool give(std::string_view text, std::string &error) {
    bool begins = !hasBegun;
    hasBegun = true;
    return next->push(text, begins, error);
  }
  std::string bytes;
  bool hasBegun = false;
};

/// Removes the space before punctuation and in English contractions.
void cleanUp(std::string &text) {
  static constexpr std::string_view rules[][2] = {
      {" .", "."},   {" ?", "?"},     {" !", "!"},    {" ,", ","},
      {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},  {" do not", " don't"},
      {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  for (auto [from, to] : rules) {
    std::vector<Span> matches;
    findText(text, from, matches);
    Text changed{std::move(text), 0};
    replaceMatches(changed, matches, to);
    text = std::move(changed.bytes);
  }
}

class WordPieceStage : public TokenStage {
public:
  WordPieceStage(std::string_view prefix, bool cleanup)
      : prefix(prefix), cleanup(cleanup) {}

private:
  bool change(std::string_view token, size_t index, std::string &changed,
              std::string &) override {
    if (index && token.starts_with(prefix)) {
      changed = token.substr(prefix.size());
    } else {
      changed = index ? " " : "";
      changed += token;
    }
    if (cleanup)
      cleanUp(changed);
    return true;
  }
  std::string_view prefix;
  bool cleanup;
};

/// A run of tokens "<0x..>" becomes the text of its bytes, or, if they are not
/// UTF-8, as many U+FFFD. A run is held back until it ends.
class ByteFallbackStage : public DecoderStage {
public:
  bool push(std::string_view token, bool, std::string &error) override {
    int byte = byteOf(token);
    if (byte >= 0) {
      run += static_cast<char>(byte);
      return true;
    }
    return flush(error) && next->push(token, true, error);
  }
  bool finish(std::string &error) override {
    return flush(error) && next->finish(error);
  }

private:
  static int digitOf(char character) {
    if (character >= '0' && character <= '9')
      return character - '0';
    char lower = static_cast<char>(character | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }
  static int byteOf(std::string_view token) {
    if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>')
      return -1;
    int high = token[3] == '+' ? 0 : digitOf(token[3]), low = digitOf(token[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
  }
  bool flush(std::string &error) {
    std::string bytes;
    bytes.swap(run);
    if (bytes.empty())
      return true;
    if (isWellFormed(bytes))
      return next->push(bytes, true, error);
    for (size_t i = 0; i < bytes.size(); ++i)
      if (!next->push(replacementText, true, error))
        return false;
    return true;
  }
  std::string run;
};

/// All tokens become one.
class FuseStage : public DecoderStage {
public:
  bool push(std::string_view chunk, bool, std::string &error) override {
    bool begins = !hasBegun;
    hasBegun = true;
    return next->push(chunk, begins, error);
  }
  bool finish(std::string &error) override {
    bool done = hasBegun || next->push({}, true, error);
    hasBegun = false;
    return done && next->finish(error);
  }

private:
  bool hasBegun = false;
};

/// Removes up to `start` and `stop` times a character at a token's ends.
class StripStage : public DecoderStage {
public:
  StripStage(std::string_view character, uint32_t start, uint32_t stop)
      : character(character), start(start), stop(stop) {}
  bool push(std::string_view chunk, bool begins, std::string &error) override {
    if (begins) {
      left = start;
      held = 0;
    }
    std::string text;
    for (size_t i = 0; i < chunk.size();) {
      size_t bytes = decodeCharacter(chunk, i).bytes;
      std::string_view next = chunk.substr(i, bytes);
      i += bytes;
      if (next == character && left > 0) {
        --left;
      } else if (next == character && held < stop) {
        ++held;
      } else {
        left = 0;
        // The characters that were held back do not end the token; of a run
        // that is too long, the last ones are held.
        if (next != character)
          for (; held > 0; --held)
            text += character;
        text += next;
      }
    }
    return next->push(text, begins, error);
  }
  bool finish(std::string &error) override {
    left = held = 0;
    return next->finish(error);
  }

private:
  std::string_view character;
  uint32_t start, stop;
  uint32_t left = 0; ///< how many may still be removed at the start
  uint32_t held = 0; ///< how many are held back at the end
};

/// Replaces a text, also where it comes in several chunks (`isJoined`).
class ReplaceTextStage : public DecoderStage {
public:
  ReplaceTextStage(std::string_view pattern, std::string_view content,
                   bool isJoined)
      : pattern(pattern), content(content), isJoined(isJoined) {}
  bool push(std::string_view chunk, bool begins, std::string &error) override {
    if (begins && !flush(error))
      return false;
    isFirst |= begins;
    isOpen = isJoined;
    text += chunk;
    std::vector<Span> matches;
    findText(text, pattern, matches);
    size_t done = matches.empty() ? 0 : matches.back().end;
    size_t tail =
        isJoined ? std::min(pattern.size() - 1, text.size() - done) : 0;
    while (tail > 0 && !pattern.starts_with(
                           std::string_view(text).substr(text.size() - tail)))
      --tail;
    std::string rest = text.substr(text.size() - tail);
    text.resize(text.size() - tail);
    Text changed{std::move(text), 0};
    replaceMatches(changed, matches, content);
    text = std::move(rest);
    return give(changed.bytes, error);
  }
  bool finish(std::string &error) override {
    return flush(error) && next->finish(error);
  }

private:
  bool give(std::string_view text, std::string &error) {
    bool begins = isFirst;
    isFirst = false;
    return next->push(text, begins, error);
  }
  bool flush(std::string &error) {
    std::string rest;
    rest.swap(text);
    bool done = !isOpen || give(rest, error);
    isOpen = false;
    return done;
  }
  std::string_view pattern, content;
  bool isJoined;
  std::string text; ///< could be the start of the pattern
  bool isOpen = false;
  bool isFirst = false;
};

class ReplaceRegexStage : public TokenStage {
public:
  ReplaceRegexStage(std::shared_ptr<const Regex> regex,
                    std::string_view content)
      : regex(std::move(regex)), content(content) {}

private:
  bool change(std::string_view token, size_t, std::string &changed,
              std::string &error) override {
    std::vector<Span> matches;
    if (!token.empty() && !regex->findAll(token, matches, error))
      return false;
    Text text{std::string(token), 0};
    replaceMatches(text, matches, content);
    changed = std::move(text.bytes);
    return true;
  }
  std::shared_ptr<const Regex> regex;
  std::string_view content;
};

/// The mark becomes a space; in the first token it goes, if one was prepended.
class MetaspaceStage : public DecoderStage {
public:
  MetaspaceStage(std::string_view mark, bool dropsFirst)
      : mark(mark), dropsFirst(dropsFirst) {}
  bool push(std::string_view chunk, bool begins, std::string &error) override {
    count += begins;
    std::vector<Span> matches;
    findText(chunk, mark, matches);
    Text text{std::string(chunk), 0};
    replaceMatches(text, matches, dropsFirst && count == 1 ? "" : " ");
    return next->push(text.bytes, begins, error);
  }
  bool finish(std::string &error) override {
    count = 0;
    return next->finish(error);
  }

private:
  std::string_view mark;
  bool dropsFirst;
  size_t count = 0;
};

/// The suffix becomes a space, but at the end of the text.
class SuffixStage : public DecoderStage {
public:
  explicit SuffixStage(std::string_view suffix) : suffix(suffix) {}
  bool push(std::string_view token, bool, std::string &error) override {
    if (isOpen && !give(" ", error))
      return false;
    isOpen = true;
    last = token;
    return true;
  }
  bool finish(std::string &error) override {
    bool done = !isOpen || give("", error);
    isOpen = false;
    return done && next->finish(error);
  }

private:
  bool give(std::string_view content, std::string &error) {
    std::vector<Span> matches;
    findText(last, suffix, matches);
    Text text{std::move(last), 0};
    replaceMatches(text, matches, content);
    return next->push(text.bytes, true, error);
  }
  std::string_view suffix;
  std::string last;
  bool isOpen = false;
};

class CollectStage : public DecoderStage {
public:
  explicit CollectStage(std::string *&output) : output(output) {}
  bool push(std::string_view chunk, bool, std::string &) override {
    *output += chunk;
    return true;
  }
  bool finish(std::string &) override { return true; }

private:
  std::string *&output;
};

} // namespace

bool DecoderPlan::open(const Blob &blob, std::string &error) {
  for (const blob::Component &component : blob.decoders()) {
    Stage stage{component, blob.text(component.pattern),
                blob.text(component.content), nullptr};
    auto kind = static_cast<ComponentKind>(component.kind);
    if (kind == ComponentKind::ReplaceRegex) {
      stage.regex = Regex::compile(stage.pattern, error);
      if (!stage.regex)
        return false;
    }
    bool needsPattern = kind == ComponentKind::ReplaceText ||
                        kind == ComponentKind::SuffixDecoder;
    if (needsPattern && stage.pattern.empty()) {
      error = "tokenizer: component " + std::to_string(component.kind) +
              " needs a pattern";
      return false;
    }
    stages.push_back(std::move(stage));
  }
  return true;
}

DecoderChain::DecoderChain(const DecoderPlan &plan) {
  bool isJoined = false; // whether tokens come in chunks
  auto addForWholeTokens = [&](std::unique_ptr<DecoderStage> stage) {
    if (isJoined)
      append(std::make_unique<GatherStage>());
    isJoined = false;
    append(std::move(stage));
  };
  for (const DecoderPlan::Stage &stage : plan.stages) {
    const blob::Component &component = stage.component;
    switch (static_cast<ComponentKind>(component.kind)) {
    case ComponentKind::ByteLevelDecoder:
      addForWholeTokens(std::make_unique<ByteLevelStage>());
      isJoined = true;
      break;
    case ComponentKind::WordPieceDecoder:
      addForWholeTokens(std::make_unique<WordPieceStage>(
          stage.pattern, component.flags & blob::Cleanup));
      break;
    case ComponentKind::ByteFallbackDecoder:
      addForWholeTokens(std::make_unique<ByteFallbackStage>());
      break;
    case ComponentKind::Fuse:
      append(std::make_unique<FuseStage>());
      isJoined = true;
      break;
    case ComponentKind::StripDecoder:
      append(std::make_unique<StripStage>(stage.pattern, component.number,
                                          component.number2));
      break;
    case ComponentKind::ReplaceText:
      append(std::make_unique<ReplaceTextStage>(stage.pattern, stage.content,
                                                isJoined));
      break;
    case ComponentKind::ReplaceRegex:
      addForWholeTokens(
          std::make_unique<ReplaceRegexStage>(stage.regex, stage.content));
      break;
    case ComponentKind::Metaspace:
      append(std::make_unique<MetaspaceStage>(
          stage.pattern, component.number != static_cast<uint32_t>(
                                                 blob::PrependScheme::Never)));
      break;
    case ComponentKind::SuffixDecoder:
      addForWholeTokens(std::make_unique<SuffixStage>(stage.pattern));
      break;
    default: // Blob lets no other kind in
      break;
    }
  }
  if (plan.stages.empty())
    append(std::make_unique<SpaceStage>());
  append(std::make_unique<CollectStage>(output));
}

void DecoderChain::append(std::unique_ptr<DecoderStage> stage) {
  if (!stages.empty())
    stages.back()->next = stage.get();
  stages.push_back(std::move(stage));
}

bool DecoderChain::push(std::string_view token, std::string &text,
                        std::string &error) {
  output = &text;
  return stages.front()->push(token, true, error);
}

bool DecoderChain::finish(std::string &text, std::string &error) {
  output = &text;
  return stages.front()->finish(error);
}

} // namespace sinter::runtime
