//===- ReadComponents.cpp - The stages that tokenizer.json names ----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tokenizer/ReadComponents.h"

#include "frontend/tokenizer/Oniguruma.h"
#include "runtime/tokenizer/Regex.h"
#include "runtime/tokenizer/Utf8.h"

namespace sinter::frontend {

using blob::ComponentKind;
using blob::PieceKind;
using blob::PrependScheme;
using blob::SplitBehavior;
using Component = TokenizerDescription::Component;

namespace {

constexpr std::string_view gpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|)"
    R"(\s+(?!\S)|\s+)";

std::string translate(const JsonReader &value, std::string_view pattern) {
  std::string result, error;
  if (!translateOniguruma(pattern, result, error) ||
      !runtime::Regex::compile(result, error))
    value.fail(error);
  return result;
}

/// A pattern: {"String": ...} or {"Regex": ...}. True for the latter.
bool readPattern(const JsonReader &value, std::string &pattern) {
  JsonReader member = value.get("pattern");
  if (std::optional<JsonReader> text = member.find("String")) {
    pattern = text->string();
    // The empty text is found everywhere, as an empty expression is.
    return pattern.empty();
  }
  if (std::optional<JsonReader> regex = member.find("Regex")) {
    pattern = translate(*regex, regex->string());
    return true;
  }
  member.fail(R"({"String": ...} or {"Regex": ...} was expected, not )" +
              member.describe());
}

std::string readCharacter(const JsonReader &value) {
  const std::string &text = value.string();
  if (runtime::countCharacters(text) != 1)
    value.fail("one character was expected, not " + value.describe());
  return text;
}

SplitBehavior readBehavior(const JsonReader &value) {
  const std::string &name = value.string();
  if (name == "Removed")
    return SplitBehavior::Removed;
  if (name == "Isolated")
    return SplitBehavior::Isolated;
  if (name == "MergedWithPrevious")
    return SplitBehavior::MergedWithPrevious;
  if (name == "MergedWithNext")
    return SplitBehavior::MergedWithNext;
  if (name == "Contiguous")
    return SplitBehavior::Contiguous;
  value.fail("there is no behavior " + value.describe());
}

Component readReplace(const JsonReader &value) {
  Component component{ComponentKind::ReplaceText};
  if (readPattern(value, component.pattern))
    component.kind = ComponentKind::ReplaceRegex;
  component.content = value.get("content").string();
  return component;
}

Component readMetaspace(const JsonReader &value) {
  Component component{ComponentKind::Metaspace};
  component.pattern = readCharacter(value.get("replacement"));
  auto scheme = PrependScheme::Always;
  if (std::optional<JsonReader> member = value.find("prepend_scheme")) {
    const std::string &name = member->string();
    if (name == "first")
      scheme = PrependScheme::First;
    else if (name == "never")
      scheme = PrependScheme::Never;
    else if (name != "always")
      member->fail("\"first\", \"always\" or \"never\" was expected, not " +
                   member->describe());
  }
  std::optional<JsonReader> prefix = value.find("add_prefix_space");
  if (prefix && !prefix->boolean()) {
    if (value.find("prepend_scheme") && scheme != PrependScheme::Never)
      prefix->fail("false contradicts \"prepend_scheme\"");
    scheme = PrependScheme::Never;
  }
  component.number = static_cast<uint32_t>(scheme);
  component.flags = value.boolean("split", true) ? blob::MetaspaceSplit : 0u;
  return component;
}

/// The members of a Sequence; nothing if the value is none.
std::vector<JsonReader> sequenceOf(const JsonReader &value,
                                   std::string_view type, const char *key) {
  if (type == "Sequence")
    return value.get(key).elements();
  return {};
}

} // namespace

Component byteLevel(bool addPrefixSpace, bool useRegex) {
  Component component{ComponentKind::ByteLevel};
  component.flags = addPrefixSpace ? blob::AddPrefixSpace : 0u;
  std::string error;
  if (useRegex)
    translateOniguruma(gpt2Pattern, component.pattern, error);
  return component;
}

void readNormalizer(const JsonReader &value, ComponentList &list) {
  const std::string &type = value.get("type").string();
  for (const JsonReader &part : sequenceOf(value, type, "normalizers"))
    readNormalizer(part, list);
  static constexpr std::pair<std::string_view, ComponentKind> plain[] = {
      {"NFC", ComponentKind::Nfc},
      {"NFD", ComponentKind::Nfd},
      {"NFKC", ComponentKind::Nfkc},
      {"NFKD", ComponentKind::Nfkd},
      {"Lowercase", ComponentKind::Lowercase},
      {"StripAccents", ComponentKind::StripAccents},
      {"Nmt", ComponentKind::Nmt},
      {"ByteLevel", ComponentKind::Bytes}};
  for (auto [name, kind] : plain)
    if (type == name) {
      list.push_back({kind});
      return;
    }
  if (type == "Sequence") {
    return;
  } else if (type == "BertNormalizer") {
    bool lowercase = value.boolean("lowercase", true);
    Component component{ComponentKind::Bert};
    if (value.boolean("clean_text", true))
      component.flags |= blob::CleanText;
    if (value.boolean("handle_chinese_chars", true))
      component.flags |= blob::ChineseCharacters;
    if (value.boolean("strip_accents", lowercase))
      component.flags |= blob::BertStripAccents;
    if (lowercase)
      component.flags |= blob::BertLowercase;
    list.push_back(component);
  } else if (type == "Strip") {
    Component component{ComponentKind::Strip};
    if (value.get("strip_left").boolean())
      component.flags |= blob::StripStart;
    if (value.get("strip_right").boolean())
      component.flags |= blob::StripStop;
    list.push_back(component);
  } else if (type == "Prepend") {
    Component component{ComponentKind::Prepend};
    component.content = value.get("prepend").string();
    list.push_back(component);
  } else if (type == "Replace") {
    list.push_back(readReplace(value));
  } else {
    value.fail("normalizer \"" + type + "\" is not supported yet");
  }
}

void readPreTokenizer(const JsonReader &value, ComponentList &list) {
  const std::string &type = value.get("type").string();
  for (const JsonReader &part : sequenceOf(value, type, "pretokenizers"))
    readPreTokenizer(part, list);
  if (type == "Sequence") {
    return;
  } else if (type == "ByteLevel") {
    list.push_back(byteLevel(value.boolean("add_prefix_space", true),
                             value.boolean("use_regex", true)));
  } else if (type == "BertPreTokenizer") {
    list.push_back({ComponentKind::BertWords});
  } else if (type == "Whitespace") {
    list.push_back({ComponentKind::Whitespace});
  } else if (type == "WhitespaceSplit") {
    list.push_back({ComponentKind::WhitespaceSplit});
  } else if (type == "Metaspace") {
    list.push_back(readMetaspace(value));
  } else if (type == "Digits") {
    Component component{ComponentKind::Digits};
    if (value.boolean("individual_digits", false))
      component.flags = blob::IndividualDigits;
    list.push_back(component);
  } else if (type == "Punctuation") {
    auto behavior = SplitBehavior::Isolated;
    if (std::optional<JsonReader> member = value.find("behavior"))
      behavior = readBehavior(*member);
    list.push_back(
        {ComponentKind::Punctuation, 0, static_cast<uint32_t>(behavior)});
  } else if (type == "Split") {
    Component component{ComponentKind::SplitText};
    if (readPattern(value, component.pattern))
      component.kind = ComponentKind::SplitRegex;
    component.number =
        static_cast<uint32_t>(readBehavior(value.get("behavior")));
    component.flags = value.boolean("invert", false) ? blob::Invert : 0u;
    list.push_back(component);
  } else if (type == "CharDelimiterSplit") {
    Component component{ComponentKind::SplitText};
    component.pattern = readCharacter(value.get("delimiter"));
    component.number = static_cast<uint32_t>(SplitBehavior::Removed);
    list.push_back(component);
  } else if (type == "FixedLength") {
    std::optional<JsonReader> member = value.find("length");
    uint32_t length = member ? member->number(1u << 30) : 5;
    if (length == 0)
      member->fail("a length above 0 was expected");
    list.push_back({ComponentKind::FixedLength, 0, length});
  } else {
    value.fail("pre-tokenizer \"" + type + "\" is not supported yet");
  }
}

void readDecoder(const JsonReader &value, ComponentList &list) {
  const std::string &type = value.get("type").string();
  for (const JsonReader &part : sequenceOf(value, type, "decoders"))
    readDecoder(part, list);
  if (type == "Sequence") {
    return;
  } else if (type == "ByteLevel") {
    list.push_back({ComponentKind::ByteLevelDecoder});
  } else if (type == "WordPiece") {
    Component component{ComponentKind::WordPieceDecoder};
    component.pattern = value.get("prefix").string();
    component.flags = value.get("cleanup").boolean() ? blob::Cleanup : 0u;
    list.push_back(component);
  } else if (type == "ByteFallback") {
    list.push_back({ComponentKind::ByteFallbackDecoder});
  } else if (type == "Fuse") {
    list.push_back({ComponentKind::Fuse});
  } else if (type == "Strip") {
    Component component{ComponentKind::StripDecoder};
    component.pattern = readCharacter(value.get("content"));
    component.number = value.get("start").number(1u << 30);
    component.number2 = value.get("stop").number(1u << 30);
    list.push_back(component);
  } else if (type == "Replace") {
    list.push_back(readReplace(value));
  } else if (type == "Metaspace") {
    list.push_back(readMetaspace(value));
  } else if (type == "BPEDecoder") {
    Component component{ComponentKind::SuffixDecoder};
    component.pattern = value.get("suffix").string();
    if (component.pattern.empty())
      value.get("suffix").fail("a text that is not empty was expected");
    list.push_back(component);
  } else {
    value.fail("decoder \"" + type + "\" is not supported yet");
  }
}

namespace {

void add(std::vector<blob::Piece> &pieces, PieceKind kind, uint32_t segment,
         uint32_t token = 0) {
  pieces.push_back({static_cast<uint32_t>(kind), segment, token, 0});
}

/// A token and its id: ["</s>", 2].
uint32_t readTokenPair(const JsonReader &value) {
  std::vector<JsonReader> parts = value.elements();
  if (parts.size() != 2)
    value.fail("a token and its id were expected, not " + value.describe());
  return parts[1].number(blob::maximumTokens);
}

void readTemplate(const JsonReader &pieces, const JsonReader &processor,
                  bool isPair, std::vector<blob::Piece> &result) {
  for (const JsonReader &piece : pieces.elements()) {
    if (std::optional<JsonReader> sequence = piece.find("Sequence")) {
      uint32_t segment = sequence->get("type_id").number(1u << 31);
      JsonReader id = sequence->get("id");
      if (id.string() == "A")
        add(result, PieceKind::First, segment);
      else if (id.string() == "B" && isPair)
        add(result, PieceKind::Second, segment);
      else
        id.fail("there is no text " + id.describe() + " here");
    } else if (std::optional<JsonReader> token = piece.find("SpecialToken")) {
      uint32_t segment = token->get("type_id").number(1u << 31);
      JsonReader name = token->get("id");
      std::optional<JsonReader> special =
          processor.get("special_tokens").find(name.string().c_str());
      if (!special)
        name.fail(name.describe() + " is not in \"special_tokens\"");
      for (const JsonReader &id : special->get("ids").elements())
        add(result, PieceKind::Token, segment, id.number(blob::maximumTokens));
    } else {
      piece.fail("\"Sequence\" or \"SpecialToken\" was expected, not " +
                 piece.describe());
    }
  }
  if (result.empty())
    pieces.fail("a template that is not empty was expected");
}

/// Reads one processor; true if it sets the templates.
bool readProcessor(const JsonReader &value, TokenizerDescription &description) {
  const std::string &type = value.get("type").string();
  auto &single = description.single;
  auto &pair = description.pair;
  if (type == "ByteLevel") // moves offsets only, which no one asks for here
    return false;
  if (type == "Sequence") {
    bool isSet = false;
    for (const JsonReader &part : value.get("processors").elements()) {
      bool setsAgain = readProcessor(part, description);
      if (setsAgain && isSet)
        part.fail("a second template is not supported yet");
      isSet |= setsAgain;
    }
    return isSet;
  }
  single.clear();
  pair.clear();
  if (type == "TemplateProcessing") {
    readTemplate(value.get("single"), value, false, single);
    readTemplate(value.get("pair"), value, true, pair);
  } else if (type == "BertProcessing" || type == "RobertaProcessing") {
    bool isRoberta = type == "RobertaProcessing";
    uint32_t separator = readTokenPair(value.get("sep"));
    uint32_t first = readTokenPair(value.get("cls"));
    uint32_t segment = isRoberta ? 0 : 1;
    for (auto *pieces : {&single, &pair}) {
      add(*pieces, PieceKind::Token, 0, first);
      add(*pieces, PieceKind::First, 0);
      add(*pieces, PieceKind::Token, 0, separator);
    }
    if (isRoberta)
      add(pair, PieceKind::Token, 0, separator);
    add(pair, PieceKind::Second, segment);
    add(pair, PieceKind::Token, segment, separator);
  } else {
    value.fail("post-processor \"" + type + "\" is not supported yet");
  }
  return true;
}

} // namespace

void setPlainTemplates(TokenizerDescription &description) {
  description.single.clear();
  description.pair.clear();
  add(description.single, PieceKind::First, 0);
  add(description.pair, PieceKind::First, 0);
  add(description.pair, PieceKind::Second, 1);
}

void readPostProcessor(const JsonReader &value,
                       TokenizerDescription &description) {
  setPlainTemplates(description);
  readProcessor(value, description);
}

} // namespace sinter::frontend
